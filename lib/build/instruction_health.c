/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instruction_health - HEALTHCHECK as values
 */
#include <errno.h>
#include <strings.h>

#include "base/clock.h"
#include "build/instruction_parts.h"
#include "build/lineflag.h"
#include "build/words.h"

enum { LEAST = 1000 * 1000 }; /* a millisecond: docker takes no shorter time */

/* As Go reads it: a number needs a unit, "0" excepted. */
static int read_time(const struct reading *reading, const char *name, int64_t *out)
{
	const char *text = lineflag_text(reading->line, name);
	int64_t time = 0;

	if (!text)
		return 0;
	bool unit = *text && strchr("smh", text[strlen(text) - 1]);
	if (!str_eq(text, "0") && (!unit || clock_duration(text, &time) < 0))
		return wrong_line(reading,
				  "HEALTHCHECK --%s is a time such as 30s or 1m30s, not '%s'", name,
				  text);
	if (time < 0 || (time && time < LEAST))
		return wrong_line(reading, "HEALTHCHECK --%s is at least 1ms, not '%s'", name,
				  text);
	*out = time;
	return 0;
}

static int read_flags(const struct reading *reading, struct instruction_health *health)
{
	const char *text = lineflag_text(reading->line, "retries");
	uint64_t retries = 0;
	int r = read_time(reading, "interval", &health->interval);

	if (r == 0)
		r = read_time(reading, "timeout", &health->timeout);
	if (r == 0)
		r = read_time(reading, "start-period", &health->start_period);
	if (r == 0)
		r = read_time(reading, "start-interval", &health->start_interval);
	if (r == 0 && text && str_u64(text, INT32_MAX, &retries) < 0)
		return wrong_line(reading, "HEALTHCHECK --%s is a number, not '%s'", "retries",
				  text);
	health->retries = (int)retries;
	return r;
}

static int read_none(const struct reading *reading, struct instruction *out)
{
	if (reading->line->words.count > 1)
		return wrong_line(reading, "HEALTHCHECK NONE has no arguments: '%s'%s",
				  reading->line->words.items[1], "");
	if (reading->line->flags.count)
		return wrong_line(reading, "HEALTHCHECK NONE has no flags: '--%s'%s",
				  reading->line->flags.items[0].name, "");
	out->health.none = true;
	return 0;
}

int instruction_read_health(const struct reading *reading, struct instruction *out)
{
	const struct strv *words = &reading->line->words;
	const char *type = words->count ? words->items[0] : "";

	if (strcasecmp(type, "NONE") == 0)
		return read_none(reading, out);
	if (strcasecmp(type, "CMD") != 0)
		return wrong_line(reading, "HEALTHCHECK is followed by CMD or NONE%s%s",
				  *type ? ", not " : "", type);
	int r = read_flags(reading, &out->health);
	if (r < 0)
		return r;
	const char *args = reading->line->rest + strlen(type);
	while (words_space(*args))
		args++;
	int list = words_list(args, &out->command.args, reading->err);
	if (list < 0)
		return dockerfile_place(reading->file, reading->line->line, reading->err);
	if (list ? !out->command.args.count : !*args)
		return wrong_line(reading, "HEALTHCHECK CMD needs a command%s%s", "", "");
	out->command.shell = !list;
	if (!list)
		strv_add(&out->command.args, args);
	return 0;
}
