/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logread - reading a container's log across its rotated files
 *
 * Reading takes no lock and does not disturb the writer (log.h, invariant 2). --tail reads the files
 * backwards from the end, --since finds its place by bisection, so neither depends on the log's size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/logformat.h"

struct logread_options {
	enum log_driver driver;
	int64_t since; /* ns since the epoch; 0: from the beginning */
	int64_t until; /* ns since the epoch; 0: to the end */
	int64_t tail;  /* lines; negative: all */
	int alive;     /* pidfd of the monitor, to follow until it ends; -1: what is there now */
};

struct logread_line {
	enum stream stream;
	const char *time; /* RFC 3339, UTC */
	size_t time_size;
	const char *text; /* without the newline */
	size_t size;
	bool begins; /* it begins a line of its stream; else it goes on with the last one */
	bool ends;   /* a newline follows */
};

/**
 * typedef logread_fn - called for a record
 * @data:	what logread_run was given
 * @line:	valid until it returns
 *
 * Return: 0 to go on, anything else ends the reading.
 */
typedef int (*logread_fn)(void *data, const struct logread_line *line);

/**
 * typedef logread_idle_fn - called when all that is there was read, before waiting for more
 * @data:	what logread_run was given
 */
typedef void (*logread_idle_fn)(void *data);

/**
 * logread_run() - read a log
 * @dirfd:	the container's folder
 * @options:	what to read
 * @fn:		called for each record
 * @idle:	may be NULL
 * @data:	handed to @fn and @idle
 * @err:	what cannot be read
 *
 * A container that never said anything has no log; that is no error. Damaged records are passed over.
 * Following waits for inotify events and for the end of the monitor; what was written until then is
 * read.
 *
 * Return: 0; what @fn ended it with; otherwise a negative errno.
 */
must_check int logread_run(int dirfd, const struct logread_options *options, logread_fn fn,
			   logread_idle_fn idle, void *data, struct err *err);
