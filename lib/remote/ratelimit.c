/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ratelimit - how many pulls a registry has left for us
 */
#include "remote/ratelimit.h"

#include "base/clock.h"
#include "base/str.h"

enum { WINDOW_MAX = 366 * 86400 };

/* "100;w=21600". The window is 0 when it is not said. */
static bool read_value(const char *value, uint64_t *out_number, uint64_t *out_window)
{
	AUTO(mem) char *number = str_dup(str_or(value, ""));
	char *rest = str_cut(number, ';');

	*out_window = 0;
	for (char *part = strsep(&rest, ";"); part; part = strsep(&rest, ";")) {
		const char *seconds = str_starts(str_trim(part), "w=");
		if (seconds && str_u64(seconds, WINDOW_MAX, out_window) < 0)
			return false;
	}
	return str_u64(str_trim(number), UINT32_MAX, out_number) == 0;
}

bool ratelimit_spent(const char *left)
{
	uint64_t number, window;

	return read_value(left, &number, &window) && number == 0;
}

char *ratelimit_print(const char *limit, const char *left)
{
	uint64_t all, some, window, unused;

	if (!read_value(limit, &all, &window) || !read_value(left, &some, &unused))
		return NULL;
	AUTO(mem) char *span = window ? clock_human((int64_t)window * CLOCK_SECOND) : NULL;
	return str_fmt("%llu of %llu%s%s are left", (unsigned long long)some,
		       (unsigned long long)all, span ? " in " : "", str_or(span, ""));
}
