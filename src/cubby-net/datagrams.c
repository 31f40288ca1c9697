/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * datagrams - the container's UDP to the world: a socket of the host for each of its sockets
 */
#include "cubby-net/datagrams.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <net/ethernet.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/proc.h"
#include "cubby-net/clients.h"
#include "cubby-net/packet.h"
#include "cubby-net/refusal.h"
#include "cubby-net/udpframe.h"

enum {
	EVENTS = 64,
	BATCH = 32,  /* datagrams of a socket before others have their turn */
	SHARE = 4,   /* of the descriptors */
	ALIASES = 4, /* remembered for a socket */
	SWEEP_MS = 30000,
	PAYLOAD_MAX = 65535,
};

/* As long as what routers grant a stream of datagrams; RFC 4787 asks for two minutes. */
static const int64_t silence_max = 180 * CLOCK_SECOND;

/* What an address leads to is looked up no more often; the host may change its networks. */
static const int64_t sure_for = CLOCK_SECOND / 10;

/* All bytes count. Who sends in a neighbour's name has sockets of its own by its link address. */
struct talker_key {
	struct in6_addr address; /* an IPv4 address is in the first bytes */
	uint16_t port, family;
	uint8_t link[ETH_ALEN];
	uint8_t zero[2];
};

/* Who is called by another address than his own: the gateway is this host. */
struct alias {
	union address real, called;
};

/* One of the container's sockets. */
struct talker {
	struct client_item item; /* the first member (clients.h) */
	struct talker_key key;
	union address from;
	uint8_t macs[2 * ETH_ALEN]; /* how frames to the container begin */
	int fd;
	int64_t used; /* in either direction: clock_mono() */
	struct alias aliases[ALIASES];
	size_t next_alias;
	struct alias last;   /* that was called */
	int64_t last_looked; /* clock_mono() */
	UT_hash_handle hh;
};

struct datagrams {
	const struct egress *egress;
	struct udpframe_way way;
	union address gateways[2], outbound[2]; /* of IPv4 and IPv6 */
	size_t most;
	int epoll;
	struct talker *table;
	struct clients clients;
	int64_t swept;
	uint8_t *buffer; /* room for the heads, then for the longest payload */
};

int datagrams_new(const struct net_plan *plan, const struct net_config *config,
		  const struct egress *egress, struct datagrams **out)
{
	struct datagrams *d = mem_new(struct datagrams);

	d->egress = egress;
	d->gateways[0] = address_parse(plan->gateway);
	d->gateways[1] = address_parse(plan->gateway6);
	d->outbound[0] = address_parse(config->outbound_addr);
	d->outbound[1] = address_parse(config->outbound_addr6);
	d->way.mtu = (size_t)plan->mtu;
	d->most = min_of(proc_files() / SHARE + 2, (size_t)DATAGRAMS_MOST);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	*out = d;
	return d->epoll < 0 ? -errno : 0;
}

void datagrams_limit(struct datagrams *datagrams, struct bucket *down)
{
	datagrams->way.paid = down;
}

int datagrams_fd(const struct datagrams *datagrams)
{
	return datagrams->epoll;
}

static bool is_six(const union address *a)
{
	return a->any.sa_family == AF_INET6;
}

/* --- life ------------------------------------------------------------------------------------- */

static void talker_end(struct datagrams *d, struct talker *t)
{
	HASH_DEL(d->table, t);
	clients_remove(&d->clients, &t->item);
	fd_close(t->fd);
	free(t);
}

/* A datagram that is too long for the way is cut by the host; what it is told of others it keeps. */
static int open_socket(const struct datagrams *d, const union address *from)
{
	const bool six = is_six(from);
	const union address *as = &d->outbound[six];
	const int level = six ? IPPROTO_IPV6 : IPPROTO_IP, on = 1;
	const int dont = six ? IPV6_PMTUDISC_DONT : IP_PMTUDISC_DONT;
	AUTO(fd)
	int fd = socket(from->any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || (as->any.sa_family && bind(fd, &as->any, address_size(as)) < 0))
		return -errno;
	(void)setsockopt(fd, level, six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &dont, sizeof dont);
	(void)setsockopt(fd, level, six ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);
	return take_fd(fd);
}

static int talker_new(struct datagrams *d, const struct talker_key *key, const union address *from,
		      struct talker **out)
{
	struct client_item *surplus =
		clients_surplus(&d->clients, from, (d->most + 1) / 2, d->most);

	if (surplus)
		talker_end(d, (struct talker *)surplus);
	AUTO(fd) int fd = open_socket(d, from);
	if (fd < 0)
		return fd;
	struct talker *t = mem_new(struct talker);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = t };
	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
		free(t);
		return -errno;
	}
	t->key = *key;
	memcpy(t->macs, key->link, ETH_ALEN);
	memcpy(t->macs + ETH_ALEN, packet_sender, ETH_ALEN);
	t->from = *from;
	t->fd = take_fd(fd);
	HASH_ADD(hh, d->table, key, sizeof t->key, t);
	clients_add(&d->clients, from, &t->item);
	*out = t;
	return 0;
}

static int talker_find(struct datagrams *d, const union address *from, const uint8_t *link,
		       struct talker **out)
{
	struct talker_key key;

	memset(&key, 0, sizeof key);
	key.family = from->any.sa_family;
	key.port = from->in4.sin_port; /* the same place in both families */
	if (is_six(from))
		key.address = from->in6.sin6_addr;
	else
		memcpy(&key.address, &from->in4.sin_addr, sizeof from->in4.sin_addr);
	memcpy(key.link, link, ETH_ALEN);
	HASH_FIND(hh, d->table, &key, sizeof key, *out);
	return *out ? 0 : talker_new(d, &key, from, out);
}

static void use(struct talker *t)
{
	t->used = clock_mono();
	clients_renew(&t->item);
}

int datagrams_sweep(struct datagrams *d)
{
	struct talker *t, *next;
	int64_t now;

	if (!d->table)
		return -1;
	now = clock_mono();
	if (now - d->swept < SWEEP_MS * (CLOCK_SECOND / 1000))
		return SWEEP_MS;
	d->swept = now;
	HASH_ITER(hh, d->table, t, next)
		if (now - t->used > silence_max)
			talker_end(d, t);
	return d->table ? SWEEP_MS : -1;
}

/* --- names of hosts --------------------------------------------------------------------------- */

static bool is_same(const union address *a, const union address *b)
{
	if (a->any.sa_family != b->any.sa_family || a->in4.sin_port != b->in4.sin_port)
		return false;
	return is_six(a) ? IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr)
			 : a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr;
}

static bool is_loopback(const union address *a)
{
	return is_six(a) ? IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr)
			 : ntohl(a->in4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static void remember(struct talker *t, const union address *called, const union address *real)
{
	for (size_t i = 0; i < ALIASES; i++) {
		if (is_same(&t->aliases[i].real, real)) {
			t->aliases[i].called = *called;
			return;
		}
	}
	if (!is_same(called, real))
		t->aliases[t->next_alias++ % ALIASES] = (struct alias){ *real, *called };
}

/* How the container calls who has this address: an answer may come from another port than was called. */
static union address name_of(const struct datagrams *d, const struct talker *t,
			     const union address *real)
{
	union address name = is_loopback(real) ? d->gateways[is_six(real)] : *real;

	for (size_t i = 0; i < ALIASES; i++) {
		union address other = t->aliases[i].real;
		if (is_same(&other, real))
			return t->aliases[i].called;
		other.in4.sin_port = real->in4.sin_port;
		if (is_same(&other, real))
			name = t->aliases[i].called;
	}
	name.in4.sin_port = real->in4.sin_port;
	return name;
}

/* --- out -------------------------------------------------------------------------------------- */

struct outgoing {
	struct packet packet;
	const uint8_t *frame;
	const uint8_t *payload;
	size_t size;
};

/* Nobody is told of what cannot be sent to many. */
static bool is_for_many(const struct outgoing *o)
{
	const union address *to = &o->packet.to;

	return o->frame[0] & 1 ||
	       (is_six(to) ? IN6_IS_ADDR_MULTICAST(&to->in6.sin6_addr)
			   : ntohl(to->in4.sin_addr.s_addr) >= INADDR_UNSPEC_GROUP);
}

static bool is_broadcast(const struct outgoing *o)
{
	const union address *to = &o->packet.to;

	return o->frame[0] & 1 && !is_six(to) && !IN_MULTICAST(ntohl(to->in4.sin_addr.s_addr));
}

static bool is_nobody(const union address *a)
{
	return is_six(a) ? IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr) ||
				   IN6_IS_ADDR_MULTICAST(&a->in6.sin6_addr)
			 : a->in4.sin_addr.s_addr == INADDR_ANY ||
				   ntohl(a->in4.sin_addr.s_addr) >= INADDR_UNSPEC_GROUP;
}

static bool read_datagram(struct outgoing *o)
{
	struct packet *p = &o->packet;
	struct udphdr head;

	if (p->size - p->body < sizeof head)
		return false;
	memcpy(&head, p->at + p->body, sizeof head);
	const size_t size = ntohs(head.uh_ulen);
	if (size < sizeof head || size > p->size - p->body)
		return false;
	p->from.in4.sin_port = head.uh_sport;
	p->to.in4.sin_port = head.uh_dport;
	o->payload = p->at + p->body + sizeof head;
	o->size = size - sizeof head;
	return !is_nobody(&p->from) && !is_broadcast(o);
}

static int send_once(const struct talker *t, const struct outgoing *o, union address *to)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { (void *)o->payload, o->size };
	struct msghdr m = {
		.msg_name = to,
		.msg_namelen = address_size(to),
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	const int hops = o->packet.hops;

	c->cmsg_level = is_six(to) ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = is_six(to) ? IPV6_HOPLIMIT : IP_TTL;
	c->cmsg_len = CMSG_LEN(sizeof hops);
	memcpy(CMSG_DATA(c), &hops, sizeof hops);
	return sendmsg(t->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* Where a datagram shall really go is t->last.real then. */
static int find_target(const struct datagrams *d, struct talker *t, const union address *called)
{
	struct sockaddr_storage target;

	if (is_same(&t->last.called, called) && t->used - t->last_looked < sure_for)
		return 0;
	int size = egress_target(d->egress, t->fd, &called->any, address_size(called), &target);
	if (size < 0)
		return size;
	t->last = (struct alias){ .called = *called };
	memcpy(&t->last.real, &target, (size_t)size);
	t->last_looked = t->used;
	remember(t, called, &t->last.real);
	return 0;
}

/* An error of an earlier datagram is reported here once; the second try sends. */
static int send_out(const struct datagrams *d, struct talker *t, const struct outgoing *o)
{
	int r = find_target(d, t, &o->packet.to);

	if (r < 0)
		return r;
	r = send_once(t, o, &t->last.real);
	return r < 0 && r != -EAGAIN ? send_once(t, o, &t->last.real) : r;
}

static void refuse(const struct tap *tap, const struct outgoing *o, int code)
{
	uint8_t frame[REFUSAL_MAX];

	if (is_for_many(o))
		return;
	const struct packet *p = &o->packet;
	size_t size = refusal_make(p->at, min_of(p->size, (size_t)REFUSAL_QUOTE),
				   o->frame + ETH_ALEN, code, frame);
	if (size)
		tap_send(tap, frame, size);
}

bool datagrams_frame(struct datagrams *d, const struct tap *tap, const uint8_t *frame, size_t size)
{
	struct outgoing o = { .frame = frame };
	struct talker *t = NULL;

	if (!packet_read(frame, size, &o.packet) || o.packet.protocol != IPPROTO_UDP)
		return false;
	if (!read_datagram(&o))
		return true;
	int r = talker_find(d, &o.packet.from, frame + ETH_ALEN, &t);
	if (t) {
		use(t);
		r = send_out(d, t, &o);
	}
	if (r < 0)
		refuse(tap, &o, r);
	return true;
}

/* --- in --------------------------------------------------------------------------------------- */

static void send_in(struct datagrams *d, const struct tap *tap, const struct talker *t,
		    const union address *real, size_t size)
{
	const union address from = name_of(d, t, real);

	d->way.tap = tap;
	if (from.any.sa_family == t->from.any.sa_family)
		udpframe_send(&d->way, t->macs, &from, &t->from, d->buffer + UDPFRAME_ROOM, size);
}

/* --- what was said of datagrams ------------------------------------------------------------- */

static size_t relay(const struct datagrams *d, const struct talker *t, const union address *real,
		    size_t payload, const struct sock_extended_err *e, uint8_t *frame)
{
	const bool six = is_six(&t->from);
	uint8_t packet[UDPFRAME_HEADS];
	const union address called = name_of(d, t, real);
	const size_t size = udpframe_heads(&t->from, &called, payload, packet);
	union address who = { 0 };

	if (e->ee_origin == SO_EE_ORIGIN_LOCAL)
		return refusal_make(packet, size, t->macs, -(int)e->ee_errno, frame);
	if (e->ee_origin != (six ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP))
		return 0;
	memcpy(&who, SO_EE_OFFENDER(e), six ? sizeof who.in6 : sizeof who.in4);
	/* The host that it was for, under whatever name; or another one on the way. */
	who.in4.sin_port = real->in4.sin_port;
	const bool itself = who.any.sa_family != t->from.any.sa_family || is_loopback(&who) ||
			    is_same(&who, real);
	return refusal_relay(packet, size, t->macs, itself ? NULL : &who,
			     (struct refusal_icmp){ e->ee_type, e->ee_code, e->ee_info }, frame);
}

/* Return: whether there was something. */
static bool hear_error(const struct datagrams *d, const struct tap *tap, const struct talker *t)
{
	union {
		struct cmsghdr align;
		char room[512];
	} control;
	union address to = { 0 };
	struct iovec data = { d->buffer, PAYLOAD_MAX };
	struct msghdr m = {
		.msg_name = &to,
		.msg_namelen = sizeof to,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	uint8_t frame[REFUSAL_MAX];
	ssize_t n = recvmsg(t->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		const bool ours = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
				  (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
		if (!ours || to.any.sa_family != t->from.any.sa_family)
			continue;
		size_t size = relay(d, t, &to, (size_t)n, (void *)CMSG_DATA(c), frame);
		if (size)
			tap_send(tap, frame, size);
	}
	return true;
}

static void hear(struct datagrams *d, const struct tap *tap, struct talker *t, uint32_t events)
{
	for (int i = 0; events & EPOLLERR && i < BATCH; i++)
		if (!hear_error(d, tap, t))
			break;
	for (int i = 0; i < BATCH && !bucket_wait(d->way.paid); i++) {
		union address from = { 0 };
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(t->fd, d->buffer + UDPFRAME_ROOM, PAYLOAD_MAX, MSG_DONTWAIT,
				     &from.any, &size);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) /* an error that was told above, or will be */
			continue;
		use(t);
		send_in(d, tap, t, &from, (size_t)n);
	}
}

void datagrams_serve(struct datagrams *d, const struct tap *tap)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(d->epoll, events, EVENTS, 0);

	if (!d->buffer)
		d->buffer = mem_alloc(UDPFRAME_ROOM + PAYLOAD_MAX, 1);
	for (int i = 0; i < n; i++)
		hear(d, tap, events[i].data.ptr, events[i].events);
}
