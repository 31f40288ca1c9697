/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * switches - the switches of the network namespace that the calling thread is in
 *
 * /proc/sys/net shows the namespace of the thread that looks a name up, so the switches are reached
 * from /proc/sys each time, never through a descriptor inside it.
 */
#include "net/switches.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

void switches_set(int proc, const char *path, const char *value)
{
	char full[80];

	(void)snprintf(full, sizeof full, "sys/net/%s", path);
	AUTO(fd) int fd = openat(proc, full, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)!write(fd, value, strlen(value));
}

void switches_quicken(int proc)
{
	switches_set(proc, "ipv4/tcp_congestion_control", "reno");
}
