/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * running - verbs on containers that run: through their monitor
 *
 * Between reading a record and reaching its monitor the container may end by itself. Then the record
 * is read again: it says what is true now.
 */
#include "engine/running.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "store/event.h"
#include "store/lock.h"
#include "store/record.h"
#include "store/transition.h"

enum { END_MS = 10000 };

static bool runs(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

/* Whether a monitor's end explains a failure. */
static bool has_gone(int r)
{
	return r == -ESRCH || r == -EPIPE || r == -ECONNRESET || r == -ECONNREFUSED;
}

int running_connect(struct engine *engine, const char *id, struct monitor_client **out,
		    struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	int r = record_state_load(engine->store, id, &state, err);

	if (r < 0)
		return r;
	if (!runs(state))
		return err_set(err, -ESRCH, "container '%s' is not running", state->name);
	if (!str_eq(state->host_id, engine->store->host_id))
		return err_set(err, -ESRCH, "container '%s' runs on another host, '%s'",
			       state->name, str_or(state->host_id, "?"));
	return client_connect(state, out, err);
}

int running_check(struct engine *engine, const char *id, enum container_verb verb, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	int r = record_state_load(engine->store, id, &state, err);

	return r < 0 ? r : transition_check(state->name, state->status, verb, NULL, err);
}

int running_stop(struct engine *engine, const char *id, int signal, int timeout, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int status;
	int r = running_check(engine, id, VERB_STOP, err);

	if (r <= 0)
		return r;
	r = running_connect(engine, id, &client, err);
	if (r >= 0)
		r = client_stop(client, signal, timeout, &status, err);
	if (!has_gone(r))
		return r < 0 ? r : 0;
	/* It ended meanwhile, which is what was asked for; or it runs where we cannot reach it. */
	AUTO(err) struct err again = { 0 };
	int now = running_check(engine, id, VERB_STOP, &again);
	if (now > 0)
		return r;
	err_clear(err);
	return now == -ENOENT ? 0 : err_move(err, &again);
}

int running_kill(struct engine *engine, const char *id, int signal, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int status;
	int r = running_check(engine, id, VERB_KILL, err);

	if (r > 0)
		r = running_connect(engine, id, &client, err);
	if (r < 0 || !client)
		return r < 0 ? r : 0;
	if (signal != SIGKILL)
		return client_signal(client, signal, err);
	/* As docker: after SIGKILL its end is awaited, so that `kill web && rm web` works. */
	r = client_stop(client, SIGKILL, 0, &status, err);
	if (!has_gone(r))
		return r;
	err_clear(err);
	return 0;
}

int running_pause(struct engine *engine, const char *id, bool on, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int r = running_check(engine, id, on ? VERB_PAUSE : VERB_UNPAUSE, err);

	if (r > 0)
		r = running_connect(engine, id, &client, err);
	if (r >= 0 && client)
		r = client_pause(client, on, err);
	return r < 0 ? r : 0;
}

/* One that is killed hangs up before it lets go of its lock: its end is awaited. One that only hung up
 * lives on, so there is a limit. */
static void await_monitor(const struct container_state *state)
{
	AUTO(fd) int pidfd = proc_open(state->monitor_pid, (uint64_t)state->monitor_start);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (pidfd >= 0)
		(void)poll(&p, 1, END_MS);
}

/* How a container is whose monitor does not answer any more. */
static int load_settled(struct engine *engine, const char *id, struct container_state **out,
			struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	int r = record_state_load(engine->store, id, &state, err);

	if (r < 0 || !runs(state)) {
		*out = take_ptr(state);
		return r;
	}
	await_monitor(state);
	return record_state_load(engine->store, id, out, err);
}

int running_wait(struct engine *engine, const char *id, int *out_status, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	AUTO(container_state) struct container_state *state = NULL;
	int r = running_connect(engine, id, &client, err);

	if (r >= 0)
		r = client_wait(client, out_status, err);
	if (!has_gone(r))
		return r;
	AUTO(err) struct err again = { 0 };
	int now = load_settled(engine, id, &state, &again);
	if (now >= 0 && runs(state))
		return r;
	err_clear(err);
	if (now < 0)
		return err_move(err, &again);
	*out_status = state->exit_code;
	return 0;
}

static void tell_rename(struct engine *engine, const struct container_config *old, const char *name)
{
	AUTO(mem) char *was = str_fmt("oldName=%s", old->name);
	const char *const details[] = { was, NULL };
	struct event_about about = event_of_config(old);

	about.name = name;
	event_write(engine->store, EVENT_CONTAINER, EVENT_RENAME, &about, details);
}

int running_shut_down(struct engine *engine, const char *id, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int status;

	int r = record_state_load(engine->store, id, &state, err);
	if (r < 0 || !runs(state))
		return r;
	r = running_connect(engine, id, &client, err);
	if (r < 0)
		return has_gone(r) ? (err_clear(err), 0) : r;
	AUTO(fd) int monitor = proc_open(state->monitor_pid, (uint64_t)state->monitor_start);
	if (monitor >= 0 && syscall(SYS_pidfd_send_signal, monitor, SIGTERM, NULL, 0) < 0)
		return err_sys(err, -errno, "cannot stop container '%s'", state->name);
	r = client_wait(client, &status, err);
	if (!has_gone(r))
		return r;
	err_clear(err);
	return 0;
}

/* What the state repeats of the configuration. */
static int repeat(struct engine *engine, const char *id, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(container_state) struct container_state *state = NULL;

	int r = record_config_load(engine->store, id, &config, err);
	if (r == 0)
		r = record_state_load(engine->store, id, &state, err);
	if (r < 0)
		return r;
	str_set(&state->restart, config->restart);
	str_set(&state->health,
		health_checked(&config->health) ? health_status_names[HEALTH_STARTING] : NULL);
	return record_state_save(engine->store, state, false, err);
}

int running_reload(struct engine *engine, const char *id, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	AUTO(err) struct err gone = { 0 };
	int r = running_connect(engine, id, &client, &gone);

	if (r >= 0)
		return client_reload(client, err);
	return has_gone(r) ? repeat(engine, id, err) : err_move(err, &gone);
}

int running_check_health(struct engine *engine, const char *id, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int r = running_connect(engine, id, &client, err);

	return r < 0 ? r : client_check(client, err);
}

int running_rename(struct engine *engine, const char *id, const char *name, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	AUTO(err) struct err ignored = { 0 };
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(fd) int lock = -1;
	int r = lock_take(engine->store, LOCK_CONTAINER, id, LOCK_EXCLUSIVE, &lock, err);

	if (r >= 0)
		r = running_check(engine, id, VERB_RENAME, err);
	if (r > 0)
		r = record_config_load(engine->store, id, &config, err);
	if (r >= 0)
		r = record_rename(engine->store, id, name, err);
	if (r < 0)
		return r;
	tell_rename(engine, config, name);
	/* A monitor writes the state, in which listings find the name. */
	if (running_connect(engine, id, &client, &ignored) >= 0)
		return client_rename(client, name, err);
	return 0;
}
