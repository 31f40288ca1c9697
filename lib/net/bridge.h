/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bridge - a network that several containers share, as its members' side sees it
 *
 * Each such network has one holder on each host: a cubby-net that owns a network namespace N with a
 * bridge in it, hands out the addresses and answers for the names (net/exchange.h draws what is said).
 *
 *	bridge_holder_start()	by who finds none, under a lock of the caller's; returns when it serves
 *	bridge_connect()	a connection to it; it is no member yet
 *	bridge_join()		a member from here on, for as long as the connection is open anywhere: when
 *				its last descriptor is closed, by whatever, name and addresses are free at
 *				once. The descriptor may be inherited.
 *	bridge_plug()		puts the interface into the member's network namespace
 *
 * The holder leaves with its last member. One that has gone or was killed shows as the end of the
 * connection; N, its bridge and what is plugged in live on in N's descriptor, which every member has:
 * a holder that is started in N goes on with them, and members join it again with the addresses that
 * they have (firm).
 *
 * Only bridge_holder_start(), bridge_plug(), bridge_route(), bridge_limit() and bridge_unplug() need rights: the
 * caller must be root in the user namespace that owns N, which must own the member's namespace or one
 * that does. The others work from the user's own user namespace as well.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "net/rate.h"

enum { BRIDGE_SEES_MAX = 32 };

#define BRIDGE_SOCKET "ctl" /* in the holder's working directory, which is a tmpfs of its own */
#define BRIDGE_NAME "br0"   /* in N */

/* Texts are numeric addresses. There is one of each family at most. */
struct bridge_subnet {
	char *network;
	int prefix;
	char *gateway;
	char *first, *last; /* what is handed out unless asked for by address; NULL: all */
};

struct bridge_config {
	char *name;
	char *id; /* 64 hex digits */
	struct {
		struct bridge_subnet *items;
		size_t count;
	} subnets;
	struct strv reserved; /* addresses that only who asks for them is given */
	int mtu;	      /* 0: NET_MTU of net/config.h */
	bool internal; /* no way out; nobody has the gateway's address but the bridge, which refuses */
	bool no_dns;		  /* members' names are not answered; questions are sent on */
	bool allow_host_loopback; /* the gateway leads to the host's 127.0.0.1 */
	struct strv dns;	  /* servers to ask instead of the host's; numeric */
	char *outbound_addr; /* source address of what leaves the host; NULL: the kernel's choice */
	char *outbound_addr6;
};

/* What a holder is told. */
struct bridge_hold {
	struct bridge_config network;
	bool has_netns;	 /* a descriptor comes along: the namespace of one that has gone */
	bool has_keeper; /* another, behind it: what holds the sockets for names of that one open */
	int comers; /* how many are to come back: before, no names are told, but for a second at most */
	bool has_live; /* another, behind these: a file to lock */
};

/* A holder that took a network over does not know all its members yet. */
enum bridge_coming {
	BRIDGE_BACK,	 /* it was a member under the holder before, or was never told of this */
	BRIDGE_NEW,	 /* it was none */
	BRIDGE_NEW_LAST, /* it was none, and everybody who was has come back since */
};

/* What a container would like to be on a network. */
struct bridge_wish {
	char *container; /* full id */
	char *name;
	struct strv aliases; /* further names */
	struct strv links;   /* NAME:ALIAS: it alone calls NAME so */
	struct strv
		search; /* search domains of its own; a name that one is put behind is no other's */
	char *ip, *ip6;
	char *mac;
	bool firm;	 /* these or none; else where one is not free another is given */
	struct strv dns; /* servers for this member's questions, instead of the network's; numeric */
	bool outside; /* on an internal network: it has another way out, so its questions are sent on */
	int coming; /* enum bridge_coming */
};

/* Who is asked for names of elsewhere. */
struct bridge_servers {
	struct strv dns; /* numeric; none: the host's */
};

/* A route that the network gives its members. */
struct bridge_path {
	char *to; /* "10.21.0.0/24" */
	char *via;
	int metric; /* 0: the kernel's usual */
};

/* What it got. */
struct bridge_lease {
	char *ip; /* NULL without IPv4, as are the others */
	int prefix;
	char *ip6;
	int prefix6;
	char *mac;
	char *gateway, *gateway6;
	char *gateway_mac, *gateway6_mac;
	char *dns, *dns6; /* who answers for names */
	char *dns_mac;
	int mtu;
	bool internal; /* no way out: bridge_plug() and bridge_route() add no default route */
	struct {
		struct bridge_path *items;
		size_t count;
	} paths; /* bridge_plug() adds them; the holder gives none */
};

/* Tables of these; jfield_clear() releases. */
extern const struct jfield bridge_subnet_fields[];
extern const struct jfield bridge_config_fields[];
extern const struct jfield bridge_hold_fields[];
extern const struct jfield bridge_wish_fields[];
extern const struct jfield bridge_servers_fields[];
extern const struct jfield bridge_lease_fields[];

/* Which routes lead over an interface, besides that to its own subnets. */
enum bridge_routes {
	BRIDGE_ROUTE4 = 1 << 0, /* the default route of IPv4 */
	BRIDGE_ROUTE6 = 1 << 1,
	BRIDGE_DNS =
		1 << 2, /* to who answers for names: it has the same addresses on every network */
};

/**
 * bridge_holder_start() - start a network's holder and wait until it serves
 * @program:	path of cubby-net (host->libexec)
 * @config:	the network
 * @netns:	the namespace of a holder that has gone, or -1 for a new one; stays the caller's
 * @keeper:	from bridge_join() with that one, or -1; stays the caller's
 * @comers:	members of that one that will join this one; nobody is told that a name is unknown before they have, as
 *		long as they take no more than a second
 * @live:	a file on which the holder keeps a shared record lock while it lives, open for reading
 *		and writing, or -1; stays the caller's
 * @out_pidfd:	of the holder, owned by the caller; set on success only
 * @err:	what failed, in the holder's words
 *
 * The caller must be in the host's network and mount namespaces. The holder is a child of the caller
 * that leads a session of its own and outlives the caller. It leaves when its last member has, or when
 * nobody joined within ten seconds of its start. It may be traced by the user, for as long as it lives,
 * so its user namespace may be joined.
 *
 * Return: 0 or a negative errno.
 */
must_check int bridge_holder_start(const char *program, const struct bridge_config *config,
				   int netns, int keeper, int comers, int live, int *out_pidfd,
				   struct err *err);

/**
 * bridge_connect() - connect to a holder
 * @holder:	its pid, as /proc shows it; the caller knows that it is still the one (start time, looked
 *		at before and after)
 * @out_sock:	owned by the caller; set on success only
 *
 * Return: 0; -ESRCH when no holder is there; otherwise a negative errno.
 */
must_check int bridge_connect(pid_t holder, int *out_sock);

/**
 * bridge_join() - become a member
 * @sock:	from bridge_connect(), not joined yet
 * @wish:	who comes, and what it would like
 * @out:	to be released with bridge_lease_clear; set on success only
 * @out_netns:	N, owned by the caller; set on success only
 * @out_names:	the network's table of names, for bridge_sees() on other networks; owned by the caller; set
 *		on success only
 * @out_keeper:	while a member has it, questions for names wait where the holder is killed; for the next
 *		bridge_holder_start(); owned by the caller; set on success only, to -1 by an earlier version
 * @err:	names the address that is not to be had, and the container that has it
 *
 * Return: 0; -EADDRINUSE when a firm address is another's; -EINVAL when one is not of the subnet, or
 * is no address for a container; -EADDRNOTAVAIL when no address is left; -EAGAIN when who is BRIDGE_NEW
 * must wait for who comes back, because their addresses are not known yet; -EPIPE when the holder has
 * gone: start another; otherwise a negative errno.
 */
must_check int bridge_join(int sock, const struct bridge_wish *wish, struct bridge_lease *out,
			   int *out_netns, int *out_names, int *out_keeper, struct err *err);

/**
 * bridge_sees() - name the tables whose names this member is told, besides its network's
 * @sock:	joined
 * @names:	those of its other networks; replace those of before; stay the caller's
 * @count:	how many; those beyond BRIDGE_SEES_MAX are passed over
 *
 * Return: 0; -EPIPE when the holder has gone; otherwise a negative errno.
 */
must_check int bridge_sees(int sock, const int *names, size_t count);

/**
 * bridge_serve() - change which servers a network asks for names of elsewhere
 * @sock:	from bridge_connect(); need not have joined
 * @servers:	replace those of bridge_config; members with servers of their own keep these
 *
 * Return: 0; -EPIPE when the holder has gone, or is of a version that cannot; otherwise a negative errno.
 */
must_check int bridge_serve(int sock, const struct bridge_servers *servers);

/**
 * bridge_rename() - change what a member is called, and who is asked for it
 * @sock:	joined
 * @wish:	as in bridge_join(); its addresses are not looked at
 *
 * Return: 0; -EPIPE when the holder has gone; otherwise a negative errno.
 */
must_check int bridge_rename(int sock, const struct bridge_wish *wish);

/**
 * bridge_plug() - put an interface into a member's network namespace
 * @netns:	N
 * @container:	the member's: anything that setns(2) takes with CLONE_NEWNET
 * @proc:	a mounted /proc, any pid namespace's; negative opens the one at /proc
 * @interface:	its name there, which is free
 * @lease:	what bridge_join() got
 * @routes:	enum bridge_routes; a route that is there already is replaced
 * @err:	what failed
 *
 * The calling thread stays in its namespace: a thread of its own goes there. The far end has a name
 * that is free, so an interface that is still being taken down is not in the way.
 *
 * Return: 0; -EEXIST when there is an interface of that name; otherwise a negative errno.
 */
must_check int bridge_plug(int netns, int container, int proc, const char *interface,
			   const struct bridge_lease *lease, unsigned routes, struct err *err);

/**
 * bridge_route() - lead routes over an interface that is plugged in
 * @container:	as bridge_plug()
 * @interface:	its name there
 * @lease:	what bridge_join() got
 * @routes:	enum bridge_routes; those that are there already are replaced
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int bridge_route(int container, const char *interface, const struct bridge_lease *lease,
			    unsigned routes, struct err *err);

/**
 * bridge_limit() - limit what passes an interface that is plugged in
 * @netns:	N
 * @container:	as bridge_plug()
 * @interface:	its name there
 * @rate:	replaces the limit of before; 0 takes it away
 * @err:	what failed; what the kernel is short of
 *
 * Up is limited in the member's namespace, where who has CAP_NET_ADMIN can lift it; down in N.
 *
 * Return: 0; -EOPNOTSUPP when the kernel has nothing that limits; otherwise a negative errno.
 */
must_check int bridge_limit(int netns, int container, const char *interface,
			    const struct rate *rate, struct err *err);

/**
 * bridge_unplug() - take an interface away
 * @container:	as bridge_plug()
 * @interface:	its name there; its routes go with it
 * @err:	what failed
 *
 * Return: 0; -ENODEV when there is none; otherwise a negative errno.
 */
must_check int bridge_unplug(int container, const char *interface, struct err *err);

/**
 * bridge_config_clear() - release a configuration
 * @config:	empty afterwards
 */
void bridge_config_clear(struct bridge_config *config);

/**
 * bridge_wish_clear() - release a wish
 * @wish:	empty afterwards
 */
void bridge_wish_clear(struct bridge_wish *wish);

/**
 * bridge_lease_clear() - release a lease
 * @lease:	empty afterwards
 */
void bridge_lease_clear(struct bridge_lease *lease);

static inline void auto_bridge_config(struct bridge_config *config)
{
	bridge_config_clear(config);
}

static inline void auto_bridge_wish(struct bridge_wish *wish)
{
	bridge_wish_clear(wish);
}

static inline void auto_bridge_lease(struct bridge_lease *lease)
{
	bridge_lease_clear(lease);
}
