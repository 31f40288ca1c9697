/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * course - what a check's result means for a container's health, and when the next one is due
 */
#include "monitor/course.h"

#include "base/clock.h"

#define START_INTERVAL (5 * CLOCK_SECOND)

struct course course_begin(const struct health_config *config)
{
	return (struct course){ .status = HEALTH_STARTING,
				.startup = config->startup_test.count > 0,
				.fresh = true };
}

static enum course_turn judge_startup(const struct health_config *config, struct course *course,
				      bool passed)
{
	if (passed) {
		course->startup_failed = 0;
		course->startup = ++course->startup_passed < config->startup_success;
		course->fresh = !course->startup;
		return COURSE_STAYS;
	}
	course->startup_passed = 0;
	course->startup_failed++;
	if (config->startup_retries <= 0 || course->startup_failed < config->startup_retries)
		return COURSE_STAYS;
	course->startup_failed = 0;
	return COURSE_GIVES_UP;
}

static enum course_turn turn(struct course *course, enum health_status status)
{
	if (course->status == status)
		return COURSE_STAYS;
	course->status = status;
	return COURSE_TURNS;
}

enum course_turn course_judge(const struct health_config *config, struct course *course,
			      bool passed, int64_t up)
{
	course->fresh = false;
	if (course->startup)
		return judge_startup(config, course, passed);
	if (passed) {
		course->streak = 0;
		return turn(course, HEALTH_HEALTHY);
	}
	if (course->status == HEALTH_STARTING &&
	    (up < config->start_period || up < config->interval))
		return COURSE_STAYS;
	if (++course->streak < config->retries)
		return COURSE_STAYS;
	return turn(course, HEALTH_UNHEALTHY);
}

int64_t course_delay(const struct health_config *config, const struct course *course, int64_t up)
{
	int64_t often = config->start_interval ? config->start_interval : START_INTERVAL;

	if (!(course->startup ? config->startup_interval : config->interval))
		return 0;
	if (course->fresh)
		return 1;
	if (course->startup)
		return config->startup_interval;
	if (course->status == HEALTH_STARTING && up < config->start_period)
		return min_of(often, config->interval);
	return config->interval;
}

const struct strv *course_test(const struct health_config *config, const struct course *course,
			       int64_t *out_timeout)
{
	*out_timeout = course->startup ? config->startup_timeout : config->timeout;
	return course->startup ? &config->startup_test : &config->test;
}
