/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * csv - the fields of an option's value
 */
#include "build/csv.h"

#include "build/chars.h"

void csv_split(const char *text, struct strv *out)
{
	AUTO(chars) struct chars field = { 0 };
	bool quoted = false;

	for (const char *p = text; *p; p++) {
		if (*p == '"' && (quoted || !field.count)) {
			if (quoted && p[1] == '"')
				chars_add(&field, *++p);
			else
				quoted = !quoted;
		} else if (*p == ',' && !quoted) {
			strv_take(out, chars_take(&field));
		} else {
			chars_add(&field, *p);
		}
	}
	strv_take(out, chars_take(&field));
}
