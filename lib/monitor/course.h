/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * course - what a check's result means for a container's health, and when the next one is due
 *
 * Pure. A container begins as starting. A success makes it healthy. Failures count once its start period
 * is over, or once it was healthy; so many in a row make it unhealthy. The first check comes at once, so
 * that what is quick is soon known to be healthy; a failure of it counts no earlier than with a first
 * check one interval after the start. A startup check comes first, where there is one: until it has
 * succeeded, the other is not asked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/health.h"

struct course {
	enum health_status status;
	int streak;   /* failures in a row that count */
	bool startup; /* the startup check is asked */
	bool fresh;   /* nothing was asked yet of the check that is due: it is asked at once */
	int startup_passed, startup_failed;
};

enum course_turn {
	COURSE_STAYS,
	COURSE_TURNS,	 /* the status is another one */
	COURSE_GIVES_UP, /* the startup check failed too often: to be started again */
};

/**
 * course_begin() - the health of a container that was just started
 * @config:	has a check
 *
 * Return: starting.
 */
struct course course_begin(const struct health_config *config);

/**
 * course_judge() - take a result in
 * @config:	has a check
 * @course:	changed
 * @passed:	what the check found
 * @up:		ns since the container was started
 *
 * Return: what follows.
 */
enum course_turn course_judge(const struct health_config *config, struct course *course,
			      bool passed, int64_t up);

/**
 * course_delay() - how long to wait until the next check
 * @config:	has a check
 * @course:	after the last result
 * @up:		ns since the container was started
 *
 * Return: nanoseconds, 1 for at once; 0 when none is due by itself.
 */
int64_t course_delay(const struct health_config *config, const struct course *course, int64_t up);

/**
 * course_test() - the check that is asked now
 * @config:	has a check
 * @course:	any
 * @out_timeout:	nanoseconds
 *
 * Return: "CMD" or "CMD-SHELL" and its words; belongs to @config.
 */
const struct strv *course_test(const struct health_config *config, const struct course *course,
			       int64_t *out_timeout);
