/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_attr - owners, modes, attributes and times of a layer's files
 */
#include "layer/tree_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "layer/attr.h"
#include "layer/limits.h"
#include "layer/name.h"

static void lose(struct tree *tree, const char *path, const char *what)
{
	AUTO(mem) char *shown = name_show(path);

	if (tree->lost.count < LAYER_LOST_MAX)
		strv_addf(&tree->lost, "cannot keep the attribute '%s' of '%s'", what, shown);
}

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
bool tree_owner_differs(const struct tree *tree, const struct tree_entry *entry)
{
	int64_t uid, gid;

	owner_of(tree, entry, &uid, &gid);
	return uid != 0 || gid != 0;
}

int tree_set_owner(const struct tree *tree, int fd, const char *name, int flags,
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
	return tree_failed(entry->path, -errno, "set the owner of", err);
}

int tree_set_xattrs(struct tree *tree, int fd, const struct tree_entry *entry, struct err *err)
{
	for (size_t i = 0; i < entry->xattrs.count; i++) {
		const struct tree_xattr *x = &entry->xattrs.items[i];
		if (fsetxattr(fd, x->name, x->value, x->size, 0) == 0) {
			if (str_eq(x->name, "system.posix_acl_default"))
				tree->plain_modes = false;
			continue;
		}
		if (errno == ENOSPC || errno == EDQUOT)
			return tree_failed(entry->path, -errno, "keep the attributes of", err);
		lose(tree, entry->path, x->name);
	}
	return 0;
}

int tree_set_dir(struct tree *tree, int fd, const struct tree_entry *entry, struct err *err)
{
	int r = tree_set_owner(tree, fd, "", AT_EMPTY_PATH, entry, err);

	if (r == 0 && fchmod(fd, entry->mode & TREE_PERMISSIONS) < 0)
		r = tree_failed(entry->path, -errno, "set the mode of", err);
	return r < 0 ? r : tree_set_xattrs(tree, fd, entry, err);
}

int tree_set_times(int dir, const char *name, int flags, struct timespec mtime)
{
	const struct timespec both[] = { mtime, mtime };

	return utimensat(dir, name, both, flags) < 0 ? -errno : 0;
}
