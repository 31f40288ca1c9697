/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * challenge - what a registry asks for when it answers 401
 *
 * A header is a list of challenges, each a scheme with parameters; both lists are joined by commas.
 * A word followed by '=' is a parameter of the scheme before, any other word a new scheme.
 */
#include "remote/challenge.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

enum { MAX_VALUE = 8192 };

static size_t token_length(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			 "!#$%&'*+-.^_`|~");
}

/* A quoted or bare value; the end of it goes to *end. */
static char *read_value(const char *s, const char **end)
{
	char *value, *to;

	if (*s != '"') {
		/* A base64 token may end in '='. */
		size_t n = strcspn(s, " \t,");
		*end = s + n;
		return str_ndup(s, n);
	}
	value = to = mem_alloc(strlen(s) + 1, 1);
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		*to++ = *s;
	}
	*end = *s ? s + 1 : s;
	return value;
}

static void keep(struct challenge *c, const char *name, size_t n, const char *value)
{
	const struct {
		const char *name;
		char **slot;
	} known[] = { { "realm", &c->realm },
		      { "service", &c->service },
		      { "scope", &c->scope },
		      { "error", &c->error } };

	for (size_t i = 0; i < array_len(known); i++)
		if (n == strlen(known[i].name) && strncasecmp(name, known[i].name, n) == 0)
			str_set(known[i].slot, value);
}

static enum challenge_kind scheme_kind(const char *name, size_t n)
{
	if (n == 6 && strncasecmp(name, "Bearer", n) == 0)
		return CHALLENGE_BEARER;
	if (n == 5 && strncasecmp(name, "Basic", n) == 0)
		return CHALLENGE_BASIC;
	return CHALLENGE_NONE;
}

static void merge(struct challenge *into, struct challenge *one)
{
	/* A Bearer challenge without a place to get tokens is none. */
	bool usable = one->kind != CHALLENGE_BEARER || !str_empty(one->realm);

	if (usable && one->kind > into->kind) {
		challenge_clear(into);
		*into = *one;
		*one = (struct challenge){ 0 };
	}
	challenge_clear(one);
}

void challenge_add(struct challenge *challenge, const char *value)
{
	AUTO(challenge) struct challenge one = { 0 };
	const char *s = value;

	if (strlen(value) > MAX_VALUE)
		return;
	while (*(s += strspn(s, " \t,"))) {
		size_t n = token_length(s);
		const char *after = s + n + strspn(s + n, " \t");
		if (!n)
			break;
		if (*after != '=') {
			merge(challenge, &one);
			one.kind = scheme_kind(s, n);
			s = after;
			continue;
		}
		const char *end;
		after++;
		AUTO(mem) char *text = read_value(after + strspn(after, " \t"), &end);
		keep(&one, s, n, text);
		s = end;
	}
	merge(challenge, &one);
}

void challenge_clear(struct challenge *challenge)
{
	free(challenge->realm);
	free(challenge->service);
	free(challenge->scope);
	free(challenge->error);
	*challenge = (struct challenge){ 0 };
}
