/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - writing a container's log, with rotation
 *
 * The files are `log` in the container's folder and, when it is rotated, log.1 (newer) to log.N (older).
 * Invariants:
 *   (1) a file is a sequence of whole records (logformat.h); what was torn by a full disk is cut off
 *	 again, so that the next record begins a line;
 *   (2) all that is written to a file is written before it is renamed: who still reads it finds the end
 *	 of it, then goes on with the next younger one;
 *   (3) with max-file N there are never more than N files; a file grows beyond max-size by less than one
 *	 record.
 *
 * What comes in is written at once, also when it ends in the middle of a line, so that nothing is lost
 * with the monitor. A log that cannot be written does not stop the container.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "monitor/logformat.h"

struct log_options {
	enum log_driver driver;
	int64_t max_size; /* bytes; 0: never rotated */
	int max_file;	  /* at least 1 */
};

/**
 * log_options_parse() - read a driver and its options
 * @driver:	"json-file", "k8s-file", "none", "passthrough"; NULL is json-file
 * @options:	max-size=SIZE, max-file=N
 * @out:	set on success only
 * @err:	names the driver or option; for drivers that others have, which one to use instead
 *
 * Return: 0 or -EINVAL.
 */
must_check int log_options_parse(const char *driver, const struct strv *options,
				 struct log_options *out, struct err *err);

struct log;

/**
 * log_open() - open a log for writing, making it when it is not there
 * @dirfd:	the container's folder; borrowed until log_close()
 * @options:	json-file or k8s-file; copied
 * @out:	to be released with log_close; set on success only
 * @err:	names the file
 *
 * Return: 0 or a negative errno.
 */
must_check int log_open(int dirfd, const struct log_options *options, struct log **out,
			struct err *err);

/**
 * log_write() - write what the container said
 * @log:	open
 * @stream:	where it said it
 * @bytes:	as they came
 * @size:	how many
 *
 * Allocates nothing.
 *
 * Return: 0, or the negative errno for which something is missing now.
 */
int log_write(struct log *log, enum stream stream, const char *bytes, size_t size);

/**
 * log_close() - write what is held back and close
 * @log:	may be NULL
 */
void log_close(struct log *log);

DEFINE_AUTO_PTR(log, struct log, log_close)
