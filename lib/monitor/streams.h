/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * streams - the monitor's side of a container's stdin, stdout and stderr
 *
 * Three pipes, or the master side of one terminal, whose output counts as stdout. What is read goes to
 * one function; when it answers that it has no room, that stream is not read until streams_resume(),
 * so that the container waits and nothing is lost.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"
#include "monitor/logformat.h"

struct streams;

struct streams_hooks {
	void *data;
	/* Takes all bytes. Return: whether more may come. */
	bool (*output)(void *data, enum stream stream, const char *bytes, size_t size);
	/* The container reads its stdin again. */
	void (*input_room)(void *data);
	/* Return: whether somebody waits for each piece of output; otherwise it may come in larger ones (gather.h). */
	bool (*awaited)(void *data, enum stream stream);
};

/**
 * streams_new() - prepare
 * @loop:	serves them
 * @hooks:	copied
 *
 * Return: to be released with streams_free; never NULL.
 */
must_check struct streams *streams_new(struct loop *loop, const struct streams_hooks *hooks);

/**
 * streams_pipes() - make the pipes
 * @s:		new
 * @in:		whether the container gets a stdin
 * @out:	the container's ends of stdin (-1 without @in), stdout, stderr; belong to @s until
 *		streams_begin()
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int streams_pipes(struct streams *s, bool in, int out[3], struct err *err);

/**
 * streams_console() - use a terminal
 * @s:		new
 * @master:	belongs to @s from now on
 * @in:		whether what clients type goes there
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int streams_console(struct streams *s, int master, bool in, struct err *err);

/**
 * streams_begin() - close the container's ends; read from now on, but where held
 * @s:		has pipes, a terminal, or nothing
 * @hold:	do not read before streams_resume()
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int streams_begin(struct streams *s, bool hold, struct err *err);

/**
 * streams_resume() - read a stream again
 * @s:		begun
 * @stream:	which
 */
void streams_resume(struct streams *s, enum stream stream);

/**
 * streams_input() - give the container input
 * @s:		begun
 * @bytes:	what
 * @size:	how many
 *
 * When not all is taken, input_room is called back once there is room again.
 *
 * Return: how many bytes were taken; -EPIPE when nobody reads them any more.
 */
must_check ssize_t streams_input(struct streams *s, const char *bytes, size_t size);

/**
 * streams_input_end() - close the container's stdin; a terminal gets its end-of-file key
 * @s:	begun
 */
void streams_input_end(struct streams *s);

/**
 * streams_output_end() - stop reading a pipe, so that who writes to it learns that nobody listens
 * @s:		begun; a terminal is left alone
 * @stream:	which
 */
void streams_output_end(struct streams *s, enum stream stream);

/**
 * streams_resize() - give the terminal a size
 * @s:		begun
 * @rows:	of characters
 * @columns:	of characters
 */
void streams_resize(struct streams *s, uint16_t rows, uint16_t columns);

/**
 * streams_drain() - read all that is there and close; the container has ended
 * @s:	begun
 *
 * The output hook must take everything. A descriptor that escaped to another process does not keep
 * this waiting.
 */
void streams_drain(struct streams *s);

/**
 * streams_free() - close and release
 * @s:	may be NULL
 */
void streams_free(struct streams *s);

DEFINE_AUTO_PTR(streams, struct streams, streams_free)
