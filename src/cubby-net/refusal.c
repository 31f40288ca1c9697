/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal - the packet that tells the container why a connection cannot be
 */
#include "cubby-net/refusal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>

#include "base/macros.h"

enum { HOPS = 64, TCP_HEAD = 20, TCP_WORDS = TCP_HEAD / 4 };

/* Nobody's in particular, and nobody's is asked for. */
static const uint8_t own_mac[ETH_ALEN] = { 0x52, 0x55, 10, 0, 2, 2 };

struct frame {
	uint8_t *out;
	size_t size;  /* of all that is there */
	size_t body;  /* where what follows the IP head begins */
	uint32_t sum; /* of the pseudo head */
	bool ip6;
};

static uint32_t add_words(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *at = data;

	for (; size > 1; size -= 2, at += 2)
		sum += (uint32_t)at[0] << 8 | at[1];
	return size ? sum + ((uint32_t)at[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void put(struct frame *f, const void *data, size_t size)
{
	memcpy(f->out + f->size, data, size);
	f->size += size;
}

static void begin4(struct frame *f, const struct iphdr *in, uint8_t protocol, size_t body)
{
	struct iphdr head = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons((uint16_t)(sizeof head + body)),
		.frag_off = htons(IP_DF),
		.ttl = HOPS,
		.protocol = protocol,
		.saddr = in->daddr,
		.daddr = in->saddr,
	};

	head.check = fold(add_words(0, &head, sizeof head));
	put(f, &head, sizeof head);
	if (protocol != IPPROTO_ICMP) /* ICMP counts itself alone */
		f->sum = add_words(add_words(protocol + (uint32_t)body, &in->daddr, 4), &in->saddr,
				   4);
}

static void begin6(struct frame *f, const struct ip6_hdr *in, uint8_t protocol, size_t body)
{
	struct ip6_hdr head = { .ip6_src = in->ip6_dst, .ip6_dst = in->ip6_src };

	head.ip6_flow = htonl(6U << 28);
	head.ip6_plen = htons((uint16_t)body);
	head.ip6_nxt = protocol;
	head.ip6_hlim = HOPS;
	put(f, &head, sizeof head);
	f->sum = add_words(protocol + (uint32_t)body, &head.ip6_src, 2 * sizeof head.ip6_src);
}

static void begin(struct frame *f, const uint8_t *packet, const uint8_t *mac, uint8_t protocol,
		  size_t body)
{
	const uint16_t type = htons(f->ip6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	struct iphdr head4;
	struct ip6_hdr head6;

	put(f, mac, ETH_ALEN);
	put(f, own_mac, ETH_ALEN);
	put(f, &type, sizeof type);
	if (f->ip6) {
		memcpy(&head6, packet, sizeof head6);
		begin6(f, &head6, protocol, body);
	} else {
		memcpy(&head4, packet, sizeof head4);
		begin4(f, &head4, protocol, body);
	}
	f->body = f->size;
}

/* The field lies in what follows the IP head, and is 0 so far. */
static void finish(struct frame *f, size_t field)
{
	uint16_t check = fold(add_words(f->sum, f->out + f->body, f->size - f->body));

	memcpy(f->out + f->body + field, &check, sizeof check);
}

static void reset(struct frame *f, const uint8_t *packet, const uint8_t *mac)
{
	struct tcphdr in, head = { 0 };

	memcpy(&in, packet + (f->ip6 ? sizeof(struct ip6_hdr) : (size_t)(packet[0] & 15) * 4),
	       sizeof in);
	head.th_sport = in.th_dport;
	head.th_dport = in.th_sport;
	head.th_ack = htonl(ntohl(in.th_seq) + 1);
	head.th_off = TCP_WORDS;
	head.th_flags = TH_RST | TH_ACK;
	begin(f, packet, mac, IPPROTO_TCP, sizeof head);
	put(f, &head, sizeof head);
	finish(f, offsetof(struct tcphdr, th_sum));
}

/* Both protocols have the checksum at the same place. */
static void unreachable(struct frame *f, const uint8_t *packet, size_t size, const uint8_t *mac,
			const uint8_t codes[2])
{
	uint8_t head[8] = { f->ip6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH, codes[f->ip6] };

	begin(f, packet, mac, f->ip6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, sizeof head + size);
	put(f, head, sizeof head);
	put(f, packet, size);
	finish(f, offsetof(struct icmphdr, checksum));
}

size_t refusal_make(const uint8_t *packet, size_t size, const uint8_t *mac, int code, uint8_t *out)
{
	static const uint8_t net[] = { ICMP_NET_UNREACH, ICMP6_DST_UNREACH_NOROUTE };
	static const uint8_t host[] = { ICMP_HOST_UNREACH, ICMP6_DST_UNREACH_ADDR };
	static const uint8_t forbidden[] = { ICMP_PKT_FILTERED, ICMP6_DST_UNREACH_ADMIN };
	struct frame f = { .out = out, .ip6 = packet[0] >> 4 == 6 };

	switch (-code) {
	case ECONNREFUSED:
	case ECONNRESET:
		reset(&f, packet, mac);
		break;
	case ENETUNREACH:
	case EADDRNOTAVAIL: /* outbound_addr is not this host's any more */
	case EAFNOSUPPORT:
	case EINVAL: /* an address that is none elsewhere */
		unreachable(&f, packet, size, mac, net);
		break;
	case EHOSTUNREACH:
	case EHOSTDOWN:
		unreachable(&f, packet, size, mac, host);
		break;
	case EACCES:
	case EPERM:
		unreachable(&f, packet, size, mac, forbidden);
		break;
	default:
		break;
	}
	return f.size;
}
