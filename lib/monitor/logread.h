/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logread - reading a container's log across its rotated files
 *
 * Reading does not disturb the writer (log.h, invariant 2); who follows holds a read lock on the file
 * being read, which keeps the younger ones (invariant 4). --tail reads the files backwards from the end,
 * --since finds its place by bisection, so neither depends on the log's size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/logformat.h"

struct logread_options {
	enum log_driver driver;
	const char *path; /* --log-opt path; NULL: `log` in the container's folder */
	int64_t since;	  /* ns since the epoch; 0: from the beginning */
	int64_t until;	  /* ns since the epoch; 0: to the end */
	int64_t tail;	  /* lines; negative: all */
	bool follow;	  /* what comes later is asked for too */
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
 * @data:	what logread_more was given
 * @line:	valid until it returns
 *
 * Return: 0 to go on; a negative errno ends the reading.
 */
typedef int (*logread_fn)(void *data, const struct logread_line *line);

struct logread;

/**
 * logread_open() - make ready to read a log
 * @dirfd:	the container's folder; borrowed for the call
 * @options:	what to read; copied
 * @out:	to be released with logread_close; set on success only
 * @err:	what cannot be read
 *
 * A container that never said anything has no log; that is no error.
 *
 * Return: 0 or a negative errno.
 */
must_check int logread_open(int dirfd, const struct logread_options *options, struct logread **out,
			    struct err *err);

/**
 * logread_fd() - what tells that there may be more
 * @log:	open
 *
 * Return: a descriptor that is readable then, borrowed; -1 unless the log is followed.
 */
int logread_fd(const struct logread *log);

/**
 * logread_more() - read what is there and was not read before
 * @log:	open
 * @fn:		called for each record
 * @data:	handed to @fn
 * @err:	what cannot be read
 *
 * Damaged records are passed over.
 *
 * Return: 0; 1 when nothing can come any more because of until; what @fn ended it with; otherwise a
 * negative errno.
 */
must_check int logread_more(struct logread *log, logread_fn fn, void *data, struct err *err);

/**
 * logread_close() - release
 * @log:	may be NULL
 */
void logread_close(struct logread *log);

DEFINE_AUTO_PTR(logread, struct logread, logread_close)
