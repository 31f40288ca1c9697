/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * healthplan - from what the user asked for and what the image says to a configuration of health checks
 *
 * What is not asked for is the image's, else the usual: every 30 seconds, 30 seconds at most, unhealthy
 * after three failures in a row.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "oci/image.h"
#include "store/health.h"

enum { HEALTH_NOT_GIVEN = INT_MIN };

/* As typed; borrowed. NULL and HEALTH_NOT_GIVEN mean "not given". */
struct health_args {
	const char *cmd; /* a line, a JSON list, "CMD …", "CMD-SHELL …", "none" */
	const char *interval;
	const char *timeout;
	const char *start_period;
	const char *start_interval;
	int retries;
	bool none; /* --no-healthcheck */
	const char *on_failure;
	const char *startup_cmd;
	const char *startup_interval;
	const char *startup_timeout;
	int startup_retries;
	int startup_success;
	const char *log_destination;
	int log_count;
	int log_size;
};

#define HEALTH_ARGS_NONE                                                                           \
	{                                                                                          \
		.retries = HEALTH_NOT_GIVEN, .startup_retries = HEALTH_NOT_GIVEN,                  \
		.startup_success = HEALTH_NOT_GIVEN, .log_count = HEALTH_NOT_GIVEN,                \
		.log_size = HEALTH_NOT_GIVEN,                                                      \
	}

/**
 * health_plan() - decide how a container's health is checked
 * @args:	what was asked for
 * @image:	the image's check; zeroed when there is none
 * @shell:	the image's shell, for a line; may be empty
 * @out:	zeroed, or what holds already (update): what is not asked for stays; released by the caller in
 *		any case
 * @err:	names the flag that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int health_plan(const struct health_args *args, const struct image_healthcheck *image,
			   const struct strv *shell, struct health_config *out, struct err *err);
