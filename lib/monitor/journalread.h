/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journalread - reading a container's records back from systemd's journal
 *
 * libsystemd is loaded when the first journal is opened and not before: no other command pays for it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/logread.h"

struct journalread;

/**
 * journalread_open() - make ready to read
 * @id:		of the container
 * @options:	what to read; driver and path are not looked at
 * @out:	to be released with journalread_close; set on success only
 * @err:	that there is no libsystemd or no journal
 *
 * Return: 0 or a negative errno.
 */
must_check int journalread_open(const char *id, const struct logread_options *options,
				struct journalread **out, struct err *err);

/**
 * journalread_fd() - what tells that there may be more
 * @j:	open
 *
 * Return: a descriptor that is readable then, borrowed; -1 unless the log is followed.
 */
int journalread_fd(const struct journalread *j);

/**
 * journalread_more() - read what is there and was not read before
 * @j:		open
 * @fn:		called for each record
 * @data:	handed to @fn
 * @err:	what cannot be read
 *
 * Return: as logread_more().
 */
must_check int journalread_more(struct journalread *j, logread_fn fn, void *data, struct err *err);

/**
 * journalread_rest() - read up to a run's last record, which the journal may still have to write
 * @j:		everything that is there was read
 * @started:	when the run began, ns since the epoch
 * @entries:	how many records it handed over (journal_entries)
 * @fn:		called for each record
 * @data:	handed to @fn
 * @err:	what cannot be read; that the caller may not read the journal
 *
 * Waits for the journal, two seconds at most without anything new.
 *
 * Return: as logread_more(); -EACCES when no record of the container can be seen at all.
 */
must_check int journalread_rest(struct journalread *j, int64_t started, int64_t entries,
				logread_fn fn, void *data, struct err *err);

/**
 * journalread_close() - release
 * @j:	may be NULL
 */
void journalread_close(struct journalread *j);

DEFINE_AUTO_PTR(journalread, struct journalread, journalread_close)
