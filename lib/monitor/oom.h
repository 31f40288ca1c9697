/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oom - hearing that the kernel killed in a container's control group because memory was short
 *
 * The group counts what was killed in memory.events and tells of a change by POLLPRI. What is killed last may be
 * heard of by its end first: so the count is read again then.
 */
#pragma once

#include "monitor/inside.h"

/**
 * oom_begin() - begin to listen, where the container has a control group
 * @m:	with a process that runs
 */
void oom_begin(struct monitor *m);

/**
 * oom_rest() - take in what was not heard yet, and stop listening
 * @m:	any
 */
void oom_rest(struct monitor *m);
