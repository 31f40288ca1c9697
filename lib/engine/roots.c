/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * roots - a container's root file system, however the container is
 */
#include "engine/roots.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "engine/copyup.h"
#include "engine/lost.h"
#include "engine/outer.h"
#include "engine/rootplan.h"
#include "engine/running.h"
#include "kern/at.h"
#include "kern/mount.h"
#include "monitor/protocol.h"
#include "rootfs/rootfs.h"
#include "spec/spec.h"
#include "store/lock.h"
#include "store/record.h"

enum { TARGET_DIR_MODE = 0755, TARGET_FILE_MODE = 0644 };

struct root_hold {
	struct engine *engine;
	struct container_config *config;
	bool running;
	int lock;		   /* of the container, when it does not run */
	int handles[HANDLE_COUNT]; /* when it runs */
	int monitor_pid;	   /* likewise */
	int monitor;		   /* pidfd */
};

static bool runs(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

static int hold_running(struct root_hold *h, const struct container_state *state, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int r = running_connect(h->engine, h->config->id, &client, err);

	if (r == 0)
		r = client_handles(client, h->handles, err);
	if (r < 0)
		return r;
	h->running = true;
	h->monitor_pid = state->monitor_pid;
	h->monitor = proc_open(state->monitor_pid, (uint64_t)state->monitor_start);
	return h->monitor < 0 ? err_set(err, h->monitor, "container '%s' has ended meanwhile",
					h->config->name)
			      : 0;
}

/* Between looking and taking the lock it may have been started, or have ended. */
static int hold_any(struct root_hold *h, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	const struct store *store = h->engine->store;
	int r = record_state_load(store, h->config->id, &state, err);

	if (r < 0)
		return r;
	if (runs(state)) {
		r = hold_running(h, state, err);
		if (r != -ESRCH && r != -EPIPE && r != -ECONNRESET && r != -ECONNREFUSED)
			return r;
		err_clear(err);
	}
	r = lock_take(store, LOCK_CONTAINER, h->config->id, LOCK_EXCLUSIVE, &h->lock, err);
	if (r < 0)
		return r;
	container_state_free(take_ptr(state));
	r = lost_settle(h->engine, h->config->id, &state, err);
	/* One that waits for its next start does not get it while we hold the lock. */
	if (r < 0 || !runs(state) || state->status == CONTAINER_RESTARTING)
		return r;
	fd_close(take_fd(h->lock));
	return hold_running(h, state, err);
}

int root_hold(struct engine *engine, const char *id, struct root_hold **out, struct err *err)
{
	AUTO(root_hold) struct root_hold *h = mem_new(struct root_hold);

	h->engine = engine;
	h->lock = h->monitor = -1;
	for (int i = 0; i < HANDLE_COUNT; i++)
		h->handles[i] = -1;
	int r = record_config_load(engine->store, id, &h->config, err);
	if (r == 0)
		r = hold_any(h, err);
	if (r < 0)
		return r;
	*out = take_ptr(h);
	return 0;
}

const struct container_config *root_config(const struct root_hold *hold)
{
	return hold->config;
}

bool root_runs(const struct root_hold *hold)
{
	return hold->running;
}

int root_monitor(const struct root_hold *hold)
{
	return hold->running ? hold->monitor_pid : 0;
}

void root_release(struct root_hold *hold)
{
	if (!hold)
		return;
	for (int i = 0; i < HANDLE_COUNT; i++)
		fd_close(hold->handles[i]);
	fd_close(hold->lock);
	fd_close(hold->monitor);
	container_config_free(hold->config);
	free(hold);
}

/* ---- one that does not run ----------------------------------------------------------------- */

static int open_target(int root, const char *target, bool directory)
{
	return directory ? at_mkdir_p_in_root(root, target, TARGET_DIR_MODE)
			 : at_mkfile_in_root(root, target, TARGET_FILE_MODE);
}

static bool is_read_only(const struct mount_config *m)
{
	/* What is written through an overlay is forgotten when the container ends. */
	return strv_find(&m->options, "ro") >= 0 || strv_find(&m->options, "O") >= 0;
}

static int mount_on(int root, const struct mount_config *m, int source)
{
	struct stat st;

	if (fstat(source, &st) < 0)
		return -errno;
	AUTO(fd) int target = open_target(root, m->target, S_ISDIR(st.st_mode));
	AUTO(fd) int mount = target < 0 ? target : mount_copy(source, true);
	int r = mount < 0 ? mount : 0;
	if (r == 0 && is_read_only(m))
		r = mount_change(mount, true, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? r : mount_attach(mount, target);
}

static int mount_one(const struct root_hold *h, int root, unsigned int flags,
		     const struct mount_config *m, struct err *err)
{
	bool volume = str_eq(m->type, "volume");

	if (!volume && !str_eq(str_or(m->type, "bind"), "bind"))
		return 0;
	AUTO(mem)
	char *path = volume ? store_volume_path(h->engine->store, m->source) : str_dup(m->source);
	AUTO(fd) int source = open(path, O_PATH | O_CLOEXEC);
	if (source < 0 && errno == ENOENT && !volume && !(flags & ROOT_STRICT))
		return 0; /* a start would tell; the rest of the container is still of use */
	AUTO(fd)
	int part = source < 0	? -errno
		   : m->subpath ? at_open_in_root(source, m->subpath, O_PATH, 0)
				: fd_dup(source);
	int r = part < 0 ? part : mount_on(root, m, part);
	return r < 0 ? err_sys(err, r, "cannot mount '%s' on '%s'", m->source, m->target) : 0;
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += path[0] == '/' && path[1] && path[1] != '/';
	return n;
}

/* Upper folders before those inside them. */
static int mount_asked(const struct root_hold *h, int root, unsigned int flags, struct err *err)
{
	const struct mount_list *mounts = &h->config->mounts;
	size_t deepest = 0;
	int r = 0;

	for (size_t i = 0; i < mounts->count; i++)
		deepest = max_of(deepest, depth(mounts->items[i].target));
	for (size_t level = 0; r == 0 && level <= deepest; level++)
		for (size_t i = 0; r == 0 && i < mounts->count; i++)
			if (depth(mounts->items[i].target) == level)
				r = mount_one(h, root, flags, &mounts->items[i], err);
	return r;
}

/* The same mount once more, where nothing will be mounted upon. */
static int open_bare(int root, struct err *err)
{
	int fd = mount_copy(root, false);

	return fd < 0 ? err_sys(err, fd, "cannot open the container's root by itself") : fd;
}

static int mount_all(const struct root_hold *h, int root, unsigned int flags, struct err *err)
{
	int r = mount_asked(h, root, flags, err);

	if (r < 0 || !h->config->read_only)
		return r;
	r = mount_change(root, false, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? err_sys(err, r, "cannot make the root read-only") : 0;
}

static int open_stopped(const struct root_hold *h, unsigned int flags, struct root_view *out,
			struct err *err)
{
	AUTO(rootfs_plan) struct rootfs_plan plan = { 0 };
	AUTO(mem) char *folder = store_container_path(h->engine->store, h->config->id, NULL);
	AUTO(fd) int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(err, -errno, "cannot open the folder of container '%s'",
			       h->config->name);
	/* What is mounted here is nobody else's. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "cannot make mounts of our own");
	int r = rootplan_make(h->engine, h->config, dir, &plan, err);
	if (r < 0)
		return r;
	plan.volatile_mode = false; /* it may be started again by who thinks it whole */
	out->fd = rootfs_apply(&plan, h->engine->host, &out->helper, err);
	if (out->fd < 0)
		return out->fd;
	out->bare = open_bare(out->fd, err);
	if (out->bare < 0 || !(flags & ROOT_MOUNTS))
		return min_of(out->bare, 0);
	r = copyup_volumes(h->engine->store, h->config, out->fd, err);
	return r < 0 ? r : mount_all(h, out->fd, flags, err);
}

/* ---- one that runs ------------------------------------------------------------------------- */

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

/* In the monitor's mount namespace the root has nothing mounted in it. */
static int open_running(const struct root_hold *h, struct root_view *out, struct err *err)
{
	AUTO(mem) char *merged = store_container_path(h->engine->store, h->config->id, "merged");
	AUTO(mem) char *path = str_fmt("/proc/%d/root%s", h->monitor_pid, merged);

	out->bare = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int code = -errno;
	if (has_ended(h->monitor)) /* then the number may be another process's */
		return err_set(err, -ESRCH, "container '%s' has ended meanwhile", h->config->name);
	if (out->bare < 0)
		return err_sys(err, code, "cannot open the root of container '%s'",
			       h->config->name);
	out->fd = fd_dup(h->handles[HANDLE_ROOT]);
	return out->fd < 0 ? err_sys(err, out->fd, "cannot open the root of container '%s'",
				     h->config->name)
			   : 0;
}

/* ---- both ---------------------------------------------------------------------------------- */

/* A user that is not there any more must not keep files from being taken out: then it is root. */
static int find_ids(const struct root_hold *h, struct root_view *view, struct err *err)
{
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	AUTO(mem) char *volumes = store_path(h->engine->store, "volumes");
	AUTO(mem) char *folder = store_container_path(h->engine->store, h->config->id, NULL);
	const struct spec_args args = {
		.host = h->engine->host,
		.identity = engine_identity(h->engine, err),
		.config = h->config,
		.rootfs = view->fd,
		.state_dir = folder,
		.volumes_dir = volumes,
	};

	if (!args.identity)
		return -EIO;
	if (spec_build(&args, &spec, NULL) < 0)
		return 0;
	view->uid = spec->uid;
	view->gid = spec->gid;
	view->uids = spec->uids;
	view->gids = spec->gids;
	spec->uids = spec->gids = (struct runtime_maps){ 0 };
	AUTO(mem) char *uids = NULL;
	AUTO(mem) char *gids = NULL;
	view->shifted = spec_root_maps(args.host, args.identity, h->config, &uids, &gids, NULL) > 0;
	return 0;
}

int root_open(struct root_hold *hold, unsigned int flags, struct root_view *out, struct err *err)
{
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };
	int r = hold->running ? open_running(hold, &view, err)
			      : open_stopped(hold, flags, &view, err);

	if (r == 0)
		r = find_ids(hold, &view, err);
	if (r < 0)
		return r;
	*out = view;
	view = (struct root_view){ .fd = -1, .bare = -1, .helper = -1 };
	return 0;
}

static int prepare_child(void *data, struct err *err)
{
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };

	return root_open(data, ROOT_MOUNTS | ROOT_STRICT, &view, err);
}

int root_prepare(struct engine *engine, const char *id, struct err *err)
{
	AUTO(root_hold) struct root_hold *hold = NULL;
	int r = root_hold(engine, id, &hold, err);

	if (r < 0)
		return r;
	if (hold->running)
		return err_set(err, -EBUSY, "container '%s' runs", hold->config->name);
	return outer_run(engine, ROOT_NAMESPACES, prepare_child, hold, err);
}

void root_made_for_mounts(struct strv *out)
{
	static const char *const names[] = {
		".dockerenv",	   "dev",  "etc/hostname",	"etc/hosts",   "etc/localtime",
		"etc/resolv.conf", "proc", "run/.containerenv", "run/secrets", "sys"
	};

	for (size_t i = 0; i < array_len(names); i++)
		strv_add(out, names[i]);
}

int root_outer_id(const struct runtime_maps *maps, uint32_t id, uint32_t *out)
{
	if (!maps->count) {
		*out = id;
		return 0;
	}
	for (size_t i = 0; i < maps->count; i++)
		if (id >= maps->items[i].inside &&
		    id - maps->items[i].inside < maps->items[i].count) {
			*out = maps->items[i].outside + (id - maps->items[i].inside);
			return 0;
		}
	return -ERANGE;
}

int root_inner_id(const struct runtime_maps *maps, uint32_t id, uint32_t *out)
{
	if (!maps->count) {
		*out = id;
		return 0;
	}
	for (size_t i = 0; i < maps->count; i++)
		if (id >= maps->items[i].outside &&
		    id - maps->items[i].outside < maps->items[i].count) {
			*out = maps->items[i].inside + (id - maps->items[i].outside);
			return 0;
		}
	return -ERANGE;
}

char *root_maps_text(const struct runtime_maps *maps)
{
	AUTO(strv) struct strv lines = { 0 };

	if (!maps->count)
		return NULL;
	for (size_t i = 0; i < maps->count; i++)
		strv_addf(&lines, "%u %u %u\n", maps->items[i].inside, maps->items[i].outside,
			  maps->items[i].count);
	return str_join(&lines, "");
}

void root_close(struct root_view *view)
{
	fd_close(view->fd);
	fd_close(view->bare);
	fd_close(view->helper);
	free(view->uids.items);
	free(view->gids.items);
	*view = (struct root_view){ .fd = -1, .bare = -1, .helper = -1 };
}
