/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single - a squashfs with a whole image, served by squashfuse
 *
 * A user cannot mount a file by the kernel's own squashfs; the program squashfuse_ll (or squashfuse) serves it
 * through FUSE. The mount is made here and its device is handed over, as for fuse-overlayfs (rootfs/fuse.h).
 * Owners are those in the file, as ids of the user namespace; where it has one id only, all files are shown as
 * root's, as they would be when they were unpacked there.
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
 * single_program() - the program that serves single files
 * @host:	facts
 *
 * Return: its path, to be freed, or NULL.
 */
must_check char *single_program(const struct host *host);
