/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hookrun - the monitor's own part of running hooks: those in the container, and those that nobody waits for
 */
#include "engine/hookrun.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "run/hook.h"
#include "store/event.h"

enum { STATUS_BYTES = 8192, PATH_ROOM = 48 };

/* ---- in the container ----------------------------------------------------------------------- */

/* What the innermost pid namespace of a process calls it. */
static pid_t inner_pid(int pidfd)
{
	char path[PATH_ROOM];
	AUTO(mem) char *text = NULL;
	const pid_t pid = proc_host_pid(pidfd);

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if (pid < 0 || file_read(AT_FDCWD, path, STATUS_BYTES, &text, NULL) < 0)
		return -1;
	char *line = strstr(text, "\nNSpid:");
	if (!line)
		return pid;
	line++;
	(void)str_cut(line, '\n');
	const char *last = strrchr(line, '\t');
	uint64_t inner = 0;
	return last && str_u64(last + 1, INT32_MAX, &inner) == 0 ? (pid_t)inner : -1;
}

static int spec_of(const struct hookrun_inside *args, const struct runtime_hook *hook,
		   struct runtime_spec **out, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };
	struct exec_config exec = { 0 };

	if (hook->args.count)
		strv_extend(&words, &hook->args);
	else
		strv_add(&words, hook->path);
	exec.argv = words;
	const int r = spec_exec(&args->exec, &exec, out, err);
	if (r < 0)
		return r;
	str_set(&(*out)->program, hook->path);
	strv_clear(&(*out)->env);
	strv_extend(&(*out)->env, &hook->env);
	return 0;
}

static pid_t start_inside(void *data, const struct runtime_hook *hook, int state, int said,
			  int *out_pidfd, struct err *err)
{
	const struct hookrun_inside *args = data;
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	int console = -1;
	const int r = spec_of(args, hook, &spec, err);

	if (r < 0)
		return r;
	const struct exec_args exec = {
		.host = args->exec.host,
		.spec = spec,
		.target = args->target,
		.io = { state, -1, said },
		.notice = args->notice,
	};
	const pid_t pid = run_exec(&exec, out_pidfd, &console, err);
	return pid < 0 ? (pid_t)err_wrap(err, "cannot start '%s' in the container", hook->path)
		       : pid;
}

int hookrun_inside(const struct hookrun_inside *args, struct err *err)
{
	const struct hook_call call = {
		.spec = args->spec,
		.kind = RUNTIME_HOOK_START_CONTAINER,
		.pid = inner_pid(args->first),
		.caller = args->caller,
		.start = start_inside,
		.data = (void *)args,
	};

	return hook_run(&call, err);
}

/* ---- told ----------------------------------------------------------------------------------- */

struct told {
	const struct store *store;
	const struct container_state *state;
};

static void tell(void *data, const struct runtime_hook *hook, const struct err *why)
{
	const struct told *told = data;
	AUTO(mem) char *path = str_fmt("hook=%s", hook->path);
	AUTO(mem) char *stage = str_fmt("stage=%s", runtime_hook_names[hook->kind]);
	AUTO(mem) char *text = str_fmt("error=%s", why->text);
	const char *const details[] = { path, stage, text, NULL };

	const struct event_about about = {
		.id = told->state->id,
		.name = told->state->name,
		.image = told->state->image_name,
		.labels = &told->state->labels,
	};

	log_debug("%s", why->text);
	/* Also of a step of a build, of which others hear nothing else. */
	event_write(told->store, EVENT_CONTAINER, EVENT_HOOK_FAILED, &about, details);
}

void hookrun_told(const struct store *store, const struct container_state *state,
		  const struct runtime_spec *spec, enum runtime_hook_kind kind, const int *caller)
{
	struct told told = { store, state };
	const struct hook_call call = {
		.spec = spec,
		.kind = kind,
		.pid = kind == RUNTIME_HOOK_POSTSTOP ? 0 : state->pid,
		.caller = caller,
		.failed = tell,
		.data = &told,
	};

	(void)!hook_run(&call, NULL); /* each failure is told above */
}
