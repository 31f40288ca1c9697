/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - writing a container's log, with rotation
 *
 * The files are `log` in the container's folder (or that of --log-opt path) and, when it is rotated,
 * log.1 (newer) to log.N (older). With the driver journald there are none: records go to the journal.
 * Invariants:
 *   (1) a file is a sequence of whole records (logformat.h); what was torn by a full disk is cut off
 *	 again, so that the next record begins a line;
 *   (2) all that is written to a file is written before it is renamed: who still reads it finds the end
 *	 of it, then goes on with the next younger one;
 *   (3) with max-file N there are no more than N files, but for (4); a file grows beyond max-size by less
 *	 than one record;
 *   (4) who follows the log holds a read lock (F_OFD_SETLK) on the file that is being read, and no file
 *	 younger than a locked one is removed, up to 64 MiB and 1000 files more than were asked for. So a
 *	 follower sees every line although the writer never waits for it.
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
#include "monitor/logoptions.h"
#include "store/container.h"

struct log;

enum { LOG_FILES_MAX = 2100 }; /* more than a log ever has */

/**
 * log_open() - open a log for writing, making it when it is not there
 * @dirfd:	the container's folder; borrowed for the call
 * @options:	json-file, k8s-file or journald; its texts are borrowed until log_close()
 * @config:	of the container: its name and labels; borrowed for the call
 * @out:	to be released with log_close; set on success only
 * @err:	names the file
 *
 * Return: 0 or a negative errno.
 */
must_check int log_open(int dirfd, const struct log_options *options,
			const struct container_config *config, struct log **out, struct err *err);

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
 * log_entries() - how many records went to the journal so far
 * @log:	open, or NULL
 *
 * Return: their number in this run; 0 for other drivers.
 */
int64_t log_entries(const struct log *log);

/**
 * log_close() - write what is held back and close
 * @log:	may be NULL
 */
void log_close(struct log *log);

DEFINE_AUTO_PTR(log, struct log, log_close)
