/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logformat - one record of a log, as text and back
 *
 *	json-file	{"log":"text\n","stream":"stdout","attrs":{"tag":"x"},"time":"2026-03-01T12:00:00.123456789Z"}
 *			without "attrs" where no option asks for any
 *	k8s-file	2026-03-01T12:00:00.123456789Z stdout F text
 *
 * Invariants:
 *   (1) a record is one line of the file;
 *   (2) it holds at most LOG_TEXT_MAX bytes of the container's line; a record that does not end its line
 *	 is tagged P (k8s-file) or lacks the "\n" (json-file), and the next record of the same stream
 *	 goes on with it;
 *   (3) k8s-file keeps every byte but "\n"; json-file replaces what is no UTF-8 by U+FFFD.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

enum log_driver { LOG_NONE, LOG_JSON_FILE, LOG_K8S_FILE, LOG_JOURNALD, LOG_PASSTHROUGH };

/* Names of enum log_driver, both ways; NULL at the end. */
extern const char *const log_driver_names[];

enum stream { STREAM_OUT, STREAM_ERR, STREAM_COUNT };

enum logformat_limits {
	LOG_TEXT_MAX = 16 << 10,
	LOG_RECORD_MAX =
		6 * LOG_TEXT_MAX + 128, /* every byte may become \u00XX; attributes aside */
};

struct log_record {
	enum stream stream;
	bool whole; /* it ends its line */
	const char *time;
	size_t time_size;
	const char *text; /* without the newline */
	size_t size;
	const char *attrs; /* printing json-file: of log_attrs_json(); NULL for none */
	size_t attrs_size;
};

/**
 * logformat_print() - write a record
 * @driver:	LOG_JSON_FILE or LOG_K8S_FILE
 * @record:	at most LOG_TEXT_MAX bytes of text
 * @out:	room for LOG_RECORD_MAX bytes and the attributes
 *
 * Return: how many bytes it has, its newline included.
 */
size_t logformat_print(enum log_driver driver, const struct log_record *record, char *out);

/**
 * logformat_parse() - read a record
 * @driver:	LOG_JSON_FILE or LOG_K8S_FILE
 * @line:	without its newline; JSON is decoded in place
 * @size:	bytes
 * @out:	points into @line; set on success only
 *
 * Return: 0; -EBADMSG when it is damaged.
 */
must_check int logformat_parse(enum log_driver driver, char *line, size_t size,
			       struct log_record *out);

/**
 * logformat_whole() - whether a record ends its line, without decoding it
 * @driver:	LOG_JSON_FILE or LOG_K8S_FILE
 * @line:	without its newline
 * @size:	bytes
 *
 * Return: whether it does; also true when it is damaged.
 */
bool logformat_whole(enum log_driver driver, const char *line, size_t size);
