/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter - --filter KEY=VALUE, given several times
 *
 * Values of one key are alternatives; different keys must all be met. Labels are the exception of
 * both tools: each of them must be met.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* Whether a thing has a value. */
typedef bool filter_test(const void *thing, const char *value);

/**
 * filter_check() - refuse filters that are not there
 * @filters:	as typed: KEY=VALUE
 * @known:	names of keys, NULL at the end
 * @err:	names the key, and those that are known
 *
 * Return: 0 or -EINVAL.
 */
must_check int filter_check(const struct strv *filters, const char *const *known, struct err *err);

/**
 * filter_any() - whether a thing meets one of the values of a key
 * @filters:	as typed
 * @key:	of the filters that count
 * @test:	compares
 * @thing:	handed to @test
 *
 * Return: true also when no filter has this key.
 */
must_check bool filter_any(const struct strv *filters, const char *key, filter_test *test,
			   const void *thing);

/**
 * filter_all() - whether a thing meets each of the values of a key
 * @filters:	as typed
 * @key:	of the filters that count
 * @test:	compares
 * @thing:	handed to @test
 *
 * Return: true also when no filter has this key.
 */
must_check bool filter_all(const struct strv *filters, const char *key, filter_test *test,
			   const void *thing);

/**
 * filter_value() - the last value of a key
 * @filters:	as typed
 * @key:	of the filter
 *
 * Return: the value, which belongs to @filters, or NULL.
 */
must_check const char *filter_value(const struct strv *filters, const char *key);

/**
 * filter_label() - whether labels meet what a label filter says
 * @labels:	struct strv of KEY=VALUE
 * @value:	KEY, or KEY=VALUE
 *
 * A filter_test.
 *
 * Return: whether one of the labels does.
 */
must_check bool filter_label(const void *labels, const char *value);

/**
 * filter_labels() - whether labels meet all filters "label" and none of "label!"
 * @filters:	as typed
 * @labels:	of the thing: KEY=VALUE
 *
 * Return: whether they do.
 */
must_check bool filter_labels(const struct strv *filters, const struct strv *labels);

/**
 * filter_truth() - read a value that is true or false
 * @value:	as typed: true, false, 1, 0
 * @out:	set on success only
 *
 * Return: 0 or -EINVAL.
 */
must_check int filter_truth(const char *value, bool *out);

/**
 * filter_pattern() - whether a text matches a regular expression somewhere
 * @text:	the text
 * @pattern:	as typed; one that is no expression is looked for as it stands
 *
 * Return: whether it does.
 */
must_check bool filter_pattern(const char *text, const char *pattern);
