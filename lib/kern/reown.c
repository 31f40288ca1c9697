/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reown - each file of a tree given to the owner that a map has for its own
 */
#include "kern/reown.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <uthash.h>

#include "base/fd.h"
#include "base/mem.h"
#include "kern/at.h"

enum { DEPTH_MAX = 1000, ATTR_MAX = 64 << 10, PERMISSIONS = 07777 };

/* Source: the kernel's uapi/linux/posix_acl.h and posix_acl_xattr.h. */
enum { ACL_USER = 2, ACL_GROUP = 8 };
#define ACL_ACCESS "system.posix_acl_access"
#define ACL_DEFAULT "system.posix_acl_default"

struct acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

/* One that has several names. */
struct done {
	struct done_id {
		dev_t device;
		ino_t inode;
	} id;
	UT_hash_handle hh;
};

struct reown {
	const struct idmap *uids, *gids;
	const struct strv *lower;
	dev_t device;
	struct done *done;
	char *buffer;
};

static void auto_reown(struct reown *w)
{
	struct done *d, *next;

	HASH_ITER(hh, w->done, d, next) {
		HASH_DEL(w->done, d);
		free(d);
	}
	free(w->buffer);
}

static uint32_t inside(const struct idmap *map, uint32_t id)
{
	uint32_t found;

	return idmap_inside(map, id, &found) < 0 ? id : found;
}

/* ---- attributes ------------------------------------------------------------------------------- */

static bool names_someone(uint16_t tag)
{
	return tag == htole16(ACL_USER) || tag == htole16(ACL_GROUP);
}

/* Return: its size, 0 without an ACL; -ENOENT where no folder has the path. The uppermost that has it decides. */
static ssize_t acl_at(const struct reown *w, const char *path, const char *name, char *out)
{
	for (size_t i = 0; i < w->lower->count; i++) {
		AUTO(fd) int top = open(w->lower->items[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		AUTO(fd)
		int fd = top < 0 ? top
				 : at_open(top, *path ? path : ".", O_PATH, 0,
					   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
		if (fd < 0)
			continue;
		AUTO(mem) char *there = str_fmt("/proc/self/fd/%d", fd);
		return max_of(getxattr(there, name, out, ATTR_MAX), (ssize_t)0);
	}
	return -ENOENT;
}

/* Whether the driver has copied it, of which it may have got another name, or a second one, since. */
static bool is_copied(const char *path)
{
	static const char *const names[] = { "user.overlay.origin", "trusted.overlay.origin",
					     "user.fuseoverlayfs.origin" };

	for (size_t i = 0; i < array_len(names); i++)
		if (getxattr(path, names[i], NULL, 0) >= 0)
			return true;
	return false;
}

/* What is new has inherited the ACL of the lowest folder on the way that is not. */
static size_t acl_inherited(const struct reown *w, const char *below, char *out)
{
	AUTO(mem) char *path = str_dup(below);
	ssize_t size = -ENOENT;

	while (size < 0 && *path) {
		char *slash = strrchr(path, '/');
		*(slash ? slash : path) = 0;
		size = acl_at(w, path, ACL_DEFAULT, out);
	}
	return size < 0 ? 0 : (size_t)size;
}

static bool has_entry(const char *acl, size_t size, const struct acl_entry *entry)
{
	struct acl_entry other;

	for (size_t at = sizeof(uint32_t); at + sizeof other <= size; at += sizeof other) {
		memcpy(&other, acl + at, sizeof other);
		if (other.tag == entry->tag && other.id == entry->id)
			return true;
	}
	return false;
}

/* The driver copies an ACL with a file that is changed: it has been shown as it is. */
static int reown_acl(const struct reown *w, const char *path, const char *below, const char *name)
{
	struct acl_entry entry;
	AUTO(mem) char *old = NULL;
	size_t old_size = 0;
	const ssize_t size = getxattr(path, name, w->buffer, ATTR_MAX);

	if (size < (ssize_t)sizeof(uint32_t))
		return 0; /* most have none */
	for (size_t at = sizeof(uint32_t); at + sizeof entry <= (size_t)size; at += sizeof entry) {
		memcpy(&entry, w->buffer + at, sizeof entry);
		if (!names_someone(entry.tag))
			continue;
		if (!old) {
			old = mem_alloc(ATTR_MAX, 1);
			const ssize_t found = acl_at(w, below, name, old);
			if (found < 0 && is_copied(path))
				return 0;
			old_size = found < 0 ? acl_inherited(w, below, old) : (size_t)found;
		}
		if (has_entry(old, old_size, &entry))
			continue;
		entry.id = htole32(inside(entry.tag == htole16(ACL_USER) ? w->uids : w->gids,
					  le32toh(entry.id)));
		memcpy(w->buffer + at, &entry, sizeof entry);
	}
	return old && setxattr(path, name, w->buffer, (size_t)size, 0) < 0 ? -errno : 0;
}

/* Those of another root than the map's stay its own. */
static size_t plain_caps(const struct reown *w, struct vfs_ns_cap_data *caps, size_t size)
{
	const uint32_t revision = le32toh(caps->magic_etc) & VFS_CAP_REVISION_MASK;

	if (size != XATTR_CAPS_SZ_3 || revision != VFS_CAP_REVISION_3 ||
	    inside(w->uids, le32toh(caps->rootid)) != 0)
		return size;
	caps->magic_etc =
		htole32((le32toh(caps->magic_etc) & ~VFS_CAP_REVISION_MASK) | VFS_CAP_REVISION_2);
	return XATTR_CAPS_SZ_2;
}

/* ---- one file --------------------------------------------------------------------------------- */

static int give(const struct reown *w, int fd, const char *below, const struct stat *st)
{
	const uint32_t uid = inside(w->uids, st->st_uid), gid = inside(w->gids, st->st_gid);
	AUTO(mem) char *path = str_fmt("/proc/self/fd/%d", fd);
	struct vfs_ns_cap_data caps;
	ssize_t size = -1;
	int r = 0;

	if (S_ISREG(st->st_mode))
		size = getxattr(path, "security.capability", &caps, sizeof caps);
	if ((uid != st->st_uid || gid != st->st_gid) &&
	    fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		return -errno;
	if (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) {
		if (st->st_mode & (S_ISUID | S_ISGID) && chmod(path, st->st_mode & PERMISSIONS) < 0)
			return -errno;
		r = reown_acl(w, path, below, ACL_ACCESS);
	}
	if (r == 0 && S_ISDIR(st->st_mode))
		r = reown_acl(w, path, below, ACL_DEFAULT);
	if (r == 0 && size > 0 &&
	    setxattr(path, "security.capability", &caps, plain_caps(w, &caps, (size_t)size), 0) < 0)
		r = -errno;
	return r;
}

static bool is_done(struct reown *w, const struct stat *st)
{
	struct done_id id;
	struct done *d;

	if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return false;
	memset(&id, 0, sizeof id); /* padding counts for the hash */
	id.device = st->st_dev;
	id.inode = st->st_ino;
	HASH_FIND(hh, w->done, &id, sizeof id, d);
	if (d)
		return true;
	d = mem_new(struct done);
	d->id = id;
	HASH_ADD(hh, w->done, id, sizeof id, d);
	return false;
}

/* ---- the tree --------------------------------------------------------------------------------- */

static int reown_folder(struct reown *w, int fd, const char *below, const struct stat *st,
			int depth);

static int reown_name(struct reown *w, int dir, const char *name, const char *folder, int depth)
{
	AUTO(mem) char *below = str_fmt("%s%s%s", folder, *folder ? "/" : "", name);
	AUTO(fd) int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != w->device || is_done(w, &st))
		return 0;
	return S_ISDIR(st.st_mode) ? reown_folder(w, take_fd(fd), below, &st, depth + 1)
				   : give(w, fd, below, &st);
}

/* @fd is given away: of all that are above a file each has one descriptor. */
static int reown_folder(struct reown *w, int fd, const char *below, const struct stat *st,
			int depth)
{
	const int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = readable < 0 ? NULL : fdopendir(readable);
	int r = d ? 0 : -errno;

	fd_close(fd);
	if (!d) {
		fd_close(readable);
		return r;
	}
	if (depth > DEPTH_MAX)
		r = -ELOOP;
	for (struct dirent *e = r == 0 ? readdir(d) : NULL; e && r == 0; e = readdir(d))
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			r = reown_name(w, dirfd(d), e->d_name, below, depth);
	if (r == 0)
		r = give(w, dirfd(d), below, st);
	closedir(d);
	return r;
}

int reown_tree(int dir, const struct idmap *uids, const struct idmap *gids,
	       const struct strv *lower)
{
	AUTO(reown)
	struct reown w = {
		.uids = uids, .gids = gids, .lower = lower, .buffer = mem_alloc(ATTR_MAX, 1)
	};
	struct stat st;

	if (fstat(dir, &st) < 0)
		return -errno;
	w.device = st.st_dev;
	const int top = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	return top < 0 ? -errno : reown_folder(&w, top, "", &st, 0);
}
