/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words - how the arguments of an instruction fall into words
 */
#include "build/words.h"

#include <errno.h>

#include "base/json.h"

void words_split(const char *text, struct strv *out)
{
	while (*text) {
		size_t n = 0;
		while (text[n] && !words_space(text[n]))
			n++;
		if (n)
			strv_take(out, str_ndup(text, n));
		text += n;
		while (words_space(*text))
			text++;
	}
}

/* The end of a word: the first white space that is neither quoted nor escaped. */
static const char *word_end(const char *p, char escape)
{
	char quote = 0;

	for (; *p && (quote || !words_space(*p)); p++) {
		if (*p == escape && quote != '\'' && p[1])
			p++;
		else if (quote)
			quote = *p == quote ? 0 : quote;
		else if (*p == '\'' || *p == '"')
			quote = *p;
	}
	return p;
}

void words_quoted(const char *text, char escape, struct strv *out)
{
	while (words_space(*text))
		text++;
	while (*text) {
		const char *end = word_end(text, escape);
		size_t n = (size_t)(end - text), escapes = 0;

		while (escapes < n && end[-1 - (ssize_t)escapes] == escape)
			escapes++;
		/* An escape with nothing behind it. */
		if (!*end && escapes % 2)
			n--;
		if (n)
			strv_take(out, str_ndup(text, n));
		for (text = end; words_space(*text);)
			text++;
	}
}

int words_list(const char *text, struct strv *out, struct err *err)
{
	AUTO(json) cJSON *list = NULL;
	const cJSON *item;

	while (words_space(*text))
		text++;
	if (*text != '[' || json_parse(text, strlen(text), &list, NULL) < 0)
		return 0;
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return err_set(err, -EINVAL,
				       "a list may hold nothing but texts in double quotes");
	}
	cJSON_ArrayForEach(item, list) strv_add(out, item->valuestring);
	return 1;
}
