/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec - a further process in a running container
 */
#include "engine/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "engine/enforce.h"
#include "engine/outer.h"
#include "engine/running.h"
#include "engine/secretuse.h"
#include "monitor/attach.h"
#include "monitor/carry.h"
#include "monitor/outlet.h"
#include "monitor/protocol.h"
#include "monitor/terminal.h"
#include "run/run.h"
#include "store/event.h"
#include "store/record.h"
#include "store/transition.h"

enum { STATUS_CANNOT = 125 };

/* What a process is started with; everything is closed with it. */
struct started {
	int handles[HANDLE_COUNT];
	int ours[3], theirs[3]; /* ends of its pipes, or -1 */
	int pidfd, console;
	bool tried; /* a failure is the program's from then on */
};

static void started_init(struct started *s)
{
	for (int i = 0; i < HANDLE_COUNT; i++)
		s->handles[i] = -1;
	for (int i = 0; i < 3; i++)
		s->ours[i] = s->theirs[i] = -1;
	s->pidfd = s->console = -1;
	s->tried = false;
}

static inline void auto_started(struct started *s)
{
	for (int i = 0; i < HANDLE_COUNT; i++)
		fd_close(s->handles[i]);
	for (int i = 0; i < 3; i++) {
		fd_close(s->ours[i]);
		fd_close(s->theirs[i]);
	}
	fd_close(s->pidfd);
	fd_close(s->console);
}

/* setns(2) refuses the user namespace that one is in: that of `cubby unshare`. */
static void drop_own_userns(struct started *s)
{
	struct stat own, theirs;

	if (s->handles[HANDLE_USER] >= 0 && stat("/proc/self/ns/user", &own) == 0 &&
	    fstat(s->handles[HANDLE_USER], &theirs) == 0 && own.st_dev == theirs.st_dev &&
	    own.st_ino == theirs.st_ino)
		fd_close(take_fd(s->handles[HANDLE_USER]));
}

static int make_pipes(struct started *s, bool in, struct err *err)
{
	int ends[2];

	for (int i = in ? 0 : 1; i < 3; i++) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			return err_sys(err, -errno, "cannot make a pipe");
		s->ours[i] = ends[i == 0];
		s->theirs[i] = ends[i != 0];
	}
	return 0;
}

/* One exec whose streams we carry. */
struct local {
	struct engine *engine;
	const struct container_config *config;
	const struct exec_config *exec;
	const struct exec_options *options;
	struct started *started; /* with the handles */
	const struct container_state *state;
	bool ran; /* it was started */
};

static int attach(void *data, pid_t pid, struct err *err)
{
	const struct local *l = data;

	return enforce_attach(l->engine, l->state, pid, err);
}

static int start(struct local *l, const struct spec_args *args, struct err *err)
{
	struct engine *engine = l->engine;
	const struct exec_config *exec = l->exec;
	const struct exec_options *options = l->options;
	struct started *s = l->started;
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	const int *h = s->handles;
	struct exec_args run = {
		.host = engine->host,
		.target = { .user = h[HANDLE_USER],
			    .mnt = h[HANDLE_MNT],
			    .pid = h[HANDLE_PID],
			    .net = h[HANDLE_NET],
			    .ipc = h[HANDLE_IPC],
			    .uts = h[HANDLE_UTS],
			    .cgroup = h[HANDLE_CGROUP],
			    .group = h[HANDLE_GROUP],
			    .root = h[HANDLE_ROOT] },
		.extra_fds = options->extra_fds,
		.extra_count = options->extra_count,
		.notice = h[HANDLE_NOTICE],
		.attach = attach,
		.attach_data = l,
	};

	int r = spec_exec(args, exec, &spec, err);
	if (r == 0 && !exec->tty)
		r = make_pipes(s, options->interactive, err);
	if (r < 0)
		return r;
	run.spec = spec;
	run.io = (struct run_io){ s->theirs[0], s->theirs[1], s->theirs[2] };
	if (exec->tty)
		/* Without a terminal of ours it keeps the kernel's size. */
		(void)!terminal_size(STDIN_FILENO, &run.size.rows, &run.size.columns);
	s->tried = true;
	pid_t pid = run_exec(&run, &s->pidfd, &s->console, err);
	for (int i = 0; i < 3; i++)
		fd_close(take_fd(s->theirs[i]));
	return pid < 0 ? pid : 0;
}

static int carry(struct started *s, const struct exec_config *exec,
		 const struct exec_options *options, const char *keys, int *out_lost,
		 struct err *err)
{
	struct carry c = {
		.pidfd = s->pidfd,
		.console = take_fd(s->console),
		.in = take_fd(s->ours[0]),
		.out = take_fd(s->ours[1]),
		.errout = take_fd(s->ours[2]),
		.raw = exec->tty && options->interactive && isatty(STDIN_FILENO),
		.detach_keys = options->detach_keys ? options->detach_keys : keys,
		.out_lost = out_lost,
	};

	if (exec->tty && options->interactive)
		c.in = c.console;
	return carry_run(&c, err);
}

char *exec_event_command(const struct exec_config *exec)
{
	AUTO(mem) char *words = str_join(&exec->argv, " ");

	return str_fmt("cmd=%s", words);
}

static void tell(const struct local *l, enum event_action action, const char *const *details)
{
	const struct event_about about = event_of_config(l->config);

	event_write(l->engine->store, EVENT_CONTAINER, action, &about, details);
}

/* Return: the exit status, ATTACH_DETACHED, or a negative errno. */
static int run_local(struct local *l, struct err *err)
{
	struct engine *engine = l->engine;
	AUTO(mem) char *folder = store_container_path(engine->store, l->config->id, NULL);
	AUTO(mem) char *volumes = store_path(engine->store, "volumes");
	struct spec_args args = {
		.host = engine->host,
		.identity = engine_identity(engine, err),
		.config = l->config,
		.rootfs = l->started->handles[HANDLE_ROOT],
		.state_dir = folder,
		.volumes_dir = volumes,
		.fallbacks = (unsigned int)l->state->fallbacks,
	};

	if (!args.identity)
		return -EIO;
	AUTO(secret_env) struct strv secrets = { 0 };
	int r = secretuse_env(engine->store, l->config, &secrets, err);
	if (r < 0)
		return r;
	args.secret_env = &secrets;
	drop_own_userns(l->started);
	r = start(l, &args, err);
	if (r < 0)
		return r;
	l->ran = true;
	AUTO(mem) char *command = exec_event_command(l->exec);
	tell(l, EVENT_EXEC, (const char *const[]){ command, NULL });
	int lost = 0;
	r = carry(l->started, l->exec, l->options, l->config->detach_keys, &lost, err);
	if (r >= 0 && r != ATTACH_DETACHED) {
		AUTO(mem) char *code = str_fmt("exitCode=%d", r);
		tell(l, EVENT_EXEC_DIED, (const char *const[]){ command, code, NULL });
	}
	return r < 0 ? r : outlet_status(r, lost, err);
}

static int run_inside(void *data, struct err *err)
{
	return run_local(data, err);
}

/* A file system in user space lets nobody in from outside its user namespace. */
static bool closed_to_us(const struct started *s)
{
	return faccessat(s->handles[HANDLE_ROOT], ".", X_OK, AT_EACCESS) < 0 && errno == EACCES;
}

static int run_here(struct local *l, struct monitor_client *client, struct exec_result *out,
		    struct err *err)
{
	int r = client_handles(client, l->started->handles, err);

	if (r < 0)
		return r;
	r = closed_to_us(l->started) ? outer_run(l->engine, 0, run_inside, l, err)
				     : run_local(l, err);
	if (r < 0) {
		out->status = l->ran ? STATUS_CANNOT : run_exit_status(r, l->started->tried);
		return r;
	}
	out->detached = r == ATTACH_DETACHED;
	out->status = out->detached ? 0 : r;
	return 0;
}

static int run_there(struct monitor_client *client, const struct exec_config *exec,
		     struct exec_result *out, struct err *err)
{
	AUTO(json) cJSON *object = jfield_save(exec_config_fields, exec);
	AUTO(mem) char *text = json_print(object, 0);
	int pid;

	out->detached = true;
	int r = client_exec(client, text, &pid, &out->status, err);
	if (r == 0)
		out->status = 0;
	return r;
}

static int check(struct engine *engine, const char *id, struct container_state **out,
		 struct err *err)
{
	int r = record_state_load(engine->store, id, out, err);

	return r < 0 ? r : transition_check((*out)->name, (*out)->status, VERB_EXEC, NULL, err);
}

int container_exec(struct engine *engine, const char *id, const struct exec_config *exec,
		   const struct exec_options *options, struct exec_result *out, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(monitor_client) struct monitor_client *client = NULL;

	AUTO(container_state) struct container_state *state = NULL;

	*out = (struct exec_result){ .status = STATUS_CANNOT };
	int r = check(engine, id, &state, err);
	if (r >= 0)
		r = running_connect(engine, id, &client, err);
	if (r < 0)
		return r;
	if (options->detach)
		return run_there(client, exec, out, err);
	r = record_config_load(engine->store, id, &config, err);
	if (r < 0)
		return r;
	AUTO(started) struct started started;
	started_init(&started);
	struct local local = {
		.engine = engine,
		.config = config,
		.exec = exec,
		.options = options,
		.started = &started,
		.state = state,
	};
	return run_here(&local, client, out, err);
}
