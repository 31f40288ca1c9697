/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * init - cubby-init as the runtime carries it
 */
#include "run/init.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/fd.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

/* Made by the build from the program cubby-init. */
static const unsigned char bytes[] = {
#include "cubby-init.inc"
};

int init_open(void)
{
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	AUTO(fd) int fd = memfd_create("cubby-init", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("cubby-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int r = fd_write_all(fd, bytes, sizeof bytes);
	if (r == 0 && fcntl(fd, F_ADD_SEALS, seals) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(fd);
}
