/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * members - a container's memberships of networks that the user made
 *
 * Joined by the command line before anything of the container exists, so that every address is known when
 * its files are written; kept by its monitor until it has ended for good, over all runs of a restart policy.
 * When the monitor dies, however, the kernel ends them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/holders.h"
#include "store/container.h"

struct source;

struct member {
	struct endpoint endpoint; /* as asked for; its interface is the one that it has */
	char *id;		  /* of the network */
	bool internal;
	bool no_dns;
	struct holding holding;
	struct source
		*source; /* watches for the holder's end, or waits for another try; NULL before */
	void *owner;	 /* who watches */
	bool plugged;	 /* its interface is in the container */
};

/* In the order of the endpoints. */
struct members {
	struct member **items;
	size_t count;
};

/* Who joins. */
struct members_who {
	struct engine *engine;
	const struct container_config *config;
	const char *name;	  /* its present one */
	bool outside;		  /* it is on the default network as well */
	bool inside;		  /* the caller is its monitor */
	const struct strv *links; /* of all its networks; NULL: those that .config has */
};

/**
 * members_join() - join all networks of a container
 * @who:	joins
 * @last:	what it had when it ran last: it gets that again where it is free
 * @out:	to be released with members_clear; set on success only
 * @err:	names the network that is not there, or who has the wished address
 *
 * Return: 0; -ENOENT; -EADDRINUSE; otherwise a negative errno.
 */
must_check int members_join(const struct members_who *who, const struct attachments *last,
			    struct members *out, struct err *err);

/**
 * members_add() - join one more network, for a container whose monitor gives the interface its name
 * @who:	joins
 * @endpoint:	what is asked for
 * @members:	longer afterwards, on success
 * @err:	as members_join()
 *
 * Return: as members_join().
 */
must_check int members_add(const struct members_who *who, const struct endpoint *endpoint,
			   struct members *members, struct err *err);

/**
 * members_links() - what a container calls others
 * @members:	its memberships
 * @out:	NAME:ALIAS are added
 */
void members_links(const struct members *members, struct strv *out);

/**
 * members_see() - let each network's holder know the names on the others
 * @members:	joined
 *
 * A holder that is gone is passed over: who replaces it is told.
 */
void members_see(const struct members *members);

/**
 * member_heal() - join again when the holder was killed
 * @who:	the container's monitor
 * @member:	has the address that it had; unchanged on failure
 * @err:	why not
 *
 * The network itself has lived on.
 *
 * Return: 0 or a negative errno; what is on the network still reaches the container then, by address.
 */
must_check int member_heal(const struct members_who *who, struct member *member, struct err *err);

/**
 * member_rename() - tell a holder another name, or that there is another way out
 * @who:	as it is now
 * @member:	told
 */
void member_rename(const struct members_who *who, struct member *member);

/**
 * member_plug() - put its interface into the container
 * @member:	joined
 * @netns:	the container's network namespace, or pidfd of a process in it
 * @routes:	enum bridge_routes, joined
 * @limits:	of what passes it
 * @err:	names the network
 *
 * Return: 0 or a negative errno; then there is no interface.
 */
must_check int member_plug(struct member *member, int netns, unsigned int routes,
			   const struct rate *limits, struct err *err);

/**
 * member_show() - what the container's state says of a membership
 * @member:	joined
 * @out:	zeroed; to be released with the state
 */
void member_show(const struct member *member, struct attachment *out);

/**
 * members_gateway() - which member has the default route
 * @members:	any
 * @ip6:	of IPv6
 *
 * Return: it, or NULL when no network has a way out.
 */
struct member *members_gateway(const struct members *members, bool ip6);

/**
 * members_resolver() - whose name server the container asks
 * @members:	any
 *
 * Return: one with a way out where there is one; NULL without members.
 */
struct member *members_resolver(const struct members *members);

/**
 * members_external() - the member that published ports lead to
 * @members:	any
 *
 * Return: the first that is not internal, or NULL.
 */
struct member *members_external(const struct members *members);

/**
 * members_routes() - what an interface is for, besides its own network
 * @members:	all of them
 * @member:	one of them
 * @usual:	the default network, which keeps the default routes, is there too
 *
 * Return: enum bridge_routes, joined.
 */
unsigned int members_routes(const struct members *members, const struct member *member, bool usual);

/**
 * members_find() - the membership of a network
 * @members:	looked through
 * @network:	its name
 *
 * Return: its place, or -1.
 */
ssize_t members_find(const struct members *members, const char *network);

/**
 * members_drop() - leave a network
 * @members:	shorter afterwards
 * @at:		place of the membership, which nobody watches any more
 */
void members_drop(struct members *members, size_t at);

/**
 * members_save() - a membership as a text that a monitor is given
 * @member:	joined
 *
 * Return: JSON, to be freed.
 */
must_check char *members_save(const struct member *member);

/**
 * members_load() - take over a membership
 * @who:	the container's monitor
 * @json:	of members_save()
 * @size:	bytes
 * @fds:	socket, namespace, names table, and keeper where there is one; copied
 * @count:	HOLDING_FDS, or one less
 * @members:	longer afterwards, on success
 * @err:	what is wrong with it
 *
 * Return: 0; -EBADMSG for another number of descriptors; otherwise a negative errno.
 */
must_check int members_load(const struct members_who *who, const char *json, size_t size,
			    const int *fds, size_t count, struct members *members, struct err *err);

/**
 * members_clear() - leave all networks
 * @members:	empty afterwards
 */
void members_clear(struct members *members);

static inline void auto_members(struct members *members)
{
	members_clear(members);
}
