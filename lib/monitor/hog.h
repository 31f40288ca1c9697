/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hog - watching what memory a container uses, where no control group limits it
 *
 * The monitor adds up what the container's processes have, as often as the room that is left could be filled by
 * a program that writes as fast as memory goes: seldom with much room, every few milliseconds near the limit. Over
 * it, the process that has most is killed, as the kernel would do. First resident pages are summed, which is
 * cheap and counts shared ones several times; only a sum over the limit is measured again by each process's
 * share (PSS). What lies in file systems in memory and in the kernel is not seen.
 */
#pragma once

#include "base/err.h"
#include "monitor/inside.h"

/**
 * hog_new() - make ready
 * @m:		being made
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int hog_new(struct monitor *m, struct err *err);

/**
 * hog_begin() - begin to watch where that is wanted, or go on with changed limits
 * @m:	with a process that runs
 */
void hog_begin(struct monitor *m);

/**
 * hog_rest() - stop watching
 * @m:	any
 */
void hog_rest(struct monitor *m);

/**
 * hog_free() - release what it owns
 * @m:	any
 */
void hog_free(struct monitor *m);
