/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attach - the user's terminal and streams on one side, a container's on the other
 *
 * One message of output is held at a time: while our stdout does not take it, the socket is not read,
 * and the monitor lets the container wait.
 */
#include "monitor/attach.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "monitor/guard.h"
#include "monitor/keys.h"
#include "monitor/outlet.h"
#include "monitor/wire.h"

enum { RUNNING = -1 };

struct attach {
	int sock;
	const struct attach_options *options;
	struct guard guard;
	struct keys keys;
	struct outlet outs[2];
	bool in_open;
	bool credit; /* the monitor takes another IN */
	int status;  /* of the container, RUNNING before */
	int target;  /* index in outs of what came last */
	struct wire held;
	char typed[MONITOR_PAYLOAD - KEYS_MAX];
	char passed[MONITOR_PAYLOAD];
};

static inline void auto_attach(struct attach **a)
{
	if (!*a)
		return;
	guard_end(&(*a)->guard);
	for (int i = 0; i < 2; i++)
		outlet_close(&(*a)->outs[i]);
	free(*a);
}

static int lost(struct err *err)
{
	return err_set(err, -ECONNRESET, "the container's monitor was lost");
}

/* The container gets to know as a writer to a pipe would; then we end by the signal that is pending. */
static int nobody_reads(struct attach *a, struct err *err)
{
	int32_t stream = a->target + 1;

	(void)!wire_send(a->sock, MONITOR_OUT_END, &stream, sizeof stream); /* it may be gone */
	guard_die(&a->guard, SIGPIPE);
	return err_set(err, -EPIPE, "nobody reads the output");
}

/* Return: 1 to go on; 0 when the monitor has hung up; otherwise a negative errno. */
static int take_message(struct attach *a, struct err *err)
{
	int r = wire_recv(a->sock, &a->held, NULL, NULL);

	if (r == -EINTR || r == -EAGAIN)
		return 1;
	if (r <= 0)
		return r < 0 ? err_sys(err, r, "cannot understand the container's monitor") : 0;
	switch (a->held.head.type) {
	case MONITOR_OUT:
	case MONITOR_ERR:
		a->target = a->held.head.type == MONITOR_ERR;
		if (outlet_put(&a->outs[a->target], a->held.bytes, a->held.head.size) == -EPIPE)
			return nobody_reads(a, err);
		return 1;
	case MONITOR_TAKEN:
		a->credit = true;
		return 1;
	case MONITOR_EXIT:
		a->status = wire_number(&a->held);
		return 1;
	default:
		return 1; /* answers to forwarded signals */
	}
}

static int send_input(struct attach *a, const char *bytes, size_t size)
{
	if (!size)
		return 0;
	a->credit = false;
	return wire_send(a->sock, MONITOR_IN, bytes, size);
}

/* What was held back as the beginning of the detach keys is input after all. */
static int end_input(struct attach *a)
{
	size_t held = a->keys.matched;

	a->keys.matched = 0;
	if (held) {
		/* The end comes once this is taken: stdin is still at its end then. */
		return send_input(a, a->keys.bytes, held);
	}
	a->in_open = false;
	return wire_send(a->sock, MONITOR_IN_END, NULL, 0);
}

/* Return: 1 to go on; 0 when the user detached; negative when the monitor is gone. */
static int take_input(struct attach *a)
{
	size_t size;

	ssize_t n = read(STDIN_FILENO, a->typed, sizeof a->typed);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n <= 0)
		return end_input(a) < 0 ? -EPIPE : 1;
	bool detach = keys_feed(&a->keys, a->typed, (size_t)n, a->passed, &size);
	if (send_input(a, a->passed, size) < 0)
		return -EPIPE;
	if (!detach)
		return 1;
	(void)!wire_send(a->sock, MONITOR_DETACH, NULL, 0); /* hanging up follows */
	return 0;
}

static void send_size(const struct attach *a, bool redraw)
{
	struct monitor_size size, other;

	if (terminal_size(STDIN_FILENO, &size.rows, &size.columns) < 0 &&
	    terminal_size(STDOUT_FILENO, &size.rows, &size.columns) < 0)
		return;
	/* The kernel tells the programs of a change alone. */
	other = (struct monitor_size){ .rows = size.rows + 1, .columns = size.columns };
	if (redraw)
		(void)!wire_send(a->sock, MONITOR_RESIZE, &other, sizeof other);
	(void)!wire_send(a->sock, MONITOR_RESIZE, &size, sizeof size);
}

static void take_signals(struct attach *a)
{
	bool forward = a->options->forward_signals && !a->options->tty;
	int number;

	while ((number = guard_next(&a->guard))) {
		int32_t payload = number;
		if (number == SIGWINCH) {
			if (a->options->tty)
				send_size(a, false);
		} else if (forward) {
			(void)!wire_send(a->sock, MONITOR_SIGNAL, &payload, sizeof payload);
		} else {
			guard_die(&a->guard, number);
			return;
		}
	}
}

static int hung_up(const struct attach *a, struct err *err)
{
	return a->status == RUNNING ? lost(err) : outlet_status(a->status, a->outs[0].lost, err);
}

static int carry(struct attach *a, struct err *err)
{
	for (;;) {
		struct outlet *out = &a->outs[a->target];
		bool held = outlet_pending(out);
		struct pollfd fds[] = {
			{ .fd = held ? -1 : a->sock, .events = POLLIN },
			{ .fd = a->in_open && a->credit ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = a->guard.signals, .events = POLLIN },
			{ .fd = held ? out->fd : -1, .events = POLLOUT },
		};
		if (poll(fds, array_len(fds), -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, -errno, "cannot wait for the container");
		}
		if (fds[2].revents)
			take_signals(a);
		if (fds[3].revents && outlet_go_on(out) == -EPIPE)
			return nobody_reads(a, err);
		if (fds[0].revents) {
			int r = take_message(a, err);
			if (r <= 0)
				return r < 0 ? r : hung_up(a, err);
		}
		/* A monitor that is gone is seen by its hanging up. */
		if (fds[1].revents && take_input(a) == 0)
			return ATTACH_DETACHED;
	}
}

int attach_run(int sock, const struct attach_options *options, bool redraw, struct err *err)
{
	struct monitor_attach request = {
		.streams = (options->in ? MONITOR_GIVE_IN : 0) |
			   (options->out ? MONITOR_WANT_OUT : 0) |
			   (options->errout ? MONITOR_WANT_ERR : 0),
	};
	AUTO(attach) struct attach *a = mem_new(struct attach);

	a->sock = sock;
	a->options = options;
	a->in_open = options->in;
	a->credit = true;
	a->status = RUNNING;
	a->guard.signals = -1;
	outlet_open(STDOUT_FILENO, &a->outs[0]);
	outlet_open(STDERR_FILENO, &a->outs[1]);
	int r = keys_parse(options->detach_keys, &a->keys, err);
	if (r < 0)
		return r;
	if (!options->tty)
		a->keys.count = 0; /* bytes of a pipe are no keys */
	bool raw = options->tty && options->in && isatty(STDIN_FILENO);
	r = guard_begin(raw, options->forward_signals && !options->tty, &a->guard);
	if (r < 0)
		return err_sys(err, r, "cannot prepare the terminal");
	if (options->tty)
		send_size(a, redraw);
	/* Where that fails, what was said before the monitor went is still there to read. */
	(void)!wire_send(sock, MONITOR_ATTACH, &request, sizeof request);
	return carry(a, err);
}
