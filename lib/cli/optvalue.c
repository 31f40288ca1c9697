/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * optvalue - what a typed value does to the field of an option
 */
#include "cli/optvalue.h"

#include <errno.h>
#include <limits.h>

#include "base/clock.h"

/* The texts for yes and no that Go's flags know, the first half for yes. */
static const char *const truths[] = { "1", "t", "T", "TRUE",  "true",  "True",
				      "0", "f", "F", "FALSE", "false", "False" };

static int take_truth(const char *value, const char *flag, bool *out, struct err *err)
{
	if (!value) {
		*out = true;
		return 0;
	}
	for (size_t i = 0; i < array_len(truths); i++) {
		if (str_eq(value, truths[i])) {
			*out = i < array_len(truths) / 2;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "'%s=%s': the value must be true or false", flag, value);
}

static int take_flag(const struct opt *opt, void *field, const char *value, const char *flag,
		     struct err *err)
{
	bool on;
	int r = take_truth(value, flag, &on, err);

	if (r < 0)
		return r;
	if (opt->kind == OPT_KIND_FLAG)
		*(bool *)field = on;
	else
		*(enum tri *)field = on ? TRI_YES : TRI_NO;
	return 0;
}

static int take_text(const struct opt *opt, void *field, const char *value,
		     unused_arg const char *flag, unused_arg struct err *err)
{
	*(const char **)field = value ? value : opt_implied(opt);
	return 0;
}

static int take_int(unused_arg const struct opt *opt, void *field, const char *value,
		    const char *flag, struct err *err)
{
	int64_t n;

	if (str_i64(value, INT_MIN, INT_MAX, &n) < 0)
		return err_set(err, -EINVAL, "'%s %s': the value must be a whole number", flag,
			       value);
	*(int *)field = (int)n;
	return 0;
}

static int take_count(unused_arg const struct opt *opt, void *field, const char *value,
		      const char *flag, struct err *err)
{
	int64_t n;

	if (str_i64(value, 0, INT_MAX, &n) < 0)
		return err_set(err, -EINVAL, "'%s %s': the value must be a number from 0 on", flag,
			       value);
	*(int *)field = (int)n;
	return 0;
}

static int take_list(unused_arg const struct opt *opt, void *field, const char *value,
		     unused_arg const char *flag, unused_arg struct err *err)
{
	strv_add(field, value);
	return 0;
}

static int take_map(unused_arg const struct opt *opt, void *field, const char *value,
		    const char *flag, struct err *err)
{
	const char *sign = strchr(value, '=');

	if (!sign || sign == value)
		return err_set(err, -EINVAL, "'%s %s': the value must be KEY=VALUE", flag, value);
	strv_env_set(field, value);
	return 0;
}

static int take_size(unused_arg const struct opt *opt, void *field, const char *value,
		     const char *flag, struct err *err)
{
	if (str_size(value, field) < 0)
		return err_set(err, -EINVAL, "'%s %s': the value must be a size such as 64m", flag,
			       value);
	return 0;
}

static int take_duration(unused_arg const struct opt *opt, void *field, const char *value,
			 const char *flag, struct err *err)
{
	int64_t span;

	if (clock_duration(value, &span) < 0 || span < 0)
		return err_set(err, -EINVAL, "'%s %s': the value must be a duration such as 30s",
			       flag, value);
	*(int64_t *)field = span;
	return 0;
}

static int take_enum(const struct opt *opt, void *field, const char *value, const char *flag,
		     struct err *err)
{
	const char *const *names = opt->extra;
	AUTO(strv) struct strv known = { 0 };

	for (int i = 0; names[i]; i++) {
		if (str_eq(names[i], value)) {
			*(int *)field = i;
			return 0;
		}
		strv_add(&known, names[i]);
	}
	AUTO(mem) char *list = str_join(&known, ", ");
	return err_set(err, -EINVAL, "'%s %s': the value must be one of %s", flag, value, list);
}

/* The function's own sentence follows the flag. */
static int told(int r, const char *flag, const char *value, struct err *err)
{
	return r < 0 ? err_wrap(err, "'%s%s%s'", flag, *value ? " " : "", value) : 0;
}

static int take_call(const struct opt *opt, void *args, const char *value, const char *flag,
		     struct err *err)
{
	return told(opt->call(args, value, err), flag, value, err);
}

static int take_switch(const struct opt *opt, void *args, const char *value, const char *flag,
		       struct err *err)
{
	bool on;
	int r = take_truth(value, flag, &on, err);

	if (r < 0)
		return r;
	return told(opt->call(args, on ? "true" : "false", err), flag, "", err);
}

static int take_nothing(unused_arg const struct opt *opt, unused_arg void *field,
			unused_arg const char *value, unused_arg const char *flag,
			unused_arg struct err *err)
{
	return 0;
}

static int refuse(const struct opt *opt, unused_arg void *field, unused_arg const char *value,
		  const char *flag, struct err *err)
{
	return err_set(err, -EINVAL, "'%s' is not available: %s", flag, opt_help(opt));
}

typedef int take(const struct opt *opt, void *field, const char *value, const char *flag,
		 struct err *err);

static const struct {
	take *take;
	bool wants_value;
} kinds[] = {
	[OPT_KIND_FLAG] = { take_flag, false },
	[OPT_KIND_TRI] = { take_flag, false },
	[OPT_KIND_TEXT] = { take_text, true },
	[OPT_KIND_OPTIONAL] = { take_text, false },
	[OPT_KIND_INT] = { take_int, true },
	[OPT_KIND_COUNT] = { take_count, true },
	[OPT_KIND_LIST] = { take_list, true },
	[OPT_KIND_MAP] = { take_map, true },
	[OPT_KIND_SIZE] = { take_size, true },
	[OPT_KIND_DURATION] = { take_duration, true },
	[OPT_KIND_ENUM] = { take_enum, true },
	[OPT_KIND_CALL] = { take_call, true },
	[OPT_KIND_SWITCH] = { take_switch, false },
	[OPT_KIND_HARMLESS] = { take_nothing, false },
	[OPT_KIND_HARMLESS_VALUE] = { take_nothing, true },
	[OPT_KIND_REFUSED] = { refuse, false },
};

bool optvalue_wanted(const struct opt *opt)
{
	return kinds[opt->kind].wants_value;
}

int optvalue_take(const struct opt *opt, void *args, const char *value, const char *flag,
		  struct err *err)
{
	bug_unless(opt->kind < array_len(kinds) && kinds[opt->kind].take);
	return kinds[opt->kind].take(opt, (char *)args + opt->offset, value, flag, err);
}
