/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * carry - the user's terminal and streams on one side, a process of our own on the other
 */
#include "monitor/carry.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/proc.h"
#include "monitor/attach.h"
#include "monitor/guard.h"
#include "monitor/keys.h"
#include "monitor/outlet.h"

enum { CHUNK = 32 << 10, OUTS = 2 };

/* One direction from the process to us. */
struct flow {
	int from; /* -1: at its end */
	struct outlet to;
	char bytes[CHUNK];
};

struct carrier {
	const struct carry *c;
	struct guard guard;
	struct keys keys;
	struct flow flows[OUTS];
	int in;	      /* where what is typed goes; -1: nowhere any more */
	bool in_open; /* our stdin has more */
	bool detached;
	const char *pending; /* of passed */
	size_t pending_size;
	char typed[CHUNK];
	char passed[CHUNK + KEYS_MAX];
};

static void close_in(struct carrier *k)
{
	if (k->in != k->c->console)
		fd_close(k->in);
	k->in = -1;
}

static inline void auto_carrier(struct carrier **k)
{
	if (!*k)
		return;
	guard_end(&(*k)->guard);
	close_in(*k);
	for (int i = 0; i < OUTS; i++) {
		fd_close((*k)->flows[i].from);
		outlet_close(&(*k)->flows[i].to);
	}
	free(*k);
}

/* Return: 1 when something came; 0 when nothing is there; -EPIPE when nobody reads us. */
static int move(struct flow *f)
{
	ssize_t n = read(f->from, f->bytes, sizeof f->bytes);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		fd_close(take_fd(f->from));
		return 0;
	}
	int r = outlet_put(&f->to, f->bytes, (size_t)n);
	return r < 0 ? r : 1;
}

/* Its next write fails then, as in a pipe without us. */
static int nobody_reads(struct carrier *k, struct flow *f, struct err *err)
{
	fd_close(take_fd(f->from));
	guard_die(&k->guard, SIGPIPE);
	return err_set(err, -EPIPE, "nobody reads the output");
}

static void give_input(struct carrier *k)
{
	while (k->in >= 0 && k->pending_size) {
		ssize_t n = write(k->in, k->pending, k->pending_size);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			close_in(k);
			return;
		}
		k->pending += n;
		k->pending_size -= (size_t)n;
	}
	k->pending_size = 0;
	if (!k->in_open && !k->keys.matched && k->c->console < 0)
		close_in(k);
}

static void end_input(struct carrier *k)
{
	k->in_open = false;
	k->pending = k->keys.bytes;
	k->pending_size = k->keys.matched;
	k->keys.matched = 0;
	give_input(k);
}

static void take_input(struct carrier *k)
{
	ssize_t n = read(STDIN_FILENO, k->typed, sizeof k->typed);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_input(k);
		return;
	}
	k->detached = keys_feed(&k->keys, k->typed, (size_t)n, k->passed, &k->pending_size);
	k->pending = k->passed;
	give_input(k);
}

static void take_signals(struct carrier *k)
{
	uint16_t rows, columns;
	int number;

	while ((number = guard_next(&k->guard))) {
		if (number != SIGWINCH) {
			guard_die(&k->guard, number);
			return;
		}
		if (k->c->console >= 0 && terminal_size(STDIN_FILENO, &rows, &columns) == 0)
			/* A terminal that is gone needs no size. */
			(void)!terminal_resize(k->c->console, rows, columns);
	}
}

/* What is there when the process has ended still belongs to it. */
static int drain(struct carrier *k, struct err *err)
{
	for (int i = 0; i < OUTS; i++) {
		struct flow *f = &k->flows[i];
		for (;;) {
			struct pollfd p = { .fd = f->to.fd, .events = POLLOUT };
			if (outlet_pending(&f->to)) {
				if (poll(&p, 1, -1) > 0 && outlet_go_on(&f->to) < 0)
					return nobody_reads(k, f, err);
				continue;
			}
			int r = f->from >= 0 ? move(f) : 0;
			if (r < 0)
				return nobody_reads(k, f, err);
			if (r == 0)
				break;
		}
	}
	*k->c->out_lost = k->flows[0].to.lost;
	return proc_wait(k->c->pidfd);
}

/* Without anybody at its other end the terminal would hang up on the process. */
static int keep_terminal(struct carrier *k)
{
	char bytes[CHUNK];

	/* Our end hangs up on our terminal's session, which the keeper may not have left yet. */
	(void)signal(SIGHUP, SIG_IGN);
	pid_t pid = fork();
	if (pid != 0)
		return ATTACH_DETACHED; /* without the process: as when a terminal is closed */
	(void)setsid();
	guard_end(&k->guard);
	int r = fd_stdio(-1, -1, -1);
	if (r == 0)
		r = fd_nonblock(k->c->console, false);
	while (r == 0 && read(k->c->console, bytes, sizeof bytes) > 0)
		;
	_exit(0);
}

static int serve(struct carrier *k, struct err *err)
{
	for (;;) {
		struct flow *o = &k->flows[0], *e = &k->flows[1];
		bool take = k->in_open && !k->pending_size && k->in >= 0;
		struct pollfd fds[] = {
			{ .fd = k->c->pidfd, .events = POLLIN },
			{ .fd = k->guard.signals, .events = POLLIN },
			{ .fd = take ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = k->pending_size ? k->in : -1, .events = POLLOUT },
			{ .fd = outlet_pending(&o->to) ? o->to.fd : -1, .events = POLLOUT },
			{ .fd = outlet_pending(&e->to) ? e->to.fd : -1, .events = POLLOUT },
			{ .fd = outlet_pending(&o->to) ? -1 : o->from, .events = POLLIN },
			{ .fd = outlet_pending(&e->to) ? -1 : e->from, .events = POLLIN },
		};
		if (poll(fds, array_len(fds), -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, -errno, "cannot wait for the process");
		}
		if (fds[1].revents)
			take_signals(k);
		for (int i = 0; i < OUTS; i++) {
			struct flow *f = &k->flows[i];
			int r = fds[4 + i].revents ? outlet_go_on(&f->to) : 0;
			if (r == 0 && fds[6 + i].revents)
				r = move(f);
			if (r < 0)
				return nobody_reads(k, f, err);
		}
		if (k->c->console >= 0 && k->flows[0].from < 0)
			k->in = -1; /* the terminal was the way in, too */
		if (fds[0].revents)
			return drain(k, err);
		if (fds[3].revents)
			give_input(k);
		if (fds[2].revents)
			take_input(k);
		if (k->detached)
			return keep_terminal(k);
	}
}

static int nonblocking(const struct carry *c)
{
	const int all[] = { c->console, c->in, c->out, c->errout };

	for (size_t i = 0; i < array_len(all); i++) {
		int r = all[i] >= 0 ? fd_nonblock(all[i], true) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int carry_run(const struct carry *c, struct err *err)
{
	AUTO(carrier) struct carrier *k = mem_new(struct carrier);

	k->c = c;
	k->guard.signals = -1;
	k->in = c->in;
	k->in_open = c->in >= 0;
	k->flows[0].from = c->console >= 0 ? c->console : c->out;
	k->flows[1].from = c->errout;
	outlet_open(STDOUT_FILENO, &k->flows[0].to);
	outlet_open(STDERR_FILENO, &k->flows[1].to);
	int r = c->console >= 0 ? keys_parse(c->detach_keys, &k->keys, err) : 0;
	if (r < 0)
		return r;
	r = nonblocking(c);
	if (r == 0)
		r = guard_begin(c->raw, false, &k->guard);
	return r < 0 ? err_sys(err, r, "cannot prepare the terminal") : serve(k, err);
}
