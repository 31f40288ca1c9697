/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * monitor - what stays beside a container: its streams, its log, its clients, its end
 *
 * The monitor is an init: it reaps whatever was left to it. A SIGTERM (the machine shuts down) stops the
 * container as `stop` does.
 */
#include "monitor/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/memory.h"
#include "base/proc.h"
#include "monitor/control.h"
#include "monitor/exit.h"
#include "monitor/health.h"
#include "monitor/hog.h"
#include "monitor/inside.h"
#include "monitor/notify.h"
#include "monitor/oom.h"
#include "monitor/requests.h"
#include "monitor/rest.h"
#include "monitor/sync.h"
#include "store/event.h"
#include "store/record.h"

/* What runs shorter than this is synced at its end alone, and has no time to be small. */
#define SETTLE_DELAY CLOCK_SECOND

/* Whether its record must outlive a power cut. */
static bool is_kept(const struct monitor *m)
{
	return !m->remove && !m->args.config->build;
}

static void settle(void *data)
{
	const struct monitor *m = data;

	if (is_kept(m))
		sync_aside(m->args.dir, m->args.store->dir);
	memory_settle();
}

static bool take_output(void *data, enum stream stream, const char *bytes, size_t size)
{
	struct monitor *m = data;

	if (m->log && log_write(m->log, stream, bytes, size) < 0)
		log_debug("the log of %s cannot be written", m->args.config->id);
	return clients_output(m->clients, stream, bytes, size);
}

static bool is_awaited(void *data, enum stream stream)
{
	const struct monitor *m = data;

	return clients_want(m->clients, stream);
}

static void resume(void *data, enum stream stream)
{
	struct monitor *m = data;

	if (m->pidfd >= 0)
		streams_resume(m->streams, stream);
}

/* Seen by their pidfds, not by what was reaped: that may have been anybody's child. */
static void check_helpers(struct monitor *m)
{
	for (size_t i = 0; i < m->helper_count; i++) {
		int pidfd = m->helpers[i];
		struct pollfd p = { .fd = pidfd, .events = POLLIN };
		if (poll(&p, 1, 0) <= 0)
			continue;
		m->helpers[i--] = m->helpers[--m->helper_count];
		m->args.hooks.helper_ended(m->args.hooks.data, pidfd);
	}
}

/* Who started it and is about to attach gets its output and its status, however short it was. */
static void try_end(struct monitor *m)
{
	bool awaited = m->args.attached && m->first && m->first->waits == CLIENT_WAITS_NOT &&
		       !m->first->detached;

	if (!m->reaped || m->ended || m->rest.resting || awaited)
		return;
	health_rest(m);
	if (rest_wanted(m))
		rest_begin(m);
	else
		monitor_end(m);
}

static void tell_reaped(void *data, int pid, int status)
{
	const struct monitor *m = data;

	m->args.hooks.reaped(m->args.hooks.data, pid, status);
}

void monitor_check(struct monitor *m)
{
	int status;

	if (!exit_reap(m->reaped ? -1 : m->pidfd, tell_reaped, m, &status)) {
		check_helpers(m);
		return;
	}
	m->reaped = true;
	m->status = status;
	try_end(m);
}

/* The machine or the session ends: unless-stopped is as it was. */
static void shut_down(struct monitor *m)
{
	rest_last(m, false);
	if (m->pidfd >= 0)
		control_stop(m, 0, -1);
}

static void signal_ready(void *data, unused_arg uint32_t events)
{
	struct monitor *m = data;
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo == SIGTERM && !m->ended)
			shut_down(m);
	if (!m->ended)
		monitor_check(m);
}

static void kill_now(void *data)
{
	control_kill(data);
}

static int add_signals(struct monitor *m, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(err, -errno, "cannot block signals");
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m->signals < 0)
		return err_sys(err, -errno, "cannot receive signals");
	int r = loop_add(m->loop, m->signals, EPOLLIN, signal_ready, m, &m->signal_source);
	return r < 0 ? err_sys(err, r, "cannot receive signals") : 0;
}

static void serve_request(void *data, struct client *c, const struct wire *in, const int *fds,
			  size_t count)
{
	requests_serve(data, c, in, fds, count);
	try_end(data);
}

static void forget(void *data, struct client *c)
{
	requests_gone(data, c);
	try_end(data);
	rest_ready(data);
}

static int add_clients(struct monitor *m, struct err *err)
{
	struct clients_hooks hooks = {
		.data = m,
		.request = serve_request,
		.gone = forget,
		.room = resume,
	};

	int r = clients_new(m->loop, &hooks, &m->clients);
	if (r == 0)
		r = clients_adopt(m->clients, take_fd(m->args.client), &m->first);
	if (r < 0)
		return err_sys(err, r, "cannot serve clients");
	m->first->foreground = true;
	return clients_listen(m->clients, err);
}

static int add_log(struct monitor *m, struct err *err)
{
	const struct container_config *config = m->args.config;
	struct log_options options;

	int r = log_options_parse(config->log_driver, &config->log_options, &options, err);
	if (r < 0)
		return r;
	m->passthrough = options.driver == LOG_PASSTHROUGH;
	if (options.driver == LOG_NONE || options.driver == LOG_PASSTHROUGH)
		return 0;
	return log_open(m->args.dir, &options, config, &m->log, err);
}

int monitor_new(const struct monitor_args *args, struct monitor **out, struct err *err)
{
	AUTO(monitor) struct monitor *m = mem_new(struct monitor);
	struct streams_hooks hooks = { .data = m,
				       .output = take_output,
				       .input_room = requests_input,
				       .awaited = is_awaited };

	m->args = *args;
	m->remove = args->config->remove;
	m->signals = m->pidfd = m->health.sock = m->notify.sock = m->hog.proc = m->hog.host = -1;
	m->group = m->oom.fd = -1;
	for (int i = 0; i < HANDLE_COUNT; i++)
		m->handles[i] = -1;
	int r = loop_new(&m->loop);
	if (r == 0)
		r = loop_timer(m->loop, kill_now, m, &m->kill_timer);
	if (r == 0)
		r = loop_timer(m->loop, settle, m, &m->settle_timer);
	if (r < 0)
		return err_sys(err, r, "cannot make the monitor's event loop");
	m->streams = streams_new(m->loop, &hooks);
	r = rest_new(m, err);
	if (r == 0)
		r = health_new(m, err);
	if (r == 0)
		r = hog_new(m, err);
	if (r == 0)
		r = notify_new(m, err);
	if (r == 0)
		r = add_signals(m, err);
	if (r == 0)
		r = add_log(m, err);
	if (r == 0)
		r = add_clients(m, err);
	if (r < 0)
		return r;
	*out = take_ptr(m);
	return 0;
}

int monitor_pipes(struct monitor *m, int out[3], struct err *err)
{
	if (m->passthrough) {
		for (int i = 0; i < 3; i++)
			out[i] = i;
		return 0;
	}
	return streams_pipes(m->streams, m->args.config->open_stdin, out, err);
}

int monitor_console(struct monitor *m, int master, struct err *err)
{
	return streams_console(m->streams, master, m->args.config->open_stdin, err);
}

void monitor_helper(struct monitor *m, int pidfd)
{
	bug_unless(m->helper_count < HELPERS_MAX);
	m->helpers[m->helper_count++] = pidfd;
}

void monitor_group(struct monitor *m, int dir)
{
	m->group = dir;
}

void monitor_forget(struct monitor *m, int pidfd)
{
	for (size_t i = 0; i < m->helper_count; i++)
		if (m->helpers[i] == pidfd)
			m->helpers[i--] = m->helpers[--m->helper_count];
}

int monitor_watch(struct monitor *m, int fd, monitor_fn fn, void *data, struct source **out)
{
	return loop_add(m->loop, fd, 0, fn, data, out);
}

int monitor_later(struct monitor *m, int64_t ns, loop_timer_fn fn, void *data, struct source **out)
{
	struct source *timer;
	int r = loop_timer(m->loop, fn, data, &timer);

	if (r < 0)
		return r;
	r = loop_timer_set(timer, ns);
	if (r < 0)
		loop_remove(timer);
	else
		*out = timer;
	return r;
}

void monitor_unwatch(struct source *source)
{
	loop_remove(source);
}

/* What listings and the next holder of the lock must know. */
static int note_running(struct monitor *m, struct err *err)
{
	struct container_state *state = m->args.state;
	AUTO(fd) int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	uint64_t start = 0, monitor_start = 0;

	state->pid = proc_host_pid(m->pidfd);
	state->monitor_pid = self < 0 ? self : proc_host_pid(self);
	if (state->pid < 0 || state->monitor_pid < 0 || proc_start_time(state->pid, &start) < 0 ||
	    proc_start_time(state->monitor_pid, &monitor_start) < 0)
		return err_set(err, -ESRCH, "the container's first process ended at once");
	state->pid_start = (int64_t)start;
	state->monitor_start = (int64_t)monitor_start;
	state->status = CONTAINER_RUNNING;
	state->started = clock_now();
	state->finished = 0;
	state->exit_code = 0;
	state->paused = 0;
	state->oom_killed = state->stopped_by_user = false;
	if (!m->rest.resting)
		state->restarts = 0;
	str_set(&state->error, NULL);
	str_set(&state->host_id, m->args.store->host_id);
	str_set(&state->boot_id, m->args.store->boot_id);
	return record_state_save(m->args.store, state, false, err);
}

int monitor_started(struct monitor *m, int pidfd, const int *handles, struct err *err)
{
	const struct container_config *config = m->args.config;
	bool hold = m->args.attached && m->first && !m->first->streams;

	m->pidfd = pidfd;
	rest_started(m);
	health_begin(m);
	for (int i = 0; i < HANDLE_COUNT; i++)
		m->handles[i] = handles[i];
	int r = note_running(m, err);
	if (r == 0)
		r = streams_begin(m->streams, hold, err);
	if (r < 0)
		return r;
	hog_begin(m);
	oom_begin(m);
	if (config->timeout > 0)
		(void)!loop_timer_set(m->kill_timer, config->timeout * CLOCK_SECOND);
	event_container(m->args.store, m->args.state, EVENT_INIT, NULL);
	event_container(m->args.store, m->args.state, EVENT_START, NULL);
	m->args.hooks.running(m->args.hooks.data);
	notify_started(m);
	if (m->first && !m->rest.resting)
		/* A command line that was killed is no reason to end the container. */
		(void)!wire_send_number(m->first->fd, MONITOR_STARTED, m->args.state->pid);
	(void)!loop_timer_set(m->settle_timer, SETTLE_DELAY);
	return 0;
}

static void note_end(struct monitor *m)
{
	struct container_state *state = m->args.state;
	AUTO(err) struct err err = { 0 };

	state->status = CONTAINER_EXITED;
	state->exit_code = m->status;
	if (!m->rest.resting)
		state->finished = clock_now();
	state->pid = 0;
	state->paused = 0;
	strv_clear(&state->ports);
	if (record_state_save(m->args.store, state, false, &err) < 0)
		log_debug("%s", err.text);
}

void monitor_tell_end(const struct monitor *m)
{
	char code[EVENT_DETAIL];
	const char *const details[] = { code, NULL };

	(void)snprintf(code, sizeof code, "exitCode=%d", m->status);
	if (!m->rest.resting)
		event_container(m->args.store, m->args.state, EVENT_DIED, details);
	if (m->stopped)
		event_container(m->args.store, m->args.state, EVENT_STOP, NULL);
}

/* Before those who wait for the end are let go: nobody listens any more then. */
static void close_sockets(struct monitor *m)
{
	for (size_t i = 0; i < m->args.socket_count; i++)
		fd_close(m->args.sockets[i]);
	m->args.socket_count = 0;
}

/* The numbers are those of monitor.h. */
void monitor_end(struct monitor *m)
{
	const struct monitor_hooks *hooks = &m->args.hooks;

	m->ended = true;
	health_rest(m);
	hog_rest(m);
	oom_rest(m);
	streams_drain(m->streams); /* (1) */
	m->pidfd = -1;
	m->args.state->log_entries = log_entries(m->log);
	log_close(take_ptr(m->log));
	if (!m->remove)
		note_end(m); /* (2); one that is removed has no use for it */
	monitor_tell_end(m);
	hooks->ended(hooks->data, false); /* (3) */
	event_container(m->args.store, m->args.state, EVENT_CLEANUP, NULL);
	clients_ended(m->clients, m->status);		       /* (4) */
	if (m->remove && hooks->remove(hooks->data, NULL) < 0) /* (5) */
		log_debug("container %s could not be removed", m->args.config->id);
	fd_close(take_fd(m->args.alive)); /* (6) */
	clients_catch_up(m->clients);	  /* who came meanwhile */
	close_sockets(m);
	clients_dismiss(m->clients);
	if (is_kept(m))
		sync_record(m->args.dir, m->args.store->dir); /* (7) */
	loop_remove(take_ptr(m->signal_source));
	loop_remove(take_ptr(m->kill_timer));
	loop_remove(take_ptr(m->settle_timer));
	loop_remove(take_ptr(m->rest.timer));
	health_free(m);
	hog_free(m);
	notify_free(m);
}

int monitor_run(struct monitor *m)
{
	monitor_check(m); /* what ended before it was watched */
	(void)loop_run(m->loop);
	return m->status;
}

void monitor_failed(struct monitor *m, const struct err *why, int status)
{
	if (m->first)
		/* A command line that was killed needs no answer. */
		(void)!wire_fail(m->first->fd, why, status);
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	streams_free(m->streams);
	clients_free(m->clients);
	log_close(m->log);
	health_free(m);
	hog_free(m);
	fd_close(m->oom.fd);
	notify_free(m);
	container_config_free(m->reloaded);
	loop_free(m->loop);
	fd_close(m->signals);
	fd_close(m->args.alive);
	fd_close(m->args.client);
	free(m);
}
