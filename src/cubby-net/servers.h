/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * servers - addresses of name servers
 */
#pragma once

#include <stddef.h>
#include <sys/socket.h>

#include "base/str.h"

enum { SERVERS_MAX = 3 };

struct servers {
	struct sockaddr_storage items[SERVERS_MAX];
	size_t count;
};

/**
 * servers_parse() - read addresses, port 53
 * @texts:	numeric, IPv6 with its %scope; those that are none are passed over, as are those beyond
 *		SERVERS_MAX
 * @out:	replaced
 */
void servers_parse(const struct strv *texts, struct servers *out);
