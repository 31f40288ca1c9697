/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * foresee - what of a stage is wrong whatever its steps come to
 *
 * Which flags an instruction has, and of RUN their values, as far as no variable has a part in them, and whether what
 * it needs was given. Triggers that a base image brings are not known yet.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "build/options.h"
#include "build/stages.h"

/**
 * foresee_stage() - look at a stage before anything is built
 * @options:	of the build
 * @stages:	found
 * @at:		which one
 * @out_line:	where it is wrong; set on failure only
 * @err:	names file, line and word
 *
 * Return: 0; -EINVAL; -ENOENT for a secret or an agent that was not given; -EPERM for rights that were not.
 */
must_check int foresee_stage(const struct build_options *options, const struct stages *stages,
			     size_t at, int *out_line, struct err *err);
