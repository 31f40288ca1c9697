/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty - a pseudo terminal of a given devpts
 */
#include "kern/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/at.h"

enum { SLAVE_MODE = 0620 };

static int unlock_slave(int master)
{
	int unlock = 0;

	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return slave < 0 ? -errno : slave;
}

int pty_open(int devpts, uint16_t rows, uint16_t columns, uid_t owner, struct pty *out)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };
	struct statfs fs;

	if (fstatfs(devpts, &fs) < 0)
		return -errno;
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return -ENOTTY;
	AUTO(fd) int master = at_open(devpts, "ptmx", O_RDWR | O_NOCTTY, 0, RESOLVE_NO_SYMLINKS);
	if (master < 0)
		return master;
	AUTO(fd) int slave = unlock_slave(master);
	if (slave < 0)
		return slave;
	if ((rows || columns) && ioctl(master, TIOCSWINSZ, &size) < 0)
		return -errno;
	if (fchown(slave, owner, (gid_t)-1) < 0 || fchmod(slave, SLAVE_MODE) < 0)
		return -errno;
	*out = (struct pty){ .master = take_fd(master), .slave = take_fd(slave) };
	return 0;
}

int pty_control(int slave)
{
	return ioctl(slave, TIOCSCTTY, 0) < 0 ? -errno : 0;
}
