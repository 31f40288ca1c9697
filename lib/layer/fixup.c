/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fixup - giving entries that lean on lower layers what those have, inside cubby-layer
 *
 * Upper directories come first in the journal, so what is moved because of a link on the way is
 * found at its new place when its own turn comes: every path is resolved again over all layers.
 */
#include "layer/fixup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
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
#include "layer/stack.h"
#include "layer/tree.h"

enum { NAMES_MAX = 64 << 10, COPY = 1 << 20, PERMISSIONS = 07777 };

struct fixup {
	int diff; /* also the first of the stack */
	struct stack stack;
};

static void auto_fixup(struct fixup *f)
{
	stack_clear(&f->stack);
}

static int failed(const char *path, int code, const char *what, struct err *err)
{
	AUTO(mem) char *shown = name_show(path);

	return err_sys(err, code, "cannot %s '%s'", what, shown);
}

static int open_lower(const struct layer_fixup *req, const char *name)
{
	int dir = layer_folder(req->store, &req->more, &name);

	return dir < 0 ? dir
		       : at_open(dir, name, O_RDONLY | O_DIRECTORY, 0,
				 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static int open_all(const struct layer_fixup *req, struct fixup *f, struct err *err)
{
	f->diff = req->diff;
	for (size_t i = 0; i <= req->lower.count; i++) {
		int fd = i == 0 ? fd_dup(req->diff) : open_lower(req, req->lower.items[i - 1]);
		if (fd < 0)
			return err_sys(err, fd, "cannot open the layer '%s'",
				       i ? req->lower.items[i - 1] : "diff");
		f->stack.items = mem_push(f->stack.items, &f->stack.count, sizeof(int));
		f->stack.items[f->stack.count - 1] = fd;
	}
	return 0;
}

/* --- taking attributes over ---------------------------------------------------- */

/* Opens what an O_PATH descriptor names; only for directories and regular files. */
static int reopen(const struct stack *stack, const struct stack_found *found, const char *path)
{
	return at_open(stack->items[found->layer], path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0,
		       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static int copy_xattrs(int from, int to)
{
	AUTO(mem) char *names = mem_alloc(NAMES_MAX, 1);
	AUTO(mem) char *value = mem_alloc(LAYER_XATTR_MAX, 1);

	ssize_t n = flistxattr(from, names, NAMES_MAX);
	if (n < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	for (const char *name = names; name < names + n; name += strlen(name) + 1) {
		if (!attr_allowed(name))
			continue;
		ssize_t size = fgetxattr(from, name, value, LAYER_XATTR_MAX);
		if (size >= 0 && fsetxattr(to, name, value, (size_t)size, 0) < 0)
			return -errno;
	}
	return 0;
}

static int copy_attributes(int from, const struct stat *st, int to)
{
	const struct timespec times[] = { st->st_mtim, st->st_mtim };

	if (fchown(to, st->st_uid, st->st_gid) < 0 || fchmod(to, st->st_mode & PERMISSIONS) < 0)
		return -errno;
	int r = copy_xattrs(from, to);
	if (r < 0)
		return r;
	return futimens(to, times) < 0 ? -errno : 0;
}

/* --- moving the content of a folder that really is a link ------------------------ */

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static int open_listing(int fd, DIR **out)
{
	AUTO(fd) int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (copy < 0)
		return -errno;
	*out = fdopendir(copy);
	if (!*out)
		return -errno;
	(void)take_fd(copy);
	return 0;
}

static int list(int fd, struct strv *out)
{
	DIR *dir;

	int r = open_listing(fd, &dir);
	if (r < 0)
		return r;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (!is_dot(e->d_name))
			strv_add(out, e->d_name);
	closedir(dir);
	return 0;
}

/* What may be a whiteout; *out_more tells that there is something that is neither that nor a folder. */
static int list_whiteouts(int fd, struct strv *out, bool *out_more)
{
	DIR *dir;

	int r = open_listing(fd, &dir);
	if (r < 0)
		return r;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		if (is_dot(e->d_name))
			continue;
		if (e->d_type == DT_CHR || e->d_type == DT_UNKNOWN)
			strv_add(out, e->d_name);
		else if (e->d_type != DT_DIR)
			*out_more = true;
	}
	closedir(dir);
	return 0;
}

static int open_folder(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int move_content(int from, int to);

/* Two folders become one; anything else replaces what was there. */
static int move_child(int from, int to, const char *name)
{
	struct stat st, there;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	bool occupied = fstatat(to, name, &there, AT_SYMLINK_NOFOLLOW) == 0;
	if (occupied && S_ISDIR(st.st_mode) && S_ISDIR(there.st_mode)) {
		AUTO(fd) int inner = open_folder(from, name);
		AUTO(fd) int target = open_folder(to, name);
		if (inner < 0 || target < 0)
			return inner < 0 ? inner : target;
		int r = move_content(inner, target);
		return r < 0 ? r : file_tree_remove(from, name);
	}
	int r = occupied ? file_tree_remove(to, name) : 0;
	if (r < 0)
		return r;
	return renameat(from, name, to, name) < 0 ? -errno : 0;
}

static int move_content(int from, int to)
{
	AUTO(strv) struct strv names = { 0 };

	int r = list(from, &names);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = move_child(from, to, names.items[i]);
	return r;
}

/* --- directories without an entry -------------------------------------------------- */

static int remove_folder(const struct fixup *f, const char *path)
{
	AUTO(mem) char *parent = NULL;
	const char *name = name_split(path, &parent);

	AUTO(fd)
	int dir = at_open_in_root(f->diff, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0);
	return dir < 0 ? dir : file_tree_remove(dir, name);
}

static int ensure_folder(struct fixup *f, const char *path, struct err *err);

static int fix_link(struct fixup *f, const char *path, struct err *err)
{
	AUTO(mem) char *real = NULL;
	struct stack lower = { .items = f->stack.items + 1, .count = f->stack.count - 1 };

	int r = stack_resolve(&lower, path, true, &real);
	stack_forget(&lower);
	if (r < 0)
		return failed(path, r, "follow", err);
	AUTO(fd) int from = at_open_in_root(f->diff, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (from < 0)
		return failed(path, from, "open", err);
	r = *real ? ensure_folder(f, real, err) : 0;
	if (r < 0)
		return r;
	AUTO(fd) int to = at_open_in_root(f->diff, *real ? real : ".", O_RDONLY | O_DIRECTORY, 0);
	r = to < 0 ? to : move_content(from, to);
	if (r == 0)
		r = remove_folder(f, path);
	stack_forget(&f->stack);
	return r < 0 ? failed(path, r, "move", err) : 0;
}

/* Below nothing there is nothing to delete. */
static int drop_whiteouts(struct fixup *f, const char *path, bool *out_more, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	struct stat st;

	AUTO(fd) int fd = at_open_in_root(f->diff, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	int r = fd < 0 ? fd : list_whiteouts(fd, &names, out_more);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		if (fstatat(fd, names.items[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			r = -errno;
		else if (attr_is_whiteout(&st) && unlinkat(fd, names.items[i], 0) < 0)
			r = -errno;
		stack_forget(&f->stack);
	}
	return r < 0 ? failed(path, r, "clean", err) : 0;
}

static int take_over(const struct fixup *f, const char *path, const struct stack_found *below,
		     struct err *err)
{
	AUTO(fd) int from = reopen(&f->stack, below, path);
	AUTO(fd) int to = at_open_in_root(f->diff, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	int r = from < 0 ? from : to;

	if (r >= 0)
		r = copy_attributes(from, &below->st, to);
	return r < 0 ? failed(path, r, "take over the attributes of", err) : 0;
}

static bool has_folder(const struct fixup *f, const char *path)
{
	AUTO(fd)
	int fd = at_open(f->diff, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	return fd >= 0;
}

/* *out_stays tells that it cannot become empty. */
static int fix_dir(struct fixup *f, const char *recorded, bool *out_stays, struct err *err)
{
	AUTO(stack_found) struct stack_found below = { .fd = -1 };
	AUTO(mem) char *path = NULL;

	/* A folder above it may have moved; its own name may be the link. */
	int r = stack_resolve(&f->stack, recorded, false, &path);
	if (r < 0)
		return failed(recorded, r, "follow", err);
	if (!*path || !has_folder(f, path))
		return 0;
	r = stack_find(&f->stack, 1, path, &below);
	if (r == -ENOENT)
		return drop_whiteouts(f, path, out_stays, err);
	if (r < 0 && r != -ENOTDIR && r != -ELOOP)
		return failed(path, r, "look for", err);
	if (r == 0 && S_ISLNK(below.st.st_mode))
		return fix_link(f, path, err);
	if (r == 0 && S_ISDIR(below.st.st_mode))
		return take_over(f, path, &below, err);
	return 0;
}

/* What was made for whiteouts only has become empty when those below it are gone. */
static int prune(struct fixup *f, const char *recorded, struct err *err)
{
	AUTO(stack_found) struct stack_found below = { .fd = -1 };
	AUTO(mem) char *path = NULL;
	AUTO(mem) char *parent = NULL;

	int r = stack_resolve(&f->stack, recorded, false, &path);
	if (r < 0)
		return failed(recorded, r, "follow", err);
	if (!*path || stack_find(&f->stack, 1, path, &below) != -ENOENT)
		return 0;
	const char *name = name_split(path, &parent);
	AUTO(fd)
	int dir = at_open_in_root(f->diff, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0);
	if (dir < 0)
		return 0;
	r = unlinkat(dir, name, AT_REMOVEDIR) < 0 ? -errno : 0;
	if (r == -ENOTEMPTY || r == -ENOENT || r == -ENOTDIR)
		return 0;
	stack_forget(&f->stack);
	return r < 0 ? failed(path, r, "remove", err) : 0;
}

static void note(void *data, const char *path)
{
	strv_add(data, path);
}

/* Makes a folder in the layer, with the attributes that lower layers give it. */
static int ensure_folder(struct fixup *f, const char *path, struct err *err)
{
	AUTO(strv) struct strv made = { 0 };

	int fd = at_mkdir_p_noting(f->diff, path, 0755, note, &made);
	if (fd < 0)
		return failed(path, fd, "make the folder", err);
	fd_close(fd);
	if (made.count)
		stack_forget(&f->stack);
	for (size_t i = 0; i < made.count; i++) {
		AUTO(stack_found) struct stack_found below = { .fd = -1 };
		if (stack_find(&f->stack, 1, made.items[i], &below) < 0 ||
		    !S_ISDIR(below.st.st_mode))
			continue;
		int r = take_over(f, made.items[i], &below, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- hard links to files below -------------------------------------------------------- */

static int copy_bytes(int from, int to)
{
	ssize_t n;

	while ((n = copy_file_range(from, NULL, to, NULL, COPY, 0)) > 0)
		;
	if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
		while ((n = sendfile(to, from, NULL, COPY)) > 0)
			;
	return n < 0 ? -errno : 0;
}

static int copy_file(const struct fixup *f, const char *path, const struct stack_found *below,
		     int dir, const char *name)
{
	AUTO(fd) int from = reopen(&f->stack, below, path);
	AUTO(fd) int to = -1;

	if (from < 0)
		return from;
	to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	int r = copy_bytes(from, to);
	return r < 0 ? r : copy_attributes(from, &below->st, to);
}

static int copy_symlink(const struct stack_found *below, int dir, const char *name)
{
	const struct timespec times[] = { below->st.st_mtim, below->st.st_mtim };
	char target[PATH_MAX];

	ssize_t n = readlinkat(below->fd, "", target, sizeof target);
	if (n < 0 || n == sizeof target)
		return n < 0 ? -errno : -ENAMETOOLONG;
	target[n] = 0;
	if (symlinkat(target, dir, name) < 0 ||
	    fchownat(dir, name, below->st.st_uid, below->st.st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

/* Brings a file of a lower layer into this one, under the same name. */
static int copy_up(struct fixup *f, const char *path, struct err *err)
{
	AUTO(stack_found) struct stack_found below = { .fd = -1 };
	AUTO(mem) char *parent = NULL;

	int r = stack_find(&f->stack, 0, path, &below);
	if (r < 0 || S_ISDIR(below.st.st_mode)) {
		AUTO(mem) char *shown = name_show(path);
		return err_set(err, r < 0 ? -ENOENT : -EBADMSG,
			       "a hard link leads to '%s', which is no file of this image", shown);
	}
	if (below.layer == 0)
		return 0;
	const char *name = name_split(path, &parent);
	r = *parent ? ensure_folder(f, parent, err) : 0;
	if (r < 0)
		return r;
	AUTO(fd)
	int dir = at_open_in_root(f->diff, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0);
	r = dir;
	if (r >= 0 && S_ISREG(below.st.st_mode))
		r = copy_file(f, path, &below, dir, name);
	else if (r >= 0 && S_ISLNK(below.st.st_mode))
		r = copy_symlink(&below, dir, name);
	else if (r >= 0)
		r = -EOPNOTSUPP;
	stack_forget(&f->stack);
	return r < 0 ? failed(path, r, "copy", err) : 0;
}

static int fix_hardlink(struct fixup *f, const struct journal_record *record, struct err *err)
{
	AUTO(mem) char *target = NULL;
	AUTO(mem) char *path = NULL;
	AUTO(mem) char *from_parent = NULL;
	AUTO(mem) char *to_parent = NULL;

	int r = stack_resolve(&f->stack, record->target, false, &target);
	if (r == 0)
		r = stack_resolve(&f->stack, record->path, false, &path);
	if (r < 0)
		return failed(record->path, r, "follow", err);
	if (!*target || !*path || str_eq(target, path))
		return err_set(err, -EBADMSG, "a hard link leads to a folder or itself");
	r = copy_up(f, target, err);
	if (r < 0)
		return r;
	const char *from_name = name_split(target, &from_parent);
	const char *to_name = name_split(path, &to_parent);
	r = *to_parent ? ensure_folder(f, to_parent, err) : 0;
	if (r < 0)
		return r;
	AUTO(fd)
	int from =
		at_open_in_root(f->diff, *from_parent ? from_parent : ".", O_PATH | O_DIRECTORY, 0);
	AUTO(fd)
	int to = at_open_in_root(f->diff, *to_parent ? to_parent : ".", O_PATH | O_DIRECTORY, 0);
	if (from < 0 || to < 0)
		return failed(path, from < 0 ? from : to, "link", err);
	/* What the layer wrote under this name later counts. */
	if (linkat(from, from_name, to, to_name, 0) < 0 && errno != EEXIST)
		return failed(path, -errno, "link", err);
	stack_forget(&f->stack);
	return 0;
}

int fixup_layer(const struct layer_fixup *req, struct err *err)
{
	AUTO(fixup) struct fixup f = { 0 };
	AUTO(journal) struct journal journal = { 0 };

	int r = journal_load(req->journal, &journal);
	if (r < 0)
		return err_sys(err, r, "cannot read the layer's journal");
	AUTO(mem) bool *stays = mem_alloc(journal.count + 1, sizeof *stays);
	r = open_all(req, &f, err);
	for (size_t i = 0; r == 0 && i < journal.count; i++)
		if (journal.items[i].kind == 'd')
			r = fix_dir(&f, journal.items[i].path, &stays[i], err);
	for (size_t i = 0; r == 0 && i < journal.count; i++)
		if (journal.items[i].kind == 'l')
			r = fix_hardlink(&f, &journal.items[i], err);
	for (size_t i = journal.count; r == 0 && i-- > 0;)
		if (journal.items[i].kind == 'd' && !stays[i])
			r = prune(&f, journal.items[i].path, err);
	if (r == 0 && req->flags & LAYER_SYNC && syncfs(req->diff) < 0)
		r = err_sys(err, -errno, "cannot write the layer to disk");
	return r;
}
