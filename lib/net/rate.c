/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rate - how many bytes a second a container's network may carry
 */
#include "net/rate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Slower ones would hold a single packet for longer than its sender waits. */
static const double slowest = 8e3, fastest = 1e13;

static const struct {
	const char *name;
	double bits;
} units[] = {
	{ "", 1 },	 { "bit", 1 },	  { "kbit", 1e3 },
	{ "mbit", 1e6 }, { "gbit", 1e9 }, { "tbit", 1e12 },
};

static int bad(const char *text, struct err *err)
{
	(void)err_set(err, -EINVAL, "invalid rate '%s': it is a number from 8kbit to 10tbit, or 0",
		      text);
	return err_hint(err, "write it as 10mbit, or up=10mbit,down=100mbit");
}

static int parse_one(const char *text, int64_t *out, struct err *err)
{
	size_t digits = strspn(text, "0123456789.");
	AUTO(mem) char *number = str_ndup(text, digits);
	char *end = number;
	double value = digits ? strtod(number, &end) : -1;

	if (value < 0 || *end)
		return bad(text, err);
	for (size_t i = 0; i < array_len(units); i++) {
		if (strcasecmp(units[i].name, text + digits) != 0)
			continue;
		double bits = value * units[i].bits;
		if (bits != 0 && (bits < slowest || bits > fastest))
			break;
		*out = (int64_t)(bits / 8);
		return 0;
	}
	return bad(text, err);
}

static int parse_side(const char *text, struct rate *out, struct err *err)
{
	const char *up = str_starts(text, "up="), *down = str_starts(text, "down=");

	if (up)
		return parse_one(up, &out->up, err);
	return down ? parse_one(down, &out->down, err) : bad(text, err);
}

int rate_parse(const char *text, struct rate *out, struct err *err)
{
	AUTO(strv) struct strv sides = { 0 };
	struct rate rate = { 0 };
	int r = 0;

	strv_split(&sides, text, ',');
	if (sides.count == 1 && !strchr(text, '=')) {
		r = parse_one(text, &rate.up, err);
		rate.down = rate.up;
	} else if (sides.count < 1 || sides.count > 2) {
		r = bad(text, err);
	} else {
		for (size_t i = 0; i < sides.count && r == 0; i++)
			r = parse_side(sides.items[i], &rate, err);
	}
	if (r == 0)
		*out = rate;
	return r;
}

/* The largest unit that leaves a whole number. */
static char *print_one(int64_t bytes)
{
	size_t unit = 1;
	int64_t bits = bytes * 8;

	for (; unit + 1 < array_len(units) && bits && bits % 1000 == 0; unit++)
		bits /= 1000;
	return str_fmt("%" PRId64 "%s", bits, units[unit].name);
}

char *rate_print(const struct rate *rate)
{
	AUTO(mem) char *up = print_one(rate->up);
	AUTO(mem) char *down = print_one(rate->down);

	if (!rate->up && !rate->down)
		return NULL;
	if (rate->up == rate->down)
		return take_ptr(up);
	if (!rate->up)
		return str_fmt("down=%s", down);
	return rate->down ? str_fmt("up=%s,down=%s", up, down) : str_fmt("up=%s", up);
}
