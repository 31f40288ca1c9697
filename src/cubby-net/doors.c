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

struct kept {
	int fds[DOORS_KEPT]; /* -1 when it is in use again */
	size_t count;
};

static void auto_kept(struct kept *kept)
{
	for (size_t i = 0; i < kept->count; i++)
		fd_close(kept->fds[i]);
}

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

static int get_option(int fd, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -1 : value;
}

/* One that was kept, else a new one. */
static int have_door(const union address *at, int type, struct kept *kept, struct doors *d)
{
	for (size_t i = 0; i < kept->count; i++) {
		int *fd = &kept->fds[i];
		if (*fd < 0 || get_option(*fd, SO_DOMAIN) != at->any.sa_family ||
		    get_option(*fd, SO_TYPE) != type)
			continue;
		d->items[d->count++] = (struct door){ take_fd(*fd), type == SOCK_STREAM };
		return 0;
	}
	return open_door(at, type, d);
}

static int open_address(const char *ip, int port, struct kept *kept, struct doors *d)
{
	union address at;
	socklen_t size = sizeof at;
	int r = address_of(ip, port, &at) ? have_door(&at, SOCK_STREAM, kept, d) : -EINVAL;

	for (int i = 0; i < DOORS_QUEUES && r == 0; i++) {
		r = have_door(&at, SOCK_DGRAM, kept, d);
		/* Of port 0 the first one gets some, and the others take the same. */
		if (i == 0 && r == 0 && getsockname(d->items[d->count - 1].fd, &at.any, &size) < 0)
			r = -errno;
	}
	return r < 0 ? r : choose_by_sender(d->items[d->count - 1].fd, at.any.sa_family);
}

/* --- those that are kept ------------------------------------------------------------------------ */

int doors_keep(const struct doors *doors, int *out)
{
	int fds[DOORS_KEPT], pair[2], family = -1;
	size_t count = 0;

	/* The first of each family: the doors of an address stand together. */
	for (size_t i = 0; i < doors->count && count < DOORS_KEPT; i++) {
		const struct door *door = &doors->items[i];
		const int own = door->stream ? family : get_option(door->fd, SO_DOMAIN);
		if (own != family)
			fds[count++] = door->fd;
		family = own;
	}
	int r = fd_pair(SOCK_DGRAM, pair);
	if (r < 0)
		return r;
	AUTO(fd) int in = pair[0];
	AUTO(fd) int keeper = pair[1];
	/* What was sent stays when the sender's end is closed. */
	r = (int)fd_send(in, "k", 1, fds, count);
	if (r >= 0)
		*out = take_fd(keeper);
	return min_of(r, 0);
}

/* They stay in the keeper: who takes them may be killed before its members have another one. */
static void take_kept(int keeper, struct kept *out)
{
	int fds[FD_PASS_MAX];
	char word;

	if (keeper < 0 || fd_nonblock(keeper, true) < 0 ||
	    fd_peek(keeper, &word, 1, fds, &out->count) <= 0)
		return;
	for (size_t i = 0; i < out->count; i++) {
		if (i < DOORS_KEPT)
			out->fds[i] = fds[i];
		else
			fd_close(fds[i]);
	}
	out->count = min_of(out->count, (size_t)DOORS_KEPT);
}

/* --- all of them ------------------------------------------------------------------------------ */

int doors_open(const char *ip, const char *ip6, int port, int keeper, struct doors *out,
	       struct err *err)
{
	AUTO(kept) struct kept kept = { 0 };
	struct doors d = { 0 };

	take_kept(keeper, &kept);
	int r = ip ? open_address(ip, port, &kept, &d) : 0;
	if (r == 0 && ip6)
		r = open_address(ip6, port, &kept, &d);
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
