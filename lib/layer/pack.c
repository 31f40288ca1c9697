/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pack - packing a directory into a tar, inside cubby-layer
 *
 * Names are sorted by their bytes, a folder stands before its content, the first name of a file
 * with several holds the content and the others are links to it. Sockets have no place in a tar.
 * The root directory is an entry of its own, "./", so that its mode and owner come along.
 */
#include "layer/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <uthash.h>

#include "base/fd.h"
#include "base/mem.h"
#include "kern/at.h"
#include "kern/tree.h"
#include "layer/attr.h"
#include "layer/changes.h"
#include "layer/limits.h"
#include "layer/name.h"
#include "layer/owner.h"
#include "layer/rootdate.h"
#include "layer/tarout.h"
#include "layer/tree.h"

enum { NAMES_MAX = 64 << 10, BUFFER = 256 << 10 };

/* More than that takes longer to hash than a process to start: some milliseconds. A name costs as much as a page. */
enum { DEFER_BYTES = 4 << 20, NAME_BYTES = 4096 };

/* Source: image-spec v1.1 layer.md, "Whiteouts". */
#define MARK_DELETED ".wh."
#define MARK_OPAQUE ".wh..opq" /* behind MARK_DELETED */

/* The first name of a file that has several. */
struct seen {
	struct file_id {
		dev_t device;
		ino_t inode;
	} id;
	char *path;
	UT_hash_handle hh;
};

struct pack {
	const struct strv *left_out; /* empty files that were only made to be mounted upon */
	bool mounts;		     /* what is mounted below belongs to it */
	dev_t device;		     /* of the top */
	struct owner owner;
	int flags; /* LAYER_TIDY and what goes with it */
	int64_t time;
	int64_t disk_size; /* of the contents so far */
	int64_t cost;	   /* of hashing, as bytes */
	bool put_off;	   /* with LAYER_DEFER: it is too much, nothing is hashed any more */
	struct tarout *tar;
	struct archive_entry *entry;
	struct seen *seen;
	char *buffer;
};

static void auto_pack(struct pack *p)
{
	struct seen *s, *next;

	HASH_ITER(hh, p->seen, s, next) {
		HASH_DEL(p->seen, s);
		free(s->path);
		free(s);
	}
	tarout_free(p->tar);
	archive_entry_free(p->entry);
	owner_clear(&p->owner);
	free(p->buffer);
}

static int failed(const char *path, int code, const char *what, struct err *err)
{
	AUTO(mem) char *shown = name_show(path);

	return err_sys(err, code, "cannot %s '%s'", what, shown);
}

static void add_xattrs(struct pack *p, int fd)
{
	AUTO(mem) char *names = mem_alloc(NAMES_MAX, 1);

	ssize_t n = flistxattr(fd, names, NAMES_MAX);
	for (const char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
		ssize_t size = attr_allowed(name) ? fgetxattr(fd, name, p->buffer, LAYER_XATTR_MAX)
						  : -1;
		if (size >= 0)
			archive_entry_xattr_add_entry(p->entry, name, p->buffer, (size_t)size);
	}
}

/* The time that a file is to have; return: whether it is to be given to the file, too. */
static bool settle(const struct pack *p, struct stat *st)
{
	if (!(p->flags & LAYER_STAMP) &&
	    (!(p->flags & LAYER_CLAMP) || st->st_mtim.tv_sec < p->time))
		return false;
	st->st_mtim = (struct timespec){ .tv_sec = p->time };
	return p->flags & LAYER_TIDY;
}

static void settle_open(const struct pack *p, int fd, struct stat *st)
{
	if (settle(p, st))
		(void)futimens(fd, (const struct timespec[]){ st->st_atim, st->st_mtim });
}

static void settle_name(const struct pack *p, int dir, const char *name, struct stat *st)
{
	if (settle(p, st))
		(void)utimensat(dir, name, (const struct timespec[]){ st->st_atim, st->st_mtim },
				AT_SYMLINK_NOFOLLOW);
}

static void set_entry(struct pack *p, const char *path, const struct stat *st)
{
	int64_t uid = st->st_uid, gid = st->st_gid;

	owner_in_tar(&p->owner, &uid, &gid);
	archive_entry_clear(p->entry);
	archive_entry_set_pathname(p->entry, path);
	archive_entry_set_mode(p->entry, st->st_mode);
	archive_entry_set_uid(p->entry, uid);
	archive_entry_set_gid(p->entry, gid);
	/* libarchive writes a fraction before 1970 as if it were after the second. */
	archive_entry_set_mtime(p->entry, st->st_mtim.tv_sec,
				st->st_mtim.tv_sec < 0 ? 0 : st->st_mtim.tv_nsec);
	archive_entry_set_size(p->entry, S_ISREG(st->st_mode) ? st->st_size : 0);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		archive_entry_set_rdev(p->entry, st->st_rdev);
}

/* Return: whether the file has been packed under another name, which becomes the link's target. */
static bool is_link_to_seen(struct pack *p, const char *path, const struct stat *st)
{
	struct file_id id;
	struct seen *s;

	if (st->st_nlink < 2)
		return false;
	memset(&id, 0, sizeof id); /* padding counts for the hash */
	id.device = st->st_dev;
	id.inode = st->st_ino;
	HASH_FIND(hh, p->seen, &id, sizeof id, s);
	if (s) {
		archive_entry_set_hardlink(p->entry, s->path);
		archive_entry_set_size(p->entry, 0);
		return true;
	}
	s = mem_new(struct seen);
	s->id = id;
	s->path = str_dup(path);
	HASH_ADD(hh, p->seen, id, sizeof id, s);
	return false;
}

static int put_entry(struct pack *p, struct err *err)
{
	p->cost += NAME_BYTES;
	if (p->flags & LAYER_DEFER && p->cost > DEFER_BYTES)
		p->put_off = true;
	return p->put_off ? 0 : tarout_entry(p->tar, p->entry, err);
}

static int copy_content(struct pack *p, int fd, int64_t size, const char *path, struct err *err)
{
	while (size > 0 && !p->put_off) {
		ssize_t n = read(fd, p->buffer, (size_t)min_of(size, (int64_t)BUFFER));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed(path, n < 0 ? -errno : -ESTALE, "read", err);
		int r = tarout_data(p->tar, p->buffer, (size_t)n, err);
		if (r < 0)
			return r;
		size -= n;
	}
	return 0;
}

static int pack_file(struct pack *p, int dir, const char *name, const char *path, struct stat *st,
		     struct err *err)
{
	AUTO(fd) int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, st) < 0)
		return failed(path, -errno, "open", err);
	if (!S_ISREG(st->st_mode))
		return failed(path, -ESTALE, "pack", err);
	settle_open(p, fd, st);
	set_entry(p, path, st);
	bool link = is_link_to_seen(p, path, st);
	if (!link)
		add_xattrs(p, fd);
	p->cost += link ? 0 : st->st_size;
	int r = put_entry(p, err);
	p->disk_size += link ? 0 : (int64_t)st->st_blocks * 512;
	return r < 0 || link ? r : copy_content(p, fd, st->st_size, path, err);
}

static int pack_symlink(struct pack *p, int dir, const char *name, const char *path,
			const struct stat *st, struct err *err)
{
	char target[PATH_MAX];

	ssize_t n = readlinkat(dir, name, target, sizeof target);
	if (n < 0 || n == sizeof target)
		return failed(path, n < 0 ? -errno : -ENAMETOOLONG, "read", err);
	target[n] = 0;
	set_entry(p, path, st);
	if (!is_link_to_seen(p, path, st))
		archive_entry_set_symlink(p->entry, target);
	return put_entry(p, err);
}

/* An empty file whose name says what is deleted. */
static int pack_mark(struct pack *p, const char *path, const char *name, struct err *err)
{
	const struct stat st = { .st_mode = S_IFREG | 0600 };
	const char *slash = strrchr(path, '/');
	AUTO(mem)
	char *mark =
		str_fmt("%.*s%s%s", slash ? (int)(slash - path) + 1 : 0, path, MARK_DELETED, name);

	set_entry(p, mark, &st);
	return put_entry(p, err);
}

/* It has no place in an image, and with LAYER_TIDY none in the folder. */
static int leave_out(const struct pack *p, int dir, const char *name, const char *path,
		     struct err *err)
{
	struct stat st;

	if (!(p->flags & LAYER_TIDY))
		return 0;
	if (fstat(dir, &st) < 0 || unlinkat(dir, name, 0) < 0)
		return failed(path, -errno, "remove", err);
	const struct timespec times[] = { st.st_atim, st.st_mtim };
	return futimens(dir, times) < 0 ? failed(path, -errno, "date the folder of", err) : 0;
}

static int pack_other(struct pack *p, int dir, const char *name, const char *path, struct stat *st,
		      struct err *err)
{
	if (S_ISSOCK(st->st_mode))
		return leave_out(p, dir, name, path, err);
	settle_name(p, dir, name, st);
	if (S_ISLNK(st->st_mode))
		return pack_symlink(p, dir, name, path, st, err);
	set_entry(p, path, st);
	(void)is_link_to_seen(p, path, st); /* what it finds out is in the entry */
	return put_entry(p, err);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_sorted(int fd, struct strv *out)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		int code = -errno;
		fd_close(copy);
		return code;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strv_add(out, e->d_name);
	closedir(dir);
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, compare_names);
	return 0;
}

static int pack_below(struct pack *p, int fd, const char *folder, int depth, struct err *err);

static int pack_folder_entry(struct pack *p, int fd, const char *path, struct err *err)
{
	AUTO(mem) char *shown = str_fmt("%s/", *path ? path : ".");
	struct stat st;

	if (fstat(fd, &st) < 0)
		return failed(shown, -errno, "look at", err);
	settle_open(p, fd, &st);
	set_entry(p, shown, &st);
	add_xattrs(p, fd);
	return put_entry(p, err);
}

/* @fd is the folder; its entry comes first. */
static int pack_folder(struct pack *p, int fd, const char *path, int depth, struct err *err)
{
	if (depth > LAYER_DEPTH_MAX)
		return err_set(err, -EFBIG, "'%s' is too deep", path);
	int r = pack_folder_entry(p, fd, path, err);
	return r < 0 ? r : pack_below(p, fd, path, depth, err);
}

static int pack_named(struct pack *p, int dir, const char *name, const char *path, int depth,
		      struct err *err)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(path, -errno, "look at", err);
	if (S_ISREG(st.st_mode))
		return pack_file(p, dir, name, path, &st, err);
	if (!S_ISDIR(st.st_mode))
		return pack_other(p, dir, name, path, &st, err);
	AUTO(fd) int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(path, -errno, "open", err);
	if (p->mounts && st.st_dev != p->device && tree_is_kernels(fd))
		return 0;
	return pack_folder(p, fd, path, depth + 1, err);
}

static int pack_child(struct pack *p, int dir, const char *name, const char *folder, int depth,
		      struct err *err)
{
	AUTO(mem) char *path = str_fmt("%s%s%s", folder, *folder ? "/" : "", name);
	struct stat st;

	if (strv_find(p->left_out, path) >= 0 &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == 0)
		return 0;
	return pack_named(p, dir, name, path, depth, err);
}

static int pack_below(struct pack *p, int fd, const char *folder, int depth, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	int r = list_sorted(fd, &names);
	if (r < 0)
		return failed(*folder ? folder : "/", r, "list", err);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = pack_child(p, fd, names.items[i], folder, depth, err);
	return r;
}

/* ---- changes ------------------------------------------------------------------------------- */

static int pack_opaque_folder(struct pack *p, const struct change *c, struct err *err)
{
	AUTO(fd) int fd = openat(c->dir, c->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO(mem) char *inside = str_fmt("%s/", c->path);

	if (fd < 0)
		return failed(c->path, -errno, "open", err);
	int r = pack_folder_entry(p, fd, c->path, err);
	return r < 0 || !c->opaque ? r : pack_mark(p, inside, MARK_OPAQUE, err);
}

static int pack_change(void *data, const struct change *c, struct err *err)
{
	struct pack *p = data;
	struct stat st;

	if (c->kind == CHANGE_DELETED)
		return pack_mark(p, c->path, c->name, err);
	if (S_ISDIR(c->st->st_mode))
		return pack_opaque_folder(p, c, err);
	/* Such a name would mean a deletion. */
	if (str_starts(c->name, MARK_DELETED))
		return leave_out(p, c->dir, c->name, c->path, err);
	st = *c->st;
	if (S_ISREG(st.st_mode))
		return pack_file(p, c->dir, c->name, c->path, &st, err);
	return pack_other(p, c->dir, c->name, c->path, &st, err);
}

static int open_lower(const struct layer_pack *req, struct stack *out, struct err *err)
{
	for (size_t i = 0; i < req->lower.count; i++) {
		const char *name = req->lower.items[i];
		int dir = layer_folder(req->store, &req->more, &name);
		int fd = dir < 0 ? dir
				 : at_open(dir, name, O_RDONLY | O_DIRECTORY, 0, RESOLVE_BENEATH);
		if (fd < 0)
			return failed(req->lower.items[i], fd, "open the layer", err);
		*vec_push(out) = fd;
	}
	return 0;
}

/* A path that leads to the root, or nowhere, undoes nothing. */
static void find_undone(const struct layer_pack *req, struct stack *lower, struct strv *out)
{
	for (size_t i = 0; i < req->undone.count; i++) {
		char *path = NULL;
		if (stack_resolve(lower, req->undone.items[i], true, &path) < 0)
			continue;
		if (*path)
			strv_add(out, path);
		free(path);
	}
}

static int pack_changes(struct pack *p, const struct layer_pack *req, struct err *err)
{
	AUTO(strv) struct strv undone = { 0 };
	AUTO(stack) struct stack lower = { 0 };
	AUTO(fd) int top = openat(req->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool upper = req->kind != LAYER_PACK_CHANGES;
	const struct changes_plan plan = {
		.dir = top,
		.upper = upper,
		.marks = true,
		.folders = upper,
		.alone = req->kind == LAYER_PACK_LAYER,
		.tidy = req->flags & LAYER_TIDY,
		.lower = &lower,
		.mounted = &req->mounted,
		.undone = &undone,
	};

	if (top < 0)
		return failed("/", -errno, "open", err);
	int r = req->flags & LAYER_TIDY ? rootdate_set(top) : 0;
	if (r < 0)
		return failed("/", r, "date", err);
	r = open_lower(req, &lower, err);
	if (r == 0)
		find_undone(req, &lower, &undone);
	if (r == 0)
		r = pack_folder_entry(p, top, "", err);
	if (r == 0 && plan.upper && attr_is_opaque(top))
		r = pack_mark(p, "", MARK_OPAQUE, err);
	return r < 0 ? r : changes_walk(&plan, pack_change, p, err);
}

static int pack_tree(struct pack *p, const struct layer_pack *req, struct err *err)
{
	AUTO(fd) int top = openat(req->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return top < 0 ? failed("/", -errno, "open", err) : pack_folder(p, top, "", 0, err);
}

static int pack_all(struct pack *p, const struct layer_pack *req, struct err *err)
{
	struct stat st;

	if (req->kind == LAYER_PACK_TREE)
		return pack_tree(p, req, err);
	if (req->kind != LAYER_PACK_FILES)
		return pack_changes(p, req, err);
	if (!req->name || !req->as)
		return err_set(err, -EBADMSG, "a request without a name");
	if (fstatat(req->dir, req->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(req->name, -errno, "look at", err);
	p->mounts = true;
	p->device = st.st_dev;
	return pack_named(p, req->dir, req->name, req->as, 0, err);
}

int pack_dir(const struct layer_pack *req, struct layer_digest *out, struct err *err)
{
	AUTO(digest) struct digest *digest = digest_new();
	AUTO(pack)
	struct pack p = {
		.left_out = &req->mounted,
		.flags = req->flags,
		.time = req->time,
		.entry = archive_entry_new(),
		.buffer = mem_alloc(BUFFER, 1),
	};
	int64_t size = 0;

	int r = owner_load(req->owners, req->flags & LAYER_OWNER, &p.owner, err);
	if (r == 0)
		r = tarout_new(req->out, digest, &p.tar, err);
	if (r == 0)
		r = pack_all(&p, req, err);
	if (r == 0 && !p.put_off)
		r = tarout_finish(p.tar, &size, err);
	if (r == 0 && req->flags & LAYER_SYNC && fsync(req->out) < 0 && errno != EINVAL)
		r = err_sys(err, -errno, "cannot write the tar to disk");
	if (r < 0)
		return r;
	*out = (struct layer_digest){ .digest = p.put_off ? NULL : digest_text(digest),
				      .size = size,
				      .inside_size = p.disk_size };
	return 0;
}
