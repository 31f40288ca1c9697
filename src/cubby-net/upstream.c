/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upstream - questions for names passed on to servers outside
 *
 * Source: RFC 5452 for what makes an answer hard to forge, RFC 7766 for TCP.
 */
#include "cubby-net/upstream.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/address.h"
#include "cubby-net/message.h"

enum {
	TRIES_MAX = 6, /* twice each of three servers, then the container's own time-out rules */
	BATCH = 32,
	PREFIX = 2, /* bytes of length before a message on TCP */
};

static const int64_t patience = CLOCK_SECOND;
static const int64_t patience_stream = 5 * CLOCK_SECOND; /* with one that keeps talking */

struct ask {
	struct ask *prev, *next;
	int fd;
	bool stream;
	unsigned tries;
	int64_t deadline, give_up;
	uint16_t id; /* as it was given; in network order */
	void *asker;
	struct servers *servers; /* NULL: the resolver's */
	size_t end, size;	 /* of the question */
	size_t sent;		 /* with the length before it */
	uint8_t *got;		 /* over TCP: the answer with the length before it */
	size_t got_size;
	uint8_t question[]; /* the length, and the message with an id of its own */
};

struct upstream {
	int epoll;
	struct resolver *resolver;
	upstream_fn done;
	void *data;
	uint8_t *buffer;
	struct ask *asks; /* by their deadlines, as all have the same patience */
	struct ask *dead; /* released after the batch of events */
};

int upstream_new(struct resolver *resolver, upstream_fn done, void *data, struct upstream **out)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return -errno;
	struct upstream *u = mem_new(struct upstream);
	*u = (struct upstream){ .epoll = epoll, .resolver = resolver, .done = done, .data = data };
	*out = u;
	return 0;
}

static void close_ask(struct ask *a)
{
	fd_close(a->fd);
	a->fd = -1;
	free(take_ptr(a->got));
	a->got_size = a->sent = 0;
}

static void bury(struct upstream *u)
{
	while (u->dead) {
		struct ask *a = u->dead;
		LL_DELETE(u->dead, a);
		free(a->servers);
		free(a);
	}
}

void upstream_cancel(struct upstream *upstream, struct ask *ask)
{
	if (!ask)
		return;
	close_ask(ask);
	DL_DELETE(upstream->asks, ask);
	/* An event of this batch may still speak of it. */
	LL_PREPEND(upstream->dead, ask);
}

void upstream_free(struct upstream *upstream)
{
	if (!upstream)
		return;
	while (upstream->asks)
		upstream_cancel(upstream, upstream->asks);
	bury(upstream);
	fd_close(upstream->epoll);
	free(upstream->buffer);
	free(upstream);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* Waits a second from now, at the end of the queue. */
static void be_patient(struct upstream *u, struct ask *a, int64_t now)
{
	DL_DELETE(u->asks, a);
	DL_APPEND(u->asks, a);
	a->deadline = now + patience;
}

/* Sends what the socket takes now. */
static bool flush(struct ask *a)
{
	size_t from = a->stream ? 0 : PREFIX, size = PREFIX + a->size;

	while (from + a->sent < size) {
		ssize_t n = send(a->fd, a->question + from + a->sent, size - from - a->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0)
			return false;
		a->sent += (size_t)n;
	}
	return true;
}

static bool ask_server(struct upstream *u, struct ask *a, const struct sockaddr_storage *to)
{
	int type = a->stream ? SOCK_STREAM : SOCK_DGRAM;
	struct epoll_event e = { .events = EPOLLIN | EPOLLET, .data.ptr = a };

	close_ask(a);
	socklen_t size = to->ss_family == AF_INET ? sizeof(struct sockaddr_in)
						  : sizeof(struct sockaddr_in6);
	if (a->stream)
		e.events |= EPOLLOUT;
	a->fd = socket(to->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || (address_connect(a->fd, to, size) < 0 && errno != EINPROGRESS) ||
	    epoll_ctl(u->epoll, EPOLL_CTL_ADD, a->fd, &e) < 0)
		return false;
	return a->stream || flush(a);
}

static const struct servers *servers_of(struct upstream *u, const struct ask *a)
{
	return a->servers ? a->servers : resolver_servers(u->resolver);
}

/* Whether there is somebody who could be asked, and was. */
static bool ask_next(struct upstream *u, struct ask *a)
{
	const struct servers *servers = servers_of(u, a);
	size_t count = servers->count;

	while (count && a->tries < TRIES_MAX) {
		if (ask_server(u, a, &servers->items[a->tries++ % count])) {
			int64_t now = clock_mono();
			a->give_up = now + patience_stream;
			be_patient(u, a, now);
			return true;
		}
		if (a->tries >= count)
			break; /* each of them failed at once */
	}
	return false;
}

struct ask *upstream_ask(struct upstream *upstream, const uint8_t *question, size_t size,
			 size_t end, bool stream, const struct servers *servers, void *asker)
{
	struct ask *a = mem_alloc(1, sizeof *a + PREFIX + size);

	a->fd = -1;
	a->stream = stream;
	a->asker = asker;
	if (servers && servers->count)
		a->servers = mem_copy(servers, sizeof *servers);
	a->size = size;
	a->end = end;
	a->question[0] = (uint8_t)(size >> 8);
	a->question[1] = (uint8_t)size;
	memcpy(a->question + PREFIX, question, size);
	memcpy(&a->id, question, sizeof a->id);
	DL_APPEND(upstream->asks, a);
	if (getrandom(a->question + PREFIX, sizeof a->id, 0) == sizeof a->id &&
	    ask_next(upstream, a))
		return a;
	upstream_cancel(upstream, a);
	return NULL;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void finish(struct upstream *u, struct ask *a, uint8_t *answer, size_t size)
{
	void *asker = a->asker;

	if (answer)
		memcpy(answer, &a->id, sizeof a->id);
	/* Over TCP the answer lies in what is released here. */
	uint8_t *got = take_ptr(a->got);
	upstream_cancel(u, a);
	u->done(u->data, asker, answer, size);
	free(got);
}

static void next_or_finish(struct upstream *u, struct ask *a)
{
	if (!ask_next(u, a))
		finish(u, a, NULL, 0);
}

/* A failure counts when nobody is left who was not asked. */
static bool worth(struct upstream *u, const struct ask *a, const uint8_t *answer)
{
	int code = message_code(answer);
	bool failed = code == MESSAGE_SERVFAIL || code == MESSAGE_NOTIMP || code == MESSAGE_REFUSED;

	return !failed || a->tries >= servers_of(u, a)->count;
}

static bool ours(const struct ask *a, const uint8_t *answer, size_t size)
{
	return message_matches(a->question + PREFIX, a->end, answer, size);
}

static void take_datagrams(struct upstream *u, struct ask *a)
{
	if (!u->buffer)
		u->buffer = mem_alloc(MESSAGE_MAX, 1);
	for (int i = 0; i < BATCH; i++) {
		ssize_t n = recv(a->fd, u->buffer, MESSAGE_MAX, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return;
		bool mine = n >= 0 && ours(a, u->buffer, (size_t)n);
		if (n < 0 || (mine && !worth(u, a, u->buffer))) {
			next_or_finish(u, a); /* nobody listens there, or it will not */
			return;
		}
		if (mine) {
			finish(u, a, u->buffer, (size_t)n);
			return;
		}
	}
	/* Whoever sends that much that is wrong is not waited for. */
	next_or_finish(u, a);
}

static size_t got_wanted(const struct ask *a)
{
	return a->got_size < PREFIX ? PREFIX : PREFIX + ((size_t)a->got[0] << 8 | a->got[1]);
}

/* Reads what is there: 1 when the answer is whole, 0 when there is more to come. */
static int read_stream(struct ask *a)
{
	if (!a->got)
		a->got = mem_alloc(PREFIX, 1);
	while (a->got_size < got_wanted(a) || a->got_size == PREFIX) {
		size_t wanted = got_wanted(a);
		if (wanted < PREFIX + MESSAGE_HEADER && a->got_size == PREFIX)
			return -EBADMSG;
		ssize_t n = recv(a->fd, a->got + a->got_size, wanted - a->got_size, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return -EPIPE;
		a->got_size += (size_t)n;
		if (a->got_size == PREFIX)
			a->got = mem_resize(a->got, got_wanted(a), 1);
	}
	return 1;
}

static void take_stream(struct upstream *u, struct ask *a)
{
	int64_t now = clock_mono();
	bool open = now < a->give_up && flush(a);
	int r = open ? read_stream(a) : -EPIPE;

	if (r == 0) {
		be_patient(u, a, now);
		return;
	}
	uint8_t *answer = r > 0 ? a->got + PREFIX : NULL;
	size_t size = a->got_size - (answer ? PREFIX : 0);
	if (answer && ours(a, answer, size) && worth(u, a, answer))
		finish(u, a, answer, size);
	else
		next_or_finish(u, a);
}

/* --- serving ---------------------------------------------------------------------------------- */

int upstream_fd(const struct upstream *upstream)
{
	return upstream->epoll;
}

int upstream_timeout(const struct upstream *upstream)
{
	if (!upstream->asks)
		return -1;
	int64_t left = (upstream->asks->deadline - clock_mono()) / (CLOCK_SECOND / 1000) + 1;
	return (int)max_of(left, INT64_C(0));
}

void upstream_serve(struct upstream *upstream)
{
	struct epoll_event events[BATCH];
	int n = upstream->asks ? epoll_wait(upstream->epoll, events, BATCH, 0) : 0;

	for (int i = 0; i < n; i++) {
		struct ask *a = events[i].data.ptr;
		if (a->fd < 0)
			continue; /* cancelled in this batch */
		if (a->stream)
			take_stream(upstream, a);
		else
			take_datagrams(upstream, a);
	}
	int64_t now = upstream->asks ? clock_mono() : 0;
	while (upstream->asks && upstream->asks->deadline <= now)
		next_or_finish(upstream, upstream->asks);
	bury(upstream);
}
