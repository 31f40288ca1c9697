/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - who is called what, as one member of a network sees it
 *
 * A member has its container's name, its aliases and its short id, each also as NAME.dns.podman and
 * NAME.<network>. It sees its own network's members and those of the other networks that it is on: each
 * network's holder shows its members on a board (board.h), and a member's monitor hands the boards of its
 * other networks over. The own network comes first; the first network that has the name answers.
 *
 * A link is a name that one member alone has for another, whatever others are called; who is meant is looked up
 * by the other's name each time, on all networks that it sees.
 *
 * What a container asks for must not tell the world how its neighbours are called. Held back are, when
 * nobody has them: names of one label; names below dns.podman; and what a search domain makes of a
 * member's name, or of one who left not long ago. Such names do not exist; nobody else is asked.
 *
 * A silent network (--disable-dns) has members without names. Not for more than one thread.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "cubby-net/address.h"
#include "cubby-net/roster.h"
#include "cubby-net/servers.h"

struct names;
struct names_member;

struct names_entry {
	const char *container; /* full id */
	const char *name;
	const struct strv *aliases; /* may be NULL */
	const struct strv *links;   /* NAME:ALIAS; may be NULL */
	const char *ip, *ip6;	    /* NULL: none of that family */
	const struct strv *search;  /* the container's own search domains; may be NULL */
	const struct strv *servers; /* who is asked for it instead of the network's; may be NULL */
	bool outside;		    /* it may ask the world, also where the network may not */
};

/**
 * names_new() - a network without members
 * @network:	its name
 * @silent:	its members have no names
 * @out:	to be released with names_free; set on success only
 * @err:	what failed
 *
 * Before the sandbox is closed: it makes memory that others can see.
 *
 * Return: 0 or a negative errno.
 */
must_check int names_new(const char *network, bool silent, struct names **out, struct err *err);

/**
 * names_free() - release a network, its members and the boards that they see
 * @names:	may be NULL
 */
void names_free(struct names *names);

/**
 * names_board() - what holders of other networks are given
 * @names:	the network
 *
 * Return: a descriptor that stays the network's; nobody can change what it shows.
 */
int names_board(const struct names *names);

/**
 * names_add() - a member comes; it has its names when this returns
 * @names:	grows
 * @entry:	copied
 * @out:	belongs to @names until names_drop(); set on success only
 * @err:	what failed
 *
 * Return: 0; -EINVAL for an address that is none; -ENOSPC when there are too many.
 */
must_check int names_add(struct names *names, const struct names_entry *entry,
			 struct names_member **out, struct err *err);

/**
 * names_drop() - a member leaves; its names and addresses are gone when this returns
 * @names:	shrinks
 * @member:	released; may be NULL
 */
void names_drop(struct names *names, struct names_member *member);

/**
 * names_rename() - a member is called otherwise from now on
 * @names:	its network
 * @member:	keeps its addresses, and the boards that it sees
 * @entry:	its container and addresses are not looked at
 * @err:	what failed; then it is called as before
 *
 * Return: 0 or -ENOSPC.
 */
must_check int names_rename(struct names *names, struct names_member *member,
			    const struct names_entry *entry, struct err *err);

/**
 * names_see() - which other networks a member is on
 * @names:	its network
 * @member:	forgets those of before
 * @boards:	descriptors of their boards, in their order; belong to @names from now on
 * @count:	how many
 */
void names_see(struct names *names, struct names_member *member, const int *boards, size_t count);

/**
 * names_member() - who asks
 * @names:	the network
 * @from:	an address
 *
 * Return: the member with that address, or NULL.
 */
struct names_member *names_member(struct names *names, const union address *from);

/**
 * names_servers() - who else is asked for a member
 * @member:	the member
 *
 * Return: its own servers, none for the network's; live as long as the member.
 */
const struct servers *names_servers(const struct names_member *member);

/**
 * names_outside() - whether a member may ask the world in any case
 * @member:	the member
 *
 * Return: as it was added.
 */
bool names_outside(const struct names_member *member);

enum names_verdict {
	NAMES_OTHERS, /* none of ours: the world may be asked */
	NAMES_FOUND,  /* the result has all addresses, which may be none of the family asked for */
	NAMES_HELD,   /* nobody has it, and nobody else may be asked */
};

struct names_result {
	struct in_addr *in4; /* rotated: see names_turn() */
	struct in6_addr *in6;
	size_t count4, count6;
};

/**
 * names_find() - look a name up for a member
 * @names:	its network
 * @member:	who asks
 * @name:	in lower case, without the last dot
 * @search:	the host's search domains
 * @out:	valid until the next call on @names; empty unless it is found
 *
 * Looks at the boards of other networks first, whether they changed.
 *
 * Return: the verdict.
 */
enum names_verdict names_find(struct names *names, struct names_member *member, const char *name,
			      const struct strv *search, struct names_result *out);

/**
 * names_turn() - the next result has another address of a family first
 * @names:	the network
 * @family:	AF_INET or AF_INET6: the one that was answered with
 *
 * Whoever looks a name up asks for both families, one after the other: each has a turn of its own, or
 * the same address would be first each time.
 */
void names_turn(struct names *names, int family);

/**
 * names_reverse() - look an address up for a member
 * @names:	its network
 * @member:	who asks
 * @family:	AF_INET or AF_INET6
 * @address:	4 or 16 bytes
 *
 * Return: the container's name, valid until the next call on @names; NULL when no member that it sees
 * has the address.
 */
const char *names_reverse(struct names *names, struct names_member *member, int family,
			  const void *address);

DEFINE_AUTO_PTR(names, struct names, names_free)
