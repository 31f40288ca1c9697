/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mould - the options of a TCP socket, set on another as they are on the first
 */
#include "cubby-fast/mould.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum kind { AS_IT_IS, DOUBLED }; /* the kernel tells twice the buffer that was asked for */

static const struct {
	int level, name;
	enum kind kind;
} options[] = {
	{ SOL_SOCKET, SO_KEEPALIVE, 0 },
	{ SOL_SOCKET, SO_LINGER, 0 },
	{ SOL_SOCKET, SO_OOBINLINE, 0 },
	{ SOL_SOCKET, SO_PRIORITY, 0 },
	{ SOL_SOCKET, SO_RCVBUF, DOUBLED },
	{ SOL_SOCKET, SO_RCVLOWAT, 0 },
	{ SOL_SOCKET, SO_RCVTIMEO, 0 },
	{ SOL_SOCKET, SO_REUSEADDR, 0 },
	{ SOL_SOCKET, SO_REUSEPORT, 0 },
	{ SOL_SOCKET, SO_SNDBUF, DOUBLED },
	{ SOL_SOCKET, SO_SNDTIMEO, 0 },
	{ SOL_SOCKET, SO_TIMESTAMP, 0 },
	{ IPPROTO_TCP, TCP_CONGESTION, 0 },
	{ IPPROTO_TCP, TCP_CORK, 0 },
	{ IPPROTO_TCP, TCP_DEFER_ACCEPT, 0 },
	{ IPPROTO_TCP, TCP_KEEPCNT, 0 },
	{ IPPROTO_TCP, TCP_KEEPIDLE, 0 },
	{ IPPROTO_TCP, TCP_KEEPINTVL, 0 },
	{ IPPROTO_TCP, TCP_LINGER2, 0 },
	{ IPPROTO_TCP, TCP_MAXSEG, 0 },
	{ IPPROTO_TCP, TCP_NODELAY, 0 },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0 },
	{ IPPROTO_TCP, TCP_QUICKACK, 0 },
	{ IPPROTO_TCP, TCP_SYNCNT, 0 },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, 0 },
	{ IPPROTO_TCP, TCP_WINDOW_CLAMP, 0 },
	{ IPPROTO_IP, IP_TOS, 0 },
	{ IPPROTO_IP, IP_TTL, 0 },
	{ IPPROTO_IPV6, IPV6_TCLASS, 0 },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, 0 },
	{ IPPROTO_IPV6, IPV6_V6ONLY, 0 },
};

_Static_assert(array_len(options) <= MOULD_OPTIONS, "a mould has room for every option");

static void take_one(struct mould_value *out, int fd, size_t option)
{
	*out = (struct mould_value){ .size = sizeof out->bytes };
	if (getsockopt(fd, options[option].level, options[option].name, out->bytes, &out->size) < 0)
		out->size = 0;
}

void mould_take(struct mould *mould, int fd)
{
	for (size_t i = 0; i < array_len(options); i++)
		take_one(&mould->values[i], fd, i);
}

static void set_one(const struct mould_value *v, int to, size_t option)
{
	struct mould_value asked = *v;
	int bytes;

	if (options[option].kind == DOUBLED) {
		memcpy(&bytes, asked.bytes, sizeof bytes);
		bytes /= 2;
		memcpy(asked.bytes, &bytes, sizeof bytes);
	}
	(void)setsockopt(to, options[option].level, options[option].name, asked.bytes, asked.size);
}

void mould_press(const struct mould *plain, int from, int to)
{
	for (size_t i = 0; i < array_len(options); i++) {
		const struct mould_value *usual = &plain->values[i];
		struct mould_value v;
		if (!usual->size)
			continue;
		take_one(&v, from, i);
		if (v.size == usual->size && memcmp(v.bytes, usual->bytes, v.size) != 0)
			set_one(&v, to, i);
	}
}
