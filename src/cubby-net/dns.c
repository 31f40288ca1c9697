/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dns - the container's name server: UDP questions, taken from its frames
 *
 * Source: RFC 768 and 791 for the frames.
 */
#include "cubby-net/dns.h"

#include <errno.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>

#include "base/mem.h"
#include "cubby-net/message.h"
#include "cubby-net/packet.h"
#include "cubby-net/upstream.h"

enum { DNS_PORT = 53, TTL = 64 };

/* Who asked. */
struct slot {
	struct ask *ask; /* NULL: free */
	struct ether_header from;
	struct in_addr client;
	in_port_t port;
	size_t size;
	uint8_t *question; /* kept for a refusal; grows to the longest ever */
};

struct dns {
	struct in_addr address;
	size_t room; /* payload bytes of one packet */
	dns_send_fn send;
	void *data;
	struct upstream *upstream;
	uint8_t *frame;
	size_t next; /* the slot that is taken next */
	struct slot slots[DNS_SLOTS];
};

struct heads {
	struct ether_header ether;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

static void answer(struct dns *dns, const struct slot *s, uint8_t *message, size_t payload)
{
	struct heads head = { 0 };

	if (payload > dns->room)
		payload = message_cut(message, payload);
	memcpy(head.ether.ether_dhost, s->from.ether_shost, ETH_ALEN);
	memcpy(head.ether.ether_shost, s->from.ether_dhost, ETH_ALEN);
	head.ether.ether_type = htons(ETHERTYPE_IP);
	head.ip.version = 4;
	head.ip.ihl = sizeof head.ip / 4;
	head.ip.tot_len = htons((uint16_t)(sizeof head.ip + sizeof head.udp + payload));
	head.ip.frag_off = htons(IP_DF);
	head.ip.ttl = TTL;
	head.ip.protocol = IPPROTO_UDP;
	head.ip.saddr = dns->address.s_addr;
	head.ip.daddr = s->client.s_addr;
	head.ip.check = packet_fold(packet_add(0, &head.ip, sizeof head.ip));
	head.udp.source = htons(DNS_PORT);
	head.udp.dest = s->port;
	head.udp.len = htons((uint16_t)(sizeof head.udp + payload));
	/* No UDP checksum: IPv4 allows it, and this packet meets no wire. */
	memcpy(dns->frame, &head, sizeof head);
	memcpy(dns->frame + sizeof head, message, payload);
	dns->send(dns->data, dns->frame, sizeof head + payload);
}

/* With what the question was, as far as it could be read. */
static void refuse(struct dns *dns, struct slot *s, const struct message_question *question,
		   int code)
{
	uint8_t message[MESSAGE_UDP];
	struct reply reply;

	reply_begin(&reply, message, sizeof message, s->question, question, code);
	answer(dns, s, message, reply_end(&reply));
}

static void take_answer(void *data, void *asker, uint8_t *message, size_t size)
{
	struct message_question question;
	struct dns *dns = data;
	struct slot *s = asker;

	s->ask = NULL;
	if (message) {
		answer(dns, s, message, size);
		return;
	}
	(void)!message_parse(s->question, s->size, &question); /* it was liked before */
	refuse(dns, s, &question, MESSAGE_SERVFAIL);
}

int dns_new(struct in_addr address, int mtu, struct resolver *resolver, dns_send_fn send,
	    void *data, struct dns **out)
{
	AUTO(dns) struct dns *dns = mem_new(struct dns);

	dns->address = address;
	dns->room = (size_t)mtu - sizeof(struct iphdr) - sizeof(struct udphdr);
	dns->send = send;
	dns->data = data;
	int r = upstream_new(resolver, take_answer, dns, &dns->upstream);
	if (r < 0)
		return r;
	*out = take_ptr(dns);
	return 0;
}

void dns_free(struct dns *dns)
{
	if (!dns)
		return;
	upstream_free(dns->upstream);
	for (size_t i = 0; i < DNS_SLOTS; i++)
		free(dns->slots[i].question);
	free(dns->frame);
	free(dns);
}

static void take_question(struct dns *dns, const struct heads *head, const uint8_t *message,
			  size_t size)
{
	struct slot *s = &dns->slots[dns->next++ % DNS_SLOTS];
	struct message_question question;
	int r = message_parse(message, size, &question);

	if (r == -EBADMSG)
		return;
	/* The oldest one gives way: whoever still waits for it asks again. */
	upstream_cancel(dns->upstream, take_ptr(s->ask));
	s->question = mem_resize(s->question, size, 1);
	memcpy(s->question, message, size);
	s->size = size;
	s->from = head->ether;
	s->client.s_addr = head->ip.saddr;
	s->port = head->udp.source;
	if (r == 0)
		s->ask = upstream_ask(dns->upstream, message, size, question.end, false, NULL, s);
	if (!s->ask)
		refuse(dns, s, &question,
		       r == 0	      ? MESSAGE_SERVFAIL
		       : r == -EINVAL ? MESSAGE_FORMERR
				      : MESSAGE_NOTIMP);
}

bool dns_frame(struct dns *dns, const uint8_t *frame, size_t size)
{
	struct heads head;

	if (size < sizeof head)
		return false;
	memcpy(&head, frame, sizeof head);
	if (head.ether.ether_type != htons(ETHERTYPE_IP) || head.ip.version != 4 ||
	    head.ip.daddr != dns->address.s_addr || head.ip.protocol != IPPROTO_UDP)
		return false;
	/* From here on it is ours; what is strange is dropped. */
	size_t udp = ntohs(head.udp.len), payload = udp - sizeof head.udp;
	bool whole = head.ip.ihl == sizeof head.ip / 4 && !(head.ip.frag_off & htons(0x3fff)) &&
		     udp >= sizeof head.udp + MESSAGE_HEADER && payload <= size - sizeof head &&
		     payload <= MESSAGE_QUESTION_MAX;
	if (!whole || head.udp.dest != htons(DNS_PORT))
		return true;
	if (!dns->frame)
		dns->frame = mem_alloc(sizeof head + max_of(dns->room, (size_t)MESSAGE_UDP), 1);
	take_question(dns, &head, frame + sizeof head, payload);
	return true;
}

int dns_fd(const struct dns *dns)
{
	return upstream_fd(dns->upstream);
}

int dns_timeout(const struct dns *dns)
{
	return upstream_timeout(dns->upstream);
}

void dns_serve(struct dns *dns)
{
	upstream_serve(dns->upstream);
}
