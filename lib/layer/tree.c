/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - writing the files of one layer below a directory
 *
 * Tars list a folder's files one after the other, so the last folder's descriptor is kept: most
 * files cost openat, write, futimens, close. It is dropped whenever something is removed.
 */
#include "layer/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "kern/at.h"
#include "layer/attr.h"
#include "layer/journal.h"
#include "layer/limits.h"
#include "layer/name.h"

enum { IMPLICIT_MODE = 0755, PERMISSIONS = 07777, SPECIAL = 07000 };

/* A directory that has an entry: its times are set at the end. */
struct dir_record {
	char *path;
	ino_t inode;
	struct timespec mtime;
};

struct tree {
	struct tree_plan plan;
	struct {
		struct dir_record *items;
		size_t count;
	} dirs;
	struct {
		ino_t *items;
		size_t count;
	} opaque;
	struct journal journal;
	struct strv lost;
	struct tree_sums sums;
	char *folder; /* whose descriptor is kept; NULL for none */
	int folder_fd;
	struct stat folder_st;
	const struct tree_entry *file; /* being written */
	int file_fd;
	int64_t file_end; /* behind what was written */
	bool plain_modes; /* no default ACL was written: open(2) gives the mode it is asked for */
};

static int failed(const char *path, int code, const char *what, struct err *err)
{
	AUTO(mem) char *shown = name_show(*path ? path : "/");

	return err_sys(err, code, "cannot %s '%s'", what, shown);
}

static int refused(const char *path, const char *why, struct err *err)
{
	AUTO(mem) char *shown = name_show(*path ? path : "/");

	return err_set(err, -EBADMSG, "'%s' %s", shown, why);
}

struct tree *tree_new(const struct tree_plan *plan)
{
	struct tree *tree = mem_new(struct tree);

	tree->plan = *plan;
	tree->folder_fd = -1;
	tree->file_fd = -1;
	tree->plain_modes = true;
	return tree;
}

static void drop_folder(struct tree *tree)
{
	fd_close(take_fd(tree->folder_fd));
	str_set(&tree->folder, NULL);
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	drop_folder(tree);
	fd_close(tree->file_fd);
	for (size_t i = 0; i < tree->dirs.count; i++)
		free(tree->dirs.items[i].path);
	free(tree->dirs.items);
	free(tree->opaque.items);
	journal_clear(&tree->journal);
	strv_clear(&tree->lost);
	free(tree);
}

const struct strv *tree_lost(const struct tree *tree)
{
	return &tree->lost;
}

static int open_dir(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int mark_opaque(struct tree *tree, int fd)
{
	struct stat st;

	int r = attr_set_opaque(fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	*vec_push(&tree->opaque) = st.st_ino;
	return 0;
}

static void note_made(void *data, const char *path)
{
	struct tree *tree = data;
	struct journal_record *r = vec_push(&tree->journal);

	*r = (struct journal_record){ .kind = 'd', .path = str_dup(path) };
}

/* Keeps the descriptor of a folder, takes @fd over. */
static int keep_folder(struct tree *tree, const char *path, int fd)
{
	AUTO(fd) int held = fd;

	drop_folder(tree);
	if (fstat(held, &tree->folder_st) < 0)
		return -errno;
	tree->folder = str_dup(path);
	tree->folder_fd = take_fd(held);
	return 0;
}

/*
 * Makes a folder of which nothing but the last names is missing, and no name is a link: the parent is
 * opened at once, where a walk from the root would look at each name.
 */
static int make_plainly(struct tree *tree, const char *path)
{
	AUTO(mem) char *parent = NULL;
	const char *name = name_split(path, &parent);

	AUTO(fd)
	int dir = at_open(tree->plan.root, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0,
			  RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (dir == -ENOENT)
		dir = make_plainly(tree, parent);
	if (dir < 0)
		return dir;
	if (mkdirat(dir, name, IMPLICIT_MODE) < 0)
		return -errno;
	note_made(tree, path);
	return open_dir(dir, name);
}

/* Return: descriptor of a folder that is the caller's. */
static int make_folder(struct tree *tree, const char *path)
{
	if (!*path)
		return fd_dup(tree->plan.root);
	int fd = at_open_in_root(tree->plan.root, path, O_PATH | O_DIRECTORY, 0);
	if (fd != -ENOENT)
		return fd;
	fd = make_plainly(tree, path);
	/* Something else is in the way; what was made until then stays. */
	if (fd == -EEXIST || fd == -ELOOP)
		fd = at_mkdir_p_noting(tree->plan.root, path, IMPLICIT_MODE, note_made, tree);
	return fd;
}

/* Return: descriptor of a folder, made where missing; it belongs to the tree. */
static int open_folder(struct tree *tree, const char *path)
{
	if (str_eq(tree->folder, path))
		return tree->folder_fd;
	int fd = make_folder(tree, path);
	int r = fd < 0 ? fd : keep_folder(tree, path, fd);
	return r < 0 ? r : tree->folder_fd;
}

/* A name that was deleted and then has files below it is a fresh folder. */
static int revive(struct tree *tree, const char *path)
{
	AUTO(mem) char *parent = NULL;
	const char *name = name_split(path, &parent);
	struct stat st;

	AUTO(fd)
	int dir = *parent ? at_open_in_root(tree->plan.root, parent, O_PATH | O_DIRECTORY, 0)
			  : fd_dup(tree->plan.root);
	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !attr_is_whiteout(&st))
		return 0;
	if (unlinkat(dir, name, 0) < 0 || mkdirat(dir, name, IMPLICIT_MODE) < 0)
		return -errno;
	AUTO(fd) int fd = open_dir(dir, name);
	return fd < 0 ? fd : mark_opaque(tree, fd);
}

static int open_or_revive_folder(struct tree *tree, const char *path)
{
	int fd = open_folder(tree, path);

	if (fd != -ENOTDIR || tree->plan.plain)
		return fd;
	AUTO(mem) char *part = str_dup(path);
	for (char *end = part; *end; end++) {
		end += strcspn(end, "/");
		char was = *end;
		*end = 0;
		int r = revive(tree, part);
		if (r < 0)
			return r;
		*end = was;
		if (!was)
			break;
	}
	return open_folder(tree, path);
}

/* Return: descriptor of the folder that holds @path, and its last name inside @path. */
static int open_parent(struct tree *tree, const char *path, const char **out_name, struct err *err)
{
	AUTO(mem) char *parent = NULL;

	*out_name = name_split(path, &parent);
	int fd = open_or_revive_folder(tree, parent);
	if (fd == -ENOTDIR || fd == -ELOOP)
		return refused(path, "lies below something that is no folder", err);
	return fd < 0 ? failed(path, fd, "make the folder of", err) : fd;
}

/* Removes what the layer has under a name. *out_white tells that it was a whiteout. */
static int clear_way(struct tree *tree, int dir, const char *name, bool *out_white)
{
	struct stat st;

	*out_white = false;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	*out_white = !tree->plan.plain && attr_is_whiteout(&st);
	if (S_ISDIR(st.st_mode) && tree->plan.plain && !tree->plan.replace)
		return -EISDIR;
	if (S_ISREG(st.st_mode) || *out_white)
		return unlinkat(dir, name, 0) < 0 ? -errno : 0;
	/* A folder or a link to one may be on the way to the folder that is kept. */
	AUTO(fd) int copy = fd_dup(dir);
	if (copy < 0)
		return copy;
	drop_folder(tree);
	return file_tree_remove(copy, name);
}

static void lose(struct tree *tree, const char *path, const char *what)
{
	AUTO(mem) char *shown = name_show(path);

	if (tree->lost.count < LAYER_LOST_MAX)
		strv_addf(&tree->lost, "cannot keep the attribute '%s' of '%s'", what, shown);
}

/* --- owners, modes, attributes ----------------------------------------------- */

static int no_such_owner(const struct tree_entry *entry, struct err *err)
{
	AUTO(mem) char *shown = name_show(*entry->path ? entry->path : "/");

	(void)err_set(err, -EOVERFLOW, "the owner %lld:%lld of '%s' is not among the ids you have",
		      (long long)entry->uid, (long long)entry->gid, shown);
	(void)err_hint(err,
		       "grant more sub-ids in /etc/subuid and /etc/subgid, so that id %lld is "
		       "within their count",
		       (long long)max_of(entry->uid, entry->gid));
	return -EOVERFLOW;
}

static void owner_of(const struct tree *tree, const struct tree_entry *entry, int64_t *out_uid,
		     int64_t *out_gid)
{
	*out_uid = tree->plan.one_id ? 0 : entry->uid;
	*out_gid = tree->plan.one_id ? 0 : entry->gid;
	if (tree->plan.owner && !tree->plan.one_id)
		owner_on_disk(tree->plan.owner, out_uid, out_gid);
}

/* Whether a new file here would belong to somebody else than it shall. */
static bool owner_differs(const struct tree *tree, const struct tree_entry *entry)
{
	int64_t uid, gid;

	owner_of(tree, entry, &uid, &gid);
	return uid != 0 || gid != 0;
}

static int set_owner(const struct tree *tree, int fd, const char *name, int flags,
		     const struct tree_entry *entry, struct err *err)
{
	int64_t uid, gid;

	owner_of(tree, entry, &uid, &gid);
	/* The number -1 would mean "leave it". */
	bool number = uid >= 0 && uid < UINT32_MAX && gid >= 0 && gid < UINT32_MAX;
	if (number && fchownat(fd, name, (uid_t)uid, (gid_t)gid, flags) == 0)
		return 0;
	bool unknown = !number || errno == EINVAL;
	if (unknown && tree->plan.forgive && fchownat(fd, name, 0, 0, flags) == 0)
		return 0;
	if (unknown && !tree->plan.forgive)
		return no_such_owner(entry, err);
	return failed(entry->path, -errno, "set the owner of", err);
}

static int set_xattrs(struct tree *tree, int fd, const struct tree_entry *entry, struct err *err)
{
	for (size_t i = 0; i < entry->xattrs.count; i++) {
		const struct tree_xattr *x = &entry->xattrs.items[i];
		if (fsetxattr(fd, x->name, x->value, x->size, 0) == 0) {
			if (str_eq(x->name, "system.posix_acl_default"))
				tree->plain_modes = false;
			continue;
		}
		if (errno == ENOSPC || errno == EDQUOT)
			return failed(entry->path, -errno, "keep the attributes of", err);
		lose(tree, entry->path, x->name);
	}
	return 0;
}

static int set_dir(struct tree *tree, int fd, const struct tree_entry *entry, struct err *err)
{
	int r = set_owner(tree, fd, "", AT_EMPTY_PATH, entry, err);

	if (r == 0 && fchmod(fd, entry->mode & PERMISSIONS) < 0)
		r = failed(entry->path, -errno, "set the mode of", err);
	return r < 0 ? r : set_xattrs(tree, fd, entry, err);
}

/* --- directories --------------------------------------------------------------- */

static int record_dir(struct tree *tree, int fd, const struct tree_entry *entry, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return failed(entry->path, -errno, "look at", err);
	struct dir_record *d = vec_push(&tree->dirs);
	*d = (struct dir_record){
		.path = str_dup(entry->path),
		.inode = st.st_ino,
		.mtime = entry->mtime,
	};
	return 0;
}

/* Makes or takes over a directory; *out_white tells that a whiteout was in its place. */
static int make_dir(struct tree *tree, int parent, const char *name, bool *out_white)
{
	struct stat st;

	*out_white = false;
	if (mkdirat(parent, name, 0700) == 0)
		return open_dir(parent, name);
	if (errno != EEXIST)
		return -errno;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return open_dir(parent, name);
	if (tree->plan.plain && !tree->plan.replace)
		return -ENOTDIR;
	AUTO(fd) int dir = fd_dup(parent);
	int r = dir < 0 ? dir : clear_way(tree, dir, name, out_white);
	if (r < 0)
		return r;
	return mkdirat(dir, name, 0700) < 0 ? -errno : open_dir(dir, name);
}

int tree_root(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	AUTO(fd) int fd = open_dir(tree->plan.root, ".");

	if (fd < 0)
		return failed("", fd, "open", err);
	int r = set_dir(tree, fd, entry, err);
	if (r < 0)
		return r;
	tree->sums.has_root = true;
	return record_dir(tree, fd, entry, err);
}

int tree_dir(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	const char *name;
	bool white;

	int parent = open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	AUTO(fd) int fd = make_dir(tree, parent, name, &white);
	if (fd < 0)
		return failed(entry->path, fd, "make the folder", err);
	int r = set_dir(tree, fd, entry, err);
	if (r < 0)
		return r;
	if (white) {
		r = mark_opaque(tree, fd);
		if (r < 0)
			return failed(entry->path, r, "mark", err);
	}
	/* The mode that is kept of it may have changed. */
	if (entry->mode & S_ISGID || str_eq(tree->folder, entry->path))
		drop_folder(tree);
	return record_dir(tree, fd, entry, err);
}

/* --- other files ----------------------------------------------------------------- */

/* Calls @make until nothing is in the way; twice is enough, nobody else writes here. */
static int make_named(struct tree *tree, const struct tree_entry *entry,
		      int (*make)(struct tree *tree, int dir, const char *name,
				  const struct tree_entry *entry),
		      struct err *err)
{
	const char *name;
	bool white;

	int parent = open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	int r = make(tree, parent, name, entry);
	if (r == -EEXIST) {
		r = clear_way(tree, parent, name, &white);
		parent = r < 0 ? r : open_parent(tree, entry->path, &name, err);
		r = parent < 0 ? parent : make(tree, parent, name, entry);
	}
	return r < 0 ? failed(entry->path, r, "make", err) : 0;
}

static int make_symlink(struct tree *tree, int dir, const char *name,
			const struct tree_entry *entry)
{
	(void)tree;
	return symlinkat(entry->target, dir, name) < 0 ? -errno : 0;
}

static int make_fifo(struct tree *tree, int dir, const char *name, const struct tree_entry *entry)
{
	(void)tree;
	return mknodat(dir, name, S_IFIFO | (entry->mode & PERMISSIONS), 0) < 0 ? -errno : 0;
}

static int make_file(struct tree *tree, int dir, const char *name, const struct tree_entry *entry)
{
	tree->file_fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			       entry->mode & 0777);
	return tree->file_fd < 0 ? -errno : 0;
}

static int set_times(int dir, const char *name, int flags, struct timespec mtime)
{
	const struct timespec both[] = { mtime, mtime };

	return utimensat(dir, name, both, flags) < 0 ? -errno : 0;
}

int tree_symlink(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	const char *name;

	int r = make_named(tree, entry, make_symlink, err);
	if (r < 0)
		return r;
	int parent = open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	r = set_owner(tree, parent, name, AT_SYMLINK_NOFOLLOW, entry, err);
	if (r < 0)
		return r;
	r = set_times(parent, name, AT_SYMLINK_NOFOLLOW, entry->mtime);
	return r < 0 ? failed(entry->path, r, "set the times of", err) : 0;
}

int tree_fifo(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	const char *name;

	int r = make_named(tree, entry, make_fifo, err);
	if (r < 0)
		return r;
	int parent = open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	r = set_owner(tree, parent, name, AT_SYMLINK_NOFOLLOW, entry, err);
	if (r < 0)
		return r;
	/* The mode is right since it was made: by its name it must not be changed, which may be a link now. */
	r = set_times(parent, name, AT_SYMLINK_NOFOLLOW, entry->mtime);
	return r < 0 ? failed(entry->path, r, "set the times of", err) : 0;
}

int tree_file_begin(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	bug_unless(tree->file_fd < 0);
	int r = make_named(tree, entry, make_file, err);
	if (r < 0)
		return r;
	tree->file = entry;
	tree->file_end = 0;
	return 0;
}

int tree_file_data(struct tree *tree, int64_t offset, const void *data, size_t size,
		   struct err *err)
{
	const char *at = data;

	tree->sums.disk_size += (int64_t)size;
	tree->file_end = max_of(tree->file_end, offset + (int64_t)size);
	while (size) {
		ssize_t n = pwrite(tree->file_fd, at, size, offset);
		if (n < 0 && errno != EINTR)
			return failed(tree->file->path, -errno, "write", err);
		if (n > 0) {
			at += n;
			offset += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* Capabilities and set-id bits come last: owner and content take them away. */
static int set_file(struct tree *tree, int fd, int64_t size, struct err *err)
{
	const struct tree_entry *entry = tree->file;
	const struct timespec times[] = { entry->mtime, entry->mtime };
	bool chown = owner_differs(tree, entry) || tree->folder_st.st_mode & S_ISGID;
	int r = 0;

	if (tree->file_end != size && ftruncate(fd, size) < 0)
		return failed(entry->path, -errno, "set the length of", err);
	if (chown)
		r = set_owner(tree, fd, "", AT_EMPTY_PATH, entry, err);
	if (r < 0)
		return r;
	if ((entry->mode & SPECIAL || !tree->plain_modes) &&
	    fchmod(fd, entry->mode & PERMISSIONS) < 0)
		return failed(entry->path, -errno, "set the mode of", err);
	r = set_xattrs(tree, fd, entry, err);
	if (r < 0)
		return r;
	return futimens(fd, times) < 0 ? failed(entry->path, -errno, "set the times of", err) : 0;
}

int tree_file_end(struct tree *tree, int64_t size, struct err *err)
{
	AUTO(fd) int fd = take_fd(tree->file_fd);

	int r = set_file(tree, fd, size, err);
	tree->file = NULL;
	return r;
}

/* --- hard links -------------------------------------------------------------------- */

static int defer_link(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	if (tree->plan.journal < 0)
		return refused(entry->path, "is a hard link to a file that is not there", err);
	struct journal_record *r = vec_push(&tree->journal);
	*r = (struct journal_record){
		.kind = 'l',
		.path = str_dup(entry->path),
		.target = str_dup(entry->target),
	};
	return 0;
}

/* Return: 1 when the target is there, 0 when not; -EBADMSG when no link to it may be made. */
static int look_at_target(int dir, const char *name, bool plain, const struct tree_entry *entry,
			  struct err *err)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : failed(entry->target, -errno, "look at", err);
	if (S_ISDIR(st.st_mode))
		return refused(entry->path, "is a hard link to a folder", err);
	if (!plain && attr_is_whiteout(&st))
		return refused(entry->path, "is a hard link to a file that the layer deletes", err);
	return 1;
}

int tree_hardlink(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	AUTO(mem) char *from_parent = NULL;
	const char *name;
	bool white;

	if (!*entry->target)
		return refused(entry->path, "is a hard link to a folder", err);
	if (str_eq(entry->path, entry->target))
		return refused(entry->path, "is a hard link to itself", err);
	const char *from_name = name_split(entry->target, &from_parent);
	AUTO(fd)
	int from = *from_parent
			   ? at_open_in_root(tree->plan.root, from_parent, O_PATH | O_DIRECTORY, 0)
			   : fd_dup(tree->plan.root);
	if (from < 0)
		return defer_link(tree, entry, err);
	int r = look_at_target(from, from_name, tree->plan.plain, entry, err);
	if (r <= 0)
		return r < 0 ? r : defer_link(tree, entry, err);
	int parent = open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	if (linkat(from, from_name, parent, name, 0) == 0)
		return 0;
	if (errno != EEXIST)
		return failed(entry->path, -errno, "make the hard link", err);
	r = clear_way(tree, parent, name, &white);
	parent = r < 0 ? r : open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return r < 0 ? failed(entry->path, r, "replace", err) : parent;
	if (linkat(from, from_name, parent, name, 0) < 0)
		return failed(entry->path, -errno, "make the hard link", err);
	return 0;
}

/* --- whiteouts ----------------------------------------------------------------------- */

static bool is_opaque(const struct tree *tree, ino_t inode)
{
	for (size_t i = 0; i < tree->opaque.count; i++)
		if (tree->opaque.items[i] == inode)
			return true;
	return false;
}

/* In the lowest layer there is nothing to delete, and a whiteout could be seen in a listing. */
static bool without_effect(struct tree *tree)
{
	if (tree->plan.journal >= 0)
		return false;
	tree->sums.deferred++;
	return true;
}

int tree_whiteout(struct tree *tree, const char *path, struct err *err)
{
	struct stat st;
	const char *name;

	if (without_effect(tree))
		return 0;
	int parent = open_parent(tree, path, &name, err);
	if (parent < 0)
		return parent;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISDIR(st.st_mode))
			return 0;
		AUTO(fd) int fd = open_dir(parent, name);
		int r = fd < 0 ? fd : mark_opaque(tree, fd);
		return r < 0 ? failed(path, r, "mark", err) : 0;
	}
	if (is_opaque(tree, tree->folder_st.st_ino))
		return 0;
	if (mknodat(parent, name, S_IFCHR, makedev(0, 0)) < 0)
		return failed(path, -errno, "delete", err);
	return 0;
}

/* What an opaque directory hides needs no whiteouts, which a listing would show. */
static int drop_whiteouts(int fd)
{
	int copy = open_dir(fd, ".");
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct stat st;

	if (!dir) {
		fd_close(copy);
		return copy < 0 ? copy : -errno;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (e->d_type == DT_CHR && fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    attr_is_whiteout(&st))
			(void)unlinkat(fd, e->d_name, 0); /* one left is a blemish, no harm */
	closedir(dir);
	return 0;
}

int tree_opaque(struct tree *tree, const char *path, struct err *err)
{
	if (without_effect(tree))
		return 0;
	int folder = open_or_revive_folder(tree, path);
	if (folder < 0)
		return failed(path, folder, "make the folder", err);
	AUTO(fd) int fd = open_dir(folder, ".");
	int r = fd < 0 ? fd : mark_opaque(tree, fd);
	if (r == 0)
		r = drop_whiteouts(fd);
	return r < 0 ? failed(path, r, "mark", err) : 0;
}

/* --- the end ------------------------------------------------------------------------- */

static int set_dir_times(const struct tree *tree, const struct dir_record *d)
{
	struct stat st;

	AUTO(fd)
	int fd = *d->path ? at_open_in_root(tree->plan.root, d->path,
					    O_PATH | O_DIRECTORY | O_NOFOLLOW, 0)
			  : fd_dup(tree->plan.root);
	/* It was replaced by something else later. */
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != d->inode)
		return 0;
	return set_times(fd, "", AT_EMPTY_PATH, d->mtime);
}

static int compare_inodes(const void *a, const void *b)
{
	const struct dir_record *one = a, *other = b;

	return (one->inode > other->inode) - (one->inode < other->inode);
}

/* A directory that got its entry after its content is no implicit one. */
static bool got_entry(const struct tree *tree, const struct journal_record *r)
{
	struct dir_record key = { 0 };
	struct stat st;

	AUTO(fd) int fd = at_open_in_root(tree->plan.root, r->path, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return true;
	key.inode = st.st_ino;
	return tree->dirs.count &&
	       bsearch(&key, tree->dirs.items, tree->dirs.count, sizeof key, compare_inodes);
}

static void drop_explicit(struct tree *tree)
{
	struct journal kept = { 0 };

	if (!tree->journal.count)
		return;
	if (tree->dirs.count)
		qsort(tree->dirs.items, tree->dirs.count, sizeof *tree->dirs.items, compare_inodes);
	for (size_t i = 0; i < tree->journal.count; i++) {
		struct journal_record *r = &tree->journal.items[i];
		if (r->kind == 'd' && got_entry(tree, r))
			continue;
		*vec_push(&kept) = *r;
		*r = (struct journal_record){ 0 };
	}
	journal_clear(&tree->journal);
	tree->journal = kept;
}

int tree_finish(struct tree *tree, struct tree_sums *out, struct err *err)
{
	drop_folder(tree);
	for (size_t i = 0; i < tree->dirs.count; i++) {
		int r = set_dir_times(tree, &tree->dirs.items[i]);
		if (r < 0)
			return failed(tree->dirs.items[i].path, r, "set the times of", err);
	}
	drop_explicit(tree);
	tree->sums.deferred += (int64_t)tree->journal.count;
	if (tree->plan.journal >= 0 && tree->journal.count) {
		int r = journal_save(&tree->journal, tree->plan.journal);
		if (r < 0)
			return err_sys(err, r, "cannot write the layer's journal");
	}
	*out = tree->sums;
	return 0;
}
