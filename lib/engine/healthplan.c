/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * healthplan - from what the user asked for and what the image says to a configuration of health checks
 */
#include "engine/healthplan.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

#define USUAL (30 * CLOCK_SECOND)
#define SHORTEST (CLOCK_SECOND / 1000)
#define NO_TIMER "disable"

enum { USUAL_RETRIES = 3, USUAL_COUNT = 5, USUAL_SIZE = 500 };

/* ---- the test ---- */

static int take_list(const char *flag, const cJSON *list, struct strv *out, struct err *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return err_set(err, -EINVAL, "--%s: a list holds texts alone", flag);
		strv_add(out, item->valuestring);
	}
	return 0;
}

/* A list that does not say how it is meant is a program with its arguments; a single word is a line. */
static void complete_list(struct strv *words, struct strv *out)
{
	const char *first = words->items[0];
	bool says = !strcasecmp(first, "CMD") || !strcasecmp(first, "CMD-SHELL");

	if (!says)
		strv_add(out, words->count > 1 ? "CMD" : "CMD-SHELL");
	else
		strv_add(out, strcasecmp(first, "CMD") ? "CMD-SHELL" : "CMD");
	for (size_t i = says; i < words->count; i++)
		strv_add(out, words->items[i]);
}

/* What follows a word at the beginning of a line, or NULL. */
static const char *behind(const char *line, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(line, word, n) || !isspace((unsigned char)line[n]))
		return NULL;
	line += n;
	return line + strspn(line, " \t");
}

static void take_line(const char *line, struct strv *out)
{
	const char *words = behind(line, "CMD"), *rest = behind(line, "CMD-SHELL");
	AUTO(strv) struct strv split = { 0 };

	if (!words) {
		strv_add(out, "CMD-SHELL");
		strv_add(out, rest ? rest : line);
		return;
	}
	strv_add(out, "CMD");
	strv_split(&split, words, ' ');
	for (size_t i = 0; i < split.count; i++)
		if (*split.items[i])
			strv_add(out, split.items[i]);
}

static int take_test(const char *flag, const char *text, struct strv *out, struct err *err)
{
	AUTO(json) cJSON *list = NULL;
	AUTO(strv) struct strv words = { 0 };

	strv_clear(out);
	if (*text == '[' && json_parse(text, strlen(text), &list, NULL) == 0) {
		int r = take_list(flag, list, &words, err);
		if (r < 0)
			return r;
		if (!words.count)
			return err_set(err, -EINVAL, "--%s: the list is empty", flag);
	}
	if (!strcasecmp(words.count ? words.items[0] : text, "none"))
		strv_add(out, "NONE");
	else if (words.count)
		complete_list(&words, out);
	else
		take_line(text, out);
	if (out->count < 2 && !str_eq(out->items[0], "NONE"))
		return err_set(err, -EINVAL, "--%s: there is no command", flag);
	return 0;
}

/* ---- times and numbers ---- */

static int take_time(const char *flag, const char *text, int64_t least, int64_t *out,
		     struct err *err)
{
	int64_t ns;

	if (!text)
		return 0;
	if (clock_duration(text, &ns) < 0 || ns < 0)
		return err_set(err, -EINVAL, "--%s: '%s' is no duration (30s, 1m30s)", flag, text);
	if (ns && ns < least)
		return err_set(err, -EINVAL, "--%s: '%s' is shorter than a millisecond", flag,
			       text);
	*out = ns;
	return 0;
}

static int take_interval(const char *flag, const char *text, int64_t *out, struct err *err)
{
	if (str_eq(text, NO_TIMER)) {
		*out = 0;
		return 0;
	}
	int r = take_time(flag, text, SHORTEST, out, err);
	if (r == 0 && text && !*out)
		*out = USUAL;
	return r;
}

static int take_number(const char *flag, int number, int least, int *out, struct err *err)
{
	if (number == HEALTH_NOT_GIVEN)
		return 0;
	if (number < least)
		return err_set(err, -EINVAL, "--%s: %d is less than %d", flag, number, least);
	*out = number;
	return 0;
}

static int take_times(const struct health_args *a, struct health_config *h, struct err *err)
{
	int r = take_interval("health-interval", a->interval, &h->interval, err);

	if (r == 0)
		r = take_time("health-timeout", a->timeout, SHORTEST, &h->timeout, err);
	if (r == 0)
		r = take_time("health-start-period", a->start_period, SHORTEST, &h->start_period,
			      err);
	if (r == 0)
		r = take_time("health-start-interval", a->start_interval, SHORTEST,
			      &h->start_interval, err);
	if (r == 0)
		r = take_interval("health-startup-interval", a->startup_interval,
				  &h->startup_interval, err);
	if (r == 0)
		r = take_time("health-startup-timeout", a->startup_timeout, SHORTEST,
			      &h->startup_timeout, err);
	return r;
}

static int take_numbers(const struct health_args *a, struct health_config *h, struct err *err)
{
	int r = take_number("health-retries", a->retries, 0, &h->retries, err);

	if (r == 0)
		r = take_number("health-startup-retries", a->startup_retries, 0,
				&h->startup_retries, err);
	if (r == 0)
		r = take_number("health-startup-success", a->startup_success, 0,
				&h->startup_success, err);
	if (r == 0)
		r = take_number("health-max-log-count", a->log_count, 0, &h->log_count, err);
	if (r == 0)
		r = take_number("health-max-log-size", a->log_size, 0, &h->log_size, err);
	if (h->retries == 0)
		h->retries = USUAL_RETRIES;
	return r;
}

/* ---- the rest ---- */

static int take_action(const char *text, struct health_config *h, struct err *err)
{
	if (!text)
		return 0;
	for (int i = 0; health_action_names[i]; i++)
		if (str_eq(text, health_action_names[i])) {
			h->on_failure = i;
			return 0;
		}
	return err_set(err, -EINVAL,
		       "--health-on-failure: '%s' is not one of none, kill, restart, stop", text);
}

static int take_destination(const char *text, struct health_config *h, struct err *err)
{
	struct stat st;

	if (!text)
		return 0;
	str_set(&h->log_folder, NULL);
	h->log_events = str_eq(text, "events_logger");
	if (h->log_events || str_eq(text, "local"))
		return 0;
	if (*text != '/' || stat(text, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(err, -EINVAL,
			       "--health-log-destination: '%s' is not local, events_logger or the "
			       "absolute path of a folder",
			       text);
	h->log_folder = str_dup(text);
	return 0;
}

/* The usual, or the image's, before what was asked for. */
static void begin(const struct image_healthcheck *image, const struct strv *shell,
		  struct health_config *h)
{
	if (h->timeout) /* an update: it has all */
		return;
	strv_extend(&h->test, &image->test);
	strv_extend(&h->shell, shell);
	h->interval = image->interval > 0 ? image->interval : USUAL;
	h->timeout = image->timeout > 0 ? image->timeout : USUAL;
	h->start_period = max_of(image->start_period, INT64_C(0));
	h->start_interval = max_of(image->start_interval, INT64_C(0));
	h->retries = image->retries > 0 ? (int)min_of(image->retries, INT64_C(1000000))
					: USUAL_RETRIES;
	h->startup_interval = h->startup_timeout = USUAL;
	h->log_count = USUAL_COUNT;
	h->log_size = USUAL_SIZE;
}

static bool any_given(const struct health_args *a)
{
	return a->cmd || a->interval || a->timeout || a->start_period || a->start_interval ||
	       a->retries > 0 || a->startup_cmd || a->on_failure;
}

static int take_tests(const struct health_args *a, struct health_config *h, struct err *err)
{
	int r = 0;

	if (a->none && any_given(a))
		return err_set(err, -EINVAL,
			       "--no-healthcheck cannot be given with options of a health check");
	if (a->none) {
		strv_clear(&h->test);
		strv_clear(&h->startup_test);
		strv_add(&h->test, "NONE");
	}
	if (a->cmd)
		r = take_test("health-cmd", a->cmd, &h->test, err);
	if (r == 0 && a->startup_cmd)
		r = take_test("health-startup-cmd", a->startup_cmd, &h->startup_test, err);
	if (r == 0 && h->startup_test.count && str_eq(h->startup_test.items[0], "NONE"))
		strv_clear(&h->startup_test);
	if (r == 0 && h->startup_test.count && !health_checked(h))
		return err_set(err, -EINVAL, "--health-startup-cmd needs a --health-cmd as well");
	return r;
}

int health_plan(const struct health_args *args, const struct image_healthcheck *image,
		const struct strv *shell, struct health_config *out, struct err *err)
{
	begin(image, shell, out);
	int r = take_tests(args, out, err);
	if (r == 0)
		r = take_times(args, out, err);
	if (r == 0)
		r = take_numbers(args, out, err);
	if (r == 0)
		r = take_action(args->on_failure, out, err);
	if (r == 0)
		r = take_destination(args->log_destination, out, err);
	/* No limit of a check is asked for by 0, but what hangs must not hang for ever. */
	if (!out->timeout)
		out->timeout = USUAL;
	if (!out->startup_timeout)
		out->startup_timeout = USUAL;
	return r;
}
