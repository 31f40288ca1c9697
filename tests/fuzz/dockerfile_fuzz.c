/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dockerfile_fuzz - Dockerfiles, and the same bytes as patterns of an ignore file
 *
 * What is taken keeps the invariants of build/dockerfile.h; of stages that are needed each stands behind its needs.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "build/dockerfile.h"
#include "build/expand.h"
#include "build/ignore.h"
#include "build/instruction.h"
#include "build/lint.h"
#include "build/outline.h"
#include "build/stages.h"
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

static void try_instruction(const struct dockerfile *file, const struct dockerfile_line *line)
{
	struct expand_scope scope = { 0 };
	AUTO(instruction) struct instruction instruction = { 0 };

	(void)!instruction_parse(file, line, &scope, 0, &instruction, NULL);
}

static void try_outline(const struct stages *stages)
{
	const struct stages_input input = { 0 };
	AUTO(outline) struct outline outline = { 0 };

	if (outline_find(stages, &input, stages->count - 1, &outline, NULL) < 0)
		return;
	for (size_t i = 0; i < outline.args.count; i++)
		bug_unless(outline.args.items[i].used && outline.args.items[i].line);
	for (size_t i = 0; i < outline.mounts.count; i++)
		bug_unless(outline.mounts.items[i].id);
}

static void try_stages(const struct dockerfile *file)
{
	AUTO(stages) struct stages stages = { 0 };
	AUTO(lint_findings) struct lint_findings findings = { 0 };
	struct lint_settings settings = { 0 };
	struct stage_needs needed = { 0 };

	if (stages_find(file, &(struct stages_input){ 0 }, &stages, NULL) < 0)
		return;
	(void)!lint_settings_parse(file->check, &settings, NULL);
	lint_check(&stages, &(struct lint_input){ 0 }, &settings, &findings);
	try_outline(&stages);
	if (stages_needed(&stages, stages.count - 1, &needed, NULL) < 0)
		return;
	bug_unless(needed.items[needed.count - 1] == stages.count - 1);
	free(needed.items);
}

static void try_ignore(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "a", "a/b/c.o", "src/main.c", "\xc3\xa9/[x]" };
	AUTO(patterns) struct patterns patterns = { 0 };

	if (ignore_parse((const char *)data, size, ".dockerignore", &patterns, NULL) < 0)
		return;
	for (size_t i = 0; i < array_len(paths); i++) {
		AUTO(pattern_state) struct pattern_state none = { 0 }, state = { 0 };
		(void)patterns_exclude(&patterns, paths[i]);
		(void)patterns_step(&patterns, &none, paths[i], &state);
		(void)patterns_keep_below(&patterns, &state, paths[i]);
	}
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
		try_instruction(file, line);
	}
}

static void try_file(const struct dockerfile *file)
{
	try_lines(file);
	try_stages(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(dockerfile) struct dockerfile *file = NULL;

	if (dockerfile_parse((const char *)data, size, "Dockerfile", &file, NULL) == 0)
		try_file(file);
	try_ignore(data, size);
	return 0;
}
