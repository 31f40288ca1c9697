/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * envmerge - variables made of other variables: --env-merge
 */
#include "engine/envmerge.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

/* Return: the length of the name at the start of a text; 0 when there is none. */
static size_t name_length(const char *text)
{
	size_t n = 0;

	if (isdigit((unsigned char)text[0]))
		return 0;
	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n;
}

/* What "NAME}", "NAME:-TEXT}" or "NAME:+TEXT}" stands for. Return: what follows it, or NULL. */
static const char *braced(const struct strv *env, const char *text, FILE *out)
{
	size_t n = name_length(text);
	const char *end = strchr(text, '}');

	if (!n || !end)
		return NULL;
	AUTO(mem) char *name = str_ndup(text, n);
	const char *value = str_or(strv_env_get(env, name), "");
	const char *rest = text + n;
	if (rest == end) {
		fputs(value, out);
		return end + 1;
	}
	if (rest[0] != ':' || (rest[1] != '-' && rest[1] != '+'))
		return NULL;
	bool instead = (rest[1] == '+') == (*value != 0);
	if (instead)
		fwrite(rest + 2, 1, (size_t)(end - rest - 2), out);
	else if (rest[1] == '-')
		fputs(value, out);
	return end + 1;
}

/* What stands behind a '$'. Return: what follows it, or NULL. */
static const char *variable(const struct strv *env, const char *text, FILE *out)
{
	if (*text == '{')
		return braced(env, text + 1, out);
	size_t n = name_length(text);
	AUTO(mem) char *name = str_ndup(text, n);
	fputs(n ? str_or(strv_env_get(env, name), "") : "$", out);
	return text + n;
}

static const char *expand(const struct strv *env, const char *text, FILE *out)
{
	while (text && *text) {
		if (*text == '$') {
			text = variable(env, text + 1, out);
			continue;
		}
		if (*text == '\\' && text[1])
			text++;
		fputc(*text++, out);
	}
	return text;
}

int envmerge_set(struct strv *env, const char *text, struct err *err)
{
	const char *value = strchr(text, '=');
	AUTO(mem) char *result = NULL;
	size_t size;

	if (!value || value == text)
		return err_set(err, -EINVAL, "--env-merge: '%s' is no NAME=VALUE", text);
	FILE *out = open_memstream(&result, &size);
	bug_unless(out);
	fwrite(text, 1, (size_t)(value + 1 - text), out);
	const char *end = expand(env, value + 1, out);
	bug_unless(fclose(out) == 0);
	if (!end) {
		(void)err_set(err, -EINVAL, "--env-merge: '%s' cannot be read", text);
		return err_hint(err, "variables are $NAME, ${NAME}, ${NAME:-TEXT} and "
				     "${NAME:+TEXT}; a plain '$' is \\$");
	}
	strv_env_set(env, result);
	return 0;
}
