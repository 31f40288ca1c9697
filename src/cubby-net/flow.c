/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flow - clients of published UDP ports
 */
#include "cubby-net/flow.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/proc.h"
#include "kern/netlink.h"
#include "net/netns.h"

enum {
	DATAGRAM_MAX = 65536,
	BATCH = 32,
	SWEEP_MS = 10000,
	SHARE = 4, /* of the descriptors: connections need most */
	LOOPBACK_INDEX = 1,
};

/* As long as what routers grant a stream of datagrams; RFC 4787 asks for two minutes. */
static const int64_t silence_max = 180 * CLOCK_SECOND;

/* What one datagram needs to be answered from the address that it was sent to. */
struct arrival {
	union address client;
	union {
		struct in_pktinfo in4;
		struct in6_pktinfo in6;
	} to;
};

struct flow_key {
	struct listener *listener;
	union address client;
};

struct flow {
	struct watch watch;
	int fd;
	bool answered;
	bool lasting; /* its client came back after an answer */
	struct flow_key key;
	struct arrival last; /* where the answers go */
	union address as;    /* as the container sees it */
	int64_t used;	     /* clock_mono() */
	struct flow *next;   /* of those that have ended */
	UT_hash_handle hh;
};

union control {
	struct cmsghdr align;
	char in4[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char in6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

void flows_init(struct flows *flows, int epoll, int netlink, const struct inside *inside,
		const struct gate gates[2])
{
	*flows = (struct flows){
		.epoll = epoll,
		.netlink = netlink,
		.inside = inside,
		.most = min_of(proc_files() / SHARE + 1, (size_t)FLOW_MAX),
		.gates = { gates[0], gates[1] },
	};
}

/* --- routes of the answers -------------------------------------------------------------------- */

static struct netlink_addr plain(const union address *a)
{
	struct netlink_addr n = { .family = a->any.sa_family };

	if (n.family == AF_INET)
		n.in4 = a->in4.sin_addr;
	else
		n.in6 = a->in6.sin6_addr;
	return n;
}

static bool shared(const struct flows *flows, const struct flow *f)
{
	for (const struct flow *other = flows->table; other; other = other->hh.next)
		if (other != f && address_same_host(&other->as, &f->as))
			return true;
	return false;
}

/* One netlink exchange for the first flow of a client, one for its last. */
static void route(const struct flows *flows, const struct flow *f, bool add)
{
	struct netlink_batch batch = { 0 };
	union address self;
	struct netlink_route r = {
		.to = plain(&f->as),
		.prefix = f->as.any.sa_family == AF_INET ? 32 : 128,
		.oif = LOOPBACK_INDEX,
		.table = NETNS_TABLE_UDP,
		.local = true,
	};

	if (shared(flows, f) || !inside_target(flows->inside, f->as.any.sa_family, 0, &self))
		return;
	r.src = plain(&self);
	if (add)
		netlink_route_add(&batch, &r);
	else
		netlink_route_del(&batch, &r);
	/* Without it this client's answers are lost, and nobody else's. */
	(void)!netlink_apply(flows->netlink, &batch, NULL);
}

/* --- life ------------------------------------------------------------------------------------- */

static void flow_end(struct flows *flows, struct flow *f)
{
	HASH_DEL(flows->table, f);
	route(flows, f, false);
	fd_close(take_fd(f->fd));
	f->next = flows->ended;
	flows->ended = f;
}

static void bury(struct flows *flows)
{
	while (flows->ended) {
		struct flow *f = flows->ended;
		flows->ended = f->next;
		free(f);
	}
}

static void to_end(struct flows *flows, struct flow *f)
{
	const unsigned hash = f->hh.hashv;

	HASH_DEL(flows->table, f);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, flows->table, &f->key, sizeof f->key, hash, f);
}

static void make_room(struct flows *flows)
{
	while (flows->table->lasting) {
		flows->table->lasting = false; /* unless its client comes back once more */
		to_end(flows, flows->table);
	}
	flow_end(flows, flows->table);
}

static void touch(struct flows *flows, struct flow *f)
{
	if (f->hh.next)
		to_end(flows, f);
	f->used = clock_mono();
}

/* The same client has asked another published port that leads to the same: two sockets of one pair of addresses would
 * not be told apart. */
static bool has_twin(const struct flows *flows, const struct flow *f)
{
	const in_port_t port = f->as.in4.sin_port; /* the same place in both families */

	for (const struct flow *other = port ? flows->table : NULL; other; other = other->hh.next)
		if (other != f && other->as.in4.sin_port == port &&
		    address_same_host(&other->as, &f->as) &&
		    other->key.listener->container_port == f->key.listener->container_port)
			return true;
	return false;
}

static bool connect_inside(struct flows *flows, struct flow *f, int port, int family)
{
	union address target, client = address_plain(&f->key.client);

	if (!inside_target(flows->inside, family, port, &target))
		return false;
	inside_client(flows->inside, &client, family, &f->as);
	if (has_twin(flows, f))
		f->as.in4.sin_port = 0;
	f->fd = inside_socket(SOCK_DGRAM, &f->as);
	if (f->fd < 0)
		return false;
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = &f->watch };
	if (address_connect(f->fd, &target.any, address_size(&target)) == 0 &&
	    epoll_ctl(flows->epoll, EPOLL_CTL_ADD, f->fd, &e) == 0)
		return true;
	fd_close(f->fd);
	f->fd = -1;
	return false;
}

static int other_of(int family)
{
	return family == AF_INET ? AF_INET6 : AF_INET;
}

/* The client's own, where the container has it and the server speaks it, as far as is known. */
static int wanted_family(const struct flows *flows, const struct flow *f)
{
	union address client = address_plain(&f->key.client), self;
	int own = client.any.sa_family;
	int family = f->key.listener->other_family ? other_of(own) : own;

	return inside_target(flows->inside, family, 0, &self) ? family : other_of(family);
}

static struct flow *flow_new(struct flows *flows, const struct flow_key *key)
{
	if (HASH_COUNT(flows->table) >= flows->most)
		make_room(flows);
	AUTO(mem) struct flow *f = mem_new(struct flow);
	f->watch.kind = WATCH_FLOW;
	f->fd = -1;
	f->key = *key;
	const int family = wanted_family(flows, f), port = key->listener->container_port;
	if (!connect_inside(flows, f, port, family) &&
	    !connect_inside(flows, f, port, other_of(family)))
		return NULL;
	HASH_ADD(hh, flows->table, key, sizeof f->key, f);
	route(flows, f, true);
	return take_ptr(f);
}

static struct flow *flow_find(struct flows *flows, struct listener *l, const union address *client)
{
	struct flow_key key;
	struct flow *f;

	/* The key is compared byte by byte. */
	memset(&key, 0, sizeof key);
	key.listener = l;
	memcpy(&key.client, client, address_size(client));
	HASH_FIND(hh, flows->table, &key, sizeof key, f);
	return f ? f : flow_new(flows, &key);
}

/* --- datagrams -------------------------------------------------------------------------------- */

static ssize_t receive(struct flows *flows, int fd, struct arrival *out)
{
	union control control;
	struct iovec data = { flows->buffer, DATAGRAM_MAX };
	struct msghdr m = {
		.msg_name = &out->client,
		.msg_namelen = sizeof out->client,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};

	memset(out, 0, sizeof *out);
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			memcpy(&out->to.in4, CMSG_DATA(c), sizeof out->to.in4);
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(&out->to.in6, CMSG_DATA(c), sizeof out->to.in6);
	}
	return n;
}

/*
 * Nobody listens in that family: this flow, and the next clients, try the other. Where nobody does in that one
 * either, the next datagram tries the first again: the server may come after its client.
 *
 * Return: whether there is another. Where no socket can be had at all the flow has ended, and its client begins anew.
 */
static bool turn_around(struct flows *flows, struct flow *f)
{
	struct listener *l = f->key.listener;
	const int was = f->as.any.sa_family;

	if (wanted_family(flows, f) == was)
		l->other_family = !l->other_family;
	int family = wanted_family(flows, f);
	if (family == was)
		return false;
	route(flows, f, false);
	fd_close(take_fd(f->fd));
	bool there = connect_inside(flows, f, l->container_port, family);
	if (!there)
		l->other_family = !l->other_family; /* the container has switched it off */
	if (there || connect_inside(flows, f, l->container_port, was))
		route(flows, f, true);
	else
		flow_end(flows, f);
	return there;
}

/* Where nobody listens the kernel mostly says so before the datagram's send has returned. */
static bool is_refused(const struct flow *f)
{
	int code = 0;
	socklen_t size = sizeof code;

	return getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == ECONNREFUSED;
}

static bool deliver(const struct flows *flows, const struct flow *f, size_t size)
{
	/* An error of an earlier datagram is reported here once; the second try sends. */
	if (send(f->fd, flows->buffer, size, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED)
		(void)!send(f->fd, flows->buffer, size, MSG_NOSIGNAL);
	return f->answered || !is_refused(f);
}

void flows_receive(struct flows *flows, struct listener *listener)
{
	struct arrival from;

	if (!flows->buffer)
		flows->buffer = mem_alloc(DATAGRAM_MAX, 1);
	for (int i = 0; i < BATCH; i++) {
		ssize_t n = receive(flows, listener->fd, &from);
		if (n < 0)
			return;
		struct flow *f = flow_find(flows, listener, &from.client);
		if (!f || bucket_wait(flows->gates[0].bucket))
			continue;
		gate_pass(&flows->gates[0], (size_t)n);
		f->last = from;
		f->lasting |= f->answered;
		touch(flows, f);
		if (deliver(flows, f, (size_t)n) || !turn_around(flows, f))
			continue;
		if (!deliver(flows, f, (size_t)n))
			(void)turn_around(flows, f);
	}
}

static void reply(const struct flows *flows, struct flow *f, size_t size)
{
	union control control = { 0 };
	bool v4 = f->last.client.any.sa_family == AF_INET;
	struct iovec data = { flows->buffer, size };
	struct msghdr m = {
		.msg_name = &f->last.client,
		.msg_namelen = address_size(&f->last.client),
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = v4 ? sizeof control.in4 : sizeof control.in6,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	struct in_pktinfo source4 = { .ipi_spec_dst = f->last.to.in4.ipi_addr };

	c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = v4 ? CMSG_LEN(sizeof source4) : CMSG_LEN(sizeof f->last.to.in6);
	if (v4)
		memcpy(CMSG_DATA(c), &source4, sizeof source4);
	else
		memcpy(CMSG_DATA(c), &f->last.to.in6, sizeof f->last.to.in6);
	(void)!sendmsg(f->key.listener->fd, &m,
		       MSG_NOSIGNAL | MSG_DONTWAIT); /* datagrams may be lost */
}

void flow_event(struct flows *flows, struct watch *watch)
{
	struct flow *f = (struct flow *)((char *)watch - offsetof(struct flow, watch));

	if (!flows->buffer)
		flows->buffer = mem_alloc(DATAGRAM_MAX, 1);
	for (int i = 0; i < BATCH; i++) {
		ssize_t n = recv(f->fd, flows->buffer, DATAGRAM_MAX, MSG_DONTWAIT);
		if (n < 0 && errno == ECONNREFUSED && !f->answered)
			(void)turn_around(flows, f);
		if (n < 0)
			return;
		f->answered = true;
		touch(flows, f);
		if (bucket_wait(flows->gates[1].bucket))
			continue;
		gate_pass(&flows->gates[1], (size_t)n);
		reply(flows, f, (size_t)n);
	}
}

int flows_sweep(struct flows *flows)
{
	struct flow *f, *next;
	int64_t now;

	bury(flows);
	if (!flows->table)
		return -1;
	now = clock_mono();
	if (now - flows->swept < SWEEP_MS * (CLOCK_SECOND / 1000))
		return SWEEP_MS;
	flows->swept = now;
	HASH_ITER(hh, flows->table, f, next)
		if (now - f->used > silence_max)
			flow_end(flows, f);
	bury(flows);
	return SWEEP_MS;
}
