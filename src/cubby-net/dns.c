/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dns - the container's name server: UDP questions, taken from its frames
 *
 * Source: RFC 1035 section 4.1.1 for the header, RFC 768 and 791 for the frames.
 */
#include "cubby-net/dns.h"

#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/address.h"

enum {
	DNS_PORT = 53,
	HEADER_BYTES = 12,
	QUESTION_MAX = 4096,
	ANSWER_MAX = 65535,
	TRIES_MAX = 6, /* twice each of three servers, then the container's own time-out rules */
	TTL = 64,
};

static const int64_t patience = CLOCK_SECOND;

struct slot {
	int fd; /* -1: free */
	int64_t deadline;
	unsigned tries;
	uint16_t own_id; /* both in network order */
	uint16_t id;
	struct ether_header from;
	struct in_addr client;
	in_port_t port;
	size_t size;
	uint8_t *question; /* kept to be asked again; grows to the longest ever */
};

struct dns {
	struct in_addr address;
	size_t room; /* payload bytes of one packet */
	struct resolver *resolver;
	dns_send_fn send;
	void *data;
	uint8_t *buffer;
	size_t next; /* the slot that is taken next */
	struct slot slots[DNS_SLOTS];
	uint8_t polled[DNS_SLOTS];
};

struct packet {
	struct ether_header ether;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

struct dns *dns_new(struct in_addr address, int mtu, struct resolver *resolver, dns_send_fn send,
		    void *data)
{
	struct dns *dns = mem_new(struct dns);

	dns->address = address;
	dns->room = (size_t)mtu - sizeof(struct iphdr) - sizeof(struct udphdr);
	dns->resolver = resolver;
	dns->send = send;
	dns->data = data;
	for (size_t i = 0; i < DNS_SLOTS; i++)
		dns->slots[i].fd = -1;
	return dns;
}

void dns_free(struct dns *dns)
{
	if (!dns)
		return;
	for (size_t i = 0; i < DNS_SLOTS; i++) {
		fd_close(dns->slots[i].fd);
		free(dns->slots[i].question);
	}
	free(dns->buffer);
	free(dns);
}

static uint16_t checksum(const void *data, size_t size)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Bytes of the header and the one question; a stub resolver takes no answer without it. */
static size_t question_end(const uint8_t *message, size_t size)
{
	size_t at = HEADER_BYTES;

	while (at < size && message[at] && message[at] < 64)
		at += 1 + (size_t)message[at];
	return at + 5 <= size ? at + 5 : HEADER_BYTES;
}

/* Frames the payload that lies behind the room for the headers in the buffer. */
static void answer(struct dns *dns, const struct slot *s, uint8_t *frame, size_t payload)
{
	uint8_t *message = frame + sizeof(struct packet);
	struct packet head = { 0 };

	memcpy(message, &s->id, sizeof s->id);
	if (payload > dns->room) {
		payload = question_end(message, payload);
		message[2] |= 0x02; /* cut */
		memset(message + 6, 0, 6);
	}
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
	head.ip.check = checksum(&head.ip, sizeof head.ip);
	head.udp.source = htons(DNS_PORT);
	head.udp.dest = s->port;
	head.udp.len = htons((uint16_t)(sizeof head.udp + payload));
	/* No UDP checksum: IPv4 allows it, and this packet meets no wire. */
	memcpy(frame, &head, sizeof head);
	dns->send(dns->data, frame, sizeof head + payload);
}

static void release(struct slot *s)
{
	fd_close(s->fd);
	s->fd = -1;
}

static void refuse(struct dns *dns, struct slot *s)
{
	uint8_t *message = dns->buffer + sizeof(struct packet);

	memcpy(message, s->question, s->size);
	message[2] = (uint8_t)(0x80 | (message[2] & 0x79)); /* a response to this opcode */
	message[3] = 0x82;				    /* recursion there is, SERVFAIL */
	answer(dns, s, dns->buffer, s->size);
	release(s);
}

/* Asks the next server that can be sent to; refuses when there is none. */
static void ask(struct dns *dns, struct slot *s)
{
	size_t count = resolver_count(dns->resolver);

	while (count && s->tries < TRIES_MAX) {
		const struct sockaddr_storage *to = resolver_get(dns->resolver, s->tries++ % count);
		socklen_t size = to->ss_family == AF_INET ? sizeof(struct sockaddr_in)
							  : sizeof(struct sockaddr_in6);
		fd_close(s->fd);
		s->fd = socket(to->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		/* Connected: only that server's answers are heard, and its refusal is. */
		if (s->fd >= 0 && address_connect(s->fd, to, size) == 0 &&
		    send(s->fd, s->question, s->size, MSG_NOSIGNAL) == (ssize_t)s->size) {
			s->deadline = clock_mono() + patience;
			return;
		}
		if (s->tries >= count)
			break; /* each of them failed at once */
	}
	refuse(dns, s);
}

static void take_question(struct dns *dns, const struct packet *head, const uint8_t *message,
			  size_t size)
{
	struct slot *s = &dns->slots[dns->next++ % DNS_SLOTS];

	/* The oldest one gives way: whoever still waits for it asks again. */
	release(s);
	s->question = mem_resize(s->question, size, 1);
	memcpy(s->question, message, size);
	memcpy(&s->id, message, sizeof s->id);
	if (getrandom(&s->own_id, sizeof s->own_id, 0) != sizeof s->own_id)
		return;
	memcpy(s->question, &s->own_id, sizeof s->own_id);
	s->size = size;
	s->tries = 0;
	s->from = head->ether;
	s->client.s_addr = head->ip.saddr;
	s->port = head->udp.source;
	ask(dns, s);
}

bool dns_frame(struct dns *dns, const uint8_t *frame, size_t size)
{
	struct packet head;

	if (size < sizeof head)
		return false;
	memcpy(&head, frame, sizeof head);
	if (head.ether.ether_type != htons(ETHERTYPE_IP) || head.ip.version != 4 ||
	    head.ip.daddr != dns->address.s_addr || head.ip.protocol != IPPROTO_UDP)
		return false;
	/* From here on it is ours; what is strange is dropped. */
	size_t udp = ntohs(head.udp.len), payload = udp - sizeof head.udp;
	bool whole = head.ip.ihl == sizeof head.ip / 4 && !(head.ip.frag_off & htons(0x3fff)) &&
		     udp >= sizeof head.udp + HEADER_BYTES && payload <= size - sizeof head &&
		     payload <= QUESTION_MAX;
	const uint8_t *message = frame + sizeof head;
	if (!whole || head.udp.dest != htons(DNS_PORT) || message[2] & 0x80)
		return true;
	if (!dns->buffer)
		dns->buffer = mem_alloc(sizeof head + ANSWER_MAX, 1);
	take_question(dns, &head, message, payload);
	return true;
}

size_t dns_fill(struct dns *dns, struct pollfd *fds, uint32_t *timeout)
{
	int64_t now = 0;
	size_t count = 0;

	for (size_t i = 0; i < DNS_SLOTS; i++) {
		const struct slot *s = &dns->slots[i];
		if (s->fd < 0)
			continue;
		if (!now)
			now = clock_mono();
		int64_t left = max_of((s->deadline - now) / 1000000 + 1, INT64_C(0));
		*timeout = (uint32_t)min_of((int64_t)*timeout, left);
		dns->polled[count] = (uint8_t)i;
		fds[count++] = (struct pollfd){ .fd = s->fd, .events = POLLIN };
	}
	return count;
}

static void take_answer(struct dns *dns, struct slot *s)
{
	uint8_t *message = dns->buffer + sizeof(struct packet);
	ssize_t n = recv(s->fd, message, ANSWER_MAX, MSG_DONTWAIT);

	if (n < 0) {
		ask(dns, s); /* nobody listens there */
		return;
	}
	bool ours = n >= HEADER_BYTES && memcmp(message, &s->own_id, sizeof s->own_id) == 0 &&
		    message[2] & 0x80;
	if (!ours)
		return;
	answer(dns, s, dns->buffer, (size_t)n);
	release(s);
}

void dns_serve(struct dns *dns, const struct pollfd *fds, size_t count)
{
	int64_t now = count ? clock_mono() : 0;

	for (size_t i = 0; i < count; i++) {
		struct slot *s = &dns->slots[dns->polled[i]];
		if (s->fd != fds[i].fd)
			continue; /* taken by another question meanwhile */
		if (fds[i].revents)
			take_answer(dns, s);
		else if (now >= s->deadline)
			ask(dns, s);
	}
}
