/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervise - starting a container's monitor, and what the monitor does from then on
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
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "engine/accounts.h"
#include "engine/cdi.h"
#include "engine/checker.h"
#include "engine/copyup.h"
#include "engine/detached.h"
#include "engine/enforce.h"
#include "engine/gate.h"
#include "engine/imagemount.h"
#include "engine/joins.h"
#include "engine/netfiles.h"
#include "engine/outer.h"
#include "engine/pidfiles.h"
#include "engine/plug.h"
#include "engine/remove.h"
#include "engine/rootplan.h"
#include "engine/secretmount.h"
#include "engine/secretuse.h"
#include "engine/wiring.h"
#include "kern/keyring.h"
#include "kern/refusal.h"
#include "monitor/exit.h"
#include "monitor/monitor.h"
#include "monitor/notify.h"
#include "monitor/wire.h"
#include "net/fresh.h"
#include "rootfs/rootfs.h"
#include "run/notice.h"
#include "run/run.h"
#include "spec/spec.h"
#include "store/lock.h"
#include "store/outer.h"
#include "store/record.h"

enum { KEPT_MAX = 128 + ACTIVATION_MAX + STORES_MAX, PRIVATE_UMASK = 077 };

/* All that a monitor holds. */
struct supervised {
	struct detached_list detached;
	const struct supervise_args *args;
	const struct container_config *config;
	const struct cdi_edits *edits; /* what its described devices need */
	struct joins joins;
	int gate;     /* where the control group comes from, or -1: none is made, or it is here */
	int group;    /* its folder, or -1 */
	char *folder; /* absolute */
	char *volumes;
	int dir;
	struct monitor *monitor;
	struct plug plug;
	int notice[2];	      /* --network fast: brings the listener of PID 1 */
	struct wiring wiring; /* what changes of it while the container lives */
	struct fresh fresh;
	struct strv ports; /* as they were bound: a further run has the same */
	struct activated_list activated;
	int handed[ACTIVATION_MAX + 1]; /* for who restarts it: the sockets, and their names */
	size_t handed_count;
	struct rootfs_plan plan;
	int root;   /* O_PATH of the mounted root */
	int helper; /* pidfd of the file system's process, or -1 */
	struct runtime_spec *spec;
	struct run_container *container;
	int userns;   /* the outer user namespace, for those who enter the container */
	bool started; /* run_start was reached */
	struct container_config *fresh_config; /* of a further run: limits may have changed */
	struct temps gone; /* of a removed container: deleted once nobody waits */
};

/* Memberships are kept for a further run. */
static void end_network(struct supervised *s)
{
	plug_end(&s->plug);
	s->wiring.netns = s->wiring.root = -1;
}

/* What holds the container's resources, in the order in which it can be let go. */
static void let_go(struct supervised *s)
{
	int unused = fresh_take(&s->fresh); /* of a start that failed early */

	fd_close(unused);
	run_free(take_ptr(s->container));
	fd_close(take_fd(s->notice[0]));
	fd_close(take_fd(s->notice[1]));
	fd_close(take_fd(s->root));
	fd_close(take_fd(s->userns));
	end_network(s);
	/* A mount that a process of the host has entered goes with that process. */
	if (s->plan.target)
		(void)umount2(s->plan.target, MNT_DETACH);
	rootfs_plan_clear(&s->plan);
	imagemount_release(s->args->engine, s->config);
	secretmount_release(s->args->engine->store, s->config);
	exit_end_others();
	fd_close(take_fd(s->helper));
	runtime_spec_free(take_ptr(s->spec));
}

/* Nobody is in it any more. */
static void end_group(struct supervised *s)
{
	if (s->group < 0)
		return;
	fd_close(take_fd(s->group));
	monitor_group(s->monitor, -1);
	enforce_end(s->args->state);
}

static int start_detached(void *data, const char *text, size_t size, int *out_status,
			  struct err *err);
static void reaped(void *data, int pid, int status);
static int check_health(void *data, const struct strv *test, int64_t timeout, int *out_sock,
			struct err *err);

/* Whether a mount of the container keeps a file system of the host busy, or lies in its folder. */
static bool holds_host(const struct container_config *config)
{
	return config->mounts.count > 0 || config->secrets.count > 0 || config->rootfs;
}

/* Mounts that nobody will ever see again need not be awaited by those who wait for the end. */
static void ended(void *data, bool again)
{
	struct supervised *s = data;

	if (!again)
		wiring_end(&s->wiring);
	if (!s->config->remove || holds_host(s->config)) {
		let_go(s);
	} else {
		end_network(s);
		exit_end_others();
	}
	if (!again)
		end_group(s);
}

static int bring_up(struct supervised *s, struct err *err);

/* What it shares with others is looked up anew: they may have been started again as well. */
static int again(void *data, int *out_status, struct err *err)
{
	struct supervised *s = data;
	AUTO(fd) int lock = -1;

	/* Tried, never waited for: who holds it may be waiting for our answer. */
	int r = lock_take(s->args->engine->store, LOCK_CONTAINER, s->config->id,
			  LOCK_EXCLUSIVE | LOCK_TRY, &lock, err);
	if (r == -EAGAIN)
		return -EINPROGRESS;
	if (r < 0)
		return r;
	let_go(s);
	s->started = false;
	/* The mark of an overlay that is never synced (--rm) forbids a further mount of it, because the
	 * machine may have gone down meanwhile: here it has not. */
	(void)!file_tree_remove(s->dir, "work/work/incompat"); /* else mounting says so */
	container_config_free(take_ptr(s->fresh_config));
	r = record_config_load(s->args->engine->store, s->config->id, &s->fresh_config, err);
	if (r == 0)
		r = joins_renew(s->args->engine, s->config, &s->joins, err);
	if (r == 0)
		r = bring_up(s, err);
	if (r == 0)
		return 0;
	*out_status = run_exit_status(r, s->started);
	let_go(s);
	return r;
}

static void watch_helper(struct supervised *s, int at)
{
	int pidfd = plug_helper(&s->plug, at);

	if (pidfd >= 0)
		monitor_helper(s->monitor, pidfd);
}

static void helper_ended(void *data, int pidfd)
{
	struct supervised *s = data;
	AUTO(err) struct err err = { 0 };

	int at = 0;
	while (plug_helper(&s->plug, at) >= -1 && plug_helper(&s->plug, at) != pidfd)
		at++;
	if (plug_helper(&s->plug, at) < 0)
		return;
	if (plug_again(&s->plug, pidfd, s->args->engine->host, s->config, s->args->state,
		       run_namespace(s->container, "net"), &err) == 0)
		watch_helper(s, at);
	else
		log_debug("the network of %s is lost: %s", s->config->name, err.text);
}

static int connect_network(void *data, const char *json, size_t size, const int *fds, size_t count,
			   struct err *err)
{
	struct supervised *s = data;

	return wiring_connect(&s->wiring, json, size, fds, count, err);
}

static int disconnect_network(void *data, const char *network, struct err *err)
{
	struct supervised *s = data;

	return wiring_disconnect(&s->wiring, network, err);
}

static void renamed(void *data)
{
	struct supervised *s = data;

	wiring_renamed(&s->wiring);
}

/* The networks' limits count at once; the rest is for the next start. */
static int changed(void *data, const struct container_config *config, struct err *err)
{
	struct supervised *s = data;

	return plug_limit(&s->plug, config->network_rate, s->wiring.netns, err);
}

static int remove_record(void *data, struct err *err)
{
	struct supervised *s = data;

	return container_take_away(s->args->engine, s->config, &s->gone, err);
}

static int close_callers(const struct supervised *s, int sock)
{
	const struct supervise_args *args = s->args;
	const struct joins *j = &s->joins;
	int kept[KEPT_MAX] = {
		sock, args->engine->store->dir, args->lock, j->pid, j->ipc, j->uts, j->net, s->gate
	};
	size_t count = 8;

	for (size_t i = 0; i < args->engine->store->more.count; i++)
		kept[count++] = args->engine->store->more.items[i]->dir;
	if (args->extra_count + HOLDING_FDS * s->plug.members.count >
	    KEPT_MAX - ACTIVATION_MAX - count)
		return -E2BIG;
	for (size_t i = 0; i < s->plug.members.count; i++) {
		const struct holding *h = &s->plug.members.items[i]->holding;
		kept[count++] = h->sock;
		kept[count++] = h->netns;
		kept[count++] = h->names;
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

/* Nothing of how the caller was started shall show in the container or outlive the caller. */
static int become_monitor(const struct supervised *s, int sock, struct err *err)
{
	(void)setsid(); /* fails for who leads a session of its own already */
	proc_signals_reset();
	proc_raise_files(); /* each client of attach is one */
	(void)umask(PRIVATE_UMASK);
	AUTO(mem) char *title = str_fmt("cubby-monitor %.12s %s", s->config->id, s->config->name);
	proc_retitle(title);		       /* what was typed may hold passwords */
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
	(void)!outer_hold(
		args->engine->store); /* the next ones may have a namespace of their own */
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
		.hooks = { .data = s,
			   .exec = start_detached,
			   .reaped = reaped,
			   .check = check_health,
			   .helper_ended = helper_ended,
			   .connect = connect_network,
			   .disconnect = disconnect_network,
			   .renamed = renamed,
			   .changed = changed,
			   .ended = ended,
			   .again = again,
			   .remove = remove_record },
	};
	s->wiring.dir = s->dir;
	r = monitor_new(&m, &s->monitor, err);
	s->wiring.monitor = s->monitor;
	return r;
}

static int write_netfiles(struct supervised *s, struct err *err)
{
	AUTO(netfiles_net) struct netfiles_net net = { 0 };
	bool own = s->plug.usual || s->plug.pasta || s->plug.members.count;

	plug_view(&s->plug, &net);
	return netfiles_write(s->args->engine->store, s->config, s->dir, s->root, own ? &net : NULL,
			      err);
}

static int mount_root(struct supervised *s, struct err *err)
{
	struct engine *engine = s->args->engine;

	int r = rootplan_make(engine, s->config, s->dir, &s->plan, err);
	if (r == 0)
		r = s->root = rootfs_apply(&s->plan, engine->host, &s->helper, err);
	if (r < 0)
		return r;
	if (s->helper >= 0)
		monitor_helper(s->monitor, s->helper);
	r = imagemount_apply(engine, s->config, err);
	if (r < 0)
		return r;
	r = copyup_volumes(engine->store, s->config, s->root, err);
	if (r < 0)
		return r;
	r = accounts_write(engine->host, s->config, s->root, err);
	return r < 0 ? r : write_netfiles(s, err);
}

static struct spec_args spec_args(const struct supervised *s, int root, struct err *err)
{
	return (struct spec_args){
		.host = s->args->engine->host,
		.identity = engine_identity(s->args->engine, err),
		.config = s->config,
		.rootfs = root,
		.state_dir = s->folder,
		.volumes_dir = s->volumes,
		.fallbacks = (unsigned int)s->args->state->fallbacks,
		.resources = s->fresh_config ? &s->fresh_config->resources : NULL,
	};
}

/* The socket that the monitor made for the program's own messages. */
static void show_notify(const struct supervised *s)
{
	if (!host_env(s->args->engine->host, "NOTIFY_SOCKET") ||
	    !str_eq(s->config->sdnotify, "container"))
		return;
	struct runtime_mount *m = vec_push(&s->spec->mounts);
	*m = (struct runtime_mount){ .destination = str_dup(NOTIFY_INSIDE),
				     .type = str_dup("bind"),
				     .source = str_fmt("%s/%s", s->folder, NOTIFY_FILE) };
	strv_split(&m->options, "bind,rprivate,nosuid,nodev,noexec", ',');
	strv_env_set(&s->spec->env, "NOTIFY_SOCKET=" NOTIFY_INSIDE);
}

/* The usual container has a network namespace of its own, of the monitor's user namespace. */
static void begin_network(struct supervised *s)
{
	const struct container_config *config = s->config;
	const char *mode = str_or(config->network_mode, "slirp");

	if ((str_eq(mode, "slirp") || str_eq(mode, "bridge") || str_eq(mode, "none") ||
	     str_eq(mode, "pasta")) &&
	    str_eq(str_or(config->userns_mode, "host"), "host"))
		fresh_begin(&s->fresh);
}

/*
 * What was made early is used unless the container has a user namespace of its own after all. Its networks
 * may begin then, unless the user's own switches have to come after cubby-net's.
 */
static int take_network(struct supervised *s, int *out, struct err *err)
{
	AUTO(fd) int net = fresh_take(&s->fresh);

	if (net < 0 || s->spec->own[RUNTIME_USER] || !s->spec->own[RUNTIME_NETWORK])
		return 0;
	int r = s->spec->sysctls.count ? 0 : plug_hand(&s->plug, net, err);
	if (r == 0)
		*out = take_fd(net);
	return r;
}

/* Once: a further run finds the group as it was. */
static int take_group(struct supervised *s, struct err *err)
{
	AUTO(fd) int gate = take_fd(s->gate);
	AUTO(mem) char *path = NULL;

	if (gate < 0)
		return 0;
	int r = gate_hear(gate, &s->group, &path, err);
	if (r < 0)
		return r;
	str_set(&s->args->state->cgroup, path);
	monitor_group(s->monitor, s->group);
	return 0;
}

static int create_process(struct supervised *s, struct err *err)
{
	const struct supervise_args *args = s->args;
	struct spec_args spec = spec_args(s, s->root, err);
	AUTO(secret_env) struct strv secrets = { 0 };
	int io[3] = { -1, -1, -1 };

	spec.secret_env = &secrets;
	int r = secretuse_env(args->engine->store, s->config, &secrets, err);
	if (r == 0)
		r = spec_build(&spec, &s->spec, err);
	if (r == 0)
		r = secretmount_apply(args->engine->store, s->config, s->spec, err);
	if (r == 0)
		r = cdi_apply(s->edits, s->config->id, s->folder, s->plan.target, s->spec, &secrets,
			      err);
	if (r == 0)
		r = copyup_owners(args->engine->store, s->config, s->root, s->spec,
				  !args->engine->docker, err);
	if (r == 0)
		show_notify(s);
	if (r == 0 && !s->config->tty)
		r = monitor_pipes(s->monitor, io, err);
	AUTO(fd) int net = -1;
	if (r == 0)
		r = take_network(s, &net, err);
	if (r == 0)
		r = take_group(s, err);
	if (r < 0)
		return r;
	if (s->plug.fast)
		r = fd_pair(SOCK_SEQPACKET, s->notice);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket pair");
	int rest[ACTIVATION_MAX];
	size_t rest_count =
		args->activation ? activation_rest(args->activation, s->config, rest, &s->spec->env)
				 : 0;
	struct run_args run = {
		.host = args->engine->host,
		.identity = spec.identity,
		.spec = s->spec,
		.rootfs = s->root,
		.join_pid = s->joins.pid,
		.join_ipc = s->joins.ipc,
		.join_uts = s->joins.uts,
		.join_net = s->joins.net,
		.fresh_net = net,
		.io = { .in = io[0], .out = io[1], .errout = io[2] },
		.size = { .rows = args->rows, .columns = args->columns },
		.extra_fds = rest_count ? rest : args->extra_fds,
		.extra_count = rest_count ? rest_count : args->extra_count,
		.notice = s->notice[1],
		.group = s->group,
	};
	r = run_create(&run, &s->container, err);
	fd_close(take_fd(s->notice[1]));
	if (r < 0 || !s->config->tty)
		return r;
	return monitor_console(s->monitor, run_console(s->container), err);
}

/* Its socket calls wait until then. */
static int adopt_listener(struct supervised *s, struct err *err)
{
	int listener = notice_take(s->notice[0]);
	int r = listener < 0 ? listener : fast_adopt(s->plug.fast, listener);

	fd_close(take_fd(s->notice[0]));
	return r < 0 ? err_sys(err, r, "cannot have socket calls answered") : 0;
}

/* What pasta gives is known last. */
static int plug_in_container(struct supervised *s, struct err *err)
{
	AUTO(netfiles_net) struct netfiles_net before = { 0 }, after = { 0 };

	plug_view(&s->plug, &before);
	int r = plug_in(&s->plug, s->config, run_namespace(s->container, "net"), s->args->state,
			err);
	if (r < 0 || !s->plug.pasta)
		return r;
	plug_view(&s->plug, &after);
	const struct netfiles_change change = { s->config, s->dir, s->root, &before, &after };
	return netfiles_change(&change, err);
}

static int start_process(struct supervised *s, struct err *err)
{
	int r = plug_in_container(s, err);

	if (r < 0)
		return r;
	if (!s->ports.count)
		strv_extend(&s->ports, &s->args->state->ports);
	s->started = true;
	r = run_start(s->container, err);
	return r == 0 && s->plug.fast ? adopt_listener(s, err) : r;
}

static int tell_started(struct supervised *s, struct err *err)
{
	static const char *const names[HANDLE_COUNT] = {
		[HANDLE_USER] = "user",	    [HANDLE_MNT] = "mnt", [HANDLE_PID] = "pid",
		[HANDLE_NET] = "net",	    [HANDLE_IPC] = "ipc", [HANDLE_UTS] = "uts",
		[HANDLE_CGROUP] = "cgroup",
	};
	int handles[HANDLE_COUNT];

	for (int i = 0; i < HANDLE_COUNT; i++)
		handles[i] = names[i] ? run_namespace(s->container, names[i]) : -1;
	if (handles[HANDLE_USER] < 0) {
		s->userns = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
		if (s->userns < 0)
			return err_sys(err, -errno, "cannot open the monitor's user namespace");
		handles[HANDLE_USER] = s->userns;
	}
	handles[HANDLE_ROOT] = run_root(s->container);
	handles[HANDLE_PIDFD] = run_pidfd(s->container);
	handles[HANDLE_NOTICE] = plug_notice(&s->plug);
	handles[HANDLE_GROUP] = s->group;
	for (int i = 0; plug_helper(&s->plug, i) >= -1; i++)
		watch_helper(s, i);
	s->wiring.netns = handles[HANDLE_NET];
	s->wiring.root = handles[HANDLE_ROOT];
	wiring_watch(&s->wiring);
	int r = pidfiles_write(s->config, handles[HANDLE_PIDFD], err);
	return r < 0 ? r : monitor_started(s->monitor, handles[HANDLE_PIDFD], handles, err);
}

static int start_container(struct supervised *s, int sock, struct err *err)
{
	int r = become_monitor(s, sock, err);

	if (r == 0)
		r = take_container(s, sock, err);
	if (r == 0)
		r = plug_limit(&s->plug, s->config->network_rate, -1, err);
	return r == 0 ? bring_up(s, err) : r;
}

/* An id that owns the container's keyring when the user's own keys have run out. */
static uint32_t key_lender(const char *id)
{
	enum { DIGITS = 4, HEX = 16 };
	AUTO(mem) char *digits = str_ndup(id, DIGITS);

	return (uint32_t)strtoul(digits, NULL, HEX);
}

static int bring_up(struct supervised *s, struct err *err)
{
	/* Not the caller's, and a fresh one for each run: the container is born with it. Where it is
	 * refused it is no reason not to start. */
	(void)keyring_fresh(key_lender(s->config->id));
	begin_network(s);
	int r = plug_start(&s->plug, s->args->engine->host, s->config, &s->ports, err);
	if (r == 0)
		r = mount_root(s, err);
	if (r == 0)
		r = create_process(s, err);
	if (r == 0)
		r = start_process(s, err);
	if (r == 0)
		r = tell_started(s, err);
	return r;
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
	struct members members;
	struct enforcement enforcement;
	int gate[2]; /* the monitor's end is the second */
};

static no_return void monitor_main(const struct supervise_args *args, const struct ready *ready,
				   int sock)
{
	AUTO(err) struct err err = { 0 };
	const struct store *store = args->engine->store;
	struct supervised s = {
		.args = args,
		.config = args->config,
		.edits = &ready->edits,
		.joins = ready->joins,
		.gate = ready->gate[1],
		.group = -1,
		.folder = store_container_path(store, args->config->id, NULL),
		.volumes = store_path(store, "volumes"),
		.dir = -1,
		.root = -1,
		.helper = -1,
		.userns = -1,
		.notice = { -1, -1 },
		.plug = { .members = ready->members,
			  .usual = plug_usual(args->config),
			  .activated = &s.activated,
			  .given.traffic = -1,
			  .far = -1 },
	};
	s.wiring = (struct wiring){
		.engine = args->engine,
		.config = args->config,
		.state = args->state,
		.plug = &s.plug,
		.dir = -1,
		.root = -1,
		.netns = -1,
	};

	int r = start_container(&s, sock, &err);
	if (r == 0) {
		fd_close(args->lock);
		fd_close(sock);
		(void)monitor_run(s.monitor);
		let_go(&s);
		(void)!temps_remove(store, &s.gone); /* else a sweep does it */
		_exit(0);
	}
	int status = run_exit_status(r, s.started);
	if (!s.started)
		refusal_explain(&err);
	let_go(&s);
	end_group(&s);
	note_failure(&s, &err, status);
	monitor_free(s.monitor);	      /* drops the liveness lock */
	(void)!wire_fail(sock, &err, status); /* a caller that was killed needs no answer */
	_exit(0);
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

int supervise_start(const struct supervise_args *args, int *out_sock, struct err *err)
{
	AUTO(ready) struct ready ready = { .joins = { -1, -1, -1, -1 }, .gate = { -1, -1 } };
	AUTO(fd) int pidfd = -1;
	int pair[2];

	int r = make_ready(args, &ready, err);
	if (r < 0)
		return r;
	enforce_warn(args->engine, args->config, &ready.enforcement);
	enforce_state(&ready.enforcement, args->config, args->state);
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
		monitor_main(args, &ready, theirs);
	members_clear(&ready.members); /* they are the monitor's alone */
	fd_close(take_fd(theirs));     /* a monitor that dies is seen by its hanging up */
	fd_close(take_fd(ready.gate[1]));
	if (ready.gate[0] >= 0)
		make_group(args, &ready, pidfd);
	await_outcome(ours);
	release_monitor(args, &ready.enforcement, pidfd);
	*out_sock = take_fd(ours);
	return 0;
}

static struct run_target target_of(const struct run_container *c, int group)
{
	return (struct run_target){
		.user = run_namespace(c, "user"),
		.mnt = run_namespace(c, "mnt"),
		.pid = run_namespace(c, "pid"),
		.net = run_namespace(c, "net"),
		.ipc = run_namespace(c, "ipc"),
		.uts = run_namespace(c, "uts"),
		.cgroup = run_namespace(c, "cgroup"),
		.root = run_root(c),
		.group = group,
	};
}

static int check_health(void *data, const struct strv *test, int64_t timeout, int *out_sock,
			struct err *err)
{
	struct supervised *s = data;
	struct checker_args args = {
		.spec = spec_args(s, run_root(s->container), err),
		.target = target_of(s->container, s->group),
		.test = test,
		.shell = &s->config->health.shell,
		.timeout = timeout,
		.notice = plug_notice(&s->plug),
	};

	return checker_start(&args, out_sock, err);
}

/* Nobody waited for it, but its end is told. */
static void reaped(void *data, int pid, int status)
{
	struct supervised *s = data;

	detached_reaped(&s->detached, s->args->engine->store, s->args->state, pid, status);
}

static int start_detached(void *data, const char *text, size_t size, int *out_status,
			  struct err *err)
{
	struct supervised *s = data;
	const struct detached_args args = {
		.store = s->args->engine->store,
		.state = s->args->state,
		.config = s->config,
		.spec = spec_args(s, run_root(s->container), err),
		.target = target_of(s->container, s->group),
		.notice = plug_notice(&s->plug),
	};

	return detached_start(&s->detached, &args, text, size, out_status, err);
}
