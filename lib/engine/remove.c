/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * remove - removing a container with its writable layer, log and anonymous volumes
 *
 * A running one is ended through its monitor first, without the container's lock: a monitor of a
 * --rm container takes that lock itself to remove the record, and then there is nothing left to do.
 */
#include "engine/remove.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/lost.h"
#include "engine/tidy.h"
#include "monitor/client.h"
#include "store/event.h"
#include "store/lock.h"
#include "store/record.h"
#include "store/transition.h"
#include "store/volume.h"

enum { ATTEMPTS = 5 }; /* to remove what others start again and again */

static bool alive(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

static int end_it(const struct container_state *state, int timeout, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int status;

	int r = client_connect(state, &client, err);
	if (r == 0)
		r = client_stop(client, timeout < 0 ? SIGKILL : 0, max_of(timeout, 0), &status,
				err);
	/* It has ended by itself meanwhile: what the record says counts. */
	if (r == -ESRCH || r == -EPIPE || r == -ECONNRESET) {
		err_clear(err);
		return 0;
	}
	return r;
}

/* Its monitor is known by its lock alone; the kernel ends what is in its pid namespace. */
static int end_unknown(struct engine *engine, const char *id, const struct remove_options *options,
		       struct err *err)
{
	enum { TEN_SECONDS = 10000 };
	AUTO(fd) int pidfd = -1;

	int r = liveness_holder(engine->store, id, &pidfd, err);
	if (r <= 0)
		return r;
	if (!options->force) {
		(void)err_set(err, -EBUSY, "container '%.12s' runs, and its record is damaged", id);
		return err_hint(err, "end and remove it with: cubby rm -f %.12s", id);
	}
	if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return err_sys(err, -errno, "cannot end the monitor of container '%.12s'", id);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	if (poll(&p, 1, TEN_SECONDS) <= 0)
		return err_set(err, -EBUSY, "the monitor of container '%.12s' does not end", id);
	return 0;
}

static int make_end(struct engine *engine, const char *id, const struct remove_options *options,
		    struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;

	int r = record_state_load(engine->store, id, &state, err);
	if (r == -EBADMSG) {
		err_clear(err);
		return end_unknown(engine, id, options, err);
	}
	if (r < 0 || !alive(state))
		return r;
	if (!options->force) {
		(void)!transition_check(state->name, state->status, VERB_REMOVE, NULL, err);
		if (!err->text)
			err_set(err, -EBUSY, "container '%s' runs", state->name);
		err->code = -EBUSY;
		return err_hint(err, "stop it first: cubby stop %s; or force: cubby rm -f %s",
				state->name, state->name);
	}
	return end_it(state, options->timeout, err);
}

static void take_volumes(struct engine *engine, const struct container_config *config,
			 struct temps *out)
{
	for (size_t i = 0; i < config->mounts.count; i++) {
		const struct mount_config *m = &config->mounts.items[i];
		/* One that another container uses as well stays with it. */
		if (str_eq(m->type, "volume") && m->anonymous)
			(void)!volume_remove(engine->store, engine->census, m->source, out, NULL);
	}
}

static void tell(struct engine *engine, const char *id, const struct container_config *config)
{
	const struct event_about damaged = { .id = id };
	const struct event_about about = config ? event_of_config(config) : damaged;

	if (!config || !config->build)
		event_write(engine->store, EVENT_CONTAINER, EVENT_REMOVE, &about, NULL);
}

static int remove_record(struct engine *engine, const char *id,
			 const struct remove_options *options, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(temps) struct temps gone = { 0 };
	AUTO(fd) int lock = -1;

	int r = lock_take(engine->store, LOCK_CONTAINER, id, LOCK_EXCLUSIVE, &lock, err);
	if (r < 0)
		return r;
	r = lost_settle(engine, id, &state, err);
	if (r < 0 && r != -EBADMSG)
		return r;
	if (r == 0 && alive(state))
		return err_set(err, -EAGAIN, "container '%s' was started again", state->name);
	err_clear(err);
	if (record_config_load(engine->store, id, &config, err) < 0)
		err_clear(err); /* damaged: its volumes are not known, the rest goes */
	int left = record_remove(engine->store, id, err);
	if (left < 0)
		return left;
	tell(engine, id, config);
	if (config && (options->volumes || config->remove))
		take_volumes(engine, config, &gone);
	fd_close(take_fd(lock));
	r = tidy_temps(engine, &gone, err);
	if (r == 0 && left == 1)
		r = tidy_leftovers(engine, err);
	return min_of(r, 0);
}

int container_remove(struct engine *engine, const char *id, const struct remove_options *options,
		     struct err *err)
{
	AUTO(err) struct err own = { 0 };
	struct err *e = err ? err : &own;

	int r = -EAGAIN;
	for (int i = 0; r == -EAGAIN && i < ATTEMPTS; i++) {
		err_clear(e);
		r = make_end(engine, id, options, e);
		if (r == 0)
			r = remove_record(engine, id, options, e);
	}
	if (r == -ENOENT && options->force) {
		err_clear(e);
		return 0; /* its monitor was faster */
	}
	return r;
}

void container_drop(struct engine *engine, const char *id)
{
	static const struct remove_options gone = { .force = true, .volumes = true, .timeout = -1 };

	(void)!container_remove(engine, id, &gone, NULL); /* the caller tells something else */
}

int container_take_away(struct engine *engine, const struct container_config *config,
			struct temps *out, struct err *err)
{
	AUTO(fd) int lock = -1;

	int r = lock_take(engine->store, LOCK_CONTAINER, config->id, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0)
		r = record_take(engine->store, config->id, out, err);
	if (r < 0)
		return r;
	tell(engine, config->id, config);
	if (config->remove)
		take_volumes(engine, config, out);
	return 0;
}
