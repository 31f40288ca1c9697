/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyin - putting what a step takes into a root
 *
 * Folders on the way to the destination and the destination itself are remembered with the time that they shall
 * have in the end: the kernel changes it with each name that is made in them.
 */
#include "build/copyin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "build/chmod.h"
#include "build/putting.h"
#include "kern/at.h"
#include "spec/user.h"

enum { FOLDER_MODE = 0755 };

/* A folder, and the time that it gets in the end. */
struct touched {
	int fd;
	dev_t dev;
	ino_t ino;
	struct timespec times[2];
};

struct touched_list {
	struct touched *items;
	size_t count;
};

struct copying {
	struct putting put;
	struct touched_list touched;
	int64_t newest; /* of what is copied, ns */
	char *dest;	/* in the root, absolute */
	bool folder;	/* the destination is one, there or not */
	mode_t umask;
};

/* ---- times of folders ---------------------------------------------------------------------- */

static int remember(struct copying *c, int folder, bool made)
{
	struct stat st;

	if (fstat(folder, &st) < 0)
		return -errno;
	for (size_t i = 0; i < c->touched.count; i++)
		if (c->touched.items[i].dev == st.st_dev && c->touched.items[i].ino == st.st_ino)
			return 0;
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	struct touched *t = vec_push(&c->touched);
	struct timespec time = put_time(c->put.order, c->newest);
	*t = (struct touched){
		.fd = fd,
		.dev = st.st_dev,
		.ino = st.st_ino,
		.times = { made ? time : st.st_atim, made ? time : st.st_mtim },
	};
	return 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * fuse-overlayfs gives the folders on the way, which come to the upper folder when something is made below them, the
 * time of that moment.
 */
static int remember_way(struct copying *c, int folder)
{
	struct stat root, st;
	int r = remember(c, folder, false);

	if (r < 0 || fstat(c->put.order->root, &root) < 0 || fstat(folder, &st) < 0)
		return r < 0 ? r : -errno;
	AUTO(fd) int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	while (r == 0 && !is_same(&st, &root)) {
		const struct stat below = st;
		AUTO(fd) int above = openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = above < 0 || fstat(above, &st) < 0 ? -errno : remember(c, above, false);
		if (r == 0 && is_same(&st, &below))
			break; /* the host's root: a file system that numbers its root anew */
		fd_close(at);
		at = take_fd(above);
	}
	return r;
}

static int before_folder(void *data, int dir)
{
	return remember(data, dir, false);
}

static int after_folder(void *data, int folder)
{
	struct copying *c = data;
	struct stat st;
	AUTO(fd) int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	/* Without --chown it is root's, whoever's the sources are. */
	int r = put_owner(&c->put, fd, 0, 0, &st);
	return r < 0 ? r : remember(c, fd, true);
}

static int put_times_back(struct copying *c, struct err *err)
{
	for (size_t i = c->touched.count; i-- > 0;)
		if (futimens(c->touched.items[i].fd, c->touched.items[i].times) < 0)
			return err_sys(err, -errno, "cannot set the time of a folder of '%s'",
				       c->dest);
	return 0;
}

/* ---- begin and end ------------------------------------------------------------------------- */

char *copyin_owner(const char *chown)
{
	const bool number = *chown && !chown[strspn(chown, "0123456789")];

	return number	       ? str_fmt("%s:%s", chown, chown)
	       : *chown == ':' ? str_fmt("0%s", chown)
			       : str_dup(chown);
}

static int find_owner(struct copying *c, struct err *err)
{
	const struct copyin *order = c->put.order;
	AUTO(user) struct user user = { 0 };

	c->put.one_owner = order->chown || !(order->flags & COPYIN_KEEP_OWNERS);
	if (!order->chown)
		return 0;
	AUTO(mem) char *text = copyin_owner(order->chown);
	int root = order->accounts >= 0 ? order->accounts : order->root;
	int r = user_load(root, text, NULL, &user, err);
	if (r < 0) {
		(void)err_wrap(err, "cannot copy with --chown=%s", order->chown);
		return r;
	}
	c->put.uid = user.uid;
	c->put.gid = user.gid;
	return 0;
}

static bool names_folder(const char *dest)
{
	return !*dest || str_eq(dest, ".") || str_ends(dest, "/") || str_ends(dest, "/.");
}

static void end(struct copying *c)
{
	for (size_t i = 0; i < c->touched.count; i++)
		fd_close(c->touched.items[i].fd);
	free(c->touched.items);
	free(c->dest);
	put_clear(&c->put);
	content_ways_clear(&c->put.ways);
	(void)umask(c->umask);
}

static void auto_copying(struct copying *c)
{
	end(c);
}

static void begin(struct copying *c, const struct copyin *order, struct copyin_result *result,
		  struct err *err)
{
	const char *above = *order->dest == '/' ? "" : str_or(order->workdir, "/");

	*c = (struct copying){
		.put = { .order = order,
			 .result = result,
			 .err = err,
			 .me = geteuid(),
			 .my_group = getegid(),
			 .top = -1 },
		.dest = str_fmt("%s%s%s", above, *above ? "/" : "", order->dest),
		.folder = names_folder(order->dest),
		.umask = umask(0), /* modes are exactly those of the sources */
	};
}

static int check(struct copying *c, struct err *err)
{
	const struct copyin *order = c->put.order;
	int r = order->chmod ? chmod_check(order->chmod, err) : 0;

	return r < 0 ? r : find_owner(c, err);
}

static int dest_failed(const struct copying *c, int code, struct err *err)
{
	if (code == -ENOTDIR)
		return err_set(err, code, "cannot copy to '%s': it is no folder, or below none",
			       c->put.order->dest);
	return err_sys(err, code, "cannot copy to '%s'", c->put.order->dest);
}

/* ---- the destination ----------------------------------------------------------------------- */

static const struct at_maker maker = { FOLDER_MODE, before_folder, after_folder, NULL };

/* The destination as a folder, made where it is missing, and its time remembered. */
static int open_folder(struct copying *c, struct err *err)
{
	struct at_maker m = maker;

	m.data = c;
	int fd = at_make_in_root(c->put.order->root, c->dest, &m);
	int r = fd < 0 ? fd : remember_way(c, fd);
	if (r >= 0)
		return fd;
	fd_close(fd);
	return dest_failed(c, r, err);
}

static bool is_folder(int dir, const char *name)
{
	struct stat st;

	return !*name || (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode));
}

/* Where a file goes. Return: the folder; @out_name is the name in it. */
static int open_place(struct copying *c, const char *name, char **out_name, struct err *err)
{
	struct at_maker m = maker;
	AUTO(mem) char *last = NULL;

	if (!c->folder) {
		m.data = c;
		AUTO(fd) int fd = at_place_in_root(c->put.order->root, c->dest, &m, &last);
		if (fd < 0)
			return dest_failed(c, fd, err);
		if (!is_folder(fd, last)) {
			int r = remember_way(c, fd);
			if (r < 0)
				return dest_failed(c, r, err);
			*out_name = take_ptr(last);
			return take_fd(fd);
		}
	}
	int fd = open_folder(c, err);
	if (fd >= 0)
		*out_name = str_dup(name);
	return fd;
}

/* ---- archives ------------------------------------------------------------------------------ */

/* Where the destination is in the root, links resolved: names in the archive are put below it. */
static int unpack_below(struct copying *c, int archive, const char *below, struct err *err)
{
	const struct copyin *order = c->put.order;
	const struct layer_owners owners = { .uid = c->put.uid, .gid = c->put.gid };
	const struct layer_apply req = {
		.blob = archive,
		.more = -1,
		.diff = order->root,
		.journal = -1,
		.flags = LAYER_PLAIN | LAYER_REPLACE |
			 (order->flags & COPYIN_ONE_ID ? LAYER_ONE_ID : 0) |
			 (order->chown ? LAYER_OWNER : 0),
		.below = below,
		.owners = &owners,
	};
	AUTO(layer_applied) struct layer_applied applied = { 0 };

	int r = layer_apply_start(order->helper, &req, err);
	if (r == 0)
		r = layer_apply_finish(order->helper, &applied, err);
	if (r < 0) {
		(void)err_wrap(err, "cannot unpack '%s'", c->put.part->name);
		return r;
	}
	c->put.result->entries += applied.entries;
	c->put.result->bytes += applied.disk_size;
	return 0;
}

/* Return: 1 when it was unpacked, 0 when it is no archive, or a negative errno. */
static int unpack(struct copying *c, const struct selection *s, const struct part *part,
		  struct err *err)
{
	const struct copyin *order = c->put.order;
	AUTO(mem) char *below = NULL;
	AUTO(fd) int file = selection_open(s, part, &s->items[part->first], O_RDONLY | O_NONBLOCK);

	if (file < 0)
		return err_sys(err, file, "cannot open '%s'", part->name);
	int r = layer_is_archive(order->helper, file, err);
	if (r <= 0)
		return r;
	AUTO(fd) int folder = open_folder(c, err);
	if (folder < 0)
		return folder;
	AUTO(fd) int there = at_resolve_in_root(order->root, c->dest, &below);
	if (there < 0)
		return dest_failed(c, there, err);
	r = unpack_below(c, file, below, err);
	return r < 0 ? r : 1;
}

/* ---- parts --------------------------------------------------------------------------------- */

static int put_contents(struct copying *c, const struct selection *s, const struct part *part,
			struct err *err)
{
	size_t at = part->first;
	AUTO(fd) int from = selection_open(s, part, &s->items[at], O_RDONLY | O_DIRECTORY);

	if (from < 0)
		return err_sys(err, from, "cannot open '%s' of %s", part->from, s->source->name);
	AUTO(fd) int to = open_folder(c, err);
	if (to < 0)
		return to;
	c->put.top = to;
	int r = put_folder(&c->put, &at, from, to);
	c->put.top = -1;
	return r;
}

static int open_above(const struct selection *s, const struct part *part)
{
	const char *slash = strrchr(part->from, '/');
	AUTO(mem)
	char *above = slash ? str_ndup(part->from, (size_t)(slash - part->from)) : str_dup(".");

	return at_open(s->source->dir, above, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
		       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static int put_one(struct copying *c, const struct selection *s, const struct part *part,
		   struct err *err)
{
	const char *slash = strrchr(part->from, '/');
	AUTO(mem) char *as = NULL;
	AUTO(fd) int from = open_above(s, part);

	if (from < 0)
		return err_sys(err, from, "cannot open '%s' of %s", part->from, s->source->name);
	AUTO(fd) int to = open_place(c, part->name, &as, err);
	if (to < 0)
		return to;
	return put_file(&c->put, &s->items[part->first], from, slash ? slash + 1 : part->from, to,
			as);
}

static int put_part(struct copying *c, const struct selection *s, const struct part *part,
		    struct err *err)
{
	c->put.selection = s;
	c->put.part = part;
	if (s->items[part->first].kind == ENTRY_FOLDER)
		return put_contents(c, s, part, err);
	if (c->put.order->flags & COPYIN_UNPACK) {
		int r = unpack(c, s, part, err);
		if (r != 0)
			return min_of(r, 0);
	}
	return put_one(c, s, part, err);
}

static int refuse_several(struct copying *c, size_t count, struct err *err)
{
	bool several = count > 1 || c->put.order->flags & COPYIN_SEVERAL;
	AUTO(mem) char *real = NULL;

	if (!several || c->folder)
		return 0;
	AUTO(fd) int fd = at_resolve_in_root(c->put.order->root, c->dest, &real);
	struct stat st;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	(void)err_set(err, -ENOTDIR, "several files cannot become the one file '%s'",
		      c->put.order->dest);
	(void)err_hint(err, "a destination that ends in '/' is a folder");
	return -ENOTDIR;
}

int copyin_put(const struct copyin *order, const struct selection *selection,
	       struct copyin_result *out, struct err *err)
{
	AUTO(copying) struct copying c = { 0 };

	begin(&c, order, out, err);
	c.newest = selection->newest;
	c.folder |= selection->parents;
	int r = check(&c, err);
	if (r == 0)
		r = refuse_several(&c, selection->parts.count, err);
	for (size_t i = 0; i < selection->parts.count && r == 0; i++) {
		r = put_part(&c, selection, &selection->parts.items[i], err);
		put_clear(&c.put);
	}
	return r < 0 ? r : put_times_back(&c, err);
}

int copyin_texts(const struct copyin *order, const struct copyin_text *texts, size_t count,
		 struct copyin_result *out, struct err *err)
{
	AUTO(copying) struct copying c = { 0 };

	begin(&c, order, out, err);
	c.newest = order->epoch == COPYIN_NO_EPOCH ? 0 : order->epoch;
	int r = check(&c, err);
	if (r == 0)
		r = refuse_several(&c, count, err);
	for (size_t i = 0; i < count && r == 0; i++) {
		AUTO(mem) char *as = NULL;
		AUTO(fd) int to = open_place(&c, texts[i].name, &as, err);
		r = to < 0 ? to : put_text(&c.put, &texts[i], to, as);
	}
	return r < 0 ? r : put_times_back(&c, err);
}

void copyin_result_clear(struct copyin_result *result)
{
	free(result->changed);
	*result = (struct copyin_result){ 0 };
}
