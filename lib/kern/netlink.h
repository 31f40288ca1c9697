/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netlink - changing links, addresses, routes and rules of the network namespace one is in
 *
 * Requests are gathered in a batch, which is memory alone, and applied in one exchange: the kernel
 * works through them in order and answers each. A socket belongs to the namespace of the thread
 * that opened it, whichever thread uses it later.
 * Source: rtnetlink(7), linux/rtnetlink.h.
 */
#pragma once

#include <linux/filter.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { NETLINK_BATCH_BYTES = 4096, NETLINK_BATCH_MAX = 32 };

struct netlink_batch {
	size_t used;
	size_t count;
	const char *what[NETLINK_BATCH_MAX]; /* for the error's sentence; literals */
	_Alignas(4) char data[NETLINK_BATCH_BYTES];
};

/* An address of either family. */
struct netlink_addr {
	int family; /* AF_INET, AF_INET6; 0: none */
	union {
		struct in_addr in4;
		struct in6_addr in6;
	};
};

struct netlink_route {
	struct netlink_addr to; /* of family alone (all bits 0) with prefix 0: the default route */
	int prefix;
	struct netlink_addr via; /* family 0: none */
	struct netlink_addr src; /* preferred source; family 0: none */
	int oif;		 /* interface index; 0: found by via */
	uint32_t table;		 /* 0: main */
	bool local;		 /* deliver here instead of sending */
	int mtu;		 /* 0: the interface's */
	uint32_t metric;	 /* of several the lowest counts; 0: the kernel's usual */
};

struct netlink_rule {
	int family;
	uint32_t priority;
	uint32_t table;
	uint32_t mark;	/* 0: any */
	int protocol;	/* IPPROTO_*; 0: any */
	uint16_t sport; /* first and last source port; 0: any */
	uint16_t sport_last;
	const char *iif; /* interface that it came in by; NULL: any */
};

/* Bytes that the ends of a large pair take at once, of IPv4; where the kernel can. */
#define NETLINK_LARGE (128U << 10)

/* A pair of interfaces, one here and one in another network namespace. */
struct netlink_veth {
	const char *far;    /* name of the one here; "m%d" takes the first free number */
	int index;	    /* of the one here; 0: the kernel's choice */
	int master;	    /* bridge that the one here is a port of; 0: none */
	const char *near;   /* name of the other one, which is left down */
	int netns;	    /* where that is */
	const uint8_t *mac; /* its link address, ETH_ALEN bytes */
	int mtu;	    /* of both */
	bool large;	    /* for streams that cross a bridge */
};

/**
 * netlink_addr_parse() - read a numeric address
 * @text:	IPv4 or IPv6 without brackets or scope
 * @out:	set on success only
 *
 * Return: 0 or -EINVAL.
 */
must_check int netlink_addr_parse(const char *text, struct netlink_addr *out);

/**
 * netlink_link() - set up a link
 * @batch:	grows by one request
 * @index:	of the interface
 * @mtu:	bytes; 0 leaves it
 * @mac:	ETH_ALEN bytes, or NULL to leave it
 * @up:		bring it up; false leaves it
 */
void netlink_link(struct netlink_batch *batch, int index, int mtu, const uint8_t *mac, bool up);

/**
 * netlink_link_del() - remove a link
 * @batch:	grows by one request
 * @index:	of the interface; the other end of a veth goes too
 */
void netlink_link_del(struct netlink_batch *batch, int index);

/**
 * netlink_bridge() - make a bridge
 * @batch:	grows by one request
 * @name:	of the interface, which is left down
 * @mtu:	bytes
 * @mac:	ETH_ALEN bytes; it does not follow the ports' then
 *
 * It forwards to a new port at once, and multicast to every port.
 */
void netlink_bridge(struct netlink_batch *batch, const char *name, int mtu, const uint8_t *mac);

/**
 * netlink_veth() - make a pair of interfaces
 * @batch:	grows by one request
 * @veth:	both ends; the one here is up
 */
void netlink_veth(struct netlink_batch *batch, const struct netlink_veth *veth);

/**
 * netlink_port() - make an interface a port of a bridge, for known link addresses alone
 * @batch:	grows by two requests
 * @index:	of the interface
 * @master:	of the bridge
 *
 * What is for an address that nobody was heard from is not sent there; broadcasts are.
 */
void netlink_port(struct netlink_batch *batch, int index, int master);

/**
 * netlink_forward() - tell a bridge for good where a link address is
 * @batch:	grows by one request
 * @index:	of the port
 * @mac:	ETH_ALEN bytes
 */
void netlink_forward(struct netlink_batch *batch, int index, const uint8_t *mac);

/**
 * netlink_address() - give an interface an address
 * @batch:	grows by one request
 * @index:	of the interface
 * @addr:	the address; IPv6 ones are used at once, without duplicate detection
 * @prefix:	bits of its network
 */
void netlink_address(struct netlink_batch *batch, int index, const struct netlink_addr *addr,
		     int prefix);

/**
 * netlink_route_add() - add a route
 * @batch:	grows by one request
 * @route:	the route; one that is there already is replaced
 */
void netlink_route_add(struct netlink_batch *batch, const struct netlink_route *route);

/**
 * netlink_route_del() - remove a route
 * @batch:	grows by one request
 * @route:	as it was added
 */
void netlink_route_del(struct netlink_batch *batch, const struct netlink_route *route);

/**
 * netlink_rule_add() - add a routing rule
 * @batch:	grows by one request
 * @rule:	the rule
 */
void netlink_rule_add(struct netlink_batch *batch, const struct netlink_rule *rule);

/**
 * netlink_neighbour() - tell the link address of a neighbour for good
 * @batch:	grows by one request
 * @index:	of the interface
 * @addr:	the neighbour
 * @mac:	ETH_ALEN bytes
 */
void netlink_neighbour(struct netlink_batch *batch, int index, const struct netlink_addr *addr,
		       const uint8_t *mac);

/**
 * netlink_neighbour_hint() - tell the link address of a neighbour until it tells another
 * @batch:	grows by one request
 * @index:	of the interface
 * @addr:	the neighbour
 * @mac:	ETH_ALEN bytes; used at once, and asked for again when it is used
 */
void netlink_neighbour_hint(struct netlink_batch *batch, int index, const struct netlink_addr *addr,
			    const uint8_t *mac);

/**
 * netlink_limit() - limit what leaves an interface
 * @batch:	grows by one request; it fails with -ENOENT where the kernel has no sch_tbf
 * @index:	of the interface; what limited it before is replaced
 * @rate:	bytes a second
 * @burst:	bytes that pass at once; not less than a packet
 *
 * What does not fit waits, up to a fifth of a second's bytes and some packets; the rest is lost.
 * Source: tc-tbf(8).
 */
void netlink_limit(struct netlink_batch *batch, int index, uint64_t rate, uint32_t burst);

/**
 * netlink_limit_del() - let all pass again
 * @batch:	grows by one request; it fails with -ENOENT or -EINVAL where nothing is limited
 * @index:	of the interface
 */
void netlink_limit_del(struct netlink_batch *batch, int index);

/**
 * netlink_screen_port() - let the filters of a block look at what an interface receives
 * @batch:	grows by one request; it fails where the kernel has no sch_ingress
 * @index:	of the interface
 * @block:	a number of the caller's choice; the filters go with the last of its interfaces
 */
void netlink_screen_port(struct netlink_batch *batch, int index, uint32_t block);

/**
 * netlink_screen() - put a filter into a block
 * @batch:	grows by one request; it fails where the kernel has no cls_bpf
 * @block:	of netlink_screen_port()
 * @handle:	not 0; a filter with it is replaced
 * @ops:	sees the frame with its head; returns TC_ACT_OK or TC_ACT_SHOT, which end the matter, or
 *		TC_ACT_UNSPEC: the next filter decides
 * @count:	instructions
 *
 * Source: tc-bpf(8), classic BPF with direct action.
 */
void netlink_screen(struct netlink_batch *batch, uint32_t block, uint32_t handle,
		    const struct sock_filter *ops, uint16_t count);

/**
 * netlink_peer() - where the other end of a pair is
 * @sock:	from netlink_open()
 * @index:	of one end
 *
 * Return: the index of the other end, in its own namespace; or a negative errno.
 */
must_check int netlink_peer(int sock, int index);

/**
 * netlink_open() - a socket into the calling thread's network namespace
 *
 * Return: the descriptor or a negative errno.
 */
must_check int netlink_open(void);

/**
 * netlink_apply() - let the kernel work through a batch
 * @sock:	from netlink_open()
 * @batch:	all its requests are tried; empty afterwards
 * @err:	names the first request that failed
 *
 * Return: 0 or the negative errno of the first request that failed.
 */
must_check int netlink_apply(int sock, struct netlink_batch *batch, struct err *err);

/**
 * netlink_host_address() - an address of this machine that is not loopback
 * @sock:	from netlink_open()
 * @family:	AF_INET or AF_INET6
 * @out:	a global one, of the first interface that has one; set on success only
 *
 * Return: 0; -ENOENT when there is none; otherwise a negative errno.
 */
must_check int netlink_host_address(int sock, int family, struct netlink_addr *out);
