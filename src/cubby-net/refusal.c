/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal - the packet that tells the container why a connection cannot be, or a datagram did not arrive
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
#include "cubby-net/packet.h"

enum { HOPS = 64, TCP_HEAD = 20, TCP_WORDS = TCP_HEAD / 4 };

struct frame {
	uint8_t *out;
	size_t size;  /* of all that is there */
	size_t body;  /* where what follows the IP head begins */
	uint64_t sum; /* of the pseudo head */
	bool ip6;
	const union address *from; /* who says it; NULL: who the packet was for */
};

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
		.saddr = f->from ? f->from->in4.sin_addr.s_addr : in->daddr,
		.daddr = in->saddr,
	};
	const union address from = { .in4 = { .sin_family = AF_INET,
					      .sin_addr.s_addr = head.saddr } };
	const union address to = { .in4 = { .sin_family = AF_INET,
					    .sin_addr.s_addr = head.daddr } };

	head.check = packet_fold(packet_add(0, &head, sizeof head));
	put(f, &head, sizeof head);
	if (protocol != IPPROTO_ICMP) /* ICMP counts itself alone */
		f->sum = packet_add_pseudo(&from, &to, protocol, body);
}

static void begin6(struct frame *f, const struct ip6_hdr *in, uint8_t protocol, size_t body)
{
	struct ip6_hdr head = { .ip6_src = f->from ? f->from->in6.sin6_addr : in->ip6_dst,
				.ip6_dst = in->ip6_src };
	const union address from = { .in6 = { .sin6_family = AF_INET6,
					      .sin6_addr = head.ip6_src } };
	const union address to = { .in6 = { .sin6_family = AF_INET6, .sin6_addr = head.ip6_dst } };

	head.ip6_flow = htonl(6U << 28);
	head.ip6_plen = htons((uint16_t)body);
	head.ip6_nxt = protocol;
	head.ip6_hlim = HOPS;
	put(f, &head, sizeof head);
	f->sum = packet_add_pseudo(&from, &to, protocol, body);
}

static void begin(struct frame *f, const uint8_t *packet, const uint8_t *mac, uint8_t protocol,
		  size_t body)
{
	const uint16_t type = htons(f->ip6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	struct iphdr head4;
	struct ip6_hdr head6;

	put(f, mac, ETH_ALEN);
	put(f, packet_sender, ETH_ALEN);
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
	uint16_t check = packet_fold(packet_add(f->sum, f->out + f->body, f->size - f->body));

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
static void tell(struct frame *f, const uint8_t *packet, size_t size, const uint8_t *mac,
		 struct refusal_icmp said)
{
	const uint32_t rest = htonl(said.rest);
	uint8_t head[8] = { said.type, said.code };

	memcpy(head + sizeof rest, &rest, sizeof rest);
	begin(f, packet, mac, f->ip6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, sizeof head + size);
	put(f, head, sizeof head);
	put(f, packet, size);
	finish(f, offsetof(struct icmphdr, checksum));
}

static void unreachable(struct frame *f, const uint8_t *packet, size_t size, const uint8_t *mac,
			const uint8_t codes[2])
{
	tell(f, packet, size, mac,
	     (struct refusal_icmp){ .type = f->ip6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH,
				    .code = codes[f->ip6] });
}

static bool is_tcp(const uint8_t *packet, bool ip6)
{
	enum { PROTOCOL = 9, NEXT_HEADER = 6 };

	return packet[ip6 ? NEXT_HEADER : PROTOCOL] == IPPROTO_TCP;
}

size_t refusal_relay(const uint8_t *packet, size_t size, const uint8_t *mac,
		     const union address *from, struct refusal_icmp said, uint8_t *out)
{
	struct frame f = { .out = out, .ip6 = packet[0] >> 4 == 6, .from = from };

	tell(&f, packet, size, mac, said);
	return f.size;
}

size_t refusal_make(const uint8_t *packet, size_t size, const uint8_t *mac, int code, uint8_t *out)
{
	static const uint8_t port[] = { ICMP_PORT_UNREACH, ICMP6_DST_UNREACH_NOPORT };
	static const uint8_t net[] = { ICMP_NET_UNREACH, ICMP6_DST_UNREACH_NOROUTE };
	static const uint8_t host[] = { ICMP_HOST_UNREACH, ICMP6_DST_UNREACH_ADDR };
	static const uint8_t forbidden[] = { ICMP_PKT_FILTERED, ICMP6_DST_UNREACH_ADMIN };
	struct frame f = { .out = out, .ip6 = packet[0] >> 4 == 6 };

	switch (-code) {
	case ECONNREFUSED:
	case ECONNRESET:
		if (is_tcp(packet, f.ip6))
			reset(&f, packet, mac);
		else
			unreachable(&f, packet, size, mac, port);
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
