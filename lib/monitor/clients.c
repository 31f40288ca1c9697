/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clients - the command lines that speak to a monitor
 *
 * The outbox of a stream holds what at least one client has not taken. It is empty while everybody
 * keeps up, and one chunk long otherwise; only when the container has ended does it take all that was
 * left in the pipe, so that log and record need not wait for a client.
 */
#include "monitor/clients.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "kern/mount.h"

enum { CATCH_UP_MAX = 16 };

struct outbox {
	char *bytes;
	size_t size, room;
};

struct clients {
	struct loop *loop;
	struct clients_hooks hooks;
	struct outbox outboxes[STREAM_COUNT];
	struct source *stuck; /* timer */
	int listener;
	struct source *listener_source;
	bool ended; /* with the status */
	int32_t status;
	bool dismissed;
	struct wire in;
	struct client all[CLIENTS_MAX];
	char *ins; /* of all; a page costs memory only once it is used */
};

static void check_stuck(void *data);

static void vacate(struct clients *clients, ptrdiff_t place)
{
	clients->all[place] = (struct client){
		.owner = clients,
		.fd = -1,
		.in = clients->ins + place * MONITOR_PAYLOAD,
	};
}

int clients_new(struct loop *loop, const struct clients_hooks *hooks, struct clients **out)
{
	AUTO(clients) struct clients *clients = mem_new(struct clients);

	clients->loop = loop;
	clients->hooks = *hooks;
	clients->listener = -1;
	clients->ins = mem_alloc(CLIENTS_MAX, MONITOR_PAYLOAD);
	for (int i = 0; i < CLIENTS_MAX; i++)
		vacate(clients, i);
	for (int i = 0; i < STREAM_COUNT; i++) {
		clients->outboxes[i].room = MONITOR_PAYLOAD;
		clients->outboxes[i].bytes = mem_alloc(MONITOR_PAYLOAD, 1);
	}
	int r = loop_timer(loop, check_stuck, clients, &clients->stuck);
	if (r < 0)
		return r;
	*out = take_ptr(clients);
	return 0;
}

static bool is_behind(const struct client *c)
{
	return c->behind[STREAM_OUT] || c->behind[STREAM_ERR];
}

static bool is_owed(const struct client *c)
{
	return is_behind(c) || c->owes_taken || c->owes_end;
}

static void empty_outbox(struct clients *clients, enum stream stream)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (clients->all[i].behind[stream])
			return;
	if (!clients->outboxes[stream].size)
		return;
	clients->outboxes[stream].size = 0;
	clients->hooks.room(clients->hooks.data, stream);
}

/* Once nobody is left and nobody is let in, the loop may end. */
static void end_if_alone(struct clients *clients)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (clients->all[i].fd >= 0)
			return;
	if (clients->dismissed)
		loop_remove(take_ptr(clients->stuck));
}

static void let_go(struct client *c)
{
	struct clients *clients = c->owner;

	if (c->fd < 0)
		return;
	loop_remove(c->source);
	fd_close(take_fd(c->fd));
	c->behind[STREAM_OUT] = c->behind[STREAM_ERR] = false;
	clients->hooks.gone(clients->hooks.data, c);
	vacate(clients, c - clients->all);
	empty_outbox(clients, STREAM_OUT);
	empty_outbox(clients, STREAM_ERR);
	end_if_alone(clients);
}

/*
 * Who reads no more may have said something before it went, such as OUT_END: that is still read, and
 * it is let go by its hang-up. Any other failure is ours.
 */
static void stop_sending(struct client *c, int r)
{
	if (r != -EPIPE || c->owner->dismissed) {
		let_go(c);
		return;
	}
	c->streams = 0;
	c->waits = CLIENT_WAITS_NOT;
	c->behind[STREAM_OUT] = c->behind[STREAM_ERR] = false;
	c->owes_taken = c->owes_end = false;
	if (loop_watch(c->source, EPOLLIN) < 0)
		let_go(c);
}

static void settle(struct client *c)
{
	if ((c->owner->dismissed || c->leaving) && !is_owed(c)) {
		let_go(c);
		return;
	}
	if (loop_watch(c->source, EPOLLIN | (is_owed(c) ? EPOLLOUT : 0)) < 0)
		let_go(c);
}

/* Return: 0, -EAGAIN, or another negative errno when the client is lost. */
static int send_stream(struct client *c, enum stream stream)
{
	const struct outbox *box = &c->owner->outboxes[stream];

	while (c->sent[stream] < box->size) {
		size_t n = min_of(box->size - c->sent[stream], (size_t)MONITOR_PAYLOAD);
		int r = wire_send(c->fd, stream == STREAM_OUT ? MONITOR_OUT : MONITOR_ERR,
				  box->bytes + c->sent[stream], n);
		if (r < 0)
			return r;
		c->sent[stream] += n;
		c->progress = clock_mono();
	}
	c->behind[stream] = false;
	return 0;
}

static int send_end(struct client *c)
{
	uint32_t type = c->waits == CLIENT_WAITS_STOP ? MONITOR_DONE : MONITOR_EXIT;
	int r = wire_send_number(c->fd, type, c->owner->status);

	if (r == 0)
		c->owes_end = false;
	return r;
}

static int send_taken(struct client *c)
{
	int r = wire_send_number(c->fd, MONITOR_TAKEN, 0);

	if (r == 0)
		c->owes_taken = false;
	return r;
}

/* Sends what can be sent now of all that is owed. */
static void serve_owed(struct client *c)
{
	struct clients *clients = c->owner;
	int r = c->owes_taken ? send_taken(c) : 0;

	for (int i = 0; r == 0 && i < STREAM_COUNT; i++)
		if (c->behind[i])
			r = send_stream(c, (enum stream)i);
	if (r == 0 && c->owes_end)
		r = send_end(c);
	if (r < 0 && r != -EAGAIN)
		stop_sending(c, r);
	else
		settle(c);
	empty_outbox(clients, STREAM_OUT);
	empty_outbox(clients, STREAM_ERR);
}

static void check_stuck(void *data)
{
	struct clients *clients = data;
	int64_t now = clock_mono(), limit = STUCK_SECONDS * CLOCK_SECOND, next = 0;

	for (int i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &clients->all[i];
		if (c->fd < 0 || c->foreground || !is_behind(c))
			continue;
		int64_t left = c->progress + limit - now;
		if (left <= 0)
			let_go(c);
		else
			next = next ? min_of(next, left) : left;
	}
	if (next && clients->stuck)
		/* Setting a timer that exists does not fail. */
		(void)!loop_timer_set(clients->stuck, next);
}

static void keep(struct outbox *box, const char *bytes, size_t size)
{
	if (box->size + size > box->room) {
		box->room = box->size + size;
		box->bytes = mem_resize(box->bytes, box->room, 1);
	}
	memcpy(box->bytes + box->size, bytes, size);
	box->size += size;
}

/* Return: whether the client has it now. */
static bool offer(struct client *c, enum stream stream, const char *bytes, size_t size)
{
	if (c->behind[stream])
		return false;
	int r = wire_send(c->fd, stream == STREAM_OUT ? MONITOR_OUT : MONITOR_ERR, bytes, size);
	if (r == 0)
		return true;
	if (r != -EAGAIN) {
		stop_sending(c, r);
		return true;
	}
	c->behind[stream] = true;
	c->sent[stream] = c->owner->outboxes[stream].size;
	c->progress = clock_mono();
	if (!c->foreground && c->owner->stuck)
		(void)!loop_timer_set(c->owner->stuck, STUCK_SECONDS * CLOCK_SECOND);
	settle(c);
	return false;
}

static bool wants(const struct client *c, enum stream stream)
{
	uint32_t wanted = stream == STREAM_OUT ? MONITOR_WANT_OUT : MONITOR_WANT_ERR;

	return c->fd >= 0 && (c->streams & wanted);
}

bool clients_want(const struct clients *clients, enum stream stream)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (wants(&clients->all[i], stream))
			return true;
	return false;
}

bool clients_output(struct clients *clients, enum stream stream, const char *bytes, size_t size)
{
	bool all = true;

	for (int i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &clients->all[i];
		if (wants(c, stream) && !offer(c, stream, bytes, size))
			all = false;
	}
	if (all)
		return true;
	keep(&clients->outboxes[stream], bytes, size);
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (clients->all[i].behind[stream])
			return false;
	/* Who was behind has gone meanwhile. */
	clients->outboxes[stream].size = 0;
	return true;
}

/* Return: whether the client is still there. */
static bool receive(struct client *c)
{
	struct clients *clients = c->owner;
	int fds[FD_PASS_MAX];
	size_t count = 0;

	int r = wire_recv(c->fd, &clients->in, fds, &count);
	if (r == -EAGAIN || r == -EINTR)
		return true;
	if (r <= 0) {
		let_go(c);
		return false;
	}
	clients->hooks.request(clients->hooks.data, c, &clients->in, fds, count);
	for (size_t i = 0; i < count; i++)
		fd_close(fds[i]);
	return c->fd >= 0;
}

static void client_ready(void *data, uint32_t events)
{
	struct client *c = data;

	/* A message before a hang-up is still read. */
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		if (!receive(c))
			return;
	if (events & EPOLLOUT)
		serve_owed(c);
}

int clients_adopt(struct clients *clients, int fd, struct client **out)
{
	AUTO(fd) int owned = fd;
	struct client *c = NULL;

	for (int i = 0; i < CLIENTS_MAX && !c; i++)
		if (clients->all[i].fd < 0)
			c = &clients->all[i];
	if (!c)
		return -EMFILE;
	int r = fd_nonblock(fd, true);
	if (r == 0)
		r = loop_add(clients->loop, fd, EPOLLIN, client_ready, c, &c->source);
	if (r < 0)
		return r;
	c->fd = take_fd(owned);
	if (out)
		*out = c;
	return 0;
}

static bool same_user(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static void accept_ready(void *data, unused_arg uint32_t events)
{
	struct clients *clients = data;
	AUTO(fd) int fd = accept4(clients->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 && same_user(fd))
		/* One too many is hung up on. */
		(void)!clients_adopt(clients, take_fd(fd), NULL);
}

static int enter_tmpfs(void)
{
	AUTO(strv) struct strv options = { 0 };

	strv_add(&options, "mode=0700");
	strv_add(&options, "size=64k");
	AUTO(fd)
	int mount = mount_new("tmpfs", "cubby-monitor", &options,
			      MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, NULL);
	if (mount < 0)
		return mount;
	return fchdir(mount) < 0 ? -errno : 0;
}

int clients_listen(struct clients *clients, struct err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "ctl" };

	int r = enter_tmpfs();
	if (r < 0)
		return err_sys(err, r, "cannot mount the monitor's own tmpfs");
	clients->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (clients->listener < 0 ||
	    bind(clients->listener, (struct sockaddr *)&name, sizeof name) < 0 ||
	    listen(clients->listener, CLIENTS_MAX) < 0)
		return err_sys(err, -errno, "cannot open the monitor's socket");
	r = loop_add(clients->loop, clients->listener, EPOLLIN, accept_ready, clients,
		     &clients->listener_source);
	return r < 0 ? err_sys(err, r, "cannot serve the monitor's socket") : 0;
}

void clients_each(struct clients *clients, void (*fn)(void *data, struct client *c), void *data)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (clients->all[i].fd >= 0)
			fn(data, &clients->all[i]);
}

static void tell_end(unused_arg void *data, struct client *c)
{
	if (c->waits == CLIENT_WAITS_NOT)
		return;
	c->owes_end = true;
	serve_owed(c);
}

void clients_ended(struct clients *clients, int status)
{
	clients->ended = true;
	clients->status = status;
	clients_each(clients, tell_end, NULL);
}

static void begin_to_leave(unused_arg void *data, struct client *c)
{
	if (c->waits == CLIENT_WAITS_NOT)
		return;
	c->streams = 0; /* what is kept for it still goes there */
	c->leaving = true;
	tell_end(NULL, c);
}

void clients_round(struct clients *clients, int status)
{
	clients->status = status;
	clients_each(clients, begin_to_leave, NULL);
}

bool clients_leaving(const struct clients *clients)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (clients->all[i].fd >= 0 && clients->all[i].leaving)
			return true;
	return false;
}

void client_waits(struct client *c, enum client_wait what)
{
	c->waits = what;
	if (c->owner->ended)
		tell_end(NULL, c);
}

static bool has_message(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

static void hear_out(unused_arg void *data, struct client *c)
{
	/* One that went on asking for ever would keep the others waiting. */
	for (int i = 0; i < CATCH_UP_MAX && has_message(c->fd); i++)
		if (!receive(c))
			return;
}

void clients_catch_up(struct clients *clients)
{
	for (int i = 0; i < CLIENTS_MAX && clients->listener >= 0; i++) {
		if (!has_message(clients->listener))
			break;
		accept_ready(clients, 0);
	}
	clients_each(clients, hear_out, NULL);
}

static void settle_one(unused_arg void *data, struct client *c)
{
	settle(c);
}

void clients_dismiss(struct clients *clients)
{
	clients->dismissed = true;
	loop_remove(take_ptr(clients->listener_source));
	fd_close(take_fd(clients->listener));
	clients_each(clients, settle_one, NULL);
	end_if_alone(clients);
}

static void answer(struct client *c, int r)
{
	/* It waits for nothing but this; a socket that is full of output it does not read is stuck. */
	if (r < 0)
		let_go(c);
}

void client_done(struct client *c, int32_t number)
{
	answer(c, wire_send_number(c->fd, MONITOR_DONE, number));
}

void client_failed(struct client *c, const struct err *err, int status)
{
	answer(c, wire_fail(c->fd, err, status));
}

void client_taken(struct client *c)
{
	c->owes_taken = true;
	serve_owed(c);
}

void clients_free(struct clients *clients)
{
	if (!clients)
		return;
	for (int i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &clients->all[i];
		if (c->fd < 0)
			continue;
		loop_remove(c->source);
		fd_close(c->fd);
	}
	loop_remove(clients->listener_source);
	fd_close(clients->listener);
	loop_remove(clients->stuck);
	for (int i = 0; i < STREAM_COUNT; i++)
		free(clients->outboxes[i].bytes);
	free(clients->ins);
	free(clients);
}
