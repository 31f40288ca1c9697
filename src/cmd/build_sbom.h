/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_sbom - the options of a build that have its image scanned, and the files that come of it
 */
#pragma once

#include "build/options.h"
#include "build/sbom.h"
#include "cli/app.h"
#include "cli/opt.h"
#include "store/temp.h"

extern const struct opt build_sbom_opts[]; /* of struct sbom_typed */

/**
 * build_sbom_read() - what they ask for
 * @typed:	filled from build_sbom_opts; must live as long as @options
 * @options:	.sbom is set; to be released with build_sbom_clear
 * @err:	names the option that is wrong or missing, or the file that could not be written
 *
 * Return: 0; as sbom_choose(); -ENOENT, -ENOTDIR, -EISDIR or -EACCES for a file.
 */
must_check int build_sbom_read(const struct sbom_typed *typed, struct build_options *options,
			       struct err *err);

/**
 * build_sbom_begin() - have the folder that the build leaves what it finds in
 * @app:	with a store
 * @options:	gets it; where nothing is scanned nothing is done
 * @out:	to be removed and released in the end; set on success only, and where something is scanned
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int build_sbom_begin(struct app *app, struct build_options *options, struct temp **out,
				struct err *err);

/**
 * build_sbom_write() - write what was found where the user wants it
 * @typed:	as typed
 * @options:	begun, and built with
 * @platform:	of several, each of which has files of its own: FILE_linux_arm64.json; or NULL
 * @err:	which file could not be written
 *
 * Return: 0 or a negative errno.
 */
must_check int build_sbom_write(const struct sbom_typed *typed, const struct build_options *options,
				const char *platform, struct err *err);
