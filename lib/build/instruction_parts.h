/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instruction_parts - what the readers of instructions share
 */
#pragma once

#include "build/dockerfile.h"
#include "build/expand.h"
#include "build/values.h"

/* Say what is wrong with an instruction; the second begins its sentence with the instruction's name. */
#define wrong_line(reading, ...)                                                                   \
	dockerfile_wrong((reading)->file, (reading)->line->line, (reading)->err, __VA_ARGS__)
#define wrong_kind(reading, fmt, word)                                                             \
	wrong_line(reading, fmt, kind_name((reading)->line->kind), word)

/* An instruction that is being read. */
struct reading {
	const struct dockerfile *file;
	const struct dockerfile_line *line;
	struct expand_scope scope;
	unsigned flags;
	struct err *err;
};

/**
 * reading_expand() - a text with its variables put in
 * @reading:	says where it stands
 * @text:	NULL gives NULL
 * @out:	to be freed; set on success only
 *
 * Return: 0, or what expand_word() says, with file and line.
 */
must_check int reading_expand(const struct reading *reading, const char *text, char **out);

/**
 * instruction_read_copy() - COPY and ADD
 * @reading:	the instruction
 * @out:	gets copy
 *
 * Return: as instruction_parse().
 */
must_check int instruction_read_copy(const struct reading *reading, struct instruction *out);

/**
 * instruction_read_run() - RUN
 * @reading:	the instruction
 * @out:	gets command and run
 *
 * Return: as instruction_parse().
 */
must_check int instruction_read_run(const struct reading *reading, struct instruction *out);

/**
 * instruction_read_health() - HEALTHCHECK
 * @reading:	the instruction
 * @out:	gets command and health
 *
 * Return: as instruction_parse().
 */
must_check int instruction_read_health(const struct reading *reading, struct instruction *out);
