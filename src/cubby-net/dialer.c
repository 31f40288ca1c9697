/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dialer - the container calls: a socket of the host is connected before the container hears that it is
 */
#include "cubby-net/dialer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/pace.h"
#include "cubby-net/packet.h"
#include "cubby-net/refusal.h"

enum { EVENTS = 64 };

struct dialer {
	struct dialer_args args;
	int epoll;
	struct dial *table;
	struct clients clients;
	struct dial *handed;
	union address outbound, outbound6;
	int probes[2]; /* of IPv4 and IPv6, to ask what is on this host */
};

int dialer_new(const struct dialer_args *args, struct dialer **out)
{
	struct dialer *d = mem_new(struct dialer);

	d->args = *args;
	d->outbound = address_parse(args->config->outbound_addr);
	d->outbound6 = address_parse(args->config->outbound_addr6);
	for (int i = 0; i < 2; i++)
		d->probes[i] = socket(i ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	*out = d;
	return d->epoll < 0 ? -errno : 0;
}

int dialer_fd(const struct dialer *dialer)
{
	return dialer->epoll;
}

/* --- frames ----------------------------------------------------------------------------------- */

void dial_key_make(const union address *from, const union address *to, struct dial_key *out)
{
	memset(out, 0, sizeof *out);
	out->family = from->any.sa_family;
	out->from_port = from->in4.sin_port; /* the same place in both families */
	out->to_port = to->in4.sin_port;
	if (out->family == AF_INET) {
		memcpy(&out->from, &from->in4.sin_addr, sizeof from->in4.sin_addr);
		memcpy(&out->to, &to->in4.sin_addr, sizeof to->in4.sin_addr);
	} else {
		out->from = from->in6.sin6_addr;
		out->to = to->in6.sin6_addr;
	}
}

/* Opens a connection, and does nothing else. */
static bool is_call(struct packet *p)
{
	struct tcphdr head;

	if (p->size - p->body < sizeof head || p->size > DIAL_PACKET)
		return false;
	memcpy(&head, p->at + p->body, sizeof head);
	p->from.in4.sin_port = head.th_sport;
	p->to.in4.sin_port = head.th_dport;
	return (head.th_flags & (TH_SYN | TH_ACK | TH_RST | TH_FIN)) == TH_SYN &&
	       head.th_off * 4U >= sizeof head && p->body + head.th_off * 4U <= p->size;
}

/* --- calls ------------------------------------------------------------------------------------ */

static void forget(struct dialer *d, struct dial *dial)
{
	HASH_DEL(d->table, dial);
	clients_remove(&d->clients, &dial->item);
	free(dial);
}

static void sweep(struct dialer *d)
{
	struct dial **at = &d->handed;

	while (*at) {
		struct dial *dial = *at;
		if (atomic_load(&dial->state) != DIAL_DONE) {
			at = &dial->next_handed;
			continue;
		}
		*at = dial->next_handed;
		forget(d, dial);
	}
}

static void refuse(struct dialer *d, const struct tap *tap, struct dial *dial, int code)
{
	uint8_t frame[REFUSAL_MAX];
	size_t size = refusal_make(dial->packet, dial->size, dial->mac, code, frame);

	if (size)
		tap_send(tap, frame, size);
	fd_close(dial->fd);
	forget(d, dial);
}

/* The reader's memory is this process's: what is passed is where it lies. */
static void hand(struct dialer *d, struct dial *dial)
{
	atomic_store(&dial->state, DIAL_HANDED);
	if (write(d->args.out, &dial, sizeof dial) == (ssize_t)sizeof dial) {
		dial->next_handed = d->handed;
		d->handed = dial;
		return;
	}
	/* As if the packet had been lost. */
	fd_close(dial->fd);
	forget(d, dial);
}

static int open_socket(const struct dialer *d, int family)
{
	const union address *as = family == AF_INET ? &d->outbound : &d->outbound6;
	AUTO(fd) int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || (as->any.sa_family && bind(fd, &as->any, address_size(as)) < 0))
		return -errno;
	return take_fd(fd);
}

static int start(const struct dialer *d, struct dial *dial)
{
	struct sockaddr_storage to;
	union address end;
	const int on = 1;

	dial->fd = open_socket(d, dial->to.any.sa_family);
	if (dial->fd < 0)
		return dial->fd;
	int size = egress_target(d->args.egress, dial->fd, &dial->to.any, address_size(&dial->to),
				 &to);
	if (size < 0)
		return size;
	memcpy(&end, &to, sizeof end);
	if (pace_is_kept(dial->fd) && pace_is_here(d->probes[end.any.sa_family == AF_INET6], &end))
		pace_drop(dial->fd);
	(void)setsockopt(dial->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(dial->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	return address_connect(dial->fd, &to, (socklen_t)size) < 0 ? -errno : 0;
}

static void call(struct dialer *d, const struct tap *tap, struct dial *dial)
{
	struct epoll_event e = { .events = EPOLLOUT, .data.ptr = dial };
	int r = start(d, dial);

	if (r == 0)
		hand(d, dial);
	else if (r != -EINPROGRESS || epoll_ctl(d->epoll, EPOLL_CTL_ADD, dial->fd, &e) < 0)
		refuse(d, tap, dial, r);
}

static struct dial *remember(struct dialer *d, const struct dial_key *key, const struct packet *p,
			     const uint8_t *mac)
{
	struct dial *dial = mem_new(struct dial);

	dial->key = *key;
	dial->from = p->from;
	dial->to = p->to;
	dial->fd = -1;
	dial->size = p->size;
	memcpy(dial->packet, p->at, p->size);
	memcpy(dial->mac, mac, ETH_ALEN);
	HASH_ADD(hh, d->table, key, sizeof dial->key, dial);
	clients_add(&d->clients, &dial->from, &dial->item);
	return dial;
}

bool dialer_frame(struct dialer *dialer, const struct tap *tap, const uint8_t *frame, size_t size)
{
	struct packet p;
	struct dial_key key;
	struct dial *dial;

	if (!packet_read(frame, size, &p) || p.protocol != IPPROTO_TCP)
		return false;
	if (!is_call(&p))
		return true;
	sweep(dialer);
	dial_key_make(&p.from, &p.to, &key);
	HASH_FIND(hh, dialer->table, &key, sizeof key, dial);
	if (dial) {
		if (atomic_load(&dial->state) == DIAL_HANDED)
			dial_inject(dial, dialer->args.transit);
		return true;
	}
	if (!clients_surplus(&dialer->clients, &p.from, DIAL_EACH, DIAL_MOST))
		call(dialer, tap, remember(dialer, &key, &p, frame + ETH_ALEN));
	return true;
}

void dialer_serve(struct dialer *dialer, const struct tap *tap)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(dialer->epoll, events, EVENTS, 0);

	for (int i = 0; i < n; i++) {
		struct dial *dial = events[i].data.ptr;
		int code = 0;
		socklen_t size = sizeof code;
		if (getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
			code = errno;
		/* The other thread waits for it in another set. */
		(void)epoll_ctl(dialer->epoll, EPOLL_CTL_DEL, dial->fd, NULL);
		if (code)
			refuse(dialer, tap, dial, -code);
		else
			hand(dialer, dial);
	}
}

void dial_inject(const struct dial *dial, const struct transit *transit)
{
	union address to = dial->to;

	to.in4.sin_port = 0; /* it is in the packet */
	(void)!syscall(SYS_sendto, to.any.sa_family == AF_INET ? transit->raw : transit->raw6,
		       dial->packet, dial->size, MSG_NOSIGNAL, &to, address_size(&to));
}
