/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * requests - what a monitor does for its clients, one function a message
 */
#include "monitor/requests.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "monitor/control.h"
#include "monitor/health.h"
#include "monitor/hog.h"
#include "monitor/rest.h"
#include "store/event.h"
#include "store/record.h"
#include "store/transition.h"

enum { EXEC_BYTES_MAX = 4 << 20, EXIT_STATUS_FAILED = 125 };

struct request {
	struct monitor *m;
	struct client *c;
	const struct wire *in;
	const int *fds;
	size_t count;
};

static void tell(const struct request *q, enum event_action action)
{
	event_container(q->m->args.store, q->m->args.state, action, NULL);
}

static void tell_signal(const struct request *q, enum event_action action, int number)
{
	char text[EVENT_DETAIL];
	const char *const details[] = { text, NULL };

	(void)snprintf(text, sizeof text, "signal=%d", number);
	event_container(q->m->args.store, q->m->args.state, action, details);
}

static int on_hello(const struct request *q, unused_arg struct err *err)
{
	return wire_send_number(q->c->fd, MONITOR_WELCOME, MONITOR_VERSION);
}

static int on_attach(const struct request *q, unused_arg struct err *err)
{
	struct monitor_attach attach;

	wire_copy(q->in, &attach, sizeof attach);
	q->c->streams = attach.streams;
	client_waits(q->c, CLIENT_WAITS_EXIT);
	tell(q, EVENT_ATTACH);
	if (q->m->pidfd >= 0)
		for (int i = 0; i < STREAM_COUNT; i++)
			streams_resume(q->m->streams, (enum stream)i);
	return 0;
}

/* Writes on what one client sent. Return: whether the container took all of it. */
static bool write_on(struct monitor *m, struct client *c)
{
	ssize_t n = streams_input(m->streams, c->in + c->in_at, c->in_size - c->in_at);

	/* What nobody reads any more is taken as read, as a closed pipe's writer would see it. */
	c->in_at = n < 0 ? c->in_size : c->in_at + (size_t)n;
	if (c->in_at < c->in_size)
		return false;
	c->in_at = c->in_size = 0;
	client_taken(c);
	return true;
}

static void write_on_each(void *data, struct client *c)
{
	if (c->in_size)
		(void)write_on(data, c); /* a full pipe calls back again */
}

void requests_input(void *data)
{
	struct monitor *m = data;

	clients_each(m->clients, write_on_each, m);
}

static int on_in(const struct request *q, unused_arg struct err *err)
{
	if (!(q->c->streams & MONITOR_GIVE_IN) || q->c->in_size)
		return -EPROTO;
	memcpy(q->c->in, q->in->bytes, q->in->head.size);
	q->c->in_at = 0;
	q->c->in_size = q->in->head.size;
	if (q->c->in_size)
		(void)write_on(q->m, q->c);
	return 0;
}

/* stdin is closed with the client that it was opened for, not with one that came later. */
static int on_in_end(const struct request *q, unused_arg struct err *err)
{
	if (q->c->foreground && !q->c->in_size)
		streams_input_end(q->m->streams);
	return 0;
}

static int on_resize(const struct request *q, unused_arg struct err *err)
{
	struct monitor_size size;

	wire_copy(q->in, &size, sizeof size);
	streams_resize(q->m->streams, size.rows, size.columns);
	return 0;
}

static int on_out_end(const struct request *q, unused_arg struct err *err)
{
	if (q->c->foreground)
		streams_output_end(q->m->streams,
				   wire_number(q->in) == 2 ? STREAM_ERR : STREAM_OUT);
	return 0;
}

static int on_detach(const struct request *q, unused_arg struct err *err)
{
	q->c->detached = true;
	q->c->streams = 0;
	return 0;
}

void requests_gone(void *data, struct client *c)
{
	struct monitor *m = data;

	if (c != m->first)
		return;
	m->first = NULL;
	if (m->pidfd < 0)
		return;
	if (!c->detached && (c->streams & MONITOR_GIVE_IN))
		streams_input_end(m->streams);
	/* Output may have waited for it to attach. */
	for (int i = 0; i < STREAM_COUNT; i++)
		streams_resume(m->streams, (enum stream)i);
}

static int running(const struct monitor *m, struct err *err)
{
	return m->pidfd >= 0 ? 0 : err_set(err, -ESRCH, "the container has ended");
}

static int on_signal(const struct request *q, struct err *err)
{
	int number = wire_number(q->in);
	bool ends = control_ends(q->m, number);
	int r = ends && q->m->rest.resting ? 0 : control_signal(q->m, number, err);

	if (r < 0)
		return r;
	tell_signal(q, EVENT_KILL, number);
	client_done(q->c, 0);
	if (ends)
		rest_last(q->m, true);
	return 0;
}

/* `kill` asks like `stop` when it is SIGKILL, because it waits for the end as well. */
static void tell_stop(const struct request *q, const struct monitor_stop *stop)
{
	const int own = q->m->args.config->stop_signal;

	if (stop->signal == SIGKILL && stop->timeout == 0) {
		tell_signal(q, EVENT_KILL, SIGKILL);
		return;
	}
	tell_signal(q, EVENT_STOP_SIGNAL, stop->signal ? stop->signal : own ? own : SIGTERM);
	q->m->stopped = true;
}

static int on_stop(const struct request *q, struct err *err)
{
	struct monitor_stop stop;

	int r = q->m->rest.resting ? 0 : running(q->m, err);
	if (r < 0)
		return r;
	wire_copy(q->in, &stop, sizeof stop);
	if (stop.signal < 0 || stop.signal >= NSIG)
		return err_set(err, -EINVAL, "there is no signal %d", stop.signal);
	client_waits(q->c, CLIENT_WAITS_STOP);
	tell_stop(q, &stop);
	rest_last(q->m, true);
	if (q->m->pidfd >= 0)
		control_stop(q->m, stop.signal, stop.timeout);
	return 0;
}

static int pause_request(const struct request *q, bool on, struct err *err)
{
	int r = running(q->m, err);

	if (r == 0 && on)
		health_rest(q->m);
	if (r == 0)
		r = control_pause(q->m, on, err);
	health_go_on(q->m); /* where it runs */
	if (r < 0)
		return r;
	tell(q, on ? EVENT_PAUSE : EVENT_UNPAUSE);
	client_done(q->c, 0);
	return 0;
}

static int on_pause(const struct request *q, struct err *err)
{
	return pause_request(q, true, err);
}

static int on_unpause(const struct request *q, struct err *err)
{
	return pause_request(q, false, err);
}

static int on_wait(const struct request *q, unused_arg struct err *err)
{
	client_waits(q->c, CLIENT_WAITS_EXIT);
	return 0;
}

static int on_handles(const struct request *q, struct err *err)
{
	struct monitor_handles handles = { 0 };
	int fds[HANDLE_COUNT];
	size_t n = 0;

	int r = running(q->m, err);
	if (r < 0)
		return r;
	for (int i = 0; i < HANDLE_COUNT; i++) {
		if (q->m->handles[i] < 0)
			continue;
		handles.present |= 1U << i;
		fds[n++] = q->m->handles[i];
	}
	return wire_send_fds(q->c->fd, MONITOR_DONE, (int32_t)handles.present, fds, n);
}

static int on_sockets(const struct request *q, unused_arg struct err *err)
{
	const struct monitor_args *args = &q->m->args;

	return wire_send_fds(q->c->fd, MONITOR_DONE, (int32_t)args->socket_count, args->sockets,
			     args->socket_count);
}

static int on_exec(const struct request *q, struct err *err)
{
	const struct monitor_hooks *hooks = &q->m->args.hooks;
	AUTO(mem) char *json = NULL;
	size_t size;
	int status = EXIT_STATUS_FAILED;

	int r = running(q->m, err);
	if (r == 0)
		r = transition_check(q->m->args.state->name, q->m->args.state->status, VERB_EXEC,
				     NULL, err);
	if (r < 0)
		return r;
	if (q->count != 1)
		return err_set(err, -EBADMSG, "exec came without its description");
	r = fd_read_all(q->fds[0], EXEC_BYTES_MAX, &json, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read what to execute");
	r = hooks->exec(hooks->data, json, size, &status, err);
	if (r < 0) {
		client_failed(q->c, err, status);
		err_clear(err);
		return 0;
	}
	client_done(q->c, r);
	return 0;
}

static int on_remove(const struct request *q, unused_arg struct err *err)
{
	q->m->remove = true;
	client_done(q->c, 0);
	return 0;
}

static int on_rename(const struct request *q, struct err *err)
{
	struct container_state *state = q->m->args.state;

	int r = record_check_name(q->in->bytes, err);
	if (r < 0)
		return r;
	str_set(&state->name, q->in->bytes);
	r = record_state_save(q->m->args.store, state, false, err);
	if (r < 0)
		return r;
	q->m->args.hooks.renamed(q->m->args.hooks.data);
	client_done(q->c, 0);
	return 0;
}

/* Between two runs a membership is kept as well: the next run has it. */
static int on_connect(const struct request *q, struct err *err)
{
	const struct monitor_hooks *hooks = &q->m->args.hooks;
	AUTO(mem) char *json = NULL;
	size_t size;

	if (q->count < 1)
		return err_set(err, -EBADMSG, "a network came without its description");
	int r = fd_read_all(q->fds[0], EXEC_BYTES_MAX, &json, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read which network it is");
	r = hooks->connect(hooks->data, json, size, q->fds + 1, q->count - 1, err);
	if (r == 0)
		client_done(q->c, 0);
	return r;
}

static int on_disconnect(const struct request *q, struct err *err)
{
	const struct monitor_hooks *hooks = &q->m->args.hooks;
	int r = hooks->disconnect(hooks->data, q->in->bytes, err);

	if (r == 0)
		client_done(q->c, 0);
	return r;
}

static int on_check(const struct request *q, struct err *err)
{
	return health_ask(q->m, q->c, err);
}

/* Who changed them has set them on the processes; memory is watched from here. */
static void take_limits(struct monitor *m)
{
	const struct resources *resources = &m->args.config->resources;
	struct container_state *state = m->args.state;
	const char *rest;

	state->memory = resources->memory;
	if (!state->cgroup)
		state->fallbacks = (int)resources_fallbacks(resources, &rest) |
				   (state->fallbacks & (int)FALLBACK_PIDS);
	if (m->pidfd >= 0)
		hog_begin(m);
}

/* What is taken over is what the monitor itself decides by; the rest is for the next start. */
static int on_reload(const struct request *q, struct err *err)
{
	struct monitor *m = q->m;
	AUTO(container_config) struct container_config *fresh = NULL;
	struct restart policy;

	int r = record_config_load(m->args.store, m->args.config->id, &fresh, err);
	if (r == 0)
		r = restart_parse(fresh->restart, &policy, err);
	if (r < 0)
		return r;
	container_config_free(m->reloaded);
	m->args.config = m->reloaded = take_ptr(fresh);
	m->rest.policy = policy;
	str_set(&m->args.state->restart, m->reloaded->restart);
	health_change(m);
	take_limits(m);
	r = m->args.hooks.changed(m->args.hooks.data, m->reloaded, err);
	if (r == 0)
		r = record_state_save(m->args.store, m->args.state, false, err);
	if (r < 0)
		return r;
	client_done(q->c, 0);
	if (m->rest.resting && !rest_wanted(m))
		rest_last(m, false);
	return 0;
}

typedef int (*request_fn)(const struct request *q, struct err *err);

static const request_fn requests[] = {
	[MONITOR_HELLO] = on_hello,	[MONITOR_ATTACH] = on_attach,
	[MONITOR_IN] = on_in,		[MONITOR_IN_END] = on_in_end,
	[MONITOR_RESIZE] = on_resize,	[MONITOR_SIGNAL] = on_signal,
	[MONITOR_STOP] = on_stop,	[MONITOR_PAUSE] = on_pause,
	[MONITOR_UNPAUSE] = on_unpause, [MONITOR_WAIT] = on_wait,
	[MONITOR_HANDLES] = on_handles, [MONITOR_EXEC] = on_exec,
	[MONITOR_DETACH] = on_detach,	[MONITOR_REMOVE] = on_remove,
	[MONITOR_RENAME] = on_rename,	[MONITOR_OUT_END] = on_out_end,
	[MONITOR_CHECK] = on_check,	[MONITOR_RELOAD] = on_reload,
	[MONITOR_CONNECT] = on_connect, [MONITOR_DISCONNECT] = on_disconnect,
	[MONITOR_SOCKETS] = on_sockets,
};

void requests_serve(void *data, struct client *c, const struct wire *in, const int *fds,
		    size_t count)
{
	struct request q = { .m = data, .c = c, .in = in, .fds = fds, .count = count };
	request_fn fn = in->head.type < array_len(requests) ? requests[in->head.type] : NULL;
	AUTO(err) struct err err = { 0 };

	int r = fn ? fn(&q, &err)
		   : err_set(&err, -ENOSYS, "this monitor is older and does not know that request");
	if (r < 0 && !err.text)
		(void)err_sys(&err, r, "the request failed");
	if (r < 0)
		client_failed(c, &err, EXIT_STATUS_FAILED);
}
