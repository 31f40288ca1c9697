/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * udpframe - datagrams to the container as frames, and their heads
 */
#include "cubby-net/udpframe.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>

#include "cubby-net/packet.h"

enum { HOPS = 64, UNIT = 8 /* of offsets of fragments */ };

struct cut {
	uint16_t number;
	size_t at;
	bool more;
};

static bool is_six(const union address *a)
{
	return a->any.sa_family == AF_INET6;
}

/* --- heads ------------------------------------------------------------------------------------ */

static void put_head4(uint8_t *at, const union address *from, const union address *to, size_t size,
		      const struct cut *cut)
{
	struct iphdr head = {
		.version = 4,
		.ihl = sizeof head / 4,
		.tot_len = htons((uint16_t)(sizeof head + size)),
		.frag_off = htons(IP_DF),
		.ttl = HOPS,
		.protocol = IPPROTO_UDP,
		.saddr = from->in4.sin_addr.s_addr,
		.daddr = to->in4.sin_addr.s_addr,
	};

	if (cut) {
		head.id = htons(cut->number);
		head.frag_off = htons((uint16_t)(cut->at / UNIT) | (cut->more ? IP_MF : 0));
	}
	head.check = packet_fold(packet_add(0, &head, sizeof head));
	memcpy(at, &head, sizeof head);
}

static void put_head6(uint8_t *at, const union address *from, const union address *to, size_t size,
		      const struct cut *cut)
{
	struct ip6_hdr head = { .ip6_src = from->in6.sin6_addr, .ip6_dst = to->in6.sin6_addr };

	head.ip6_flow = htonl(6U << 28);
	head.ip6_plen = htons((uint16_t)(size + (cut ? sizeof(struct ip6_frag) : 0)));
	head.ip6_nxt = cut ? IPPROTO_FRAGMENT : IPPROTO_UDP;
	head.ip6_hlim = HOPS;
	memcpy(at, &head, sizeof head);
	if (!cut)
		return;
	const struct ip6_frag part = {
		.ip6f_nxt = IPPROTO_UDP,
		.ip6f_offlg = htons((uint16_t)cut->at) | (cut->more ? IP6F_MORE_FRAG : 0),
		.ip6f_ident = htonl(cut->number),
	};
	memcpy(at + sizeof head, &part, sizeof part);
}

static size_t head_size(bool six, bool cut)
{
	return six ? sizeof(struct ip6_hdr) + (cut ? sizeof(struct ip6_frag) : 0)
		   : sizeof(struct iphdr);
}

static void put_head(uint8_t *at, const union address *from, const union address *to, size_t size,
		     const struct cut *cut)
{
	(is_six(from) ? put_head6 : put_head4)(at, from, to, size, cut);
}

/* IPv4 allows a datagram without a sum, and it meets no wire. */
static void put_udp(uint8_t *at, const union address *from, const union address *to, size_t size)
{
	struct udphdr head = {
		.uh_sport = from->in4.sin_port,
		.uh_dport = to->in4.sin_port,
		.uh_ulen = htons((uint16_t)size),
	};

	memcpy(at, &head, sizeof head);
	if (!is_six(from))
		return;
	head.uh_sum =
		packet_fold(packet_add(packet_add_pseudo(from, to, IPPROTO_UDP, size), at, size));
	if (!head.uh_sum)
		head.uh_sum = 0xffff; /* 0 would say that there is none */
	memcpy(at, &head, sizeof head);
}

size_t udpframe_heads(const union address *from, const union address *to, size_t size, uint8_t *out)
{
	const size_t head = head_size(is_six(from), false), whole = sizeof(struct udphdr) + size;
	const struct udphdr udp = {
		.uh_sport = from->in4.sin_port,
		.uh_dport = to->in4.sin_port,
		.uh_ulen = htons((uint16_t)whole),
	};

	put_head(out, from, to, whole, NULL);
	memcpy(out + head, &udp, sizeof udp);
	return head + sizeof udp;
}

/* --- frames ----------------------------------------------------------------------------------- */

/* The heads come before a part of what follows the IP head. */
static void send_part(const struct udpframe_way *way, const uint8_t *macs,
		      const union address *from, const union address *to, uint8_t *part,
		      size_t size, const struct cut *cut)
{
	const bool six = is_six(from);
	const uint16_t type = htons(six ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	const size_t head = head_size(six, cut);
	uint8_t *at = part - head;

	put_head(at, from, to, size, cut);
	at -= sizeof type;
	memcpy(at, &type, sizeof type);
	at -= 2 * (size_t)ETH_ALEN;
	memcpy(at, macs, 2 * (size_t)ETH_ALEN);
	size += ETH_HLEN + head;
	tap_send(way->tap, at, size);
	bucket_spend(way->paid, size);
}

/* Each fragment's heads are written over the end of the one before, which is gone already. */
static void send_parts(struct udpframe_way *way, const uint8_t *macs, const union address *from,
		       const union address *to, uint8_t *body, size_t size)
{
	const size_t most = (way->mtu - head_size(is_six(from), true)) / UNIT * UNIT;
	struct cut cut = { .number = ++way->number };

	for (size_t part; cut.at < size; cut.at += part) {
		part = min_of(most, size - cut.at);
		cut.more = cut.at + part < size;
		send_part(way, macs, from, to, body + cut.at, part, &cut);
	}
}

void udpframe_send(struct udpframe_way *way, const uint8_t *macs, const union address *from,
		   const union address *to, uint8_t *payload, size_t size)
{
	uint8_t *body = payload - sizeof(struct udphdr);

	size += sizeof(struct udphdr);
	put_udp(body, from, to, size);
	if (head_size(is_six(from), false) + size <= way->mtu)
		send_part(way, macs, from, to, body, size, NULL);
	else
		send_parts(way, macs, from, to, body, size);
}
