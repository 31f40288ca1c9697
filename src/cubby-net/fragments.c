/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fragments - IPv4 packets of the container put together, before libslirp sees them
 */
#include "cubby-net/fragments.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

enum { ETHER = sizeof(struct ether_header), PACKET_MAX = 65535, UNIT = 8 };

/* One fragment. */
struct piece {
	struct iphdr ip;
	size_t head; /* of frame and packet */
	size_t at;
	size_t size;
	bool more;
};

/* Whether a frame has an IPv4 header that says it is a fragment. */
static bool is_fragment(const uint8_t *frame, size_t size, struct iphdr *ip)
{
	if (size < ETHER + sizeof *ip || frame[12] != ETHERTYPE_IP >> 8 || frame[13] != 0)
		return false;
	memcpy(ip, frame + ETHER, sizeof *ip);
	return ip->frag_off & htons(IP_MF | IP_OFFMASK);
}

static bool piece_parse(struct piece *p, size_t size)
{
	size_t head = (size_t)p->ip.ihl * 4, whole = ntohs(p->ip.tot_len);

	if (p->ip.version != IPVERSION || head < sizeof p->ip || whole <= head ||
	    whole > size - ETHER)
		return false;
	p->head = ETHER + head;
	p->at = (size_t)(ntohs(p->ip.frag_off) & IP_OFFMASK) * UNIT;
	p->size = whole - head;
	p->more = p->ip.frag_off & htons(IP_MF);
	return !p->more || p->size % UNIT == 0;
}

static bool same_packet(const struct datagram *d, const struct iphdr *ip)
{
	struct iphdr first;

	if (!d->head)
		return false;
	memcpy(&first, d->frame + ETHER, sizeof first);
	return first.id == ip->id && first.protocol == ip->protocol && first.saddr == ip->saddr &&
	       first.daddr == ip->daddr;
}

static struct datagram *find(struct fragments *f, const struct iphdr *ip)
{
	for (size_t i = 0; i < FRAGMENTS_SLOTS; i++)
		if (same_packet(&f->slots[i], ip))
			return &f->slots[i];
	return NULL;
}

static struct datagram *begin(struct fragments *f, const uint8_t *frame, const struct piece *p)
{
	struct datagram *d = find(f, &p->ip);

	if (!d)
		d = &f->slots[f->next++ % FRAGMENTS_SLOTS];
	if (!d->frame)
		d->frame = mem_alloc(ETHER + PACKET_MAX, 1);
	memcpy(d->frame, frame, p->head);
	d->size = d->head = p->head;
	return d;
}

static uint16_t header_sum(const uint8_t *head, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)(head[i] << 8 | head[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* The header of the first becomes that of all. */
static size_t finish(struct datagram *d)
{
	size_t head = d->head;
	struct iphdr ip;

	memcpy(&ip, d->frame + ETHER, sizeof ip);
	ip.frag_off = 0;
	ip.tot_len = htons((uint16_t)(d->size - ETHER));
	ip.check = 0;
	memcpy(d->frame + ETHER, &ip, sizeof ip);
	ip.check = header_sum(d->frame + ETHER, head - ETHER);
	memcpy(d->frame + ETHER, &ip, sizeof ip);
	d->head = 0;
	return d->size;
}

size_t fragments_take(struct fragments *fragments, uint8_t *frame, size_t size, uint8_t **out)
{
	struct piece p;

	*out = frame;
	if (!is_fragment(frame, size, &p.ip))
		return size;
	if (!piece_parse(&p, size))
		return 0;
	struct datagram *d = p.at ? find(fragments, &p.ip) : begin(fragments, frame, &p);
	if (!d)
		return 0;
	if (p.at != d->size - d->head || d->size - ETHER + p.size > PACKET_MAX) {
		d->head = 0;
		return 0;
	}
	memcpy(d->frame + d->size, frame + p.head, p.size);
	d->size += p.size;
	if (p.more)
		return 0;
	*out = d->frame;
	return finish(d);
}
