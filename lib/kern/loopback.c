/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loopback - switching on the lo interface of a new network namespace
 */
#include "kern/loopback.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/fd.h"

int loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	/* Any socket takes interface requests; this kind registers nothing with the stack. */
	AUTO(fd) int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return -errno;
	return ioctl(sock, SIOCSIFFLAGS, &lo) < 0 ? -errno : 0;
}
