/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * activated - sockets that somebody else has bound for us, and which published ports they serve
 *
 * systemd binds the sockets of a .socket unit and hands them to the service that it starts. One that has the
 * address, the port and the protocol of a published port is what is listened on; nothing else is bound for that
 * port then. A published port without an address is served by sockets on 0.0.0.0 and [::], both where both are
 * there; a socket on [::] takes IPv4 clients as well, unless its owner forbade it. A port that may be chosen of
 * several is the one that a socket has. A random port is never one of theirs.
 *
 * Source: sd_listen_fds(3), systemd.socket(5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "net/ports.h"

struct activated {
	int fd;
	char *ip; /* numeric, in the kernel's shortest form */
	int port;
	bool udp;
};

struct activated_list {
	struct activated *items;
	size_t count;
};

/**
 * activated_read() - what descriptors are
 * @fds:	open descriptors; they stay the caller's
 * @count:	how many
 * @out:	grows by those that published ports can use: listening TCP sockets and bound UDP sockets; to be
 *		released with activated_clear
 */
void activated_read(const int *fds, size_t count, struct activated_list *out);

/**
 * activated_find() - the next socket that serves a published port
 * @list:	the sockets
 * @map:	the mapping
 * @offset:	of the port in its range
 * @from:	index of the socket to begin with
 *
 * Return: the index of the socket; -1 when there is none from there on.
 */
int activated_find(const struct activated_list *list, const struct port_map *map, int offset,
		   size_t from);

/**
 * activated_serves() - whether a socket serves any published port
 * @list:	the sockets
 * @index:	of the socket
 * @ports:	the mappings
 *
 * Return: whether it does.
 */
bool activated_serves(const struct activated_list *list, size_t index, const struct ports *ports);

/**
 * activated_split() - mappings that sockets can be looked up for one by one
 * @list:	the sockets
 * @ports:	the mappings
 * @out:	grows by the same mappings, where there are sockets each of one port; to be released with
 *		ports_clear
 */
void activated_split(const struct activated_list *list, const struct ports *ports,
		     struct ports *out);

/**
 * activated_rest() - the published ports that are still to be bound
 * @list:	the sockets
 * @ports:	the mappings
 * @out:	grows by what no socket serves; to be released with ports_clear
 */
void activated_rest(const struct activated_list *list, const struct ports *ports,
		    struct ports *out);

/**
 * activated_clear() - release a list
 * @list:	empty afterwards; the descriptors stay open
 */
void activated_clear(struct activated_list *list);

static inline void auto_activated(struct activated_list *list)
{
	activated_clear(list);
}
