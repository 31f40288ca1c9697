/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * top - the processes of a container, read from the host's /proc
 *
 * Nothing is executed in the container, so it needs no ps(1) in its image, and the pids are those by
 * which the host knows the processes.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"

struct top {
	struct strv titles;
	struct strv cells; /* row by row */
};

/**
 * container_top() - list a container's processes
 * @engine:	the engine
 * @id:		full id
 * @args:	columns: "pid,user,args" or one each; "-ef", "aux", "-o LIST", "-eo LIST" as of ps(1); none
 *		is "-ef"
 * @out:	to be released with top_clear; set on success only
 * @err:	names an unknown column, with those that there are
 *
 * Columns: args c comm etime group hpid huser nice nspid pcpu pgid pid ppid rss state stime time tty uid
 * user vsz.
 *
 * Return: 0; -EPERM when it does not run; -EINVAL; otherwise a negative errno.
 */
must_check int container_top(struct engine *engine, const char *id, const struct strv *args,
			     struct top *out, struct err *err);

/**
 * top_clear() - release a list
 * @top:	empty afterwards
 */
void top_clear(struct top *top);

static inline void auto_top(struct top *top)
{
	top_clear(top);
}
