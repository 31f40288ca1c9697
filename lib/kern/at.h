/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * at - opening and making paths inside a container's root or a store object, by descriptor
 *
 * The one module that touches such paths. A path there was written by strangers: any component may
 * be a link that leads out, and may be swapped while we look. So nothing is checked first and used
 * later; each function gives a descriptor, and only that is worked on.
 *
 * The kernel's openat2(2) does it where it may; where a policy refuses that call, a walk by O_PATH
 * descriptors gives the same answers. Links of procfs that lead nowhere in particular ("magic"
 * ones) are never followed.
 */
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macros.h"

enum at_limits { AT_LINKS_MAX = 40 }; /* links followed in one path, as the kernel's */

/**
 * at_open() - open a path below a directory
 * @dirfd:	where it starts
 * @path:	what to open; "" is -ENOENT
 * @flags:	as open(2); O_CLOEXEC is added
 * @mode:	of a new file, changed by the umask; 0 without O_CREAT
 * @resolve:	RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV;
 *		RESOLVE_NO_MAGICLINKS is added
 *
 * Return: the descriptor; -EXDEV when the path leads out under RESOLVE_BENEATH; -ELOOP for a link
 * under RESOLVE_NO_SYMLINKS or too many of them; -ENOSYS for RESOLVE_NO_XDEV without openat2;
 * otherwise what open(2) says.
 * Source: openat2(2).
 */
must_check int at_open(int dirfd, const char *path, int flags, mode_t mode, uint64_t resolve);

/**
 * at_open_walking() - at_open() without openat2(2)
 * @dirfd:	where it starts
 * @path:	what to open
 * @flags:	as open(2); O_CLOEXEC is added
 * @mode:	of a new file
 * @resolve:	as at_open(), but for RESOLVE_NO_XDEV
 *
 * What at_open() falls back to; public so that both can be compared.
 *
 * Return: as at_open().
 */
must_check int at_open_walking(int dirfd, const char *path, int flags, mode_t mode,
			       uint64_t resolve);

/**
 * at_open_in_root() - open a path as a process would whose root is this directory
 * @rootfd:	the root; links and ".." stay inside
 * @path:	with or without a leading slash
 * @flags:	as open(2); O_CLOEXEC is added
 * @mode:	of a new file, changed by the umask; 0 without O_CREAT
 *
 * Return: the descriptor or a negative errno, as at_open().
 */
must_check int at_open_in_root(int rootfd, const char *path, int flags, mode_t mode);

/**
 * at_resolve_in_root() - where a path really is, links followed inside a root
 * @rootfd:	the root
 * @path:	with or without a leading slash; "" is -ENOENT
 * @out_path:	without a link, a leading slash or ".."; "" is the root; to be freed, set on success only
 *
 * Return: an O_PATH descriptor of what is there, never a link; otherwise a negative errno.
 */
must_check int at_resolve_in_root(int rootfd, const char *path, char **out_path);

/* Who makes folders on the way, and wants to know. */
struct at_maker {
	mode_t mode;			      /* changed by the umask */
	int (*before)(void *data, int dir);   /* one is about to be made in @dir; O_PATH */
	int (*after)(void *data, int folder); /* it was made; O_PATH */
	void *data;
};

/**
 * at_make_in_root() - open a folder inside a root, making what is missing
 * @rootfd:	the root; links and ".." stay inside
 * @path:	with or without a leading slash; "" is -ENOENT
 * @maker:	how
 *
 * Follows links, also dangling ones: their target is made.
 *
 * Return: an O_PATH descriptor; -ENOTDIR when something else is in the way; what @maker returned; otherwise
 * a negative errno.
 */
must_check int at_make_in_root(int rootfd, const char *path, const struct at_maker *maker);

/**
 * at_place_in_root() - open the folder that a path's last name is or will be in, making what is missing
 * @rootfd:	the root; links and ".." stay inside
 * @path:	with or without a leading slash; "" is -ENOENT
 * @maker:	how
 * @out_name:	the name in that folder, which is no link there; "" when the path is the folder itself; to be
 *		freed, set on success only
 *
 * Follows links, also in the last name, and dangling ones.
 *
 * Return: as at_make_in_root().
 */
must_check int at_place_in_root(int rootfd, const char *path, const struct at_maker *maker,
				char **out_name);

/**
 * typedef at_made_fn - a directory was made
 * @data:	as handed over
 * @path:	where it really is below the root, links resolved, without a leading slash
 */
typedef void (*at_made_fn)(void *data, const char *path);

/**
 * at_mkdir_p_in_root() - open a directory inside a root, making it and those above where missing
 * @rootfd:	the root; links and ".." stay inside
 * @path:	with or without a leading slash
 * @mode:	of what is made, changed by the umask
 *
 * Follows links, also dangling ones: their target is made.
 *
 * Return: an O_PATH descriptor of the directory; -ENOTDIR when something else is in the way;
 * otherwise a negative errno.
 */
must_check int at_mkdir_p_in_root(int rootfd, const char *path, mode_t mode);

/**
 * at_mkdir_p_noting() - at_mkdir_p_in_root() that tells what it made
 * @rootfd:	the root; links and ".." stay inside
 * @path:	with or without a leading slash
 * @mode:	of what is made, changed by the umask
 * @made:	called for each directory made, the upper ones first
 * @data:	handed to @made
 *
 * Return: as at_mkdir_p_in_root().
 */
must_check int at_mkdir_p_noting(int rootfd, const char *path, mode_t mode, at_made_fn made,
				 void *data);

/**
 * at_mkfile_in_root() - open a file inside a root, making an empty one and its parents where missing
 * @rootfd:	the root; links and ".." stay inside
 * @path:	with or without a leading slash
 * @mode:	of a new file, changed by the umask; directories are made 0755
 *
 * For the targets of mounts. Follows links, also dangling ones: their target is made.
 *
 * Return: an O_PATH descriptor of what is there, of any type but a link; otherwise a negative errno.
 */
must_check int at_mkfile_in_root(int rootfd, const char *path, mode_t mode);

/**
 * at_create_parents() - open the directory that holds a path's last name, making what is missing
 * @rootfd:	the root; links and ".." stay inside
 * @path:	with or without a leading slash
 * @mode:	of directories that are made, changed by the umask
 * @out_name:	the last name, to be freed; never "", ".", ".." or with a slash; set on success only
 *
 * The last name itself is not looked at: it may be missing or a link.
 *
 * Return: an O_PATH descriptor of the directory; -EINVAL when the path has no last name ("/", "a/..");
 * otherwise a negative errno.
 */
must_check int at_create_parents(int rootfd, const char *path, mode_t mode, char **out_name);
