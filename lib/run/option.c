/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * option - the words that stand behind a mount, and what they mean to the kernel
 */
#include "run/option.h"

#include <errno.h>

#include "kern/mount.h"

struct word {
	const char *name;
	uint64_t set;
	uint64_t clear;
	uint64_t propagation;
	unsigned int flags;
};

/* On binds every attribute is set on the mounts below as well: what is hidden under a sub-mount
 * of the source must not be more writable than the source. */
static const struct word words[] = {
	{ "ro", .set = MOUNT_ATTR_RDONLY },
	{ "rro", .set = MOUNT_ATTR_RDONLY },
	{ "rw", .clear = MOUNT_ATTR_RDONLY },
	{ "rrw", .clear = MOUNT_ATTR_RDONLY },
	{ "nosuid", .set = MOUNT_ATTR_NOSUID },
	{ "rnosuid", .set = MOUNT_ATTR_NOSUID },
	{ "suid", .clear = MOUNT_ATTR_NOSUID },
	{ "rsuid", .clear = MOUNT_ATTR_NOSUID },
	{ "nodev", .set = MOUNT_ATTR_NODEV },
	{ "rnodev", .set = MOUNT_ATTR_NODEV },
	{ "dev", .clear = MOUNT_ATTR_NODEV },
	{ "rdev", .clear = MOUNT_ATTR_NODEV },
	{ "noexec", .set = MOUNT_ATTR_NOEXEC },
	{ "rnoexec", .set = MOUNT_ATTR_NOEXEC },
	{ "exec", .clear = MOUNT_ATTR_NOEXEC },
	{ "rexec", .clear = MOUNT_ATTR_NOEXEC },
	{ "noatime", .set = MOUNT_ATTR_NOATIME, .clear = MOUNT_ATTR__ATIME },
	{ "strictatime", .set = MOUNT_ATTR_STRICTATIME, .clear = MOUNT_ATTR__ATIME },
	{ "relatime", .clear = MOUNT_ATTR__ATIME },
	{ "nodiratime", .set = MOUNT_ATTR_NODIRATIME },
	{ "nosymfollow", .set = MOUNT_ATTR_NOSYMFOLLOW },
	{ "rprivate", .propagation = MS_PRIVATE },
	{ "private", .propagation = MS_PRIVATE },
	{ "rslave", .propagation = MS_SLAVE },
	{ "slave", .propagation = MS_SLAVE },
	{ "rshared", .propagation = MS_SHARED },
	{ "shared", .propagation = MS_SHARED },
	{ "runbindable", .propagation = MS_UNBINDABLE },
	{ "unbindable", .propagation = MS_UNBINDABLE },
	{ "rbind", .flags = PLAN_RECURSIVE },
	{ "bind", .flags = 0 },
	{ "tmpcopyup", .flags = PLAN_COPY_UP },
	{ "notmpcopyup", .flags = 0 },
	{ "U", .flags = PLAN_CHOWN },
	{ "O", .flags = PLAN_OVERLAY },
	{ "z", .flags = 0 },
	{ "Z", .flags = 0 },
	{ "copy", .flags = 0 },
	{ "nocopy", .flags = 0 },
	{ "idmap=none", .flags = 0 },
	{ "defaults", .flags = 0 },
	{ "async", .flags = 0 },
};

/* What each file system takes as its own option; a name that ends in "=" takes a value. */
static const struct {
	const char *type;
	const char *const *names;
} own_words[] = {
	{ "tmpfs", (const char *const[]){ "size=", "mode=", "nr_inodes=", "nr_blocks=", "uid=",
					  "gid=", "huge=", "noswap", NULL } },
	{ "devpts", (const char *const[]){ "newinstance",
					   "ptmxmode=", "mode=", "gid=", "uid=", "max=", NULL } },
	{ "ramfs", (const char *const[]){ "mode=", NULL } },
	{ "bind", (const char *const[]){ "upperdir=", "workdir=", NULL } },
	{ "proc", (const char *const[]){ "hidepid=", "gid=", "subset=", NULL } },
};

static bool is_own_word(const char *type, const char *word)
{
	for (size_t i = 0; i < array_len(own_words); i++) {
		if (!str_eq(own_words[i].type, type))
			continue;
		for (const char *const *name = own_words[i].names; *name; name++)
			if (str_ends(*name, "=") ? str_starts(word, *name) != NULL
						 : str_eq(word, *name))
				return true;
	}
	return false;
}

int option_apply(const char *word, struct plan_op *op)
{
	for (size_t i = 0; i < array_len(words); i++) {
		if (!str_eq(words[i].name, word))
			continue;
		op->set = (op->set & ~words[i].clear) | words[i].set;
		op->clear = (op->clear & ~words[i].set) | words[i].clear;
		op->flags |= words[i].flags;
		if (words[i].propagation)
			op->propagation = words[i].propagation;
		if (str_eq(word, "notmpcopyup"))
			op->flags &= ~(unsigned int)PLAN_COPY_UP;
		return 0;
	}
	if (!op->type || !is_own_word(op->type, word))
		return -EINVAL;
	strv_add(&op->data, word);
	return 0;
}

static const struct {
	uint64_t bit;
	const char *name;
} attrs[] = {
	{ MOUNT_ATTR_RDONLY, "ro" },
	{ MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NODEV, "nodev" },
	{ MOUNT_ATTR_NOEXEC, "noexec" },
	{ MOUNT_ATTR_NOATIME, "noatime" },
	{ MOUNT_ATTR_STRICTATIME, "strictatime" },
	{ MOUNT_ATTR_NODIRATIME, "nodiratime" },
	{ MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
};

static const struct {
	uint64_t bit;
	const char *name;
} cleared[] = {
	{ MOUNT_ATTR_RDONLY, "rw" },
	{ MOUNT_ATTR_NOSUID, "suid" },
	{ MOUNT_ATTR_NODEV, "dev" },
	{ MOUNT_ATTR_NOEXEC, "exec" },
};

static const struct {
	uint64_t bit;
	const char *name;
} propagations[] = {
	{ MS_PRIVATE, "private" },
	{ MS_SLAVE, "slave" },
	{ MS_SHARED, "shared" },
	{ MS_UNBINDABLE, "unbindable" },
};

static const struct {
	unsigned int bit;
	const char *name;
} flags[] = {
	{ PLAN_RECURSIVE, "rbind" }, { PLAN_COPY_UP, "copy-up" },     { PLAN_CHOWN, "chown" },
	{ PLAN_OVERLAY, "overlay" }, { PLAN_OPTIONAL, "if-allowed" },
};

void option_print(const struct plan_op *op, struct strv *out)
{
	for (size_t i = 0; i < array_len(attrs); i++)
		if ((op->set & attrs[i].bit) == attrs[i].bit)
			strv_add(out, attrs[i].name);
	for (size_t i = 0; i < array_len(cleared); i++)
		if (op->clear & cleared[i].bit)
			strv_add(out, cleared[i].name);
	for (size_t i = 0; i < array_len(propagations); i++)
		if (op->propagation == propagations[i].bit)
			strv_add(out, propagations[i].name);
	for (size_t i = 0; i < array_len(flags); i++)
		if (op->flags & flags[i].bit)
			strv_add(out, flags[i].name);
	strv_extend(out, &op->data);
}
