/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook - programs that a device's maker, or a file of hooks, wants run while a container comes and goes
 */
#include "run/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"

/* What is told of it must fit into a message of run/exchange. */
enum { SAID_MAX = 768, READS_MAX = 100, MS = 1000 };

static const char *const status_names[RUNTIME_HOOK_KINDS] = {
	[RUNTIME_HOOK_PRESTART] = "creating",	      [RUNTIME_HOOK_CREATE_RUNTIME] = "creating",
	[RUNTIME_HOOK_CREATE_CONTAINER] = "creating", [RUNTIME_HOOK_START_CONTAINER] = "created",
	[RUNTIME_HOOK_POSTSTART] = "running",	      [RUNTIME_HOOK_POSTSTOP] = "stopped",
};

static int state_file(const struct hook_call *call, struct err *err)
{
	AUTO(json) cJSON *state = cJSON_CreateObject();
	const struct strv *annotations = &call->spec->annotations;

	cJSON_AddStringToObject(state, "ociVersion", RUNTIME_SPEC_VERSION);
	cJSON_AddStringToObject(state, "id", call->spec->id);
	cJSON_AddStringToObject(state, "status", status_names[call->kind]);
	if (call->pid > 0)
		cJSON_AddNumberToObject(state, "pid", call->pid);
	cJSON_AddStringToObject(state, "bundle", call->spec->bundle);
	cJSON *pairs = cJSON_AddObjectToObject(state, "annotations");
	for (size_t i = 0; i < annotations->count; i++) {
		AUTO(mem) char *name = str_dup(annotations->items[i]);
		const char *value = str_cut(name, '=');
		cJSON_AddStringToObject(pairs, name, str_or(value, ""));
	}
	AUTO(mem) char *text = json_print(state, 0);
	int memory = fd_memory("state", text, strlen(text));
	return memory < 0 ? err_sys(err, memory, "cannot write the container's state") : memory;
}

static char **words_of(const struct strv *list, const char *first)
{
	char **words = mem_alloc(list->count + 2, sizeof *words);

	if (list->count)
		memcpy(words, list->items, list->count * sizeof *words);
	else if (first)
		words[0] = (char *)first;
	return words;
}

static pid_t start_beside(const struct hook_call *call, const struct runtime_hook *hook, int state,
			  int said, int *out_pidfd, struct err *err)
{
	AUTO(mem) char **argv = words_of(&hook->args, hook->path);
	AUTO(mem) char **envp = words_of(&hook->env, NULL);
	const struct spawn_fd fds[] = {
		{ .from = state, .to = STDIN_FILENO },
		{ .from = said, .to = STDERR_FILENO },
	};
	/* Root of a container whose ids are not the user's may not be let in. */
	const bool open = access(call->spec->bundle, X_OK) == 0;
	const struct spawn spawn = { .path = hook->path,
				     .argv = argv,
				     .envp = envp,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true,
				     .group = true,
				     .folder = open ? call->spec->bundle : "/" };

	return spawn_start(&spawn, out_pidfd, err);
}

/* What it says is read as it comes, and the end of it is kept. */
struct running {
	const struct runtime_hook *hook;
	pid_t pid;
	int pidfd;
	int from; /* not blocking; never at its end, as the other one is open here as well */
	size_t size;
	bool cut;
	char said[SAID_MAX + 1];
};

/* As much as a pipe holds: one that never stops is not heard for ever. */
static void hear(struct running *run)
{
	char chunk[SAID_MAX];

	for (int i = 0; i < READS_MAX; i++) {
		const ssize_t n = read(run->from, chunk, sizeof chunk);
		if (n <= 0)
			break;
		const size_t got = (size_t)n, most = SAID_MAX - got;
		if (run->size > most) {
			memmove(run->said, run->said + run->size - most, most);
			run->size = most;
			run->cut = true;
		}
		memcpy(run->said + run->size, chunk, got);
		run->size += got;
	}
	run->said[run->size] = 0;
}

static int end_it(const struct running *run, int code)
{
	(void)kill(-run->pid,
		   SIGKILL); /* it may have ended: its number is its own until it is reaped */
	(void)!proc_wait(run->pidfd);
	return code;
}

/* Until it ends: what it leaves in the background may keep its standard error open. */
static int await_end(struct running *run, const int *caller)
{
	struct pollfd p[] = { { .fd = run->pidfd, .events = POLLIN },
			      { .fd = run->from, .events = POLLIN },
			      { .fd = caller ? *caller : -1, .events = 0 } };
	const int64_t end = clock_mono() + run->hook->timeout * CLOCK_SECOND;

	for (;;) {
		int64_t left = max_of((end - clock_mono()) / (CLOCK_SECOND / MS), (int64_t)0);
		int n = poll(p, array_len(p),
			     run->hook->timeout ? (int)min_of(left, (int64_t)INT_MAX) : -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		hear(run);
		if (n > 0 && p[0].revents)
			return proc_wait(run->pidfd);
		if (run->hook->timeout && clock_mono() >= end)
			return end_it(run, -ETIME);
		if (n <= 0)
			continue;
		if (p[2].revents)
			return end_it(run, -EPIPE);
	}
}

static int tell(struct running *run, int status, struct err *err)
{
	const char *path = run->hook->path;

	if (status == 0)
		return 0;
	if (status == -ETIME)
		return err_set(err, -ETIME, "the hook '%s' took longer than %d seconds", path,
			       run->hook->timeout);
	if (status == -EPIPE)
		return err_set(err, -ECANCELED, "who waited for the hook '%s' has gone", path);
	if (status < 0)
		return err_sys(err, status, "cannot wait for the hook '%s'", path);
	const char *why = str_trim(run->said);
	return err_set(err, -ECANCELED, "the hook '%s' ended with %d%s%s%s", path, status,
		       *why ? ": " : "", run->cut ? "..." : "", why);
}

static int run_one(const struct hook_call *call, const struct runtime_hook *hook, struct err *err)
{
	struct running run = { .hook = hook };
	int ends[2], pidfd = -1;

	AUTO(fd) int state = state_file(call, err);
	if (state < 0)
		return state;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int from = ends[0];
	AUTO(fd) int to = ends[1];
	int r = fd_nonblock(from, true);
	if (r < 0)
		return err_sys(err, r, "cannot make a pipe");
	run.from = from;
	run.pid = call->start ? call->start(call->data, hook, state, to, &pidfd, err)
			      : start_beside(call, hook, state, to, &pidfd, err);
	if (run.pid < 0)
		return (int)run.pid;
	AUTO(fd) int child = pidfd;
	run.pidfd = child;
	return tell(&run, await_end(&run, call->caller), err);
}

static int run_named(const struct hook_call *call, const struct runtime_hook *hook, struct err *err)
{
	const int r = run_one(call, hook, err);

	if (r == 0 || !hook->origin)
		return r;
	return err_wrap(err, "'%s' asks for a hook at %s", hook->origin,
			runtime_hook_names[hook->kind]);
}

bool hook_any(const struct runtime_spec *spec, enum runtime_hook_kind kind)
{
	for (size_t i = 0; i < spec->hooks.count; i++)
		if (spec->hooks.items[i].kind == kind)
			return true;
	return false;
}

int hook_run(const struct hook_call *call, struct err *err)
{
	const struct runtime_hooks *hooks = &call->spec->hooks;

	for (size_t i = 0; i < hooks->count; i++) {
		AUTO(err) struct err own = { 0 };
		const struct runtime_hook *hook = &hooks->items[i];
		const int r = hook->kind == call->kind ? run_named(call, hook, &own) : 0;
		if (r < 0 && !call->failed)
			return err_move(err, &own);
		if (r < 0)
			call->failed(call->data, hook, &own);
	}
	return 0;
}
