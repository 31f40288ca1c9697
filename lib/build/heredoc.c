/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * heredoc - <<NAME: text that follows an instruction
 *
 * Whether a name is quoted is seen by reading it twice, with its quotes and escapes and without: the texts differ.
 */
#include "build/heredoc.h"

#include "build/chars.h"
#include "build/expand.h"

/* The one word that a text is; NULL when it is none or several. */
static char *one_word(const char *text, unsigned flags)
{
	AUTO(strv) struct strv words = { 0 };
	struct expand_scope scope = { .flags = EXPAND_KEEP_UNSET | flags };

	if (expand_words(&scope, text, &words, NULL) < 0 || words.count != 1)
		return NULL;
	return str_dup(words.items[0]);
}

bool heredoc_parse(const char *word, struct heredoc *out)
{
	size_t digits = strspn(word, "0123456789");
	const char *name = str_starts(word + digits, "<<");
	uint64_t fd = 0;

	if (!name)
		return false;
	AUTO(mem) char *number = str_ndup(word, digits);
	bool chomp = *name == '-';
	name += chomp;
	if (strchr(name, '<') || (digits && str_u64(number, INT32_MAX, &fd) < 0))
		return false;
	AUTO(mem) char *plain = one_word(name, 0);
	AUTO(mem) char *raw = one_word(name, EXPAND_RAW_QUOTES | EXPAND_RAW_ESCAPES);
	if (!plain || !raw)
		return false;
	*out = (struct heredoc){
		.fd = digits ? (int)fd : -1,
		.chomp = chomp,
		.expand = str_eq(plain, raw),
	};
	out->name = take_ptr(plain);
	return true;
}

void heredoc_find(const char *line, struct heredocs *out)
{
	AUTO(strv) struct strv words = { 0 };
	struct expand_scope scope = {
		.flags = EXPAND_KEEP_UNSET | EXPAND_RAW_QUOTES | EXPAND_RAW_ESCAPES,
	};

	if (expand_words(&scope, line, &words, NULL) < 0)
		return;
	for (size_t i = 0; i < words.count; i++) {
		struct heredoc doc = { 0 };
		if (heredoc_parse(words.items[i], &doc))
			*vec_push(out) = doc;
	}
}

char *heredoc_text(const struct heredoc *doc)
{
	AUTO(chars) struct chars text = { 0 };
	bool begin = true;

	if (!doc->chomp)
		return str_dup(str_or(doc->content, ""));
	for (const char *p = str_or(doc->content, ""); *p; p++) {
		if (begin && *p == '\t')
			continue;
		begin = *p == '\n';
		chars_add(&text, *p);
	}
	return chars_take(&text);
}

void heredoc_clear(struct heredoc *doc)
{
	free(doc->name);
	free(doc->content);
	*doc = (struct heredoc){ 0 };
}

void heredocs_clear(struct heredocs *docs)
{
	for (size_t i = 0; i < docs->count; i++)
		heredoc_clear(&docs->items[i]);
	free(docs->items);
	*docs = (struct heredocs){ 0 };
}
