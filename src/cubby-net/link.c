/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * link - two TCP connections joined: a client's and one to its server
 */
#include "cubby-net/link.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/pace.h"

enum {
	PIPE_BYTES = 1 << 20,
	SHARE = 8,	/* splices in and out a link may do before others have their turn */
	UNSEEN = 16,	/* answers after a look at a client that had said nothing */
	CROWD = 256,	/* after so many at once, memory is given back when the last has gone */
	IDLE_PIPES = 4, /* kept for the next who needs one */
	CLIENT = 0,
	SERVER = 1,
};

struct pipe {
	int in, out;
	struct pipe *next;
};

struct side {
	struct watch watch;
	int fd;
	bool readable, writable; /* until the kernel says otherwise */
	bool wary;		 /* after less than was asked for there may be more */
};

/* One direction: from sides[i] to sides[!i]. */
struct way {
	struct pipe *pipe;
	size_t held;
	bool large;  /* more than a short message came last */
	bool ended;  /* nothing more will come */
	bool passed; /* and the other side knows */
};

struct link {
	struct side sides[2];
	struct way ways[2];
	struct link *next; /* in the ready queue, or among the dead */
	bool queued;
	bool dead;
	bool connecting;
	bool second_family;
	bool nearby; /* the client is on this host */
	int port;
	union address from;
};

void links_init(struct links *links, int epoll, const struct inside *inside,
		const struct gate gates[2])
{
	*links = (struct links){
		.epoll = epoll,
		.inside = inside,
		.gates = { gates[0], gates[1] },
		.step = -1,
	};
	links->ready_end = &links->ready;
	links->held_end = &links->held;
}

/* --- pipes ------------------------------------------------------------------------------------ */

static struct pipe *pipe_take(struct links *links)
{
	struct pipe *p = links->idle;
	int ends[2];

	if (p) {
		links->idle = p->next;
		links->idle_count--;
		return p;
	}
	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return NULL;
	/* Beyond the user's share of pipe memory it stays small, and works. */
	(void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	p = mem_new(struct pipe);
	p->out = ends[0];
	p->in = ends[1];
	return p;
}

static void pipe_give(struct links *links, struct pipe *p, bool empty)
{
	if (!p)
		return;
	if (empty && links->idle_count < IDLE_PIPES) {
		p->next = links->idle;
		links->idle = p;
		links->idle_count++;
		return;
	}
	fd_close(p->in);
	fd_close(p->out);
	free(p);
}

/* --- life ------------------------------------------------------------------------------------- */

static void link_close(struct links *links, struct link *l, bool reset)
{
	const struct linger now = { 1, 0 };

	if (l->dead)
		return;
	for (int i = 0; i < 2; i++) {
		if (reset && l->sides[i].fd >= 0)
			(void)setsockopt(l->sides[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		fd_close(l->sides[i].fd);
		pipe_give(links, l->ways[i].pipe, l->ways[i].held == 0);
		l->ways[i].pipe = NULL;
	}
	l->dead = true;
	links->count--;
	if (links->asked == l)
		links->asked = NULL;
	if (!l->queued) {
		l->next = links->dead;
		links->dead = l;
	}
}

static void append(struct link ***end, struct link *l)
{
	l->queued = true;
	l->next = NULL;
	**end = l;
	*end = &l->next;
}

static void link_queue(struct links *links, struct link *l)
{
	links->busy = true;
	if (!l->queued)
		append(&links->ready_end, l);
}

static void link_hold(struct links *links, struct link *l)
{
	if (!l->queued)
		append(&links->held_end, l);
}

static bool watch_side(struct links *links, struct link *l, int side)
{
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = &l->sides[side].watch,
	};

	return epoll_ctl(links->epoll, EPOLL_CTL_ADD, l->sides[side].fd, &e) == 0;
}

/* Connects to the container; a tuple that is in use is tried again with another port. */
static int dial(struct links *links, const struct link *l, int family)
{
	union address target, as;

	if (!inside_target(links->inside, family, l->port, &target))
		return -EAFNOSUPPORT;
	inside_client(links->inside, &l->from, family, &as);
	for (int i = 0; i < 2; i++) {
		AUTO(fd) int fd = inside_socket(SOCK_STREAM, &as);
		if (fd < 0)
			return fd;
		if (address_connect(fd, &target.any, address_size(&target)) == 0 ||
		    errno == EINPROGRESS)
			return take_fd(fd);
		if (errno != EADDRNOTAVAIL && errno != EADDRINUSE)
			return -errno;
		as.in4.sin_port = 0;
	}
	return -EADDRNOTAVAIL;
}

static int other_family(int family)
{
	return family == AF_INET ? AF_INET6 : AF_INET;
}

/* The client's family first: many servers listen on one alone. */
static bool start(struct links *links, struct link *l)
{
	int on = 1, family = l->from.any.sa_family;
	int fd = dial(links, l, l->second_family ? other_family(family) : family);

	if (fd < 0 && !l->second_family) {
		l->second_family = true;
		fd = dial(links, l, other_family(family));
	}
	if (fd < 0)
		return false;
	/* Those of clients have both from their listener. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	l->sides[SERVER].fd = fd;
	l->connecting = true;
	return watch_side(links, l, SERVER);
}

static struct link *add(struct links *links, int client)
{
	struct link *l = mem_new(struct link);

	for (int i = 0; i < 2; i++)
		l->sides[i] = (struct side){ .watch = { WATCH_LINK, i }, .fd = -1 };
	l->sides[CLIENT].fd = client;
	links->most = max_of(links->most, ++links->count);
	links->step = LINK_OTHER;
	return l;
}

void links_add(struct links *links, int client, const union address *from, int port)
{
	struct link *l = add(links, client);

	l->from = *from;
	l->port = port;
	l->nearby = pace_drop_nearby(client);
	if (!start(links, l) || !watch_side(links, l, CLIENT))
		link_close(links, l, true);
}

void links_join(struct links *links, int client, int server)
{
	struct link *l = add(links, client);

	l->sides[SERVER].fd = server;
	l->nearby = true;
	if (!watch_side(links, l, CLIENT) || !watch_side(links, l, SERVER))
		link_close(links, l, true);
}

/* --- bytes ------------------------------------------------------------------------------------ */

enum result { IDLE, MOVED, WAITS, BROKEN };

/* Until what has passed is paid for nothing is read: the sender is slowed down by TCP. */
static bool shut(const struct links *links, int i)
{
	return bucket_wait(links->gates[i].bucket) != 0;
}

static bool is_passing(int code)
{
	return code == EAGAIN || code == EINTR;
}

/* What the other side does not take now waits in a pipe, as what is spliced does. */
static enum result keep(struct links *links, struct way *w, size_t sent, size_t size)
{
	if (!w->pipe)
		w->pipe = pipe_take(links);
	if (!w->pipe)
		return BROKEN;
	w->held = size - sent;
	return write(w->pipe->in, links->message + sent, w->held) == (ssize_t)w->held ? MOVED
										      : BROKEN;
}

static enum result send_message(struct links *links, struct link *l, int i, size_t size)
{
	ssize_t n = send(l->sides[!i].fd, links->message, size, MSG_NOSIGNAL);

	if (n < 0 && !is_passing(errno))
		return BROKEN;
	links->step = i;
	links->asked = l;
	links->passed++;
	return (size_t)max_of(n, (ssize_t)0) == size
		       ? MOVED
		       : keep(links, &l->ways[i], (size_t)max_of(n, (ssize_t)0), size);
}

/* Less than was asked for is all that there was, and the kernel tells of more. */
static enum result pass_message(struct links *links, struct link *l, int i)
{
	struct side *from = &l->sides[i];
	const size_t most = bucket_share(links->gates[i].bucket, LINK_SHORT);
	ssize_t n = recv(from->fd, links->message, most, 0);

	if (n < 0 && !is_passing(errno))
		return BROKEN;
	if (n < 0 || (n < (ssize_t)most && !from->wary))
		from->readable = false;
	if (n < 0)
		return IDLE;
	l->ways[i].large = (size_t)n == LINK_SHORT;
	l->ways[i].ended = n == 0;
	gate_pass(&links->gates[i], (size_t)n);
	return n ? send_message(links, l, i, (size_t)n) : MOVED;
}

static enum result fill(struct links *links, struct link *l, int i)
{
	struct way *w = &l->ways[i];
	struct side *from = &l->sides[i];

	if (!from->readable || !l->sides[!i].writable)
		return IDLE;
	if (shut(links, i))
		return WAITS;
	if (!w->large)
		return pass_message(links, l, i);
	if (!w->pipe)
		w->pipe = pipe_take(links);
	if (!w->pipe)
		return BROKEN;
	size_t most = bucket_share(links->gates[i].bucket, PIPE_BYTES);
	ssize_t n =
		splice(from->fd, NULL, w->pipe->in, NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n < 0 && !is_passing(errno))
		return BROKEN;
	/* It goes no further than urgent data, and tells nothing of what comes behind: that is read. */
	if (n == 0 || (n < 0 && from->wary)) {
		w->large = false;
		return MOVED;
	}
	if (n < 0) /* of a stream that is quicker than its sender: what comes next is large again */
		from->readable = false;
	else
		w->large = n > LINK_SHORT;
	w->held = n > 0 ? (size_t)n : 0;
	gate_pass(&links->gates[i], w->held);
	return n < 0 ? IDLE : MOVED;
}

static enum result drain(struct link *l, int i)
{
	struct way *w = &l->ways[i];
	struct side *to = &l->sides[!i];

	if (!to->writable)
		return IDLE;
	ssize_t n = splice(w->pipe->out, NULL, to->fd, NULL, w->held,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n < 0 && !is_passing(errno))
		return BROKEN;
	if (n <= 0) {
		to->writable = false;
		return IDLE;
	}
	w->held -= (size_t)n;
	return MOVED;
}

static enum result step(struct links *links, struct link *l, int i)
{
	struct way *w = &l->ways[i];

	if (w->held)
		return drain(l, i);
	if (!w->ended)
		return fill(links, l, i);
	if (w->passed)
		return IDLE;
	w->passed = true;
	links->step = LINK_OTHER;
	/* A side that is gone meanwhile shows by its own event; where both ways have ended both are closed. */
	if (!l->ways[!i].passed)
		(void)shutdown(l->sides[!i].fd, SHUT_WR);
	return MOVED;
}

/* Moves what there is, up to the share; then the link waits for its next turn. */
static void pump(struct links *links, struct link *l)
{
	for (int i = 0; i < 2; i++) {
		struct way *w = &l->ways[i];
		enum result r = MOVED;
		for (int k = 0; r == MOVED && k < 2 * SHARE; k++)
			r = step(links, l, i);
		if (r == BROKEN) {
			link_close(links, l, true);
			return;
		}
		if (w->held == 0) {
			pipe_give(links, w->pipe, true);
			w->pipe = NULL;
		}
		if (r == MOVED)
			link_queue(links, l);
		if (r == WAITS)
			link_hold(links, l);
	}
	if (l->ways[0].passed && l->ways[1].passed)
		link_close(links, l, false);
}

/* --- events ----------------------------------------------------------------------------------- */

static int socket_error(int fd)
{
	int code = 0;
	socklen_t size = sizeof code;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0 ? errno : code;
}

/* Returns whether the container has answered. */
static bool connected(struct links *links, struct link *l, uint32_t events)
{
	int code = events & (EPOLLERR | EPOLLHUP) ? socket_error(l->sides[SERVER].fd) : 0;

	links->step = LINK_OTHER;
	if (code == 0) {
		l->connecting = false;
		return true;
	}
	fd_close(l->sides[SERVER].fd);
	l->sides[SERVER].fd = -1;
	l->sides[SERVER].readable = l->sides[SERVER].writable = false;
	bool again = code == ECONNREFUSED && !l->second_family;
	l->second_family = true;
	if (!again || !start(links, l))
		link_close(links, l, true);
	return false;
}

void link_event(struct links *links, struct watch *watch, uint32_t events)
{
	struct side *s = (struct side *)watch;
	struct link *l = (struct link *)(s - watch->side);

	if (l->dead)
		return;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		s->readable = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		s->writable = true;
	/* An end comes without an event of its own where it was there before; urgent data splits what is read. */
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI))
		s->wary = true;
	if (l->connecting && (watch->side != SERVER || !connected(links, l, events)))
		return;
	if (events & EPOLLERR && socket_error(s->fd) != 0) {
		link_close(links, l, true);
		return;
	}
	if (!l->queued)
		pump(links, l);
}

/* Those that were held come before those that have just had their turn. */
static void join_queues(struct links *links)
{
	if (!links->held)
		return;
	*links->held_end = links->ready;
	if (links->ready)
		links->held_end = links->ready_end;
	links->ready = links->held;
	links->ready_end = links->held_end;
	links->held = NULL;
	links->held_end = &links->held;
}

static int next_turn(const struct links *links)
{
	int in = bucket_wait(links->gates[0].bucket), out = bucket_wait(links->gates[1].bucket);

	if (!links->ready)
		return -1;
	return links->busy ? 0 : in && out ? min_of(in, out) : max_of(in, out);
}

bool links_look(struct links *links)
{
	struct link *l = links->asked;

	if (!l || l->queued)
		return false;
	if (links->unseen) {
		links->unseen--;
		return false;
	}
	l->sides[CLIENT].readable = true;
	pump(links, l);
	bool done = links->step >= 0 || l->queued || l->dead;
	links->unseen = done ? 0 : UNSEEN;
	return done;
}

void links_follow(struct links *links, int64_t now)
{
	struct link *l = links->asked;

	if (l && l->nearby)
		follow_client(&links->follow, l->sides[CLIENT].fd, links->passed, now);
}

int links_work(struct links *links)
{
	struct link *l = links->ready;

	links->busy = false;
	links->ready = NULL;
	links->ready_end = &links->ready;
	while (l) {
		struct link *next = l->next;
		l->queued = false;
		if (l->dead) {
			l->next = links->dead;
			links->dead = l;
		} else {
			pump(links, l);
		}
		l = next;
	}
	while (links->dead) {
		l = links->dead;
		links->dead = l->next;
		free(l);
	}
	if (!links->count && links->most > CROWD) {
		malloc_trim(0);
		links->most = 0;
	}
	join_queues(links);
	return next_turn(links);
}
