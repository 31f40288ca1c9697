/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard - a filter that lets nobody else claim a member's addresses
 *
 * Jumps of classic BPF count instructions. Here they name places (enum place), which are known when all is
 * written; link_places() puts the counts in.
 */
#include "net/guard.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "base/macros.h"
#include "base/mem.h"

/* In a frame without a tag. */
enum {
	AT_TYPE = 12,
	ARP_SENDER = ETH_HLEN + 14,
	IP6_NEXT = ETH_HLEN + 6,
	IP6_HOPS = ETH_HLEN + 7,
	IP6_SOURCE = ETH_HLEN + 8,
	ICMP6_TYPE = ETH_HLEN + 40,
	ND_TARGET = ETH_HLEN + 40 + 8,
};

enum { ROUTER_SOLICIT = 133, SOLICIT = 135, ADVERTISE = 136, ALL_HOPS = 255 };

/* More than any count. */
enum place { NEXT = 0, ARP = 200, IP6, HIDDEN, ND, TARGET, SOURCE, CLAIM, DROP, PASS, ASK, PLACES };

struct program {
	struct sock_filter *out;
	size_t count;
	size_t at[PLACES - ARP];
};

static void add(struct program *p, struct sock_filter op)
{
	bug_unless(p->count < GUARD_MAX);
	p->out[p->count++] = op;
}

static void here(struct program *p, enum place place)
{
	p->at[place - ARP] = p->count;
}

static void load(struct program *p, uint16_t size, uint32_t at)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_ABS | size, at));
}

static void equal(struct program *p, uint32_t value, enum place yes, enum place no)
{
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (uint8_t)yes,
					    (uint8_t)no));
}

static void end(struct program *p, int action)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (uint32_t)action));
}

static void compare6(struct program *p, uint32_t at, const struct in6_addr *address)
{
	uint32_t words[4];

	memcpy(words, address, sizeof words);
	for (uint32_t i = 0; i < array_len(words); i++) {
		load(p, BPF_W, at + 4 * i);
		equal(p, be32toh(words[i]), i + 1 == array_len(words) ? CLAIM : NEXT, ASK);
	}
}

static void look_at_type(struct program *p)
{
	load(p, BPF_H, AT_TYPE);
	equal(p, ETH_P_ARP, ARP, NEXT);
	equal(p, ETH_P_IPV6, IP6, NEXT);
	equal(p, ETH_P_8021Q, DROP, NEXT); /* the first tag is off already */
	equal(p, ETH_P_8021AD, DROP, PASS);
}

static void look_at_arp(struct program *p, const struct netlink_addr *ip)
{
	here(p, ARP);
	if (!ip->family) {
		end(p, TC_ACT_UNSPEC);
		return;
	}
	load(p, BPF_W, ARP_SENDER);
	equal(p, ntohl(ip->in4.s_addr), CLAIM, ASK);
}

/* Discovery that comes in fragments nobody takes (suppress_frag_ndisc). */
static void look_at_ip6(struct program *p)
{
	here(p, IP6);
	load(p, BPF_B, IP6_NEXT);
	equal(p, IPPROTO_ICMPV6, ND, NEXT);
	equal(p, IPPROTO_HOPOPTS, HIDDEN, NEXT);
	equal(p, IPPROTO_ROUTING, HIDDEN, NEXT);
	equal(p, IPPROTO_DSTOPTS, HIDDEN, PASS);
	here(p, HIDDEN);
	load(p, BPF_B, IP6_HOPS);
	equal(p, ALL_HOPS, DROP, PASS);
}

static void look_at_discovery(struct program *p, const struct netlink_addr *ip6)
{
	here(p, ND);
	if (!ip6->family) {
		end(p, TC_ACT_UNSPEC);
		return;
	}
	load(p, BPF_B, ICMP6_TYPE);
	equal(p, ADVERTISE, TARGET, NEXT);
	equal(p, SOLICIT, SOURCE, NEXT);
	equal(p, ROUTER_SOLICIT, SOURCE, PASS);
	here(p, TARGET);
	compare6(p, ND_TARGET, &ip6->in6);
	here(p, SOURCE);
	compare6(p, IP6_SOURCE, &ip6->in6);
}

static void decide(struct program *p, int port)
{
	here(p, CLAIM);
	load(p, BPF_W, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX));
	equal(p, (uint32_t)port, PASS, DROP);
	here(p, DROP);
	end(p, TC_ACT_SHOT);
	here(p, PASS);
	end(p, TC_ACT_OK);
	here(p, ASK);
	end(p, TC_ACT_UNSPEC);
}

static uint8_t distance(const struct program *p, size_t from, uint8_t place)
{
	return place == NEXT ? 0 : (uint8_t)(p->at[place - ARP] - from - 1);
}

static void link_places(struct program *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct sock_filter *f = &p->out[i];
		f->jt = distance(p, i, f->jt);
		f->jf = distance(p, i, f->jf);
	}
}

size_t guard_make(const struct netlink_addr *ip, const struct netlink_addr *ip6, int port,
		  struct sock_filter *out)
{
	struct program p = { .out = out };

	look_at_type(&p);
	look_at_arp(&p, ip);
	look_at_ip6(&p);
	look_at_discovery(&p, ip6);
	decide(&p, port);
	link_places(&p);
	return p.count;
}

uint32_t guard_handle(const struct netlink_addr *ip, const struct netlink_addr *ip6)
{
	uint32_t last = 0;

	if (ip->family)
		last = ntohl(ip->in4.s_addr);
	else if (ip6->family)
		memcpy(&last, ip6->in6.s6_addr + sizeof ip6->in6 - sizeof last, sizeof last);
	return last ? last : 1;
}
