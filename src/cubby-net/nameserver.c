/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nameserver - answers the questions of a network's members, on UDP and TCP
 */
#include "cubby-net/nameserver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/callers.h"
#include "cubby-net/clients.h"
#include "cubby-net/message.h"
#include "cubby-net/upstream.h"

enum {
	BATCH = 32,
	ROOM = 4096, /* bytes of an answer over UDP, whoever takes more */
	CLASS_IN = 1,
	CLASS_ANY = 255,
};

/* What the epoll speaks of, besides the doors by their numbers. */
enum { EVENT_CALLERS = DOORS_MAX, EVENT_UPSTREAM, EVENTS };

struct subnet {
	int family;
	struct in6_addr address;
	unsigned prefix;
};

struct subnets {
	struct subnet *items;
	size_t count;
};

/* Who asked, and how the answer gets there. */
struct origin {
	struct caller *caller; /* NULL: over UDP */
	int fd;
	union address from;
};

/* A question that was passed on. */
struct question {
	struct client_item item;
	struct ask *ask;
	struct origin origin;
	struct message_question parsed;
	uint8_t asked[]; /* its header and question */
};

struct nameserver {
	int epoll;
	struct doors doors;
	bool internal;
	struct subnets subnets;
	struct names *names;
	struct resolver *resolver;
	struct upstream *upstream;
	struct callers callers;
	struct clients clients;
	uint8_t *buffer;
};

/* --- answers ---------------------------------------------------------------------------------- */

/* By sendmsg(2): the name sendto is taken by main.c. What is lost on the way is asked again. */
static void send_answer(struct nameserver *ns, const struct origin *to, const uint8_t *message,
			size_t size)
{
	union address client = to->from;
	struct iovec data = { (void *)message, size };
	const struct msghdr m = {
		.msg_name = &client,
		.msg_namelen = address_size(&client),
		.msg_iov = &data,
		.msg_iovlen = 1,
	};

	if (to->caller)
		caller_answer(&ns->callers, to->caller, message, size);
	else
		(void)!sendmsg(to->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static size_t room_for(const struct origin *to, const struct message_question *q)
{
	return to->caller ? MESSAGE_MAX : message_room(q, ROOM);
}

static struct reply begin(struct nameserver *ns, const struct origin *to, const uint8_t *asked,
			  const struct message_question *q, int code)
{
	struct reply reply;

	reply_begin(&reply, ns->buffer, room_for(to, q), asked, q, code);
	return reply;
}

static void answer_code(struct nameserver *ns, const struct origin *to, const uint8_t *asked,
			const struct message_question *q, int code)
{
	struct reply reply = begin(ns, to, asked, q, code);
	size_t size = reply_end(&reply);

	send_answer(ns, to, reply.data, size);
}

static bool wants(const struct message_question *q, enum message_type type)
{
	return q->type == type || q->type == MESSAGE_ANY;
}

static void answer_found(struct nameserver *ns, const struct origin *to, const uint8_t *asked,
			 const struct message_question *q, const struct names_result *found)
{
	struct reply reply = begin(ns, to, asked, q, MESSAGE_NOERROR);

	for (size_t i = 0; wants(q, MESSAGE_A) && i < found->count4; i++)
		reply_address(&reply, MESSAGE_A, &found->in4[i]);
	for (size_t i = 0; wants(q, MESSAGE_AAAA) && i < found->count6; i++)
		reply_address(&reply, MESSAGE_AAAA, &found->in6[i]);
	size_t size = reply_end(&reply);
	send_answer(ns, to, reply.data, size);
}

static void answer_reverse(struct nameserver *ns, const struct origin *to, const uint8_t *asked,
			   const struct message_question *q, const char *name)
{
	struct reply reply = begin(ns, to, asked, q, MESSAGE_NOERROR);

	if (wants(q, MESSAGE_PTR))
		reply_name(&reply, name);
	size_t size = reply_end(&reply);
	send_answer(ns, to, reply.data, size);
}

/* --- questions passed on ---------------------------------------------------------------------- */

static void question_free(struct nameserver *ns, struct question *q)
{
	upstream_cancel(ns->upstream, q->ask);
	clients_remove(&ns->clients, &q->item);
	free(q);
}

/* A caller is told, for it waits for this answer before it asks again. */
static void give_up(struct nameserver *ns, struct question *q)
{
	if (q->origin.caller)
		answer_code(ns, &q->origin, q->asked, &q->parsed, MESSAGE_SERVFAIL);
	question_free(ns, q);
}

static struct question *of_item(struct client_item *item)
{
	return (struct question *)((char *)item - offsetof(struct question, item));
}

static void make_room(struct nameserver *ns, const union address *from)
{
	struct client_item *item =
		clients_surplus(&ns->clients, from, NAMESERVER_EACH, NAMESERVER_MAX);

	if (item)
		give_up(ns, of_item(item));
}

static void pass_on(struct nameserver *ns, const struct origin *from, const struct names_member *m,
		    const uint8_t *message, size_t size, const struct message_question *parsed)
{
	make_room(ns, &from->from);
	struct question *q = mem_alloc(1, sizeof *q + parsed->end);
	q->origin = *from;
	q->parsed = *parsed;
	memcpy(q->asked, message, parsed->end);
	clients_add(&ns->clients, &from->from, &q->item);
	q->ask = upstream_ask(ns->upstream, message, size, parsed->end, from->caller,
			      names_servers(m), q);
	if (q->ask)
		return;
	answer_code(ns, from, q->asked, &q->parsed, MESSAGE_SERVFAIL);
	question_free(ns, q);
}

static void take_answer(void *data, void *asker, uint8_t *answer, size_t size)
{
	struct nameserver *ns = data;
	struct question *q = asker;

	q->ask = NULL;
	if (!answer) {
		answer_code(ns, &q->origin, q->asked, &q->parsed, MESSAGE_SERVFAIL);
	} else {
		if (size > room_for(&q->origin, &q->parsed))
			size = message_cut(answer, size);
		send_answer(ns, &q->origin, answer, size);
	}
	question_free(ns, q);
}

static void caller_gone(void *data, struct caller *caller)
{
	struct nameserver *ns = data;
	struct client_item *item = clients_oldest(&ns->clients, caller_from(caller));

	while (item && of_item(item)->origin.caller != caller)
		item = item->next;
	if (item)
		question_free(ns, of_item(item));
}

/* --- questions -------------------------------------------------------------------------------- */

static bool in_subnets(const struct nameserver *ns, int family, const struct in6_addr *a)
{
	for (size_t i = 0; i < ns->subnets.count; i++) {
		const struct subnet *s = &ns->subnets.items[i];
		unsigned same = 0;
		while (same < s->prefix &&
		       !((a->s6_addr[same / 8] ^ s->address.s6_addr[same / 8]) & 0x80 >> same % 8))
			same++;
		if (s->family == family && same == s->prefix)
			return true;
	}
	return false;
}

/* Whether it was answered here. */
static bool try_reverse(struct nameserver *ns, struct names_member *m, const struct origin *from,
			const uint8_t *message, const struct message_question *q)
{
	struct in6_addr address;
	int family = name_reverse(q->name, &address);
	const char *name = family ? names_reverse(ns->names, m, family, &address) : NULL;

	if (name)
		answer_reverse(ns, from, message, q, name);
	else if (family && in_subnets(ns, family, &address))
		answer_code(ns, from, message, q, MESSAGE_NXDOMAIN);
	else
		return false;
	return true;
}

static bool try_names(struct nameserver *ns, struct names_member *m, const struct origin *from,
		      const uint8_t *message, const struct message_question *q)
{
	const struct strv *search = resolver_search(ns->resolver);
	struct names_result found;

	switch (names_find(ns->names, m, q->name, search, &found)) {
	case NAMES_FOUND:
		answer_found(ns, from, message, q, &found);
		if (wants(q, MESSAGE_A))
			names_turn(ns->names, AF_INET);
		if (wants(q, MESSAGE_AAAA))
			names_turn(ns->names, AF_INET6);
		return true;
	case NAMES_HELD:
		answer_code(ns, from, message, q, MESSAGE_NXDOMAIN);
		return true;
	case NAMES_OTHERS:
		break;
	}
	return false;
}

/* What is wrong with a question, as an enum message_code. */
static int complaint(const struct message_question *q, int parsed, const struct names_member *m)
{
	if (parsed < 0)
		return parsed == -EOPNOTSUPP ? MESSAGE_NOTIMP : MESSAGE_FORMERR;
	if (q->edns && q->edns_version)
		return MESSAGE_BADVERS;
	if (!m || (q->class != CLASS_IN && q->class != CLASS_ANY))
		return MESSAGE_REFUSED;
	return MESSAGE_NOERROR;
}

static void take_question(struct nameserver *ns, const struct origin *from, const uint8_t *message,
			  size_t size)
{
	struct message_question q;
	int r = message_parse(message, size, &q);
	struct names_member *m = names_member(ns->names, &from->from);

	if (r == -EBADMSG && !from->caller)
		return;
	int code = complaint(&q, r, m);
	if (code != MESSAGE_NOERROR) {
		answer_code(ns, from, message, &q, code);
		return;
	}
	bool ours = q.plain &&
		    (try_reverse(ns, m, from, message, &q) || try_names(ns, m, from, message, &q));
	if (ours)
		return;
	if ((ns->internal && !names_outside(m)) || (!q.plain && q.labels < 2))
		answer_code(ns, from, message, &q, MESSAGE_NXDOMAIN);
	else
		pass_on(ns, from, m, message, size, &q);
}

/* --- arrivals --------------------------------------------------------------------------------- */

static void take_datagrams(struct nameserver *ns, int fd)
{
	uint8_t message[MESSAGE_QUESTION_MAX];

	for (int i = 0; i < BATCH; i++) {
		struct origin from = { .fd = fd };
		socklen_t size = sizeof from.from;
		ssize_t n =
			recvfrom(fd, message, sizeof message, MSG_DONTWAIT, &from.from.any, &size);
		if (n < 0)
			return;
		take_question(ns, &from, message, (size_t)n);
	}
}

static void caller_asks(void *data, struct caller *caller, const uint8_t *message, size_t size)
{
	const struct origin from = { .caller = caller, .fd = -1, .from = *caller_from(caller) };

	take_question(data, &from, message, size);
}

static bool may_call(void *data, const union address *from)
{
	struct nameserver *ns = data;

	return names_member(ns->names, from);
}

/* --- life ------------------------------------------------------------------------------------- */

static int watch(struct nameserver *ns, int fd, uint32_t what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = what };

	return epoll_ctl(ns->epoll, EPOLL_CTL_ADD, fd, &e) == 0 ? 0 : -errno;
}

static int set_up(struct nameserver *ns)
{
	static const struct callers_fns fns = { .question = caller_asks, .gone = caller_gone };

	ns->epoll = epoll_create1(EPOLL_CLOEXEC);
	int r = ns->epoll < 0 ? -errno : callers_init(&ns->callers, &fns, ns);
	if (r == 0)
		r = upstream_new(ns->resolver, take_answer, ns, &ns->upstream);
	for (uint32_t i = 0; i < ns->doors.count && r == 0; i++)
		r = watch(ns, ns->doors.items[i].fd, i);
	if (r == 0)
		r = watch(ns, ns->callers.epoll, EVENT_CALLERS);
	return r == 0 ? watch(ns, upstream_fd(ns->upstream), EVENT_UPSTREAM) : r;
}

static bool add_subnet(struct nameserver *ns, const char *cidr)
{
	AUTO(mem) char *text = str_dup(cidr);
	const char *prefix = str_cut(text, '/');
	struct subnet s = { 0 };
	uint64_t bits;

	if (inet_pton(AF_INET, text, &s.address) == 1)
		s.family = AF_INET;
	else if (inet_pton(AF_INET6, text, &s.address) == 1)
		s.family = AF_INET6;
	if (!s.family || !prefix || str_u64(prefix, s.family == AF_INET ? 32 : 128, &bits) < 0)
		return false;
	s.prefix = (unsigned)bits;
	*vec_push(&ns->subnets) = s;
	return true;
}

int nameserver_new(const struct nameserver_config *config, const struct doors *doors,
		   struct names *names, struct resolver *resolver, struct nameserver **out,
		   struct err *err)
{
	AUTO(nameserver) struct nameserver *ns = mem_new(struct nameserver);

	ns->epoll = -1;
	ns->doors = *doors;
	ns->internal = config->internal;
	ns->names = names;
	ns->resolver = resolver;
	ns->buffer = mem_alloc(MESSAGE_MAX, 1);
	for (size_t i = 0; config->subnets && i < config->subnets->count; i++)
		if (!add_subnet(ns, config->subnets->items[i]))
			return err_set(err, -EINVAL, "'%s' is no subnet",
				       config->subnets->items[i]);
	int r = set_up(ns);
	if (r < 0)
		return err_sys(err, r, "cannot serve names");
	*out = take_ptr(ns);
	return 0;
}

void nameserver_free(struct nameserver *ns)
{
	if (!ns)
		return;
	callers_clear(&ns->callers);
	for (struct client_item *item; (item = clients_any(&ns->clients));)
		question_free(ns, of_item(item));
	upstream_free(ns->upstream);
	doors_close(&ns->doors);
	fd_close(ns->epoll);
	free(ns->subnets.items);
	free(ns->buffer);
	free(ns);
}

int nameserver_fd(const struct nameserver *ns)
{
	return ns->epoll;
}

int nameserver_timeout(const struct nameserver *ns)
{
	int a = callers_timeout(&ns->callers), b = upstream_timeout(ns->upstream);

	return a < 0 || (b >= 0 && b < a) ? b : a;
}

void nameserver_serve(struct nameserver *ns)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(ns->epoll, events, EVENTS, 0);

	for (int i = 0; i < n; i++) {
		if (events[i].data.u32 >= ns->doors.count)
			continue;
		const struct door *door = &ns->doors.items[events[i].data.u32];
		if (door->stream)
			callers_accept(&ns->callers, door->fd, may_call, ns);
		else
			take_datagrams(ns, door->fd);
	}
	/* These look at the time as well. */
	callers_serve(&ns->callers);
	upstream_serve(ns->upstream);
}
