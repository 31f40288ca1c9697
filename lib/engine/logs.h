/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logs - reading what containers said
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "monitor/logread.h"

struct logs_options {
	int64_t since, until; /* ns since the epoch; 0: none */
	int64_t tail;	      /* lines; negative: all */
	bool follow;
};

/* Who is told. */
struct logs_hooks {
	void *data;
	/* A record of the container that is number @which of the ids; Return: 0, or a negative errno to end. */
	int (*line)(void *data, size_t which, const struct logread_line *line);
	/* All that is there was read; called before waiting for more. */
	void (*idle)(void *data);
};

/**
 * container_logs() - read the logs of containers
 * @engine:	the engine
 * @ids:	full ids; one after the other is read, then all that follow at once
 * @options:	what to read
 * @hooks:	told of each record
 * @err:	what failed; that a log driver keeps nothing
 *
 * Following ends when all of the containers have ended, or until has come.
 *
 * Return: 0; what the line hook ended it with; -EOPNOTSUPP when nothing is kept; otherwise a negative errno.
 */
must_check int container_logs(struct engine *engine, const struct strv *ids,
			      const struct logs_options *options, const struct logs_hooks *hooks,
			      struct err *err);

/**
 * container_log_details() - what the records of a container say besides the text
 * @engine:	the engine
 * @id:		full id
 * @out:	KEY=VALUE, sorted; added
 * @err:	names the container
 *
 * Return: 0 or a negative errno.
 */
must_check int container_log_details(struct engine *engine, const char *id, struct strv *out,
				     struct err *err);
