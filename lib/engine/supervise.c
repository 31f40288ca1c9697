/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervise - starting a container's monitor: the caller's part, and the monitor's first and last steps
 *
 * Whatever fails before the program runs is undone before the caller hears of it: when FAILED arrives,
 * no mount, port, process or lock of the attempt is left.
 */
#include "engine/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/proc.h"
#include "base/str.h"
#include "engine/cdi.h"
#include "engine/enforce.h"
#include "engine/gate.h"
#include "engine/hooks.h"
#include "engine/members.h"
#include "engine/outer.h"
#include "engine/remove.h"
#include "engine/sandbox.h"
#include "engine/supervised.h"
#include "kern/refusal.h"
#include "monitor/monitor.h"
#include "monitor/wire.h"
#include "net/quiet.h"
#include "store/lock.h"
#include "store/outer.h"
#include "store/record.h"

enum { MOUNTS_BYTES = 1 << 20 };
enum { KEPT_MAX = 128 + ACTIVATION_MAX + STORES_MAX, PRIVATE_UMASK = 077 };

static int close_callers(const struct supervised *s, int sock)
{
	const struct supervise_args *args = s->args;
	const struct joins *j = &s->joins;
	int kept[KEPT_MAX] = { sock,	   args->engine->store->dir,
			       args->lock, j->pid,
			       j->ipc,	   j->uts,
			       j->net,	   s->gate,
			       s->nest };
	size_t count = 9;

	for (size_t i = 0; i < args->engine->store->more.count; i++)
		kept[count++] = args->engine->store->more.items[i]->dir;
	if (args->input)
		kept[count++] = *args->input;
	if (args->extra_count + HOLDING_FDS * s->plug.members.count >
	    KEPT_MAX - ACTIVATION_MAX - count)
		return -E2BIG;
	for (size_t i = 0; i < s->plug.members.count; i++) {
		const struct holding *h = &s->plug.members.items[i]->holding;
		kept[count++] = h->sock;
		kept[count++] = h->netns;
		kept[count++] = h->names;
		kept[count++] = h->keeper;
	}
	for (size_t i = 0; i < args->extra_count; i++)
		kept[count++] = args->extra_fds[i];
	for (size_t i = 0; args->activation && i < args->activation->count; i++)
		kept[count++] = args->activation->fds[i];
	int r = fd_close_but(kept, count);
	if (r < 0 || str_eq(s->config->log_driver, "passthrough"))
		return r;
	return fd_stdio(-1, -1, -1);
}

/* Passwords may be in what was typed. */
static void set_title(const struct supervised *s)
{
	AUTO(mem) char *title = str_fmt("cubby-monitor %.12s %s", s->config->id, s->config->name);

	proc_retitle(title);
}

/* Nothing of how the caller was started shall show in the container or outlive the caller. */
static int become_monitor(const struct supervised *s, int sock, struct err *err)
{
	(void)setsid(); /* fails for who leads a session of its own already */
	proc_signals_reset();
	proc_raise_files(); /* each client of attach is one */
	(void)umask(PRIVATE_UMASK);
	set_title(s);
	(void)setpriority(PRIO_PROCESS, 0, 0); /* a lowered priority cannot always be raised */
	if (prctl(PR_SET_NAME, "cubby-monitor") < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_sys(err, -errno, "cannot set the monitor up");
	int r = close_callers(s, sock);
	if (r < 0)
		return err_sys(err, r, "cannot close the caller's descriptors");
	/* Slave, never private: the host's unmounts must reach us, or we pin its disks. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "cannot make the monitor's mounts its own");
	return 0;
}

/* The monitor's mounts: as one step has found them the next one must. */
static char *list_mounts(void)
{
	char *text = NULL;

	return file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTS_BYTES, &text, NULL) < 0 ? NULL
											  : text;
}

/* Also where only the host's have changed meanwhile. */
static bool is_clean(const struct supervised *s)
{
	AUTO(mem) char *now = list_mounts();

	return now && str_eq(now, s->mounts);
}

/* Sockets that were handed over with this start: published ports use them, and further starts. */
static int keep_sockets(struct supervised *s, struct err *err)
{
	const struct activation *a = s->args->activation;

	if (!a || !a->count)
		return 0;
	AUTO(mem) char *names = str_join(&a->names, ":");
	int text = fd_memory("cubby-names", names, strlen(names));
	if (text < 0)
		return err_sys(err, text, "cannot keep the names of sockets");
	activated_read(a->fds, a->count, &s->activated);
	for (size_t i = 0; i < a->count; i++)
		s->handed[s->handed_count++] = a->fds[i];
	s->handed[s->handed_count++] = text;
	return 0;
}

static int take_container(struct supervised *s, int sock, struct err *err)
{
	const struct supervise_args *args = s->args;
	AUTO(fd) int client = fd_dup(sock);
	int alive;

	s->dir = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0 || client < 0)
		return err_sys(err, -errno, "cannot open the folder of container '%s'",
			       s->config->name);
	int r = keep_sockets(s, err);
	if (r == 0)
		r = liveness_take(args->engine->store, s->config->id, &alive, err);
	if (r < 0)
		return r;
	/* The next ones may have a namespace of their own. */
	if (!s->born)
		(void)!outer_hold(args->engine->store);
	struct monitor_args m = {
		.store = args->engine->store,
		.config = s->config,
		.state = args->state,
		.dir = s->dir,
		.alive = alive,
		.client = take_fd(client),
		.notify = host_env(args->engine->host, "NOTIFY_SOCKET"),
		.sockets = s->handed,
		.socket_count = s->handed_count,
		.attached = args->attached,
		.hooks = supervised_hooks(s),
	};
	s->wiring.dir = s->dir;
	r = monitor_new(&m, &s->monitor, err);
	s->wiring.monitor = s->monitor;
	return r;
}

/* One whose cubby-net has ended, or where a port may still be taken, serves no other step. */
static void check_network(struct supervised *s)
{
	struct pollfd p = { .fd = plug_helper(&s->plug, 0), .events = POLLIN };

	if (s->netns < 0 || ((p.fd < 0 || poll(&p, 1, 0) == 0) && quiet_check(s->netns)))
		return;
	plug_end(&s->plug);
	fd_close(take_fd(s->netns));
}

static int start_container(struct supervised *s, int sock, struct err *err)
{
	int r = s->born ? 0 : become_monitor(s, sock, err);

	if (r == 0 && s->nest >= 0 && !s->born) {
		memory_apart(); /* each step has a monitor's buffers of some MiB */
		s->mounts = list_mounts();
	}
	if (r == 0)
		r = take_container(s, sock, err);
	if (r == 0)
		r = plug_limit(&s->plug, s->config->network_rate, -1, err);
	return r == 0 ? supervised_up(s, err) : r;
}

/* The state stays what it was, but for the reason. */
static void note_failure(struct supervised *s, const struct err *why, int status)
{
	struct container_state *state = s->args->state;

	str_set(&state->error, why->text);
	state->exit_code = status;
	strv_clear(&state->ports);
	state->pid = 0;
	if (state->status == CONTAINER_RUNNING)
		state->status = CONTAINER_CREATED;
	(void)!record_state_save(s->args->engine->store, state, false,
				 NULL); /* the caller is told anyway */
}

/* What the caller has made ready, besides what it was told. */
struct ready {
	struct joins joins;
	struct cdi_edits edits;
	struct runtime_hooks hooks;
	struct members members;
	struct enforcement enforcement;
	int gate[2]; /* the monitor's end is the second */
};

/* What one run has; what a sandbox keeps stays. */
static void set_run(struct supervised *s, const struct supervise_args *args)
{
	const struct store *store = args->engine->store;
	const struct supervised run = {
		.args = args,
		.config = args->config,
		.edits = s->edits,
		.hooks = s->hooks,
		.joins = s->joins,
		.gate = s->gate,
		.group = -1,
		.folder = store_container_path(store, args->config->id, NULL),
		.volumes = store_path(store, "volumes"),
		.dir = -1,
		.root = -1,
		.helper = -1,
		.userns = -1,
		.caller = -1,
		.notice = { -1, -1 },
		.plug = s->plug,
		.wiring = { .engine = args->engine,
			    .config = args->config,
			    .state = args->state,
			    .plug = &s->plug,
			    .dir = -1,
			    .root = -1,
			    .netns = -1 },
		.nest = s->nest,
		.mounts = s->mounts,
		.netns = s->netns,
	};

	*s = run;
}

/* The kernel takes its time with the last descriptor of a packet socket: what others wait for is closed before. */
static no_return void leave(const struct supervised *s)
{
	const int last = s->plug.spent;

	if (last > 0) {
		(void)close_range((unsigned)last + 1, ~0U, 0);
		(void)close_range(0, (unsigned)last - 1, 0);
	}
	_exit(0);
}

/* What was removed is elsewhere by now, with its mounted root, which could not be let go by its old name. */
static void let_go_removed(const struct temps *gone)
{
	for (size_t i = 0; i < gone->count; i++) {
		AUTO(mem) char *merged = str_fmt("%s/merged", gone->items[i]->path);
		(void)umount2(merged, MNT_DETACH);
	}
}

static void end_run(struct supervised *s)
{
	supervised_let_go(s);
	let_go_removed(&s->gone);
	(void)!temps_remove(s->args->engine->store, &s->gone); /* else a sweep does it */
	if (s->nest < 0)
		leave(s);
	monitor_free(take_ptr(s->monitor));
	container_config_free(take_ptr(s->fresh_config));
	strv_clear(&s->ports);
	free(take_ptr(s->folder));
	free(take_ptr(s->volumes));
	fd_close(take_fd(s->dir));
}

/* Until everybody is served; a start that fails is the monitor's end. */
static void run_once(struct supervised *s, int sock)
{
	AUTO(err) struct err err = { 0 };

	s->caller = sock;
	const int r = start_container(s, sock, &err);
	s->caller = -1;
	if (r == 0) {
		fd_close(s->args->lock);
		fd_close(sock);
		(void)monitor_run(s->monitor);
		end_run(s);
		return;
	}
	int status = run_exit_status(r, s->started);
	if (!s->started)
		refusal_explain(&err);
	s->nest = -1;
	supervised_end(s, false);
	note_failure(s, &err, status);
	monitor_free(s->monitor);	      /* drops the liveness lock */
	(void)!wire_fail(sock, &err, status); /* a caller that was killed needs no answer */
	_exit(0);
}

/* Its record is as a fresh monitor's caller has read it. */
static int run_step(struct supervised *s, struct engine *engine, const struct sandbox_step *step)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(err) struct err err = { 0 };
	int r = record_config_load(engine->store, step->id, &config, &err);

	if (r == 0)
		r = record_state_stored(engine->store, step->id, &state, &err);
	if (r < 0) {
		(void)!wire_fail(step->sock, &err, run_exit_status(r, false));
		return r;
	}
	const struct supervise_args args = { .engine = engine,
					     .config = config,
					     .state = state,
					     .lock = step->lock,
					     .attached = true };
	set_run(s, &args);
	s->born = true;
	set_title(s);
	run_once(s, step->sock);
	return 0;
}

static no_return void monitor_main(const struct supervise_args *args, const struct ready *ready,
				   int sock, int nest)
{
	struct sandbox_step step;
	struct supervised s = {
		.edits = &ready->edits,
		.hooks = &ready->hooks,
		.joins = ready->joins,
		.gate = ready->gate[1],
		.plug = { .members = ready->members,
			  .usual = plug_usual(args->config),
			  .activated = &s.activated,
			  .given.traffic = -1,
			  .far = -1,
			  .spent = -1 },
		.nest = nest,
		.netns = -1,
	};

	set_run(&s, args);
	run_once(&s, sock);
	/* What the next step needs is made while its caller has other things to do. */
	do
		check_network(&s);
	while (is_clean(&s) && sandbox_hear(nest, &step) == 0 &&
	       run_step(&s, args->engine, &step) == 0);
	leave(&s);
}

/*
 * The lock covers the start: who comes next finds the container running, or as it was. The monitor shares
 * it until then, because the caller may be killed.
 */
static void await_outcome(int sock)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
}

static void auto_ready(struct ready *ready)
{
	joins_close(&ready->joins);
	cdi_edits_clear(&ready->edits);
	runtime_hooks_clear(&ready->hooks);
	members_clear(&ready->members);
	enforce_clear(&ready->enforcement);
	fd_close(ready->gate[0]);
	fd_close(ready->gate[1]);
}

/* Here already, so that who has an address is told before anything is made; and a monitor, whose processes
 * end with it, could start no holder that outlives it. */
static int make_ready(const struct supervise_args *args, struct ready *out, struct err *err)
{
	const struct members_who who = {
		.engine = args->engine,
		.config = args->config,
		.name = args->config->name,
		.outside = endpoints_find(&args->config->endpoints, ENDPOINT_DEFAULT) != NULL,
	};

	int r = enforce_plan(args->engine, args->config, &out->enforcement, err);
	if (r == 0)
		r = joins_open(args->engine, args->config, &out->joins, err);
	if (r == 0 && out->enforcement.manager != GROUP_NONE) {
		r = fd_pair(SOCK_SEQPACKET, out->gate);
		if (r < 0)
			return err_sys(err, r, "cannot make a socket pair");
	}
	if (r == 0)
		r = cdi_resolve(args->engine, args->config, &out->edits, err);
	if (r == 0)
		r = hooks_resolve(args->engine, args->config, &out->hooks, err);
	return r < 0 ? r : members_join(&who, &args->state->attachments, &out->members, err);
}

/* The monitor is told what came of it, and so is the caller. */
static void make_group(const struct supervise_args *args, const struct ready *ready, int pidfd)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *path = NULL;
	const pid_t pid = proc_host_pid(pidfd);
	AUTO(fd)
	int dir = pid < 0 ? err_sys(&err, (int)pid, "the monitor has ended")
			  : enforce_begin(args->engine, args->config, &ready->enforcement, pid,
					  &path, &err);

	if (dir < 0)
		gate_refuse(ready->gate[0], &err);
	else
		gate_tell(ready->gate[0], dir, path);
}

static void release_monitor(const struct supervise_args *args, const struct enforcement *e,
			    int pidfd)
{
	AUTO(err) struct err err = { 0 };
	const pid_t pid = e->manager == GROUP_NONE ? -1 : proc_host_pid(pidfd);

	if (pid > 0 && enforce_release_monitor(args->config, e, pid, &err) < 0)
		engine_warn(args->engine, "%s", err.text);
}

/* Return: 1 when a monitor that was there has taken the step, 0 when one has to be started. */
static int ask_sandbox(const struct supervise_args *args, bool limited, int *out_nest,
		       int *out_sock, struct err *err)
{
	int pair[2], r;

	*out_sock = -1;
	if (!args->sandbox)
		return 0;
	do {
		r = fd_pair(SOCK_SEQPACKET, pair);
		if (r < 0)
			return err_sys(err, r, "cannot make a socket");
		AUTO(fd) int ours = pair[0];
		r = sandbox_take(args->sandbox, args->config, limited, pair[1], args->lock,
				 out_nest, err);
		fd_close(pair[1]);
		if (r != 1)
			return r;
		await_outcome(ours);
		if (!sandbox_left(ours))
			*out_sock = take_fd(ours);
	} while (*out_sock < 0);
	return r;
}

int supervise_start(const struct supervise_args *args, int *out_sock, struct err *err)
{
	AUTO(ready) struct ready ready = { .joins = { -1, -1, -1, -1 }, .gate = { -1, -1 } };
	AUTO(fd) int pidfd = -1;
	AUTO(fd) int nest = -1;
	int pair[2];

	int r = make_ready(args, &ready, err);
	if (r < 0)
		return r;
	enforce_warn(args->engine, args->config, &ready.enforcement);
	enforce_state(&ready.enforcement, args->config, args->state);
	const bool limited = ready.enforcement.manager != GROUP_NONE || ready.enforcement.fallbacks;
	r = ask_sandbox(args, limited, &nest, out_sock, err);
	if (r != 0)
		return min_of(r, 0);
	r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket");
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	/* Where processes are shared, the monitor cannot be the init of those it watches. */
	uint64_t flags = CLONE_NEWNS | (joins_shared_pids(args->config) ? 0 : CLONE_NEWPID);
	pid_t pid = outer_fork(args->engine, flags, true, &pidfd, err);
	if (pid < 0)
		return pid;
	if (pid == 0)
		monitor_main(args, &ready, theirs, nest);
	members_clear(&ready.members); /* they are the monitor's alone */
	fd_close(take_fd(theirs));     /* a monitor that dies is seen by its hanging up */
	fd_close(take_fd(nest));
	fd_close(take_fd(ready.gate[1]));
	if (ready.gate[0] >= 0)
		make_group(args, &ready, pidfd);
	await_outcome(ours);
	release_monitor(args, &ready.enforcement, pidfd);
	*out_sock = take_fd(ours);
	return 0;
}
