/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock - times as nanoseconds since the epoch, and their texts
 */
#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

static int64_t read_clock(clockid_t id)
{
	struct timespec t = { 0 };

	bug_unless(clock_gettime(id, &t) == 0);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

static char *print_utc(int64_t seconds, int64_t rest)
{
	const time_t time = (time_t)seconds;
	struct tm tm;
	char date[32], fraction[16] = "";

	bug_unless(gmtime_r(&time, &tm));
	(void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest)
		(void)snprintf(fraction, sizeof fraction, ".%09" PRId64, rest);
	return str_fmt("%s%sZ", date, fraction);
}

char *clock_rfc3339(int64_t ns)
{
	int64_t seconds = ns / CLOCK_SECOND;
	int64_t rest = ns % CLOCK_SECOND;

	if (ns == 0)
		return str_dup("0001-01-01T00:00:00Z");
	if (rest < 0) {
		rest += CLOCK_SECOND;
		seconds--;
	}
	return print_utc(seconds, rest);
}

char *clock_rfc3339_epoch(int64_t seconds)
{
	return print_utc(seconds, 0);
}

char *clock_local(int64_t ns)
{
	time_t seconds = (time_t)(ns / CLOCK_SECOND);
	struct tm tm;
	char text[64];

	bug_unless(localtime_r(&seconds, &tm));
	(void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z %Z", &tm);
	return str_dup(text);
}

char *clock_local_exact(int64_t ns)
{
	AUTO(mem) char *text = clock_local(ns);
	char *zone = text + strlen("2026-03-01 12:00:00");

	*zone++ = 0;
	return str_fmt("%s.%09" PRId64 " %s", text, ns % CLOCK_SECOND, zone);
}

char *clock_rfc3339_local(int64_t ns)
{
	time_t seconds = (time_t)(ns / CLOCK_SECOND);
	struct tm tm;
	char date[32], zone[16];

	bug_unless(localtime_r(&seconds, &tm));
	(void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)strftime(zone, sizeof zone, "%z", &tm);
	AUTO(mem)
	char *offset = str_eq(zone, "+0000") ? str_dup("Z") : str_fmt("%.3s:%s", zone, zone + 3);
	return str_fmt("%s.%09" PRId64 "%s", date, ns % CLOCK_SECOND, offset);
}

static int64_t unit_ns(const char *unit, size_t n)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", CLOCK_SECOND },
		{ "m", 60 * CLOCK_SECOND },
		{ "h", 3600 * CLOCK_SECOND },
	};

	for (size_t i = 0; i < array_len(units); i++)
		if (strlen(units[i].name) == n && strncmp(units[i].name, unit, n) == 0)
			return units[i].ns;
	return 0;
}

/* digits[.digits] times a unit, in nanoseconds. */
static int scaled(const char *text, size_t n, int64_t unit, int64_t *out)
{
	AUTO(mem) char *number = str_ndup(text, n);
	char *fraction = str_cut(number, '.');
	uint64_t whole = 0;
	int64_t ns;

	if (*number || !fraction) {
		if (str_u64(number, INT64_MAX, &whole) < 0)
			return -EINVAL;
	}
	if (__builtin_mul_overflow((int64_t)whole, unit, &ns))
		return -EINVAL;
	int64_t scale = unit;
	for (; fraction && *fraction; fraction++) {
		if (!isdigit((unsigned char)*fraction))
			return -EINVAL;
		scale /= 10;
		if (__builtin_add_overflow(ns, scale * (*fraction - '0'), &ns))
			return -EINVAL;
	}
	*out = ns;
	return 0;
}

int clock_duration(const char *text, int64_t *out)
{
	int64_t sum = 0;
	bool minus = *text == '-';

	text += minus;
	if (!*text)
		return -EINVAL;
	while (*text) {
		size_t digits = strspn(text, "0123456789.");
		size_t letters = strcspn(text + digits, "0123456789.");
		int64_t unit = letters ? unit_ns(text + digits, letters) : CLOCK_SECOND;
		int64_t part;
		if (!digits || !unit || scaled(text, digits, unit, &part) < 0 ||
		    __builtin_add_overflow(sum, part, &sum))
			return -EINVAL;
		text += digits + letters;
	}
	*out = minus ? -sum : sum;
	return 0;
}

/* "+02:00", "-0700", "Z" or nothing: seconds east of Greenwich. */
static int parse_zone(const char *s, long *out)
{
	int hours, minutes, used = 0;

	if (!*s || !strcmp(s, "Z") || !strcmp(s, "z")) {
		*out = 0;
		return 0;
	}
	if (sscanf(s + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 &&
	    sscanf(s + 1, "%2d%2d%n", &hours, &minutes, &used) != 2)
		return -EINVAL;
	if ((*s != '+' && *s != '-') || s[1 + used] || hours < 0 || minutes < 0)
		return -EINVAL;
	*out = (*s == '-' ? -1 : 1) * (hours * 3600L + minutes * 60L);
	return 0;
}

/* A year that has no nanoseconds here is later than all that have. */
static int64_t moment(int64_t seconds, int64_t ns)
{
	int64_t all;

	if (__builtin_mul_overflow(seconds, CLOCK_SECOND, &all) ||
	    __builtin_add_overflow(all, ns, &all))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return all;
}

static int parse_date(const char *text, int64_t *out)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
					     "%Y-%m-%dT%H:%M", "%Y-%m-%d" };
	struct tm tm = { 0 };
	const char *rest = NULL;
	int64_t ns = 0;
	long east;

	for (size_t i = 0; i < array_len(forms) && !rest; i++) {
		tm = (struct tm){ 0 };
		rest = strptime(text, forms[i], &tm);
	}
	if (!rest)
		return -EINVAL;
	if (*rest == '.') {
		size_t n = strspn(rest + 1, "0123456789");
		if (scaled(rest, n + 1, CLOCK_SECOND, &ns) < 0)
			return -EINVAL;
		rest += n + 1;
	}
	if (parse_zone(rest, &east) < 0)
		return -EINVAL;
	/* Without a zone docker takes the caller's. */
	tm.tm_isdst = -1;
	time_t seconds = *rest ? timegm(&tm) - east : mktime(&tm);
	*out = moment(seconds, ns);
	return 0;
}

int clock_parse(const char *text, int64_t now, int64_t *out)
{
	int64_t span;

	if (text[strspn(text, "0123456789.")] == 0 && *text)
		return scaled(text, strlen(text), CLOCK_SECOND, out);
	if (parse_date(text, out) == 0)
		return 0;
	if (clock_duration(text, &span) < 0)
		return -EINVAL;
	if (__builtin_sub_overflow(now, span, out))
		*out = span > 0 ? INT64_MIN : INT64_MAX;
	return 0;
}

char *clock_human(int64_t ns)
{
	int64_t seconds = ns / CLOCK_SECOND, minutes = seconds / 60;
	int64_t hours = (minutes + 30) / 60;

	if (seconds < 1)
		return str_dup("Less than a second");
	if (seconds == 1)
		return str_dup("1 second");
	if (seconds < 60)
		return str_fmt("%" PRId64 " seconds", seconds);
	if (minutes == 1)
		return str_dup("About a minute");
	if (minutes < 60)
		return str_fmt("%" PRId64 " minutes", minutes);
	if (hours == 1)
		return str_dup("About an hour");
	if (hours < 48)
		return str_fmt("%" PRId64 " hours", hours);
	if (hours < 24 * 7 * 2)
		return str_fmt("%" PRId64 " days", hours / 24);
	if (hours < 24 * 30 * 2)
		return str_fmt("%" PRId64 " weeks", hours / 24 / 7);
	if (hours < 24 * 365 * 2)
		return str_fmt("%" PRId64 " months", hours / 24 / 30);
	return str_fmt("%" PRId64 " years", hours / 24 / 365);
}
