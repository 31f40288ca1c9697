/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock - times as nanoseconds since the epoch, and their texts
 */
#pragma once

#include <stdint.h>

#include "base/macros.h"

#define CLOCK_SECOND INT64_C(1000000000)

/**
 * clock_now() - the time of day
 *
 * Return: nanoseconds since the epoch.
 */
int64_t clock_now(void);

/**
 * clock_mono() - a time that never jumps, for intervals
 *
 * Return: nanoseconds since the machine started.
 */
int64_t clock_mono(void);

/**
 * clock_rfc3339() - the text of a time in UTC, with nanoseconds
 * @ns:	nanoseconds since the epoch; 0 gives Go's zero time, "0001-01-01T00:00:00Z"
 *
 * Return: for example "2026-03-01T12:00:00.123456789Z", to be freed.
 */
must_check char *clock_rfc3339(int64_t ns);

/**
 * clock_rfc3339_epoch() - the text of a second in UTC, of which 0 is one as any other
 * @seconds:	since the epoch
 *
 * Return: for example "1970-01-01T00:00:00Z", to be freed.
 */
must_check char *clock_rfc3339_epoch(int64_t seconds);

/**
 * clock_local() - the text of a time in the caller's zone as docker and podman print it
 * @ns:	nanoseconds since the epoch
 *
 * Return: for example "2026-03-01 12:00:00 +0000 UTC", to be freed.
 */
must_check char *clock_local(int64_t ns);

/**
 * clock_local_exact() - the text of a time in the caller's zone, with nanoseconds
 * @ns:	nanoseconds since the epoch
 *
 * Return: for example "2026-03-01 12:00:00.123456789 +0000 UTC", to be freed.
 */
must_check char *clock_local_exact(int64_t ns);

/**
 * clock_rfc3339_local() - as clock_rfc3339(), in the caller's zone
 * @ns:	nanoseconds since the epoch
 *
 * Return: for example "2026-03-01T13:00:00.123456789+01:00", to be freed.
 */
must_check char *clock_rfc3339_local(int64_t ns);

/**
 * clock_parse() - read a time as --since and --until take it
 * @text:	RFC 3339 (date alone allowed, fraction and zone optional), seconds since the epoch
 *		(with an optional fraction), or a duration before @now ("10m", "1h30m")
 * @now:	nanoseconds since the epoch
 * @out:	nanoseconds since the epoch, set on success only; what is beyond the year 2262 (or before 1677)
 *		is the last (or first) of them
 *
 * Return: 0 or -EINVAL.
 */
must_check int clock_parse(const char *text, int64_t now, int64_t *out);

/**
 * clock_duration() - read a duration as Go prints it: "300ms", "1.5s", "2h45m", "10"
 * @text:	a number with a unit (ns us ms s m h), several in a row; a bare number is seconds
 * @out:	nanoseconds, set on success only
 *
 * Return: 0 or -EINVAL.
 */
must_check int clock_duration(const char *text, int64_t *out);

/**
 * clock_human() - a span as docker words it
 * @ns:	nanoseconds, not negative
 *
 * Return: "Less than a second", "1 second", "5 seconds", "About a minute", "2 minutes",
 * "About an hour", "3 hours", "2 days", "2 weeks", "3 months", "2 years"; to be freed.
 */
must_check char *clock_human(int64_t ns);
