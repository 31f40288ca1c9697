/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * putting - writing the entries of one part below an open folder
 *
 * Ten calls for a file: what is there already need not be set. So a new file's mode is given to open(2), its
 * owner is set only when it is not ours, its attributes are those that the selection found.
 */
#include "build/putting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "build/chmod.h"
#include "kern/at.h"

enum { TRIES = 3, SPECIAL = 07000, BLOCK = 512 };

struct put_name {
	struct inode {
		uint64_t dev, ino;
	} id;
	char *path; /* below .top */
	UT_hash_handle hh;
};

static int failed(const struct putting *p, int code, const char *what, const char *path)
{
	if (code == -EISDIR)
		return err_set(p->err, code, "cannot copy '%s': there is a folder of that name",
			       path);
	if (code == -ENOTDIR)
		return err_set(p->err, code,
			       "cannot copy the folder '%s': there is something else of that name",
			       path);
	if (code == -ESTALE)
		return err_set(p->err, code, "'%s' was replaced while it was copied", path);
	return err_sys(p->err, code, "cannot %s '%s'", what, path);
}

/* How an entry is called in messages. */
static const char *shown(const struct putting *p, const struct entry *e)
{
	return *e->path ? e->path : str_or(p->part ? p->part->name : NULL, "");
}

/* ---- attributes ---------------------------------------------------------------------------- */

struct timespec put_time(const struct copyin *order, int64_t ns)
{
	if (order->epoch != COPYIN_NO_EPOCH && ns > order->epoch)
		ns = order->epoch;
	int64_t rest = ns % CLOCK_SECOND;
	struct timespec t = { .tv_sec = ns / CLOCK_SECOND, .tv_nsec = rest };

	if (rest < 0) { /* before 1970 */
		t.tv_sec--;
		t.tv_nsec += CLOCK_SECOND;
	}
	return t;
}

static int set_time(const struct putting *p, int fd, const char *name, int64_t ns)
{
	const struct timespec t = put_time(p->order, ns), both[2] = { t, t };
	int r = name ? utimensat(fd, name, both, AT_SYMLINK_NOFOLLOW) : futimens(fd, both);

	return r < 0 ? -errno : 0;
}

int put_owner(struct putting *p, int fd, uint32_t uid, uint32_t gid, const struct stat *now)
{
	if (p->one_owner) {
		uid = p->uid;
		gid = p->gid;
	}
	if (p->order->flags & COPYIN_ONE_ID && (uid != p->me || gid != p->my_group)) {
		p->result->owners_lost = true;
		uid = p->me;
		gid = p->my_group;
	}
	if (uid == now->st_uid && gid == now->st_gid)
		return 0;
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* What the target's file system does not know is left out. */
static int set_xattrs(int fd, const struct entry *e)
{
	const char *end = e->xattrs + e->xattrs_size;

	for (const char *at = e->xattrs; at && at < end;) {
		const char *name = at;
		uint32_t size;
		at += strlen(name) + 1;
		memcpy(&size, at, sizeof size);
		at += sizeof size;
		if (fsetxattr(fd, name, at, size, 0) < 0 && errno != ENOTSUP && errno != EPERM)
			return -errno;
		at += size;
	}
	return 0;
}

/* Owner first: a change of it takes set-id bits and capabilities away. */
static int set_all(struct putting *p, int fd, const struct entry *e, uint32_t mode)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return -errno;
	int r = put_owner(p, fd, e->uid, e->gid, &now);
	if (r == 0 && (now.st_mode & 07777) != mode)
		r = fchmod(fd, mode) < 0 ? -errno : 0;
	else if (r == 0 && mode & SPECIAL)
		r = fchmod(fd, mode) < 0 ? -errno : 0;
	if (r == 0)
		r = set_xattrs(fd, e);
	return r < 0 ? r : set_time(p, fd, NULL, e->key.mtime);
}

/* ---- inodes with several names ------------------------------------------------------------- */

static struct put_name *name_of(struct putting *p, const struct entry *e)
{
	const struct inode id = { e->key.dev, e->key.ino };
	struct put_name *n;

	HASH_FIND(hh, p->names, &id, sizeof id, n);
	return n;
}

static void note_name(struct putting *p, const struct entry *e)
{
	if (!e->linked || !*e->path || name_of(p, e))
		return;
	struct put_name *n = mem_new(struct put_name);
	n->id = (struct inode){ e->key.dev, e->key.ino };
	n->path = str_dup(e->path);
	HASH_ADD(hh, p->names, id, sizeof n->id, n);
}

/* Return: 1 when it is a further name now, 0 when it is to be copied; -EEXIST. */
static int link_name(struct putting *p, const struct entry *e, int to, const char *as)
{
	const struct put_name *n = e->linked ? name_of(p, e) : NULL;

	if (!n)
		return 0;
	AUTO(fd)
	int first = at_open(p->top, n->path, O_PATH | O_NOFOLLOW, 0,
			    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	AUTO(mem) char *link = str_fmt("/proc/self/fd/%d", first);
	if (first < 0 || linkat(AT_FDCWD, link, to, as, AT_SYMLINK_FOLLOW) < 0)
		return first >= 0 && errno == EEXIST ? -EEXIST : 0;
	return 1;
}

void put_clear(struct putting *p)
{
	struct put_name *n, *next;

	HASH_ITER(hh, p->names, n, next) {
		HASH_DEL(p->names, n);
		free(n->path);
		free(n);
	}
	p->part = NULL;
}

/* ---- files --------------------------------------------------------------------------------- */

/* What stands in the way of something that is no folder goes. */
static int make_room(int to, const char *as)
{
	struct stat st;

	if (fstatat(to, as, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return unlinkat(to, as, 0) < 0 && errno != ENOENT ? -errno : 0;
}

static int create(int to, const char *as, uint32_t mode)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = openat(to, as, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				mode & 0777);
		if (fd >= 0 || errno != EEXIST)
			return fd < 0 ? -errno : fd;
		int r = make_room(to, as);
		if (r < 0)
			return r;
	}
	return -EEXIST;
}

/* The file that was selected, or one that took its place. */
static int open_file(struct putting *p, const struct entry *e, int from, const char *name,
		     struct stat *out)
{
	AUTO(fd) int fd = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ELOOP ? -ESTALE : -errno;
	if (fstat(fd, out) < 0)
		return -errno;
	if (!S_ISREG(out->st_mode))
		return -ESTALE;
	const struct hash_key key = hash_key_of(out);
	/* The number of an overlay's inode may change when it is copied up; size and times do not. */
	if ((key.size != e->key.size || key.mtime != e->key.mtime || key.ctime != e->key.ctime) &&
	    !p->result->changed)
		p->result->changed = str_dup(shown(p, e));
	return take_fd(fd);
}

static int copy_file(struct putting *p, const struct entry *e, int from, const char *name, int to,
		     const char *as)
{
	struct stat st;
	uint32_t mode = chmod_apply(p->order->chmod, e->mode, false);
	AUTO(fd) int in = open_file(p, e, from, name, &st);
	AUTO(fd) int out = in < 0 ? in : create(to, as, mode);

	if (out < 0)
		return out;
	int r = content_copy(in, out, st.st_size, st.st_blocks * BLOCK < st.st_size, &p->ways);
	p->result->bytes += st.st_size;
	return r < 0 ? r : set_all(p, out, e, mode);
}

int put_file(struct putting *p, const struct entry *e, int from, const char *name, int to,
	     const char *as)
{
	int r = link_name(p, e, to, as);

	if (r == -EEXIST)
		r = make_room(to, as);
	if (r == 0)
		r = link_name(p, e, to, as);
	if (r == 0)
		r = copy_file(p, e, from, name, to, as);
	if (r < 0)
		return failed(p, r, "copy", shown(p, e));
	note_name(p, e);
	p->result->entries++;
	return 0;
}

int put_text(struct putting *p, const struct copyin_text *text, int to, const char *as)
{
	enum { MODE = 0644 };
	const struct copyin *order = p->order;
	const struct entry e = {
		.path = text->name,
		.key.mtime = order->epoch == COPYIN_NO_EPOCH ? 0 : order->epoch,
	};
	uint32_t mode = chmod_apply(order->chmod, MODE, false);
	AUTO(fd) int out = create(to, as, mode);

	int r = out < 0 ? out : fd_write_all(out, text->data, text->size);
	if (r == 0)
		r = set_all(p, out, &e, mode);
	if (r < 0)
		return failed(p, r, "write", text->name);
	p->result->entries++;
	p->result->bytes += (int64_t)text->size;
	return 0;
}

/* ---- links --------------------------------------------------------------------------------- */

static int make_link(struct putting *p, const struct entry *e, int to, const char *as)
{
	struct stat now;

	for (int i = 0; i < TRIES; i++) {
		if (symlinkat(e->target, to, as) == 0)
			break;
		int r = errno == EEXIST ? make_room(to, as) : -errno;
		if (r < 0)
			return r;
	}
	AUTO(fd) int made = openat(to, as, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0 || fstat(made, &now) < 0)
		return -errno;
	if (!S_ISLNK(now.st_mode))
		return -ESTALE;
	int r = put_owner(p, made, e->uid, e->gid, &now);
	return r < 0 ? r : set_time(p, to, as, e->key.mtime);
}

static int put_link(struct putting *p, const struct entry *e, int to, const char *as)
{
	int r = make_link(p, e, to, as);

	if (r < 0)
		return failed(p, r, "copy the link", shown(p, e));
	p->result->entries++;
	return 0;
}

/* ---- folders ------------------------------------------------------------------------------- */

static int open_below(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The folder below, made where it is missing; a link to a folder is none. */
static int folder_below(int to, const char *as, uint32_t mode)
{
	if (mkdirat(to, as, mode & 0777) < 0 && errno != EEXIST)
		return -errno;
	int fd = open_below(to, as);
	return fd == -ELOOP ? -ENOTDIR : fd;
}

static int put_below(struct putting *p, size_t *at, int from, const char *name, int to)
{
	const struct entry *e = &p->selection->items[*at];
	uint32_t mode = chmod_apply(p->order->chmod, e->mode, true);
	struct stat st;
	AUTO(fd) int in = open_below(from, name);

	if (in < 0 || fstat(in, &st) < 0)
		return failed(p, in == -ENOTDIR || in == -ELOOP ? -ESTALE : in, "open the folder",
			      e->path);
	AUTO(fd) int out = folder_below(to, name, mode);
	if (out < 0)
		return failed(p, out, "make the folder", e->path);
	int r = put_folder(p, at, in, out);
	if (r < 0)
		return r;
	r = set_all(p, out, e, mode);
	if (r < 0)
		return failed(p, r, "copy the folder", e->path);
	p->result->entries++;
	return 0;
}

/* Whether a path is below a folder's. */
static bool is_below(const char *path, const char *folder, size_t length)
{
	return !length || (strncmp(path, folder, length) == 0 && path[length] == '/');
}

static int put_entry(struct putting *p, size_t *at, int from, int to)
{
	const struct entry *e = &p->selection->items[*at];
	const char *slash = strrchr(e->path, '/');
	const char *name = slash ? slash + 1 : e->path;

	if (e->kind == ENTRY_FOLDER)
		return put_below(p, at, from, name, to);
	++*at;
	return e->kind == ENTRY_LINK ? put_link(p, e, to, name)
				     : put_file(p, e, from, name, to, name);
}

int put_folder(struct putting *p, size_t *at, int from, int to)
{
	const char *folder = p->selection->items[*at].path;
	size_t length = strlen(folder), end = p->part->first + p->part->count;
	int r = 0;

	++*at;
	while (r == 0 && *at < end && is_below(p->selection->items[*at].path, folder, length))
		r = put_entry(p, at, from, to);
	return r;
}
