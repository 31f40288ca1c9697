/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpus - which processors a process may run on
 *
 * Lists are written as the kernel writes them: 0-3,5.
 */
#pragma once

#include <sched.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * cpus_allowed() - the processors that this process may run on
 * @out:	set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int cpus_allowed(cpu_set_t *out);

/**
 * cpus_parse() - read a list
 * @text:	numbers and ranges
 * @out:	set on success only
 *
 * Return: 0; -EINVAL; -ERANGE above the largest number that a set holds.
 */
must_check int cpus_parse(const char *text, cpu_set_t *out);

/**
 * cpus_print() - write a list
 * @set:	the processors
 *
 * Return: the text, to be freed; "" for none.
 */
must_check char *cpus_print(const cpu_set_t *set);

/**
 * cpus_pick() - some of the processors
 * @from:	which may be taken
 * @count:	how many; all when it is more than there are
 * @seed:	where to begin: different ones spread over the processors
 * @out:	set; may be @from
 */
void cpus_pick(const cpu_set_t *from, int count, unsigned int seed, cpu_set_t *out);

/**
 * cpus_set() - let a thread run on these processors alone
 * @tid:	of the thread, 0 for the caller; what it forks from then on is bound as well
 * @set:	of which at least one must be there
 *
 * Return: 0 or a negative errno.
 */
must_check int cpus_set(pid_t tid, const cpu_set_t *set);
