/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter - --filter KEY=VALUE, given several times
 */
#include "cli/filter.h"

#include <errno.h>
#include <regex.h>

/* The value of a filter if it has this key, else NULL. */
static const char *value_of(const char *filter, const char *key)
{
	const char *rest = str_starts(filter, key);

	return rest && *rest == '=' ? rest + 1 : NULL;
}

static bool is_known(const char *filter, const char *const *known)
{
	for (size_t i = 0; known[i]; i++)
		if (value_of(filter, known[i]))
			return true;
	return false;
}

static int refuse(const char *filter, const char *const *known, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	size_t length = strcspn(filter, "=");

	for (size_t i = 0; known[i]; i++)
		strv_add(&names, known[i]);
	AUTO(mem) char *list = str_join(&names, ", ");
	if (!filter[length])
		err_set(err, -EINVAL, "invalid filter '%s': it must be KEY=VALUE", filter);
	else
		err_set(err, -EINVAL, "invalid filter '%.*s'", (int)length, filter);
	return err_hint(err, "known filters: %s", list);
}

int filter_check(const struct strv *filters, const char *const *known, struct err *err)
{
	for (size_t i = 0; i < filters->count; i++)
		if (!is_known(filters->items[i], known))
			return refuse(filters->items[i], known, err);
	return 0;
}

bool filter_any(const struct strv *filters, const char *key, filter_test *test, const void *thing)
{
	bool given = false;

	for (size_t i = 0; i < filters->count; i++) {
		const char *value = value_of(filters->items[i], key);
		given = given || value;
		if (value && test(thing, value))
			return true;
	}
	return !given;
}

bool filter_all(const struct strv *filters, const char *key, filter_test *test, const void *thing)
{
	for (size_t i = 0; i < filters->count; i++) {
		const char *value = value_of(filters->items[i], key);
		if (value && !test(thing, value))
			return false;
	}
	return true;
}

const char *filter_value(const struct strv *filters, const char *key)
{
	const char *last = NULL;

	for (size_t i = 0; i < filters->count; i++)
		last = str_or(value_of(filters->items[i], key), last);
	return last;
}

bool filter_label(const void *labels, const char *value)
{
	const struct strv *list = labels;
	const char *sign = strchr(value, '=');

	return sign ? strv_find(list, value) >= 0 : strv_env_get(list, value) != NULL;
}

bool filter_labels(const struct strv *filters, const struct strv *labels)
{
	return filter_all(filters, "label", filter_label, labels) &&
	       (!filter_value(filters, "label!") ||
		!filter_any(filters, "label!", filter_label, labels));
}

int filter_truth(const char *value, bool *out)
{
	bool yes = str_eq(value, "true") || str_eq(value, "1");

	if (!yes && !str_eq(value, "false") && !str_eq(value, "0"))
		return -EINVAL;
	*out = yes;
	return 0;
}

bool filter_pattern(const char *text, const char *pattern)
{
	regex_t regex;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return strstr(text, pattern) != NULL;
	bool found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}
