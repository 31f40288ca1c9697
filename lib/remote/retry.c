/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * retry - how long to wait before a registry is asked again
 */
#include "remote/retry.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"

enum { YEAR = 366 * 86400 };

int64_t retry_delay(int attempt, int64_t base, uint32_t random)
{
	int64_t delay = base, cap = RETRY_CAP_SECONDS * CLOCK_SECOND;

	for (int i = 1; i < attempt && delay < cap; i++)
		delay *= 2;
	delay = min_of(delay, cap);
	/* From half of it to all of it. */
	return delay - (int64_t)((double)delay / 2 * ((double)random / UINT32_MAX));
}

int64_t retry_after(const char *value, int64_t now)
{
	struct tm tm = { 0 };
	uint64_t seconds;

	if (str_u64(value, YEAR, &seconds) == 0)
		return (int64_t)seconds;
	const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (!end || *end)
		return -EINVAL;
	int64_t wait = (int64_t)timegm(&tm) - now / CLOCK_SECOND;
	return max_of(wait, (int64_t)0);
}
