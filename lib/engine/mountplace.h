/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountplace - where a mount comes from and where it goes
 */
#pragma once

#include "base/err.h"
#include "store/container.h"

struct mountspec_paths {
	const char *home; /* for "~" */
	const char *cwd;  /* for "./rel"; NULL when it cannot be read */
};

/**
 * mountplace_target() - set where a mount is seen in the container
 * @mount:	target is set
 * @target:	absolute; "//", "/./" and "/../" are collapsed
 * @whole:	what was typed, for the message
 * @err:	names @whole and the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int mountplace_target(struct mount_config *mount, const char *target, const char *whole,
				 struct err *err);

/**
 * mountplace_path() - set the path of the host that a mount shows
 * @mount:	source is set
 * @source:	absolute, or relative to the working folder, or "~"
 * @paths:	what relative ones stand on
 * @whole:	what was typed, for the message
 * @err:	names @whole and the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int mountplace_path(struct mount_config *mount, const char *source,
			       const struct mountspec_paths *paths, const char *whole,
			       struct err *err);

/**
 * mountplace_volume() - set the volume that a mount shows
 * @mount:	source is set
 * @name:	of the volume
 * @whole:	what was typed, for the message
 * @err:	names @whole and the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int mountplace_volume(struct mount_config *mount, const char *name, const char *whole,
				 struct err *err);
