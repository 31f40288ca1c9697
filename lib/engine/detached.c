/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * detached - starting what nobody waits for, and telling its end
 */
#include "engine/detached.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "engine/exec.h"
#include "engine/secretuse.h"
#include "store/event.h"

enum { STATUS_CANNOT = 125 };

static inline void auto_exec_config(struct exec_config *config)
{
	exec_config_clear(config);
}

static int load_exec(const char *text, size_t size, struct exec_config *out, struct err *err)
{
	AUTO(json) cJSON *object = NULL;
	int r = json_parse(text, size, &object, err);

	return r < 0 ? r : jfield_load(exec_config_fields, object, out, err);
}

static int spec_of(const struct detached_args *args, const struct exec_config *config,
		   struct runtime_spec **out, struct err *err)
{
	AUTO(secret_env) struct strv secrets = { 0 };
	struct spec_args spec = args->spec;
	const int r = secretuse_env(args->store, args->config, &secrets, err);

	spec.secret_env = &secrets;
	return r < 0 ? r : spec_exec(&spec, config, out, err);
}

static void remember(struct detached_list *list, pid_t pid, char *command)
{
	list->items = mem_push(list->items, &list->count, sizeof *list->items);
	list->items[list->count - 1] = (struct detached){ pid, command };
}

int detached_start(struct detached_list *list, const struct detached_args *args, const char *text,
		   size_t size, int *out_status, struct err *err)
{
	AUTO(exec_config) struct exec_config config = { 0 };
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	AUTO(fd) int pidfd = -1;
	AUTO(fd) int console = -1;

	*out_status = STATUS_CANNOT;
	int r = load_exec(text, size, &config, err);
	if (r < 0)
		return r;
	config.tty = false; /* nobody would be at the other end */
	r = spec_of(args, &config, &spec, err);
	if (r < 0)
		return r;
	struct exec_args exec = {
		.host = args->spec.host,
		.spec = spec,
		.target = args->target,
		.io = { -1, -1, -1 },
		.notice = args->notice,
	};
	const pid_t pid = run_exec(&exec, &pidfd, &console, err);
	if (pid < 0) {
		*out_status = run_exit_status(pid, true);
		return pid;
	}
	char *command = exec_event_command(&config);
	event_container(args->store, args->state, EVENT_EXEC,
			(const char *const[]){ command, NULL });
	remember(list, pid, command);
	const pid_t host_pid = proc_host_pid(pidfd);
	return host_pid > 0 ? host_pid : 0; /* it may have ended already */
}

void detached_reaped(struct detached_list *list, const struct store *store,
		     const struct container_state *state, int pid, int status)
{
	for (size_t i = 0; i < list->count; i++) {
		struct detached *d = &list->items[i];
		if (d->pid != pid)
			continue;
		AUTO(mem) char *command = d->command;
		AUTO(mem) char *code = str_fmt("exitCode=%d", status);
		event_container(store, state, EVENT_EXEC_DIED,
				(const char *const[]){ command, code, NULL });
		*d = list->items[--list->count];
		return;
	}
}
