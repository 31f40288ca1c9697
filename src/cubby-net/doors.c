/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors - the sockets where a network's questions for names arrive
 *
 * Source: ip(7), socket(7) for SO_ATTACH_REUSEPORT_CBPF.
 */
#include "cubby-net/doors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "cubby-net/address.h"

enum {
	BACKLOG = 64,
	/* where the last four bytes of a packet's source address are */
	SOURCE4 = 12,
	SOURCE6 = 8 + 12,
};

static bool address_of(const char *text, int port, union address *out)
{
	*out = (union address){ 0 };
	bool v4 = inet_pton(AF_INET, text, &out->in4.sin_addr) == 1;
	if (!v4 && inet_pton(AF_INET6, text, &out->in6.sin6_addr) != 1)
		return false;
	out->any.sa_family = v4 ? AF_INET : AF_INET6;
	out->in4.sin_port = htons((uint16_t)port); /* the same place in both */
	return true;
}

static int open_door(const union address *at, int type, struct doors *d)
{
	const int on = 1;
	AUTO(fd) int fd = socket(at->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* The bridge may get its addresses later, and keeps an IPv6 one back while it looks for twins. */
	(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
	if (at->any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	int share = type == SOCK_STREAM ? SO_REUSEADDR : SO_REUSEPORT;
	if (setsockopt(fd, SOL_SOCKET, share, &on, sizeof on) < 0 ||
	    bind(fd, &at->any, address_size(at)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
		return -errno;
	d->items[d->count++] = (struct door){ take_fd(fd), type == SOCK_STREAM };
	return 0;
}

/* The socket's number is the end of the sender's address. Members' addresses are given out in a row. */
static int choose_by_sender(int fd, int family)
{
	const uint32_t source = family == AF_INET ? SOURCE4 : SOURCE6;
	struct sock_filter code[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)SKF_NET_OFF + source },
		{ BPF_ALU | BPF_AND | BPF_K, 0, 0, DOORS_QUEUES - 1 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	const struct sock_fprog program = { array_len(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) < 0
		       ? -errno
		       : 0;
}

static int open_address(const char *ip, int port, struct doors *d)
{
	union address at;
	socklen_t size = sizeof at;
	int r = address_of(ip, port, &at) ? open_door(&at, SOCK_STREAM, d) : -EINVAL;

	for (int i = 0; i < DOORS_QUEUES && r == 0; i++) {
		r = open_door(&at, SOCK_DGRAM, d);
		/* Of port 0 the first one gets some, and the others take the same. */
		if (i == 0 && r == 0 && getsockname(d->items[d->count - 1].fd, &at.any, &size) < 0)
			r = -errno;
	}
	return r < 0 ? r : choose_by_sender(d->items[d->count - 1].fd, at.any.sa_family);
}

int doors_open(const char *ip, const char *ip6, int port, struct doors *out, struct err *err)
{
	struct doors d = { 0 };
	int r = ip ? open_address(ip, port, &d) : 0;

	if (r == 0 && ip6)
		r = open_address(ip6, port, &d);
	if (r < 0) {
		doors_close(&d);
		return err_sys(err, r, "cannot serve names on port %d", port);
	}
	*out = d;
	return 0;
}

void doors_close(struct doors *doors)
{
	for (size_t i = 0; i < doors->count; i++)
		fd_close(doors->items[i].fd);
	doors->count = 0;
}
