/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepfolder - WORKDIR: the working folder is made where it is not there; so are those of VOLUME, when RUN shall
 * leave them as they are
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "build/box.h"
#include "build/work.h"
#include "engine/outer.h"
#include "engine/roots.h"
#include "kern/at.h"

enum { FOLDER_MODE = 0755 };

struct making {
	struct work *work;
	const struct strv *paths;
	bool root; /* they are root's, not the image's user's */
	struct root_hold *hold;
	int lock;
};

static void auto_making(struct making *m)
{
	root_release(m->hold);
	fd_close(m->lock);
}

/* What is made is as old as the folder that it is made in, which keeps its time: no clock is in the layer. */
static int make_one(int dir, const char *name, uint32_t uid, uint32_t gid)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return -errno;
	if (mkdirat(dir, name, FOLDER_MODE) < 0)
		return errno == EEXIST ? 0 : -errno;
	const struct timespec times[2] = { st.st_atim, st.st_mtim };
	if (fchmodat(dir, name, FOLDER_MODE, 0) < 0 ||
	    fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 || futimens(dir, times) < 0)
		return -errno;
	return 0;
}

/* Each folder by itself, links on the way followed inside the root. */
static int make_all(int root, const char *path, uint32_t uid, uint32_t gid)
{
	AUTO(strv) struct strv parts = { 0 };
	AUTO(mem) char *so_far = str_dup("/");

	strv_split(&parts, path, '/');
	for (size_t i = 0; i < parts.count; i++) {
		if (!*parts.items[i])
			continue;
		AUTO(fd)
		int dir = at_open(root, so_far, O_RDONLY | O_DIRECTORY, 0, RESOLVE_IN_ROOT);
		const int r = dir < 0 ? dir : make_one(dir, parts.items[i], uid, gid);
		if (r < 0)
			return r;
		AUTO(mem) char *next = str_fmt("%s%s/", so_far, parts.items[i]);
		str_set(&so_far, next);
	}
	AUTO(fd) int last = at_open(root, so_far, O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT);
	return min_of(last, 0);
}

static int make_child(void *data, struct err *err)
{
	const struct making *m = data;
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };
	uint32_t uid, gid;

	int r = root_open(m->hold, 0, &view, err);
	if (r < 0)
		return r;
	if (root_outer_id(&view.uids, m->root ? 0 : view.uid, &uid) < 0 ||
	    root_outer_id(&view.gids, m->root ? 0 : view.gid, &gid) < 0)
		uid = gid = 0;
	umask(0);
	for (size_t i = 0; i < m->paths->count; i++) {
		const char *path = m->paths->items[i];
		r = make_all(view.bare, path, uid, gid);
		if (r < 0)
			return err_sys(err, r, "cannot make the %s '%s'",
				       m->root ? "folder of the volume" : "working folder", path);
	}
	return 0;
}

static int perform(void *data, char **out_box, struct strv *out_mounted, struct err *err)
{
	struct making *m = data;
	AUTO(container_config) struct container_config *config = NULL;
	struct create_args args = m->work->options->run;

	(void)out_mounted;
	box_idle(&args);
	int r = box_make(m->work->engine, &m->work->sofar, &args, NULL, &config, &m->lock, err);
	if (r < 0)
		return r;
	*out_box = str_dup(config->id);
	r = root_hold(m->work->engine, config->id, &m->hold, err);
	if (r == 0)
		r = outer_run(m->work->engine, ROOT_NAMESPACES, make_child, m, err);
	root_release(take_ptr(m->hold));
	return r;
}

int step_folder(struct work *work, const char *text, struct err *err)
{
	const struct strv paths = { .items = &work->sofar.config->config.workdir, .count = 1 };
	AUTO(making) struct making m = { .work = work, .paths = &paths, .lock = -1 };
	AUTO(stepkey) struct stepkey key = { 0 };
	const struct step step = { .text = text, .perform = perform, .data = &m };

	stepkey_add(&key, "folder", paths.items[0]);
	stepkey_add(&key, "user", work->sofar.config->config.user);
	return step_do(work, &key, &step, err);
}

int step_volumes(struct work *work, const struct strv *paths, const char *text, struct err *err)
{
	AUTO(making) struct making m = { .work = work, .paths = paths, .root = true, .lock = -1 };
	AUTO(stepkey) struct stepkey key = { 0 };
	const struct step step = { .text = text, .perform = perform, .data = &m };

	stepkey_add_list(&key, "volumes", paths);
	return step_do(work, &key, &step, err);
}
