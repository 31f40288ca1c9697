/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lost - containers whose monitor was killed
 *
 * The liveness lock is free a moment before the kernel has ended the monitor's pid namespace, because
 * a dying process closes its files first. So PID 1 is awaited, never assumed gone.
 */
#include "engine/lost.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"
#include "engine/enforce.h"
#include "store/event.h"
#include "store/record.h"

/* A container's process may have an id of its own: then only root of its namespace may kill it. */
static void kill_inside(struct engine *engine, int pidfd)
{
	AUTO(err) struct err err = { 0 };
	const struct identity_plan *plan = engine_identity(engine, &err);
	int child;

	if (!plan)
		return;
	pid_t pid = userns_fork(plan, pidfd, 0, &child, &err);
	if (pid == 0)
		_exit(syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0 ? 1 : 0);
	if (pid > 0) {
		(void)!proc_wait(child); /* what it did shows at the process itself */
		fd_close(child);
	}
}

static int end_process(struct engine *engine, const struct container_state *state, struct err *err)
{
	enum { TEN_SECONDS = 10000 };
	AUTO(fd)
	int pidfd = state->pid > 0 ? proc_open(state->pid, (uint64_t)state->pid_start) : -1;

	if (pidfd < 0)
		return 0;
	if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0 && errno == EPERM)
		kill_inside(engine, pidfd);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int r = poll(&p, 1, TEN_SECONDS);
	if (r > 0)
		return 0;
	return err_set(err, -EBUSY,
		       "process %d of container '%s' is left of a killed monitor and does not end",
		       state->pid, state->name);
}

int lost_settle(struct engine *engine, const char *id, struct container_state **out,
		struct err *err)
{
	static const char *const details[] = { "exitCode=137", NULL };
	AUTO(container_state) struct container_state *stored = NULL;
	AUTO(container_state) struct container_state *state = NULL;

	int r = record_state_stored(engine->store, id, &stored, err);
	if (r < 0)
		return r;
	if (!record_lost(engine->store, stored)) {
		*out = take_ptr(stored);
		return 0;
	}
	r = end_process(engine, stored, err);
	if (r == 0)
		r = record_state_load(engine->store, id, &state, err);
	if (r < 0)
		return r;
	enforce_end(stored);
	if (!state->finished)
		state->finished = clock_now();
	state->pid = 0;
	state->monitor_pid = 0;
	/* Removing must work on a full disk, and unwritten it shows as lost all the same. */
	r = record_state_save(engine->store, state, false, NULL);
	if (r < 0 && r != -ENOSPC && r != -EDQUOT)
		return err_sys(err, r, "cannot change the state of '%s'", state->name);
	event_container(engine->store, state, EVENT_DIED, details);
	*out = take_ptr(state);
	return 0;
}
