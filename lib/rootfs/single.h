/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single - a squashfs with a whole image, served by squashfuse
 *
 * A user cannot mount a file by the kernel's own squashfs; the program squashfuse_ll (or squashfuse) serves it
 * through FUSE. The mount is made here and its device is handed over, as for fuse-overlayfs (rootfs/fuse.h).
 * Owners are those in the file, as ids of the user namespace. Where that has one id only, most owners would be
 * nobody's, to whose files not even root has rights: then the mount is open to whoever sees it, and it is
 * fuse-overlayfs that lies above it and shows all files as root's, as they would be when they were unpacked there.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "kern/host.h"

/**
 * single_is() - whether a lower layer is a single file
 * @path:	absolute
 *
 * Return: true when it is a regular file.
 */
bool single_is(const char *path);

/**
 * single_one_id() - whether all files are to be shown as root's
 *
 * Return: true when the user namespace that we are in has one id.
 */
bool single_one_id(void);

/**
 * single_mount() - mount a single file
 * @file:	absolute path
 * @target:	folder to mount on, possibly over what is mounted there
 * @host:	for the program's path
 * @out_helper:	pidfd of the process; set on success only
 * @err:	what is missing
 *
 * Return: an O_PATH descriptor of the root, owned by the caller; -ENOENT when the program or /dev/fuse is not
 * there; otherwise a negative errno.
 */
must_check int single_mount(const char *file, const char *target, const struct host *host,
			    int *out_helper, struct err *err);

/**
 * single_mount_staying() - mount a single file until it is unmounted
 * @file:	absolute path
 * @target:	folder to mount on
 * @host:	for the program's path
 * @err:	what is missing
 *
 * The process is nobody's child and does not see the mount itself, in a mount namespace of its own: it ends when
 * the mount is gone, be it unmounted or with the mount namespace of the caller.
 *
 * Return: 0; otherwise as single_mount().
 */
must_check int single_mount_staying(const char *file, const char *target, const struct host *host,
				    struct err *err);

/**
 * single_program() - the program that serves single files
 * @host:	facts
 *
 * Return: its path, to be freed, or NULL.
 */
must_check char *single_program(const struct host *host);
