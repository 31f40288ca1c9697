/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * roster - who is on a network: hosts, their names and addresses
 *
 * A host has one name or more and an address of either family or both; names may be shared. The names of
 * those who left are remembered for a while, without an address (roster_knows). Names are kept in lower
 * case; what cannot be a name in the DNS (name_valid) is left out.
 *
 * Printed: (1) the network's name; (2) the hosts, each a byte of flags (1: IPv4, 2: IPv6), the
 * addresses that it announces, the number of names in two bytes, and those; (3) behind the last one a
 * host without addresses, whose names are those of who left. A name is a byte of length and its bytes.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/str.h"

enum {
	ROSTER_HOSTS_MAX = 8192,
	ROSTER_NAMES_MAX = 32768, /* of all hosts together */
	ROSTER_LEFT_MAX = 2048,	  /* of who left */
};

struct roster;
struct roster_host;

struct roster_addresses {
	bool has4, has6;
	struct in_addr in4;
	struct in6_addr in6;
};

/**
 * roster_new() - nobody is there
 * @network:	its name
 *
 * Return: the roster, to be released with roster_free.
 */
must_check struct roster *roster_new(const char *network);

/**
 * roster_free() - release a roster and its hosts
 * @roster:	may be NULL
 */
void roster_free(struct roster *roster);

/**
 * roster_network() - whose it is
 * @roster:	the roster
 *
 * Return: the network's name, in lower case; lives as long as the roster.
 */
const char *roster_network(const struct roster *roster);

/**
 * roster_add() - somebody comes
 * @roster:	grows
 * @addresses:	at least one
 * @names:	the first is the one shown for an address
 * @weak:	names from this index on are not remembered once the host leaves, when they have a dot:
 *		they may be the world's
 *
 * Return: the host, which belongs to the roster until roster_remove(); NULL when there are too many.
 */
must_check struct roster_host *roster_add(struct roster *roster,
					  const struct roster_addresses *addresses,
					  const struct strv *names, size_t weak);

/**
 * roster_remove() - somebody leaves
 * @roster:	remembers the names
 * @host:	released
 */
void roster_remove(struct roster *roster, struct roster_host *host);

/**
 * roster_at() - who has an address
 * @roster:	looked through
 * @family:	AF_INET or AF_INET6
 * @address:	4 or 16 bytes
 *
 * Return: the host or NULL.
 */
struct roster_host *roster_at(const struct roster *roster, int family, const void *address);

/**
 * roster_name() - what a host is called
 * @host:	the host
 *
 * Return: its first name, or NULL when it has none; lives as long as the host.
 */
const char *roster_name(const struct roster_host *host);

/**
 * roster_find() - the hosts that have a name
 * @roster:	looked through
 * @name:	in lower case
 * @found:	called with the addresses of each, in the order in which they came
 * @data:	handed to @found
 *
 * Return: whether anybody has it, or had it not long ago.
 */
bool roster_find(const struct roster *roster, const char *name,
		 void (*found)(void *data, const struct roster_addresses *addresses), void *data);

/**
 * roster_print() - the roster as bytes
 * @roster:	printed
 * @out_size:	how many
 *
 * Return: the bytes, to be freed.
 */
must_check uint8_t *roster_print(const struct roster *roster, size_t *out_size);

/**
 * roster_parse() - read a roster that somebody else printed
 * @data:	anything
 * @size:	bytes
 * @out:	to be released with roster_free; set on success only
 *
 * Return: 0 or -EBADMSG.
 */
must_check int roster_parse(const uint8_t *data, size_t size, struct roster **out);

DEFINE_AUTO_PTR(roster, struct roster, roster_free)
