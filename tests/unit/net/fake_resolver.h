/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fake_resolver - in the place of src/cubby-net/resolver.c: what the test says, and servers on loopback
 */
#pragma once

#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cubby-net/resolver.h"

struct resolver {
	struct servers servers;
	struct strv search;
};

const struct servers *resolver_servers(struct resolver *resolver)
{
	return &resolver->servers;
}

const struct strv *resolver_search(struct resolver *resolver)
{
	return &resolver->search;
}

/* A socket on a port of loopback; the resolver grows by it. */
static inline int fake_server(struct resolver *resolver, int type)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	memcpy(&resolver->servers.items[resolver->servers.count++], &at, sizeof at);
	return fd;
}
