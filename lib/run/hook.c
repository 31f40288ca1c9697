/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook - programs of the host that a device's maker wants run while a container is made
 */
#include "run/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"

enum { SAID_MAX = 4096, MS = 1000 };

static int state_file(const struct runtime_spec *spec, pid_t pid, struct err *err)
{
	AUTO(json) cJSON *state = cJSON_CreateObject();

	cJSON_AddStringToObject(state, "ociVersion", RUNTIME_SPEC_VERSION);
	cJSON_AddStringToObject(state, "id", spec->id);
	cJSON_AddStringToObject(state, "status", "creating");
	cJSON_AddNumberToObject(state, "pid", pid);
	cJSON_AddStringToObject(state, "bundle", spec->bundle);
	cJSON_AddObjectToObject(state, "annotations");
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

static int start(const struct runtime_hook *hook, int state, int said, struct err *err)
{
	AUTO(mem) char **argv = words_of(&hook->args, hook->path);
	AUTO(mem) char **envp = words_of(&hook->env, NULL);
	const struct spawn_fd fds[] = {
		{ .from = state, .to = STDIN_FILENO },
		{ .from = said, .to = STDERR_FILENO },
	};
	const struct spawn spawn = { .path = hook->path,
				     .argv = argv,
				     .envp = envp,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true };
	int pidfd;
	pid_t pid = spawn_start(&spawn, &pidfd, err);

	return pid < 0 ? (int)pid : pidfd;
}

/* Until it ends: what it leaves in the background may keep its standard error open. */
static int await_end(int pidfd, int timeout)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int64_t end = clock_mono() + timeout * CLOCK_SECOND;

	for (;;) {
		int64_t left = max_of((end - clock_mono()) / (CLOCK_SECOND / MS), (int64_t)0);
		int n = poll(&p, 1, timeout ? (int)min_of(left, (int64_t)INT_MAX) : -1);
		if (n > 0)
			return proc_wait(pidfd);
		if (n == 0) {
			(void)!pidfd_send_signal(pidfd, SIGKILL, NULL, 0); /* it may have ended */
			(void)!proc_wait(pidfd);
			return -ETIME;
		}
		if (errno != EINTR)
			return -errno;
	}
}

static int run_one(const struct runtime_spec *spec, const struct runtime_hook *hook, pid_t pid,
		   struct err *err)
{
	char text[SAID_MAX];
	int ends[2];

	AUTO(fd) int state = state_file(spec, pid, err);
	if (state < 0)
		return state;
	/* A pipe holds what is told; a hook that says more is not waited for. */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int from = ends[0];
	AUTO(fd) int to = ends[1];
	AUTO(fd) int child = start(hook, state, to, err);
	if (child < 0)
		return child;
	int status = await_end(child, hook->timeout);
	if (status == 0)
		return 0;
	if (status == -ETIME)
		return err_set(err, -ETIME, "the hook '%s' took longer than %d seconds", hook->path,
			       hook->timeout);
	if (status < 0)
		return err_sys(err, status, "cannot wait for the hook '%s'", hook->path);
	ssize_t n = read(from, text, sizeof text - 1);
	text[n < 0 ? 0 : n] = 0;
	const char *why = str_trim(text);
	return err_set(err, -ECANCELED, "the hook '%s' ended with %d%s%s", hook->path, status,
		       *why ? ": " : "", why);
}

int hook_run(const struct runtime_spec *spec, enum runtime_hook_kind kind, pid_t pid,
	     struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < spec->hooks.count && r == 0; i++)
		if (spec->hooks.items[i].kind == kind)
			r = run_one(spec, &spec->hooks.items[i], pid, err);
	return r;
}
