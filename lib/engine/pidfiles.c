/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pidfiles - --pidfile and --conmon-pidfile: numbers of the host, for who watches from outside
 */
#include "engine/pidfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"

enum { FILE_MODE = 0644 };

static int write_number(const char *path, int pidfd, struct err *err)
{
	pid_t pid = pidfd < 0 ? pidfd : proc_host_pid(pidfd);
	AUTO(mem) char *text = str_fmt("%d", (int)pid);
	int r = pid < 0 ? (int)pid
			: file_replace(AT_FDCWD, path, FILE_MODE, text, strlen(text), false);

	/* Everybody may read it, whatever the monitor's umask. */
	if (r == 0 && chmod(path, FILE_MODE) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	(void)err_sys(err, r, "cannot write '%s'", path);
	if (err)
		err->code = -EIO; /* others are what a program that cannot start ends with */
	return -EIO;
}

int pidfiles_write(const struct container_config *config, int pidfd, struct err *err)
{
	int r = config->pidfile ? write_number(config->pidfile, pidfd, err) : 0;

	if (r < 0 || !config->monitor_pidfile)
		return r;
	AUTO(fd) int self = pidfd_open(getpid(), 0);
	return write_number(config->monitor_pidfile, self, err);
}
