/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logoptions - what --log-driver and --log-opt ask for
 *
 * Options are KEY=VALUE texts, as they lie in a container's record:
 *
 *	max-size=SIZE, max-file=N	json-file, k8s-file: how much is kept; max-size=-1 is without end
 *	path=FILE			json-file, k8s-file: where, instead of the container's folder
 *	tag=TEXT			json-file, journald: an attribute; {{.ID}} and the like are filled in
 *	labels=A,B  env=A,B		json-file, journald: labels and variables that become attributes
 *	labels-regex=RE  env-regex=RE	likewise, by extended regular expressions
 *
 * Invariant: a file driver keeps at most max-size times max-file bytes, and has both without being
 * asked, so that a container that talks all day does not fill the disk.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "monitor/logformat.h"

enum log_default {
	LOG_DEFAULT_SIZE = 20 << 20,
	LOG_DEFAULT_FILES = 5,
	LOG_ATTRS_MAX = 64 << 10, /* bytes of all attributes as JSON */
};

struct log_options {
	enum log_driver driver;
	int64_t max_size;	  /* bytes; 0: never rotated */
	int max_file;		  /* at least 1 */
	const char *path;	  /* absolute; NULL: `log` in the container's folder */
	const char *tag;	  /* as typed, or NULL */
	const char *labels;	  /* keys separated by commas, or NULL; so are the next ones */
	const char *labels_regex; /* checked */
	const char *env;
	const char *env_regex;
	const char *journal; /* where the journal listens; NULL: where systemd's does */
};

/**
 * log_options_parse() - read a driver and its options
 * @driver:	"json-file", "k8s-file", "journald", "none", "passthrough"; NULL is json-file
 * @options:	see above; the result borrows its texts
 * @out:	set on success only
 * @err:	names the driver or option; for drivers that others have, which one to use instead
 *
 * Without max-size a file driver gets LOG_DEFAULT_SIZE, and without either LOG_DEFAULT_FILES files.
 *
 * Return: 0 or -EINVAL.
 */
must_check int log_options_parse(const char *driver, const struct strv *options,
				 struct log_options *out, struct err *err);
