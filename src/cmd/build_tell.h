/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_tell - which image a build made: on the standard output, and in files
 */
#pragma once

#include "build/commit.h"
#include "cmd/build_output.h"

/**
 * build_tell() - tell the image
 * @app:	where to
 * @args:	--iidfile, --iidfile-raw, --metadata-file and --quiet count
 * @outputs:	where nothing else is written on the standard output
 * @image:	made
 * @err:	which file cannot be written
 *
 * Return: 0 or a negative errno.
 */
must_check int build_tell(struct app *app, const struct build_args *args,
			  const struct build_outputs *outputs, const struct build_committed *image,
			  struct err *err);
