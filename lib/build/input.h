/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * input - the caller's standard input, carried to the commands of a build (--stdin)
 *
 *	standard input ──▶ the command ──▶ pipe ──▶ descriptor 0 of RUN
 *
 * One pipe for the whole build: what one RUN has not read is there for the next. Not the descriptor itself, because a
 * container could open a file or a terminal again by it, with other rights, and because the process of a stage may not
 * read from a terminal whose foreground is the command's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct pollfd;

enum { INPUT_POLLS = 2, INPUT_PIECE = 4096 };

struct input {
	bool open;
	int ends[2]; /* what commands read, and what is written to: -1 once the caller's has ended */
	char held[INPUT_PIECE];
	size_t at, size; /* of what has not been written yet */
};

/**
 * input_open() - have the pipe
 * @input:	zeroed; to be closed with input_close
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int input_open(struct input *input, struct err *err);

/**
 * input_polls() - what to wait for
 * @input:	open, or NULL
 * @out:	INPUT_POLLS of them
 */
void input_polls(const struct input *input, struct pollfd *out);

/**
 * input_carry() - read and write what can be
 * @input:	open, or NULL
 * @polls:	of input_polls(), waited for
 *
 * What cannot be read is the end.
 */
void input_carry(struct input *input, const struct pollfd *polls);

/**
 * input_close() - let go of the pipe
 * @input:	zeroed afterwards
 */
void input_close(struct input *input);

static inline void auto_input(struct input *input)
{
	input_close(input);
}
