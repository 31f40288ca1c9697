/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ere - POSIX extended regular expressions that others have written
 */
#include "base/ere.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

/* What the C library has beyond POSIX: words, spaces, and their ends. */
#define KNOWN_LETTERS "wWsSbB"

enum { REASON_BYTES = 120, DUP_MAX = 32767 };

/* A group, or the whole: how much it is, and how much of that its last part. */
struct level {
	uint64_t sum, last;
};

struct count {
	const char *at;
	struct level levels[ERE_MAX_DEPTH + 1];
	size_t depth;
};

static struct level *now(struct count *c)
{
	return &c->levels[c->depth];
}

static void add_part(struct count *c, uint64_t steps)
{
	now(c)->last = steps;
	now(c)->sum += steps;
}

/* Sums stay small: the count ends with the first that is too large. */
static void repeat(struct count *c, uint64_t times)
{
	struct level *level = now(c);

	level->sum += level->last * (times - 1);
	level->last *= times;
}

/* Behind the '[': up to its ']', which may stand first, and in a [:class:]. */
static const char *skip_set(const char *at)
{
	at += *at == '^';
	at += *at == ']';
	while (*at && *at != ']') {
		if (*at == '[' && at[1] && strchr(":.=", at[1])) {
			const char end[] = { at[1], ']', 0 };
			const char *close = strstr(at + 2, end);
			at = close ? close + 1 : at;
		}
		at++;
	}
	return *at ? at + 1 : at;
}

/* "{3}", "{3,}", "{3,5}" or "{,5}"; what is none of them is left to the C library to refuse. */
static const char *read_times(const char *at, uint64_t *out)
{
	uint64_t low = 0, high = 0;

	for (at++; isdigit((unsigned char)*at); at++)
		low = min_of(low * 10 + (uint64_t)(*at - '0'), (uint64_t)DUP_MAX);
	if (*at == ',') {
		const bool open = at[1] == '}';
		for (at++; isdigit((unsigned char)*at); at++)
			high = min_of(high * 10 + (uint64_t)(*at - '0'), (uint64_t)DUP_MAX);
		high = open ? low + 1 : high;
	}
	high = max_of(low, high);
	*out = max_of(high, (uint64_t)1);
	return *at == '}' ? at + 1 : at;
}

static int count_escape(struct count *c, const char *pattern, struct err *err)
{
	const char letter = c->at[1];

	if (isalnum((unsigned char)letter) && !strchr(KNOWN_LETTERS, letter))
		return err_set(err, -EBADMSG,
			       "the expression '%s' has '\\%c', which POSIX does not know", pattern,
			       letter);
	c->at += letter ? 2 : 1;
	add_part(c, 1);
	return 0;
}

static int open_group(struct count *c, const char *pattern, struct err *err)
{
	if (c->depth == ERE_MAX_DEPTH)
		return err_set(
			err, -EBADMSG,
			"the expression '%.40s...' has more than %d groups inside each other",
			pattern, ERE_MAX_DEPTH);
	c->levels[++c->depth] = (struct level){ 0 };
	c->at++;
	return 0;
}

static void close_group(struct count *c)
{
	const uint64_t steps = max_of(now(c)->sum, (uint64_t)1);

	c->at++;
	if (c->depth) {
		c->depth--;
		add_part(c, steps);
	}
}

static int count_one(struct count *c, const char *pattern, struct err *err)
{
	uint64_t times;

	switch (*c->at) {
	case '\\':
		return count_escape(c, pattern, err);
	case '(':
		return open_group(c, pattern, err);
	case ')':
		close_group(c);
		return 0;
	case '[':
		c->at = skip_set(c->at + 1);
		add_part(c, 1);
		return 0;
	case '{':
		c->at = read_times(c->at, &times);
		repeat(c, times);
		return 0;
	case '+': /* as "{1,}" */
		repeat(c, 2);
		break;
	case '*':
	case '?':
		break;
	case '|':
		now(c)->last = 0;
		break;
	default:
		add_part(c, 1);
	}
	c->at++;
	return 0;
}

static int count_steps(const char *pattern, struct err *err)
{
	struct count c = { .at = pattern };
	int r = strlen(pattern) > ERE_MAX_BYTES
			? err_set(err, -EBADMSG, "the expression '%.40s...' has more than %d bytes",
				  pattern, ERE_MAX_BYTES)
			: 0;

	while (r == 0 && *c.at) {
		r = count_one(&c, pattern, err);
		if (r == 0 && now(&c)->sum > ERE_MAX_STEPS)
			r = err_set(err, -EBADMSG,
				    "the expression '%.40s%s' repeats more than %d characters",
				    pattern, strlen(pattern) > 40 ? "..." : "", ERE_MAX_STEPS);
	}
	return r;
}

int ere_check(const char *pattern, struct err *err)
{
	char why[REASON_BYTES];
	regex_t compiled;
	int r = count_steps(pattern, err);

	if (r < 0)
		return r;
	r = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);
	if (r == 0) {
		regfree(&compiled);
		return 0;
	}
	(void)regerror(r, &compiled, why, sizeof why);
	return err_set(err, -EBADMSG, "the expression '%s' is none: %s", pattern, why);
}

bool ere_match(const char *pattern, const char *text)
{
	regex_t compiled;

	if (count_steps(pattern, NULL) < 0 ||
	    regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	const bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	return found;
}
