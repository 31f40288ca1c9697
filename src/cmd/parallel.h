/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parallel - one verb for several arguments at the same time, each in a process of its own
 *
 * What a process prints on stdout is kept until those of the arguments before it have printed, so that the
 * answer has the order of the question; errors are told as they come. An interruption goes to all, and the
 * end of all is waited for.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "cli/app.h"

struct parallel {
	size_t count;
	size_t at_once; /* at most so many */
	int (*run)(void *data, size_t which, struct err *err);
	void *data;
};

/**
 * parallel_run() - run all, also after a failure
 * @app:	where to print, and how errors are told
 * @parallel:	what; .run is called in a process of its own
 * @err:	what interrupted it
 *
 * Return: 0; the exit status of the last argument that failed; -EINTR; or a negative errno.
 */
must_check int parallel_run(struct app *app, const struct parallel *parallel, struct err *err);
