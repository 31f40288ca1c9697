/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyup - filling an empty volume from the image's directory
 *
 * Directories get their attributes after what is in them, so that times stay and a directory without
 * write permission can be filled.
 */
#include "engine/copyup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "kern/at.h"
#include "store/volume.h"

enum {
	COPY_RANGE = 1 << 30,
	DEPTH_MAX = 1000,
	COPY_BLOCK = 64 << 10,
	NAMES_MAX = 64 << 10,
	PATH_ROOM = 48
};

/* Where the first name of a file with several lies in the copy. */
struct hard_link {
	dev_t dev;
	ino_t ino;
	char *path; /* below the top of the copy */
};

struct copy {
	int top; /* of the copy */
	struct {
		struct hard_link *items;
		size_t count;
	} links;
	char *block;
};

struct place {
	struct copy *copy;
	int from, to;
	const char *path; /* below the top; "" there */
	int depth;
};

static inline void auto_copy(struct copy *c)
{
	for (size_t i = 0; i < c->links.count; i++)
		free(c->links.items[i].path);
	free(c->links.items);
	free(c->block);
}

static inline void auto_dir(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static char *proc_path(char *out, int fd)
{
	(void)snprintf(out, PATH_ROOM, "/proc/self/fd/%d", fd);
	return out;
}

static bool carried(const char *name)
{
	return str_starts(name, "user.") || str_starts(name, "security.capability") ||
	       str_starts(name, "system.posix_acl_");
}

/* By path, because the descriptors may be O_PATH. What a file system cannot keep is left out. */
static int copy_xattrs(int from, int to)
{
	char source[PATH_ROOM], target[PATH_ROOM];
	AUTO(mem) char *names = mem_alloc(NAMES_MAX, 1);
	AUTO(mem) char *value = mem_alloc(NAMES_MAX, 1);

	ssize_t n = listxattr(proc_path(source, from), names, NAMES_MAX);
	(void)proc_path(target, to);
	for (char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
		if (!carried(name))
			continue;
		ssize_t size = getxattr(source, name, value, NAMES_MAX);
		if (size >= 0 && setxattr(target, name, value, (size_t)size, 0) < 0 &&
		    errno != ENOTSUP && errno != EPERM)
			return -errno;
	}
	return 0;
}

/* Owner first: changing it takes set-id bits and capabilities away. */
static int copy_attributes(int from, int to, const struct stat *st)
{
	char target[PATH_ROOM];
	struct timespec times[] = { st->st_atim, st->st_mtim };

	if (fchownat(to, "", st->st_uid, st->st_gid, AT_EMPTY_PATH) < 0)
		return -errno;
	if (S_ISLNK(st->st_mode))
		return 0;
	if (chmod(proc_path(target, to), st->st_mode & 07777) < 0)
		return -errno;
	int r = copy_xattrs(from, to);
	if (r == 0 && utimensat(AT_FDCWD, target, times, 0) < 0)
		r = -errno;
	return r;
}

static int open_name(int dir, const char *name, int flags)
{
	return at_open(dir, name, flags | O_NOFOLLOW, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

/* A link itself can only be opened as O_PATH, which RESOLVE_NO_SYMLINKS allows for the last name. */
static int open_any(int dir, const char *name)
{
	return open_name(dir, name, O_PATH);
}

static int copy_bytes(struct copy *copy, int from, int to)
{
	for (;;) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, COPY_RANGE, 0);
		if (n == 0)
			break;
		if (n > 0)
			continue;
		if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
			return -errno;
		n = read(from, copy->block, COPY_BLOCK);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		int r = fd_write_all(to, copy->block, (size_t)n);
		if (r < 0)
			return r;
	}
	return 0;
}

static int copy_file(const struct place *p, const char *name, const struct stat *st)
{
	AUTO(fd) int from = open_name(p->from, name, O_RDONLY);
	AUTO(fd)
	int to = openat(p->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (from < 0 || to < 0)
		return from < 0 ? from : -errno;
	int r = copy_bytes(p->copy, from, to);
	return r < 0 ? r : copy_attributes(from, to, st);
}

static int copy_link(const struct place *p, const char *name, const struct stat *st)
{
	AUTO(mem) char *target = mem_alloc((size_t)st->st_size + 2, 1);

	ssize_t n = readlinkat(p->from, name, target, (size_t)st->st_size + 1);
	if (n < 0 || symlinkat(target, p->to, name) < 0)
		return -errno;
	struct timespec times[] = { st->st_atim, st->st_mtim };
	if (fchownat(p->to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    utimensat(p->to, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int copy_fifo(const struct place *p, const char *name, const struct stat *st)
{
	if (mkfifoat(p->to, name, 0600) < 0)
		return -errno;
	AUTO(fd) int from = open_any(p->from, name);
	AUTO(fd) int to = open_any(p->to, name);
	if (from < 0 || to < 0)
		return from < 0 ? from : to;
	return copy_attributes(from, to, st);
}

/* Return: 1 when the file is there by another name and was linked; 0 when it is to be copied. */
static int link_known(const struct place *p, const char *name, const struct stat *st,
		      const char *path)
{
	struct copy *copy = p->copy;

	if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return 0;
	for (size_t i = 0; i < copy->links.count; i++) {
		struct hard_link *l = &copy->links.items[i];
		if (l->dev != st->st_dev || l->ino != st->st_ino)
			continue;
		return linkat(copy->top, l->path, p->to, name, 0) < 0 ? -errno : 1;
	}
	*vec_push(&copy->links) =
		(struct hard_link){ .dev = st->st_dev, .ino = st->st_ino, .path = str_dup(path) };
	return 0;
}

static int copy_directory(const struct place *p, struct err *err);

static int copy_subdirectory(const struct place *p, const char *name, const char *path,
			     struct err *err)
{
	if (mkdirat(p->to, name, 0700) < 0)
		return -errno;
	AUTO(fd) int from = open_name(p->from, name, O_RDONLY | O_DIRECTORY);
	AUTO(fd) int to = open_name(p->to, name, O_RDONLY | O_DIRECTORY);
	if (from < 0 || to < 0)
		return from < 0 ? from : to;
	struct place below = {
		.copy = p->copy, .from = from, .to = to, .path = path, .depth = p->depth + 1
	};
	return p->depth < DEPTH_MAX ? copy_directory(&below, err) : -ELOOP;
}

static int copy_name(const struct place *p, const char *name, const char *path, struct err *err)
{
	struct stat st;

	if (fstatat(p->from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	int r = link_known(p, name, &st, path);
	if (r != 0)
		return r < 0 ? r : 0;
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_subdirectory(p, name, path, err);
	case S_IFREG:
		return copy_file(p, name, &st);
	case S_IFLNK:
		return copy_link(p, name, &st);
	case S_IFIFO:
		return copy_fifo(p, name, &st);
	default:
		return 0;
	}
}

/* Copies what is in a directory, then its attributes. */
static int copy_directory(const struct place *p, struct err *err)
{
	struct stat st;
	AUTO(fd) int again = open_name(p->from, ".", O_RDONLY | O_DIRECTORY);
	AUTO(dir) DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	if (!dir)
		return err_sys(err, again < 0 ? again : -errno, "cannot read '%s' of the image",
			       p->path);
	(void)take_fd(again);
	while ((entry = readdir(dir))) {
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		AUTO(mem)
		char *path = *p->path ? str_fmt("%s/%s", p->path, entry->d_name)
				      : str_dup(entry->d_name);
		int r = copy_name(p, entry->d_name, path, err);
		if (r < 0)
			return err && err->code ? r : err_sys(err, r, "cannot copy '%s'", path);
	}
	if (fstat(p->from, &st) < 0)
		return err_sys(err, -errno, "cannot read '%s' of the image", p->path);
	int r = copy_attributes(p->from, p->to, &st);
	return r < 0 ? err_sys(err, r, "cannot set owner and mode of '%s'", p->path) : 0;
}

int copyup_tree(int from, int to, struct err *err)
{
	AUTO(copy) struct copy copy = { .top = to, .block = mem_alloc(COPY_BLOCK, 1) };
	struct place top = { .copy = &copy, .from = from, .to = to, .path = "" };

	return copy_directory(&top, err);
}

/* What was asked for when the volume was made stands before the image's folder and the first user. */
static int keep_owner(const struct volume *volume, int to, const struct stat *was, struct err *err)
{
	if (!volume->has_uid && !volume->has_gid)
		return 0;
	if (fchown(to, volume->has_uid ? was->st_uid : (uid_t)-1,
		   volume->has_gid ? was->st_gid : (gid_t)-1) < 0)
		return err_sys(err, -errno, "cannot keep the owner of volume '%s'", volume->name);
	return 0;
}

static int copy_image(const struct store *store, const char *name, int from, struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	struct stat was;
	int r = volume_load(store, name, &volume, err);

	if (r < 0)
		return r;
	AUTO(fd) int to = open(volume->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (to < 0 || fstat(to, &was) < 0)
		return err_sys(err, -errno, "cannot open volume '%s'", name);
	r = copyup_tree(from, to, err);
	return r < 0 ? r : keep_owner(volume, to, &was, err);
}

static int fill(const struct store *store, const struct mount_config *mount, int root,
		struct err *err)
{
	AUTO(fd) int from = at_open_in_root(root, mount->target, O_RDONLY | O_DIRECTORY, 0);
	AUTO(fd) int lock = -1;

	if (from < 0)
		return 0; /* the image has no such directory */
	int r = volume_fill_begin(store, mount->source, &lock, err);
	if (r <= 0)
		return r;
	r = copy_image(store, mount->source, from, err);
	if (r < 0)
		return err_wrap(err, "cannot fill volume '%s' from the image", mount->source);
	return volume_fill_done(store, mount->source, err);
}

static bool in_image(int root, const struct mount_config *mount)
{
	AUTO(fd) int fd = at_open_in_root(root, mount->target, O_PATH | O_DIRECTORY, 0);

	return fd >= 0;
}

static int give_volume(const struct store *store, const char *name, uint32_t uid, uint32_t gid,
		       struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	AUTO(fd) int lock = -1;
	int r = volume_fill_begin(store, name, &lock, err);

	if (r <= 0)
		return r;
	r = volume_load(store, name, &volume, err);
	if (r < 0)
		return r;
	if (lchown(volume->path, volume->has_uid ? (uid_t)-1 : uid,
		   volume->has_gid ? (gid_t)-1 : gid) < 0)
		return err_sys(err, -errno, "cannot give the volume '%s' away", name);
	return 0;
}

static bool is_whole_volume(const struct mount_config *mount)
{
	return str_eq(mount->type, "volume") && !mount->subpath;
}

int copyup_owners(const struct store *store, const struct container_config *config, int root,
		  const struct runtime_spec *spec, bool user, struct err *err)
{
	bool own = spec->own[RUNTIME_USER];
	uint32_t uid, gid;

	/* An id that is not mapped owns nothing: they stay as they are. */
	if (runtime_maps_outside(&spec->uids, own, user ? spec->uid : 0, &uid) < 0 ||
	    runtime_maps_outside(&spec->gids, own, user ? spec->gid : 0, &gid) < 0)
		return 0;
	for (size_t i = 0; i < config->mounts.count; i++) {
		const struct mount_config *mount = &config->mounts.items[i];
		if (!is_whole_volume(mount) || in_image(root, mount))
			continue;
		int r = give_volume(store, mount->source, uid, gid, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int copyup_volumes(const struct store *store, const struct container_config *config, int root,
		   struct err *err)
{
	for (size_t i = 0; i < config->mounts.count; i++) {
		const struct mount_config *mount = &config->mounts.items[i];
		if (!str_eq(mount->type, "volume") || mount->subpath ||
		    strv_find(&mount->options, "nocopy") >= 0)
			continue;
		int r = fill(store, mount, root, err);
		if (r < 0)
			return r;
	}
	return 0;
}
