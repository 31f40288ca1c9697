/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * validator - what a server knows a version of a file by
 */
#include "validator.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

#define BY_ETAG "etag "
#define BY_DATE "date "

enum { OLD_SECONDS = 60 }; /* the RFC's own bound for clocks that differ */

static int64_t seconds_of(const char *text)
{
	struct tm tm = { 0 };
	const char *end = text ? strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;

	return end && !*end ? timegm(&tm) : -1;
}

char *validator_of(const char *etag, const char *modified, const char *date)
{
	const int64_t changed = seconds_of(modified), now = seconds_of(date);

	if (!str_empty(etag))
		return str_fmt(BY_ETAG "%s", etag);
	if (changed >= 0 && now >= 0 && now - changed >= OLD_SECONDS)
		return str_fmt(BY_DATE "%s", modified);
	return NULL;
}

bool validator_usable(const char *text)
{
	if (!text || (!str_starts(text, BY_ETAG) && !str_starts(text, BY_DATE)))
		return false;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return true;
}

const char *validator_header(const char *validator)
{
	return str_starts(validator, BY_ETAG) ? "If-None-Match" : "If-Modified-Since";
}

const char *validator_value(const char *validator)
{
	return validator + strlen(BY_ETAG); /* both are as long */
}
