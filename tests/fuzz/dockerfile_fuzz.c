/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dockerfile_fuzz - Dockerfiles; what is taken keeps the invariants of build/dockerfile.h
 */
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "build/dockerfile.h"
#include "build/expand.h"
#include "build/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_expand(const char *text, char escape)
{
	static char *items[] = { (char *)"foo=bar", (char *)"path=/a/b/c.tar.gz", (char *)"s=a b" };
	static const struct strv env = { items, array_len(items) };
	struct expand_scope scope = { .lookup = expand_env, .data = &env, .escape = escape };
	AUTO(strv) struct strv words = { 0 };
	AUTO(mem) char *word = NULL;

	if (expand_word(&scope, text, &word, NULL) == 0)
		bug_unless(strlen(word) <= strlen(text) + EXPAND_MAX_BYTES);
	(void)!expand_words(&scope, text, &words, NULL);
	words_quoted(text, escape, &words);
}

static void try_lines(const struct dockerfile *file)
{
	int last = 0;

	for (size_t i = 0; i < file->lines.count; i++) {
		const struct dockerfile_line *line = &file->lines.items[i];
		bug_unless(line->kind < KIND_COUNT && line->line > last &&
			   line->end_line >= line->line);
		last = line->end_line;
		for (size_t j = 0; j < line->flags.count; j++)
			bug_unless(line->flags.items[j].line >= line->line &&
				   line->flags.items[j].line <= last);
		for (size_t j = 0; j < line->heredocs.count; j++) {
			AUTO(mem) char *text = heredoc_text(&line->heredocs.items[j]);
			bug_unless(!*text || str_ends(text, "\n"));
		}
		try_expand(line->rest, file->escape);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(dockerfile) struct dockerfile *file = NULL;

	if (dockerfile_parse((const char *)data, size, "Dockerfile", &file, NULL) == 0)
		try_lines(file);
	return 0;
}
