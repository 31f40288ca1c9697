/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountplan - which mounts a container has: those asked for, those of other containers, the image's
 *
 * In this order of weight: what the command line asks for, what --volumes-from brings, what the image
 * wants. One target is mounted on once.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/create_args.h"
#include "engine/mountspec.h"

/**
 * mountplan_asked() - the mounts of -v, --mount and --tmpfs
 * @args:	as typed
 * @paths:	what relative sources stand on
 * @docker:	a tmpfs starts empty and holds no programs
 * @out:	grows; may hold some on failure
 * @err:	names the one that is wrong
 *
 * Return: 0; -EINVAL; -ENOENT for a pattern that finds nothing; -EOPNOTSUPP.
 */
must_check int mountplan_asked(const struct create_args *args, const struct mountspec_paths *paths,
			       bool docker, struct mount_list *out, struct err *err);

/**
 * mountplan_image() - the volumes that an image wants
 * @how:	"anonymous" and "bind" (an anonymous volume), "tmpfs", "ignore"; NULL is anonymous
 * @volumes:	targets
 * @out:	grows by those whose target is free
 * @err:	names what is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int mountplan_image(const char *how, const struct strv *volumes, struct mount_list *out,
			       struct err *err);

/**
 * mountplan_inherit() - the mounts of another container
 * @options:	"ro", "rw", "z", separated by commas, or NULL: as they are there
 * @from:	its mounts; those in memory alone are left out
 * @out:	grows by those whose target is free, or was only the image's wish
 * @err:	names what is wrong with @options
 *
 * Its anonymous volumes stay its own: they go with it, not with us.
 *
 * Return: 0 or -EINVAL.
 */
must_check int mountplan_inherit(const char *options, const struct mount_list *from,
				 struct mount_list *out, struct err *err);
