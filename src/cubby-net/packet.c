/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packet - the heads of the container's IP packets, and the sums that are in heads
 */
#include "cubby-net/packet.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

enum { LANES = 4, WHOLE = 0x3fff /* of an offset and "more follow" */ };

const uint8_t packet_sender[ETH_ALEN] = { 0x52, 0x55, 10, 0, 2, 2 };

/* --- heads ------------------------------------------------------------------------------------ */

static bool read4(const uint8_t *at, size_t left, struct packet *out)
{
	struct iphdr head;

	if (left < sizeof head)
		return false;
	memcpy(&head, at, sizeof head);
	*out = (struct packet){
		.at = at,
		.size = ntohs(head.tot_len),
		.body = (size_t)head.ihl * 4,
		.protocol = head.protocol,
		.hops = head.ttl,
		.from.in4 = { .sin_family = AF_INET, .sin_addr.s_addr = head.saddr },
		.to.in4 = { .sin_family = AF_INET, .sin_addr.s_addr = head.daddr },
	};
	return head.version == 4 && out->body >= sizeof head && out->size <= left &&
	       out->size >= out->body && !(ntohs(head.frag_off) & WHOLE);
}

static bool read6(const uint8_t *at, size_t left, struct packet *out)
{
	struct ip6_hdr head;

	if (left < sizeof head)
		return false;
	memcpy(&head, at, sizeof head);
	*out = (struct packet){
		.at = at,
		.size = sizeof head + ntohs(head.ip6_plen),
		.body = sizeof head,
		.protocol = head.ip6_nxt,
		.hops = head.ip6_hlim,
		.from.in6 = { .sin6_family = AF_INET6, .sin6_addr = head.ip6_src },
		.to.in6 = { .sin6_family = AF_INET6, .sin6_addr = head.ip6_dst },
	};
	return at[0] >> 4 == 6 && out->size <= left;
}

bool packet_read(const uint8_t *frame, size_t size, struct packet *out)
{
	struct ether_header head;

	if (size < sizeof head)
		return false;
	memcpy(&head, frame, sizeof head);
	if (head.ether_type == htons(ETHERTYPE_IP))
		return read4(frame + sizeof head, size - sizeof head, out);
	return head.ether_type == htons(ETHERTYPE_IPV6) &&
	       read6(frame + sizeof head, size - sizeof head, out);
}

/* --- sums ------------------------------------------------------------------------------------- */

static uint64_t load(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* Carries that leave at the top come back at the bottom: the sum of RFC 1071 does not mind the width. */
static uint64_t add(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

/* In several lanes, none of which waits for another. */
uint64_t packet_add(uint64_t sum, const void *data, size_t size)
{
	const uint8_t *at = data;
	uint64_t sums[LANES] = { sum };

	for (; size >= sizeof sums; at += sizeof sums, size -= sizeof sums)
		for (size_t i = 0; i < LANES; i++)
			sums[i] = add(sums[i], load(at + i * sizeof *sums));
	sum = sums[0];
	for (size_t i = 1; i < LANES; i++)
		sum = add(sum, sums[i]);
	for (; size >= sizeof sum; at += sizeof sum, size -= sizeof sum)
		sum = add(sum, load(at));
	uint8_t rest[sizeof sum] = { 0 };
	memcpy(rest, at, size);
	return add(sum, load(rest));
}

uint64_t packet_add_pseudo(const union address *from, const union address *to, uint8_t protocol,
			   size_t size)
{
	const uint16_t rest[] = { htons(protocol), htons((uint16_t)size) };
	uint64_t sum = packet_add(0, rest, sizeof rest);

	if (from->any.sa_family == AF_INET) {
		sum = packet_add(sum, &from->in4.sin_addr, sizeof from->in4.sin_addr);
		return packet_add(sum, &to->in4.sin_addr, sizeof to->in4.sin_addr);
	}
	sum = packet_add(sum, &from->in6.sin6_addr, sizeof from->in6.sin6_addr);
	return packet_add(sum, &to->in6.sin6_addr, sizeof to->in6.sin6_addr);
}

uint16_t packet_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
