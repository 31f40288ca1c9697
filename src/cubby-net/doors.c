/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors - the sockets where a network's questions for names arrive
 */
#include "cubby-net/doors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "cubby-net/address.h"

enum { BACKLOG = 64 };

static int open_door(const char *address, int type, int port, int *out)
{
	union address at = { 0 };
	const int on = 1;
	bool v4 = inet_pton(AF_INET, address, &at.in4.sin_addr) == 1;

	if (!v4 && inet_pton(AF_INET6, address, &at.in6.sin6_addr) != 1)
		return -EINVAL;
	at.any.sa_family = v4 ? AF_INET : AF_INET6;
	at.in4.sin_port = htons((uint16_t)port); /* the same place in both */
	AUTO(fd) int fd = socket(at.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* The bridge may get its addresses later, and keeps an IPv6 one back while it looks for twins. */
	(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
	if (!v4)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &at.any, address_size(&at)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
		return -errno;
	*out = take_fd(fd);
	return 0;
}

int doors_open(const char *ip, const char *ip6, int port, struct doors *out, struct err *err)
{
	struct doors d = { -1, -1, -1, -1 };
	int r = ip ? open_door(ip, SOCK_DGRAM, port, &d.udp4) : 0;

	if (r == 0 && ip)
		r = open_door(ip, SOCK_STREAM, port, &d.tcp4);
	if (r == 0 && ip6)
		r = open_door(ip6, SOCK_DGRAM, port, &d.udp6);
	if (r == 0 && ip6)
		r = open_door(ip6, SOCK_STREAM, port, &d.tcp6);
	if (r < 0) {
		doors_close(&d);
		return err_sys(err, r, "cannot serve names on port %d", port);
	}
	*out = d;
	return 0;
}

void doors_close(struct doors *doors)
{
	fd_close(doors->udp4);
	fd_close(doors->tcp4);
	fd_close(doors->udp6);
	fd_close(doors->tcp6);
	*doors = (struct doors){ -1, -1, -1, -1 };
}
