/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * retry - how long to wait before a registry is asked again
 *
 * Waiting doubles from a base to a cap, and is shortened at random by up to half, so that many who
 * were refused together do not come back together. A registry that names a time (Retry-After) is
 * obeyed, within reason. Attempts count from the last one that brought bytes.
 */
#pragma once

#include <stdint.h>

#include "base/macros.h"

enum retry_limits {
	RETRY_MAX_ATTEMPTS = 6,
	RETRY_CAP_SECONDS = 30,
	RETRY_MAX_AFTER = 120, /* seconds: a longer Retry-After is an error to tell */
};

/**
 * retry_delay() - the time to wait
 * @attempt:	how many have failed in a row, from 1
 * @base:	nanoseconds after the first failure
 * @random:	any number
 *
 * Return: nanoseconds, never more than RETRY_CAP_SECONDS.
 */
int64_t retry_delay(int attempt, int64_t base, uint32_t random);

/**
 * retry_after() - read a Retry-After header
 * @value:	seconds, or a date as HTTP writes it
 * @now:	nanoseconds since the epoch
 *
 * Return: seconds from now, at least 0; -EINVAL when it is neither.
 * Source: RFC 9110 section 10.2.3.
 */
must_check int64_t retry_after(const char *value, int64_t now);
