/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolv - resolv.conf: reading the host's, building the container's
 *
 * resolv_load() is the only function here that reads files.
 * Source: resolv.conf(5).
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct resolv {
	struct strv servers; /* numeric, IPv6 with its %scope */
	struct strv search;  /* domains of the last search or domain line */
	struct strv options;
};

/**
 * resolv_parse() - read a resolv.conf
 * @text:	whole; lines that mean nothing are passed over
 * @out:	grows; a search line replaces what an earlier one said
 */
void resolv_parse(const char *text, struct resolv *out);

/**
 * resolv_load() - read the host's resolv.conf, the real one behind a stub
 * @dirfd:	the root directory, or AT_FDCWD for /
 * @out:	grows; empty when there is no file
 *
 * Where etc/resolv.conf names loopback servers alone (systemd-resolved's 127.0.0.53, dnsmasq), the
 * servers of run/systemd/resolve/resolv.conf and run/NetworkManager/no-stub-resolv.conf stand for
 * them; its search domains and options stay.
 */
void resolv_load(int dirfd, struct resolv *out);

struct resolv_config {
	const struct resolv *host; /* as resolv_load() gave it */
	const char *server;	   /* of the network: used unless servers are given; NULL: the
				       * host's */
	const char *domain; /* stands before all that is searched, unless "." was given; or NULL */
	const struct strv *servers; /* --dns; "none" alone leaves all out; may be NULL */
	const struct strv *search;  /* --dns-search; "." leaves the host's out; may be NULL */
	const struct strv *options; /* --dns-option; replace the host's; may be NULL */
};

/**
 * resolv_check() - refuse what cannot stand in a resolv.conf
 * @config:	what the user gave: .servers, .search and .options; the rest is not looked at
 * @err:	names the flag and the word
 *
 * Return: 0 or -EINVAL.
 */
must_check int resolv_check(const struct resolv_config *config, struct err *err);

/**
 * resolv_build() - the text of a container's resolv.conf
 * @config:	what it says
 *
 * Under --network host the caller shows the host's file instead.
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *resolv_build(const struct resolv_config *config);

/**
 * resolv_clear() - release what was read
 * @resolv:	empty afterwards
 */
void resolv_clear(struct resolv *resolv);

static inline void auto_resolv(struct resolv *resolv)
{
	resolv_clear(resolv);
}
