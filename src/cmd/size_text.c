/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * size_text - sizes as docker's lists show them
 */
#include "cmd/size_text.h"

#include "base/str.h"

char *size_text(int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	/* Three digits are shown: what would round to 1000 is one of the next unit. */
	for (; value >= 999.5 && unit + 1 < array_len(units); unit++)
		value /= 1000;
	if (unit == 0)
		return str_fmt("%.0fB", value);
	return str_fmt("%.3g%s", value, units[unit]);
}
