/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journal - handing records to systemd's journal
 *
 * One record is one datagram of the journal's native protocol: lines KEY=VALUE, or, where the value may
 * hold a newline, KEY, newline, its size as eight bytes (lowest first), the value, newline. What is too
 * long for a datagram goes through a sealed memfd. The fields are podman's and docker's:
 *
 *	MESSAGE, PRIORITY (6 for stdout, 3 for stderr), SYSLOG_IDENTIFIER (the tag, or the name),
 *	CONTAINER_ID (12 digits), CONTAINER_ID_FULL, CONTAINER_NAME, CONTAINER_TAG, IMAGE_NAME,
 *	CONTAINER_PARTIAL_MESSAGE=true when the line goes on in the next record,
 *	CONTAINER_LOG_EPOCH, the same for all records of one run, and CONTAINER_LOG_ORDINAL, counted from 1,
 *	labels and variables of --log-opt, in capitals, with _ for what is no letter or digit.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "monitor/logformat.h"
#include "store/container.h"

struct journal;

/**
 * journal_open() - reach the journal
 * @config:	of the container; borrowed for the call
 * @attrs:	of log_attrs(); borrowed for the call
 * @path:	of its socket; NULL: /run/systemd/journal/socket
 * @out:	to be released with journal_close; set on success only
 * @err:	that there is no journal, and which driver does without
 *
 * Return: 0 or a negative errno.
 */
must_check int journal_open(const struct container_config *config, const struct strv *attrs,
			    const char *path, struct journal **out, struct err *err);

/**
 * journal_send() - hand over one record
 * @journal:	open
 * @record:	its time is not used: the journal has its own
 *
 * Connects again when the journal was restarted. One that takes nothing for a second loses the record,
 * and is not waited for again until it takes one.
 *
 * Return: 0, or the negative errno for which the record is lost.
 */
must_check int journal_send(struct journal *journal, const struct log_record *record);

/**
 * journal_entries() - how many records were handed over
 * @journal:	open
 *
 * Return: the CONTAINER_LOG_ORDINAL of the last one.
 */
int64_t journal_entries(const struct journal *journal);

/**
 * journal_close() - hang up
 * @journal:	may be NULL
 */
void journal_close(struct journal *journal);
