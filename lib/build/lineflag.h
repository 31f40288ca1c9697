/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lineflag - which flags an instruction knows
 *
 * Source: Dockerfile reference; COPY --parents and --exclude of the labs channel included.
 */
#pragma once

#include <stdbool.h>

#include "build/dockerfile.h"

/**
 * lineflag_check() - whether all flags of an instruction are known, have values and stand there once
 * @file:	names the file
 * @line:	the instruction
 * @err:	names line and flag, and the nearest known flag
 *
 * Return: 0 or -EINVAL.
 */
must_check int lineflag_check(const struct dockerfile *file, const struct dockerfile_line *line,
			      struct err *err);

/**
 * lineflag_text() - the value of a flag that was checked
 * @line:	the instruction
 * @name:	without "--"
 *
 * Return: the value, which belongs to @line, or NULL.
 */
const char *lineflag_text(const struct dockerfile_line *line, const char *name);

/**
 * lineflag_bool() - the value of a flag that is yes or no and was checked
 * @line:	the instruction
 * @name:	without "--"
 * @usual:	when it is not given
 *
 * Return: whether it is so.
 */
bool lineflag_bool(const struct dockerfile_line *line, const char *name, bool usual);
