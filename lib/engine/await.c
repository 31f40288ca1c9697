/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * await - waiting for a container to be in some state, or to have a health
 *
 * A record's folder is watched before the state is read, so that nothing falls between the two. A state
 * that could not be written, because the disk is full, is seen by the end of its monitor.
 */
#include "engine/await.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"
#include "engine/container.h"
#include "store/event_read.h"
#include "store/record.h"

enum { NOTIFY_ROOM = 4096, MS = 1000000 };

const char *const await_condition_names[] = {
	[AWAIT_CONFIGURED] = "configured",
	[AWAIT_CREATED] = "created",
	[AWAIT_INITIALIZED] = "initialized",
	[AWAIT_RUNNING] = "running",
	[AWAIT_PAUSED] = "paused",
	[AWAIT_STOPPED] = "stopped",
	[AWAIT_EXITED] = "exited",
	[AWAIT_REMOVING] = "removing",
	[AWAIT_REMOVED] = "removed",
	[AWAIT_NOT_RUNNING] = "not-running",
	[AWAIT_NEXT_EXIT] = "next-exit",
	[AWAIT_RESTARTING] = "restarting",
	[AWAIT_DEAD] = "dead",
	[AWAIT_HEALTHY] = "healthy",
	[AWAIT_UNHEALTHY] = "unhealthy",
	NULL,
};

#define ON(name) (1u << AWAIT_##name)

/* What each state is, besides configured. */
static const unsigned int meanings[] = {
	[CONTAINER_CREATED] = ON(CREATED) | ON(INITIALIZED) | ON(NOT_RUNNING),
	[CONTAINER_RUNNING] = ON(RUNNING),
	[CONTAINER_PAUSED] = ON(PAUSED),
	[CONTAINER_RESTARTING] = ON(RESTARTING),
	[CONTAINER_REMOVING] = ON(REMOVING) | ON(NOT_RUNNING),
	[CONTAINER_EXITED] = ON(EXITED) | ON(STOPPED) | ON(NOT_RUNNING),
	[CONTAINER_DEAD] = ON(DEAD) | ON(EXITED) | ON(STOPPED) | ON(NOT_RUNNING),
};

enum { GONE = ON(REMOVED) | ON(EXITED) | ON(STOPPED) | ON(NOT_RUNNING) | ON(NEXT_EXIT) };

struct one {
	int64_t finished; /* of the last run when the waiting began */
	bool known;
	int monitor; /* pidfd, or -1 */
};

struct waiting {
	struct engine *engine;
	const struct strv *ids;
	unsigned int conditions;
	struct one *items;
	int notify;
	int64_t end; /* of clock_mono(); negative: none */
};

static inline void auto_waiting(struct waiting *w)
{
	for (size_t i = 0; i < w->ids->count; i++)
		fd_close(w->items[i].monitor);
	free(w->items);
	fd_close(w->notify);
}

/* ---- the status of one that is gone ---- */

struct last {
	const char *id;
	int status;
};

static int note_died(void *data, const struct event *event)
{
	struct last *last = data;
	int64_t code;

	if (event->type != EVENT_CONTAINER || event->action != EVENT_DIED ||
	    !str_eq(event->id, last->id))
		return 0;
	const char *text = strv_env_get(&event->details, "exitCode");
	if (text && str_i64(text, 0, UINT8_MAX, &code) == 0)
		last->status = (int)code;
	return 0;
}

static int last_status(struct engine *engine, const char *id)
{
	const struct event_read all = { .until = INT64_MAX, .past = true };
	struct last last = { id, -1 };

	(void)!event_read(engine->store, &all, note_died, NULL, &last, NULL);
	return last.status;
}

/* ---- watching ---- */

static int watch(struct waiting *w, const char *id, struct err *err)
{
	AUTO(mem) char *path = store_container_path(w->engine->store, id, NULL);
	const uint32_t mask = IN_MOVED_TO | IN_CLOSE_WRITE | IN_MOVE_SELF | IN_DELETE_SELF;

	if (inotify_add_watch(w->notify, path, mask) >= 0 || errno == ENOENT)
		return 0;
	err_sys(err, -errno, "cannot watch container '%.12s'", id);
	return err_hint(err, "see fs.inotify.max_user_watches");
}

static unsigned int health_of(const struct container_state *state)
{
	if (state->status != CONTAINER_RUNNING && state->status != CONTAINER_PAUSED)
		return 0;
	return (str_eq(state->health, "healthy") ? ON(HEALTHY) : 0) |
	       (str_eq(state->health, "unhealthy") ? ON(UNHEALTHY) : 0);
}

static int cannot_come(const struct waiting *w, const struct container_state *state,
		       struct err *err)
{
	const unsigned int healths = ON(HEALTHY) | ON(UNHEALTHY);
	const char *wanted = w->conditions & ON(HEALTHY) ? "healthy" : "unhealthy";

	if (w->conditions & ~healths)
		return 0;
	if (state->status == CONTAINER_EXITED)
		return err_set(err, -ESRCH, "container '%s' ended with status %d before it was %s",
			       state->name, state->exit_code, wanted);
	if (!state->health)
		return err_set(err, -ENODATA, "container '%s' has no health check", state->name);
	return 0;
}

/* Whether it is so now. Return: 1 with the status, 0, or a negative errno. */
static int look(struct waiting *w, size_t at, int *out_status, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	const char *id = w->ids->items[at];
	struct one *one = &w->items[at];
	int r = record_state_load(w->engine->store, id, &state, err);

	if (r == -ENOENT && w->conditions & GONE) {
		err_clear(err);
		*out_status = last_status(w->engine, id);
		return 1;
	}
	if (r < 0)
		return r;
	if (!one->known)
		one->finished = state->finished;
	one->known = true;
	unsigned int is = meanings[state->status] | ON(CONFIGURED) | health_of(state);
	bool ended = is & ON(EXITED);
	if (ended && state->finished != one->finished)
		is |= ON(NEXT_EXIT);
	if (is & w->conditions) {
		*out_status = ended ? state->exit_code : -1;
		return 1;
	}
	r = cannot_come(w, state, err);
	if (r < 0)
		return r;
	fd_close(one->monitor);
	one->monitor = state->monitor_pid > 0 && !ended
			       ? proc_open(state->monitor_pid, (uint64_t)state->monitor_start)
			       : -1;
	return 0;
}

/* What poll(2) takes. */
static int milliseconds(int64_t end)
{
	if (end < 0)
		return -1;
	int64_t left = (end - clock_mono() + MS - 1) / MS;
	if (left < 0)
		return 0;
	return (int)min_of(left, (int64_t)INT_MAX);
}

/* Return: 0, also when there was nothing; -ETIME. */
static int await(const struct waiting *w)
{
	const size_t count = w->ids->count;
	AUTO(mem) struct pollfd *fds = mem_alloc(count + 1, sizeof *fds);
	char events[NOTIFY_ROOM];

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = w->items[i].monitor, .events = POLLIN };
	fds[count] = (struct pollfd){ .fd = w->notify, .events = POLLIN };
	int n = poll(fds, count + 1, milliseconds(w->end));
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n == 0)
		return -ETIME;
	while (read(w->notify, events, sizeof events) > 0)
		;
	return 0;
}

int container_await(struct engine *engine, const struct strv *ids, unsigned int conditions,
		    int64_t timeout, size_t *out_which, int *out_status, struct err *err)
{
	AUTO(waiting)
	struct waiting w = {
		.engine = engine,
		.ids = ids,
		.conditions = conditions,
		.items = mem_alloc(ids->count + 1, sizeof *w.items),
		.notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
		.end = timeout < 0 ? -1 : clock_mono() + timeout,
	};
	int r = w.notify < 0 ? err_sys(err, -errno, "cannot watch containers") : 0;

	for (size_t i = 0; i < ids->count; i++)
		w.items[i].monitor = -1;
	for (size_t i = 0; i < ids->count && r == 0; i++)
		r = watch(&w, ids->items[i], err);
	while (r == 0) {
		for (size_t i = 0; i < ids->count && r == 0; i++) {
			r = look(&w, i, out_status, err);
			if (r == 1)
				*out_which = i;
		}
		if (r == 0)
			r = await(&w);
		if (r == -ETIME)
			(void)err_set(err, r, "the time is over");
		else if (r < 0 && !err->text)
			(void)err_sys(err, r, "cannot watch containers");
	}
	return min_of(r, 0);
}

/* A record appears behind its name, and may be asked for by its id. */
static int await_record(struct engine *engine, const char *name, int64_t end, char **out_id,
			struct err *err)
{
	AUTO(fd) int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	AUTO(mem) char *records = store_path(engine->store, "containers");
	char events[NOTIFY_ROOM];
	int r;

	if (notify < 0 || inotify_add_watch(notify, records, IN_CREATE | IN_MOVED_TO) < 0)
		return err_sys(err, -errno, "cannot watch '%s'", records);
	while ((r = container_find(engine, name, out_id, err)) == -ENOENT) {
		struct pollfd p = { .fd = notify, .events = POLLIN };
		int n = poll(&p, 1, milliseconds(end));
		if (n == 0)
			return -ETIME;
		err_clear(err);
		while (read(notify, events, sizeof events) > 0)
			;
	}
	return r;
}

int container_await_running(struct engine *engine, const char *name, int64_t timeout, char **out_id,
			    struct err *err)
{
	AUTO(err) struct err why = { 0 };
	AUTO(strv) struct strv ids = { 0 };
	AUTO(mem) char *id = NULL;
	int64_t end = clock_mono() + timeout;
	size_t which;
	int status;

	int r = await_record(engine, name, end, &id, &why);
	if (r == 0) {
		strv_add(&ids, id);
		r = container_await(engine, &ids, ON(RUNNING),
				    max_of(end - clock_mono(), (int64_t)0), &which, &status, &why);
	}
	if (r == 0)
		*out_id = take_ptr(id);
	if (r == -ETIME)
		return err_set(err, r, "container '%s' did not run within %lld seconds", name,
			       (long long)(timeout / CLOCK_SECOND));
	return r < 0 ? err_move(err, &why) : 0;
}
