/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * storageopts - what --storage-opt says, as podman's settings name it
 *
 * The driver's name may stand in front ("overlay.mountopt=…", "overlay2.", "." or nothing). Options hold for
 * containers that are made with them: the record keeps them, so that a later start needs no flag.
 *
 *	mount_program=FILE		a program that serves the root as fuse-overlayfs does
 *	mountopt=OPTION,...		how roots are mounted
 *	ignore_chown_errors=true	owners that a layer has and the user has not become root
 *	skip_mount_home=true		so anyway
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct storage_options {
	char *mount_program;	  /* absolute, or NULL */
	struct strv mountopt;	  /* each "name" or "name=value" */
	bool ignore_chown_errors; /* when layers are unpacked */
};

/**
 * storage_options_parse() - take what was typed
 * @typed:	each NAME=VALUE; a later one of a name counts
 * @driver:	--storage-driver, or NULL
 * @out:	zeroed before; released with storage_options_clear() in any case
 * @err:	names the option, and why it is refused
 *
 * Return: 0; -EINVAL; -ENOENT for a program that is not there; -EOPNOTSUPP for what a user cannot have.
 */
must_check int storage_options_parse(const struct strv *typed, const char *driver,
				     struct storage_options *out, struct err *err);

/**
 * storage_options_fit() - whether a driver takes the options of mounting
 * @options:	each "name" or "name=value"
 * @driver:	in force
 * @err:	names the option
 *
 * fuse-overlayfs knows its own options and takes any; the kernel's overlay takes those that a user may set.
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP.
 */
must_check int storage_options_fit(const struct strv *options, const char *driver, struct err *err);

/**
 * storage_options_clear() - release what they own
 * @options:	empty afterwards
 */
void storage_options_clear(struct storage_options *options);
