/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * await - waiting until a container is in a state, or has a health
 */
#include "engine/await.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "engine/running.h"
#include "store/container.h"
#include "store/record.h"

enum { EVENTS_ROOM = 4096, NO_STATUS = -1 };

static const char *const states[] = { "created",    "running",	   "paused",  "restarting",
				      "removing",   "exited",	   "stopped", "dead",
				      "configured", "initialized", NULL };
static const char *const healths[] = { "healthy", "unhealthy", NULL };

static bool is_in(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (str_eq(*names, name))
			return true;
	return false;
}

int await_check(const struct strv *conditions, struct err *err)
{
	for (size_t i = 0; i < conditions->count; i++) {
		const char *one = conditions->items[i];
		if (is_in(states, one) || is_in(healths, one))
			continue;
		err_set(err, -EINVAL, "--condition: there is no condition '%s'", one);
		return err_hint(err, "conditions are created, running, paused, restarting, "
				     "removing, exited, stopped, dead, healthy and unhealthy");
	}
	return 0;
}

static bool holds(const struct container_state *state, const char *condition)
{
	bool runs = state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED;

	if (is_in(healths, condition))
		return runs && str_eq(state->health, condition);
	if (str_eq(condition, "stopped"))
		return state->status == CONTAINER_EXITED;
	if (str_eq(condition, "configured") || str_eq(condition, "initialized"))
		return state->status == CONTAINER_CREATED;
	return str_eq(container_status_names[state->status], condition);
}

static bool any_holds(const struct container_state *state, const struct strv *conditions)
{
	for (size_t i = 0; i < conditions->count; i++)
		if (holds(state, conditions->items[i]))
			return true;
	return false;
}

/* Whether nothing but a health is waited for. */
static bool wants_health(const struct strv *conditions)
{
	for (size_t i = 0; i < conditions->count; i++)
		if (!is_in(healths, conditions->items[i]))
			return false;
	return true;
}

static int cannot_come(const struct container_state *state, const struct strv *conditions,
		       struct err *err)
{
	AUTO(mem) char *wanted = str_join(conditions, " or ");

	if (!wants_health(conditions))
		return 0;
	if (state->status == CONTAINER_EXITED)
		return err_set(err, -ESRCH, "container '%s' ended with status %d before it was %s",
			       state->name, state->exit_code, wanted);
	if (!state->health)
		return err_set(err, -ENODATA, "container '%s' has no health check", state->name);
	return 0;
}

static int watch(struct engine *engine, const char *id, struct err *err)
{
	AUTO(mem) char *folder = store_container_path(engine->store, id, NULL);
	AUTO(fd) int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (notify < 0) {
		(void)err_sys(err, -errno, "cannot watch the container");
		return err_hint(err, "see fs.inotify.max_user_instances");
	}
	if (inotify_add_watch(notify, folder,
			      IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF) < 0)
		return err_sys(err, -errno, "cannot watch the container");
	return take_fd(notify);
}

/* Returns when the record may have changed, or its monitor has ended. */
static int await_change(int notify, const struct container_state *state, struct err *err)
{
	char events[EVENTS_ROOM];
	AUTO(fd)
	int monitor = state->monitor_pid > 0 && state->status != CONTAINER_EXITED
			      ? proc_open(state->monitor_pid, (uint64_t)state->monitor_start)
			      : -1;
	struct pollfd p[] = { { .fd = notify, .events = POLLIN },
			      { .fd = monitor, .events = POLLIN } };

	if (poll(p, array_len(p), -1) < 0 && errno != EINTR)
		return err_sys(err, -errno, "cannot wait for the container");
	while (read(notify, events, sizeof events) > 0)
		;
	return 0;
}

static int await_record(struct engine *engine, const char *id, const struct strv *conditions,
			int *out_status, struct err *err)
{
	AUTO(fd) int notify = watch(engine, id, err);

	if (notify < 0)
		return notify;
	for (;;) {
		AUTO(container_state) struct container_state *state = NULL;
		int r = record_state_load(engine->store, id, &state, err);
		if (r < 0)
			return r;
		if (any_holds(state, conditions)) {
			*out_status = state->status == CONTAINER_EXITED ? state->exit_code
									: NO_STATUS;
			return 0;
		}
		r = cannot_come(state, conditions, err);
		if (r == 0)
			r = await_change(notify, state, err);
		if (r < 0)
			return r;
	}
}

int await_any(struct engine *engine, const char *id, const struct strv *conditions, int *out_status,
	      struct err *err)
{
	bool end = true;

	for (size_t i = 0; i < conditions->count; i++)
		end = end && (str_eq(conditions->items[i], "exited") ||
			      str_eq(conditions->items[i], "stopped"));
	return end ? running_wait(engine, id, out_status, err)
		   : await_record(engine, id, conditions, out_status, err);
}
