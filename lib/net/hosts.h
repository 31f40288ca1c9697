/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hosts - the text of a container's /etc/hosts
 *
 * Pure. Later lines do not override earlier ones in any resolver, so what the user adds comes first.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct hosts_config {
	const char *base;	      /* --network host: the host's file, whole; else NULL */
	const char *hostname;	      /* own name; NULL for none */
	const char *domainname;	      /* "h.domain" is added before "h"; NULL for none */
	const char *name;	      /* the container's name, also its own; may be NULL */
	const struct strv *addresses; /* own; NULL or empty: the names stand for 127.0.1.1 */
	const char *host_ip;	/* host.containers.internal, host.docker.internal; NULL: no line */
	const struct strv *add; /* NAME:IP, NAME:host-gateway; may be NULL */
};

/**
 * hosts_check() - read one --add-host argument
 * @text:	NAME:IP, NAME=IP, several names with ';' between; IP may be IPv6 with or without
 *		brackets, or host-gateway
 * @err:	names @text
 *
 * Return: 0 or -EINVAL.
 */
must_check int hosts_check(const char *text, struct err *err);

/**
 * hosts_name() - whether a text can stand as a name in hosts and resolv.conf
 * @text:	may be empty
 *
 * Return: whether it has no blank, no control and no beginning of a comment.
 */
must_check bool hosts_name(const char *text);

/**
 * hosts_build() - the text
 * @config:	what it says
 * @out:	the text, to be freed; set on success only
 * @err:	names the entry of add that is wrong, or that host-gateway has no address here
 *
 * Return: 0 or -EINVAL.
 */
must_check int hosts_build(const struct hosts_config *config, char **out, struct err *err);
