/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logs - reading what a container said
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"
#include "monitor/logread.h"

struct logs_options {
	int64_t since, until; /* ns since the epoch; 0: none */
	int64_t tail;	      /* lines; negative: all */
	bool follow;
};

/**
 * container_logs() - read a container's log
 * @engine:	the engine
 * @id:		full id
 * @options:	what to read
 * @fn:		called for each record
 * @idle:	called before waiting for more; may be NULL
 * @data:	handed to both
 * @err:	what failed; that its log driver keeps nothing
 *
 * Return: 0; what @fn ended it with; -EOPNOTSUPP when nothing is kept; otherwise a negative errno.
 */
must_check int container_logs(struct engine *engine, const char *id,
			      const struct logs_options *options, logread_fn fn,
			      logread_idle_fn idle, void *data, struct err *err);
