/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outer - entering the user's one outer user namespace
 *
 * Looking is free: the recorded monitor is tried first without a lock. Only who would make a fresh
 * namespace that others may join takes the lock, and looks again under it.
 */
#include "engine/outer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "kern/refusal.h"
#include "store/lock.h"
#include "store/outer.h"
#include "store/record.h"

enum { TOLD_BYTES = 64 << 10, TRIES = 8 };

/* One attempt to be born; the same for every process that may be joined. */
struct birth {
	const struct identity_plan *plan;
	const struct store *store;
	uint64_t flags;
	int *out_pidfd;
};

/* Joins a process, if it is still the one recorded and lives under the wanted maps. */
static pid_t join_process(const struct birth *birth, pid_t pid, uint64_t start)
{
	AUTO(fd) int pidfd = proc_open(pid, start);

	if (pidfd < 0 || !userns_same(birth->plan, pid))
		return -ESRCH;
	return userns_fork(birth->plan, pidfd, birth->flags, birth->out_pidfd, NULL);
}

static pid_t join_recorded(const struct birth *birth)
{
	AUTO(outer_record) struct outer_record record = { 0 };

	if (outer_load(birth->store, &record) < 0)
		return -ESRCH;
	return join_process(birth, record.pid, (uint64_t)record.start);
}

static bool runs_here(const struct store *store, const struct container_state *state)
{
	return state->monitor_pid > 0 && str_eq(state->host_id, store->host_id) &&
	       str_eq(state->boot_id, store->boot_id);
}

/* Any live monitor, by the records of all containers. */
static pid_t join_listed(const struct birth *birth)
{
	AUTO(strv) struct strv ids = { 0 };

	if (record_list(birth->store, &ids, NULL) < 0)
		return -ESRCH;
	for (size_t i = 0; i < ids.count; i++) {
		AUTO(container_state) struct container_state *state = NULL;
		if (record_state_stored(birth->store, ids.items[i], &state, NULL) < 0 ||
		    !runs_here(birth->store, state))
			continue;
		pid_t pid = join_process(birth, state->monitor_pid, (uint64_t)state->monitor_start);
		if (pid >= 0)
			return pid;
	}
	return -ESRCH;
}

/*
 * Any other live monitor, when the recorded one has ended. One that is named may end at this moment: then the
 * next may be named. With a namespace of one's own beside that of a network's holder the two could not meet.
 */
static pid_t join_any(const struct birth *birth)
{
	for (int i = 0; i < TRIES; i++) {
		pid_t pid;
		AUTO(fd) int pidfd = outer_holder(birth->store, &pid);
		if (pidfd == -ENOENT)
			return -ESRCH;
		/* Not to be told from here, or one with other maps, beside which there may be more. */
		if (pidfd < 0 || !userns_same(birth->plan, pid))
			break;
		pid = userns_fork(birth->plan, pidfd, birth->flags, birth->out_pidfd, NULL);
		if (pid >= 0)
			return pid;
		(void)sched_yield();
	}
	return join_listed(birth);
}

/* A failure costs the next container two milliseconds. */
static void record_child(const struct birth *birth)
{
	uint64_t start;
	pid_t pid = proc_host_pid(*birth->out_pidfd);

	if (pid > 0 && proc_start_time(pid, &start) == 0)
		(void)!outer_save(birth->store, pid, start);
}

static pid_t fork_fresh(const struct birth *birth, struct err *err)
{
	return userns_fork(birth->plan, -1, birth->flags, birth->out_pidfd, err);
}

static pid_t fork_joinable(const struct birth *birth, struct err *err)
{
	AUTO(fd) int lock = -1;
	int r = lock_take(birth->store, LOCK_USERNS, birth->store->host_id, LOCK_EXCLUSIVE, &lock,
			  err);

	if (r < 0)
		return r;
	pid_t pid = join_recorded(birth);
	if (pid >= 0)
		return pid;
	pid = join_any(birth);
	if (pid < 0)
		pid = fork_fresh(birth, err);
	if (pid > 0)
		record_child(birth);
	return pid;
}

pid_t outer_fork(struct engine *engine, uint64_t flags, bool joinable, int *out_pidfd,
		 struct err *err)
{
	struct birth birth = { .plan = engine_identity(engine, err),
			       .store = engine->store,
			       .flags = flags,
			       .out_pidfd = out_pidfd };

	if (!birth.plan)
		return err ? err->code : -EIO;
	pid_t pid = join_recorded(&birth);
	if (pid >= 0)
		return pid;
	if (joinable)
		return fork_joinable(&birth, err);
	pid = join_any(&birth);
	return pid >= 0 ? pid : fork_fresh(&birth, err);
}

/* ---- doing something there ------------------------------------------------------------------ */

/* What a child tells: the code, then sentence and hint, each ended by 0. */
static no_return void child_main(int tell, outer_fn fn, void *data)
{
	AUTO(err) struct err err = { 0 };
	int code = fn(data, &err);

	if (code < 0)
		refusal_explain(&err);
	const char *text = str_or(err.text, ""), *hint = str_or(err.hint, "");

	int r = fd_write_all(tell, &code, sizeof code);
	if (r == 0)
		r = fd_write_all(tell, text, strlen(text) + 1);
	if (r == 0)
		r = fd_write_all(tell, hint, strlen(hint) + 1);
	_exit(r == 0 ? 0 : 1);
}

static int heard(const char *told, size_t size, struct err *err)
{
	int code;

	if (size < sizeof code + 2)
		return err_set(err, -EIO, "a process in the user namespace was killed");
	memcpy(&code, told, sizeof code);
	if (code >= 0)
		return code;
	const char *text = told + sizeof code;
	const char *hint = text + strlen(text) + 1;
	err_set(err, code, "%s", text);
	if (hint < told + size && *hint)
		(void)err_hint(err, "%s", hint);
	return code;
}

struct ending {
	outer_fn fn;
	void *data;
};

/* The terminal's keys are the command's alone. */
static int lead_group(void *data, struct err *err)
{
	const struct ending *ending = data;

	if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(err, -errno, "cannot make a process group");
	return ending->fn(ending->data, err);
}

/* Return: whether the child has told, or ended. */
static bool await_child(int from, int until)
{
	struct pollfd polls[] = { { .fd = from, .events = POLLIN },
				  { .fd = until, .events = POLLIN } };

	while (poll(polls, array_len(polls), -1) < 0)
		if (errno != EINTR)
			return true;
	return polls[0].revents;
}

/* What the child has started becomes ours when it is killed, and is waited for as well. */
static void end_group(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR)
		;
}

/* @until: or -1 */
static int run(struct engine *engine, uint64_t flags, bool joinable, outer_fn fn, void *data,
	       int until, struct err *err)
{
	AUTO(mem) char *told = NULL;
	AUTO(fd) int pidfd = -1;
	size_t size = 0;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int from = ends[0];
	AUTO(fd) int to = ends[1];
	pid_t pid = outer_fork(engine, flags, joinable, &pidfd, err);
	if (pid < 0)
		return pid;
	if (pid == 0)
		child_main(to, fn, data);
	fd_close(take_fd(to));
	if (until >= 0 && !await_child(from, until)) {
		end_group(pid);
		return err_set(err, -EINTR, "interrupted");
	}
	int r = fd_read_all(from, TOLD_BYTES, &told, &size);
	(void)!proc_wait(pidfd); /* it said all, or nothing */
	return r < 0 ? err_sys(err, r, "cannot hear from a process in the user namespace")
		     : heard(told, size, err);
}

int outer_run(struct engine *engine, uint64_t flags, outer_fn fn, void *data, struct err *err)
{
	return run(engine, flags, false, fn, data, -1, err);
}

int outer_run_joinable(struct engine *engine, uint64_t flags, outer_fn fn, void *data,
		       struct err *err)
{
	return run(engine, flags, true, fn, data, -1, err);
}

int outer_run_until(struct engine *engine, uint64_t flags, outer_fn fn, void *data, int until,
		    struct err *err)
{
	struct ending ending = { fn, data };
	int reaper = 0;

	if (prctl(PR_GET_CHILD_SUBREAPER, &reaper) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_sys(err, -errno, "cannot wait for what a child starts");
	const int r = run(engine, flags, false, lead_group, &ending, until, err);
	(void)prctl(PR_SET_CHILD_SUBREAPER, reaper);
	return r;
}
