/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervise_up - a container comes up, and is let go
 *
 * In this order, which each step needs: network helpers that take ports of the host, the root's mounts, the
 * process (which waits), the network inside, the process goes on, the caller is told. Letting go is the
 * reverse.
 */
#include "engine/supervised.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/accounts.h"
#include "engine/bundle.h"
#include "engine/copyup.h"
#include "engine/enforce.h"
#include "engine/gate.h"
#include "engine/hookrun.h"
#include "engine/hooks.h"
#include "engine/imagemount.h"
#include "engine/netfiles.h"
#include "engine/pidfiles.h"
#include "engine/rootplan.h"
#include "engine/secretmount.h"
#include "engine/secretuse.h"
#include "kern/keyring.h"
#include "monitor/exit.h"
#include "monitor/notify.h"
#include "net/fast.h"
#include "run/hook.h"
#include "run/notice.h"

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

struct spec_args supervised_spec(const struct supervised *s, int root, struct err *err)
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

struct run_target supervised_target(const struct supervised *s)
{
	const struct run_container *c = s->container;

	return (struct run_target){
		.user = run_namespace(c, "user"),
		.mnt = run_namespace(c, "mnt"),
		.pid = run_namespace(c, "pid"),
		.net = run_namespace(c, "net"),
		.ipc = run_namespace(c, "ipc"),
		.uts = run_namespace(c, "uts"),
		.cgroup = run_namespace(c, "cgroup"),
		.root = run_root(c),
		.group = s->group,
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

	s->plug.fresh = &s->fresh;
	if (s->netns >= 0)
		return;
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
	AUTO(fd) int net = s->netns < 0 ? fresh_take(&s->fresh) : fd_dup(s->netns);

	if (net < 0 || s->spec->own[RUNTIME_USER] || !s->spec->own[RUNTIME_NETWORK])
		return 0;
	int r = s->spec->sysctls.count ? 0 : plug_hand(&s->plug, net, err);
	if (r < 0)
		return r;
	if (s->nest >= 0 && s->netns < 0)
		s->netns = fd_dup(net);
	*out = take_fd(net);
	return 0;
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

/* As take_network(), where the container makes the namespace. */
static int hand_network(void *data, int netns, struct err *err)
{
	struct supervised *s = data;

	return s->spec->sysctls.count ? 0 : plug_hand(&s->plug, netns, err);
}

static int create_process(struct supervised *s, struct err *err)
{
	const struct supervise_args *args = s->args;
	struct spec_args spec = supervised_spec(s, s->root, err);
	AUTO(secret_env) struct strv secrets = { 0 };
	int io[3] = { -1, -1, -1 };

	spec.secret_env = &secrets;
	int r = secretuse_env(args->engine->store, s->config, &secrets, err);
	if (r == 0)
		r = spec_build(&spec, &s->spec, err);
	if (r == 0)
		r = secretmount_apply(args->engine->store, s->config, s->spec, err);
	if (r == 0) {
		cdi_apply(s->edits, s->spec);
		hooks_apply(s->hooks, s->spec);
	}
	if (r == 0)
		r = copyup_owners(args->engine->store, s->config, s->root, s->spec,
				  !args->engine->docker, err);
	if (r == 0)
		show_notify(s);
	if (r == 0)
		r = bundle_write(s->config, s->folder, s->plan.target, s->spec, &secrets, err);
	if (r == 0 && !s->config->tty)
		r = monitor_pipes(s->monitor, io, err);
	if (args->input && io[0] < 0)
		io[0] = *args->input;
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
		.caller = &s->caller,
		.made = hand_network,
		.data = s,
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

/* Hooks that are programs of the container's own. */
static int run_inside(struct supervised *s, struct err *err)
{
	if (!hook_any(s->spec, RUNTIME_HOOK_START_CONTAINER))
		return 0;
	const struct hookrun_inside inside = {
		.spec = s->spec,
		.exec = supervised_spec(s, run_root(s->container), err),
		.target = supervised_target(s),
		.first = run_pidfd(s->container),
		.notice = plug_notice(&s->plug),
		.caller = &s->caller,
	};

	return hookrun_inside(&inside, err);
}

static int start_process(struct supervised *s, struct err *err)
{
	int r = plug_in_container(s, err);

	if (r < 0)
		return r;
	if (!s->ports.count)
		strv_extend(&s->ports, &s->args->state->ports);
	r = run_inside(s, err);
	if (r < 0)
		return r;
	s->started = true;
	r = run_start(s->container, err);
	return r == 0 && s->plug.fast ? adopt_listener(s, err) : r;
}

void supervised_watch_helper(struct supervised *s, int at)
{
	int pidfd = plug_helper(&s->plug, at);

	if (pidfd >= 0)
		monitor_helper(s->monitor, pidfd);
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
		supervised_watch_helper(s, i);
	s->wiring.netns = handles[HANDLE_NET];
	s->wiring.root = handles[HANDLE_ROOT];
	wiring_watch(&s->wiring);
	int r = pidfiles_write(s->config, handles[HANDLE_PIDFD], err);
	return r < 0 ? r : monitor_started(s->monitor, handles[HANDLE_PIDFD], handles, err);
}

/* An id that owns the container's keyring when the user's own keys have run out. */
static uint32_t key_lender(const char *id)
{
	enum { DIGITS = 4, HEX = 16 };
	AUTO(mem) char *digits = str_ndup(id, DIGITS);

	return (uint32_t)strtoul(digits, NULL, HEX);
}

int supervised_up(struct supervised *s, struct err *err)
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

/* Memberships are kept for a further run. */
void supervised_end_network(struct supervised *s)
{
	if (s->nest < 0)
		plug_end(&s->plug);
	s->wiring.netns = s->wiring.root = -1;
}

/* All that a container had was in its pid namespace; a sandbox has cubby-net beside it. */
void supervised_end_others(const struct supervised *s)
{
	if (s->nest < 0)
		exit_end_others();
}

/* What holds the container's resources, in the order in which it can be let go. */
void supervised_let_go(struct supervised *s)
{
	int unused = fresh_take(&s->fresh); /* of a start that failed early */

	fd_close(unused);
	run_free(take_ptr(s->container));
	fd_close(take_fd(s->notice[0]));
	fd_close(take_fd(s->notice[1]));
	fd_close(take_fd(s->root));
	fd_close(take_fd(s->userns));
	supervised_end_network(s);
	/* A mount that a process of the host has entered goes with that process. */
	if (s->plan.target)
		(void)umount2(s->plan.target, MNT_DETACH);
	rootfs_plan_clear(&s->plan);
	imagemount_release(s->args->engine, s->config);
	secretmount_release(s->args->engine->store, s->config);
	supervised_end_others(s);
	fd_close(take_fd(s->helper));
	runtime_spec_free(take_ptr(s->spec));
}

void supervised_end(struct supervised *s, bool again)
{
	AUTO(runtime_spec) struct runtime_spec *spec = take_ptr(s->spec);

	supervised_let_go(s);
	if (!again)
		supervised_end_group(s);
	if (spec && spec->bundle)
		hookrun_told(s->args->engine->store, s->args->state, spec, RUNTIME_HOOK_POSTSTOP,
			     NULL);
}

/* Nobody is in it any more. */
void supervised_end_group(struct supervised *s)
{
	if (s->group < 0)
		return;
	fd_close(take_fd(s->group));
	monitor_group(s->monitor, -1);
	enforce_end(s->args->state);
}
