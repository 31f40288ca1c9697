/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountspec - the texts of -v, --mount and --tmpfs
 *
 * Pure but for the caller's home and working folder, which are passed. What the options mean to the
 * kernel is decided by the spec room; here they are only checked against the list of those known.
 */
#pragma once

#include "base/err.h"
#include "engine/mountplace.h"
#include "store/container.h"

/**
 * mountspec_volume() - read one -v argument
 * @text:	[SOURCE:]TARGET[:OPTIONS]; a source with a slash, "." or "~" is a path, else a volume's
 *		name; without a source the volume is anonymous
 * @paths:	what relative sources stand on
 * @out:	grows by one; unchanged on failure
 * @err:	names @text and the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int mountspec_volume(const char *text, const struct mountspec_paths *paths,
				struct mount_list *out, struct err *err);

/**
 * mountspec_mount() - read one --mount argument
 * @text:	type=bind|volume|tmpfs|ramfs|devpts|image|glob,source=...,target=...[,...]: a line of CSV, so
 *		a field in double quotes may hold commas
 * @paths:	what relative sources stand on
 * @out:	grows by one; unchanged on failure
 * @err:	names @text and the rule
 *
 * A "glob" is to be expanded (mountglob.h) and may have no target. The source of an "image" is still
 * what was typed.
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP for a type or key that is not there.
 */
must_check int mountspec_mount(const char *text, const struct mountspec_paths *paths,
			       struct mount_list *out, struct err *err);

/**
 * mountspec_tmpfs() - read one --tmpfs argument
 * @text:	TARGET[:OPTIONS]
 * @out:	grows by one; unchanged on failure
 * @err:	names @text and the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int mountspec_tmpfs(const char *text, struct mount_list *out, struct err *err);

/**
 * mountspec_find() - the mount on a target
 * @list:	looked through
 * @target:	absolute path without trailing slash
 *
 * Return: the mount, which belongs to @list, or NULL.
 */
struct mount_config *mountspec_find(const struct mount_list *list, const char *target);

/**
 * mountspec_keep() - move a mount to the end of a list
 * @out:	grows by one
 * @mount:	empty afterwards
 */
void mountspec_keep(struct mount_list *out, struct mount_config *mount);

/**
 * mountspec_list_clear() - release a list of mounts
 * @list:	empty afterwards
 */
void mountspec_list_clear(struct mount_list *list);

/**
 * mountspec_clear() - release one mount
 * @mount:	empty afterwards
 */
void mountspec_clear(struct mount_config *mount);

static inline void auto_mount_config(struct mount_config *mount)
{
	mountspec_clear(mount);
}

static inline void auto_mount_list(struct mount_list *list)
{
	mountspec_list_clear(list);
}
