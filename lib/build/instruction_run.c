/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instruction_run - RUN as values
 *
 * A RUN of nothing but a heredoc runs its lines by the shell, or as a program of their own when they begin with
 * "#!". Otherwise the shell reads the line with its heredocs, as it would in a script.
 */
#include <errno.h>

#include "build/chars.h"
#include "build/instruction.h"
#include "build/instruction_parts.h"
#include "build/lineflag.h"

static int read_mounts(const struct reading *reading, struct runmounts *out)
{
	const struct dockerfile_flags *flags = &reading->line->flags;

	for (size_t i = 0; i < flags->count; i++) {
		if (!str_eq(flags->items[i].name, "mount"))
			continue;
		struct runmount *mount = vec_push(out);
		const char *value = flags->items[i].value;
		const int r =
			reading->flags & INSTRUCTION_BEFOREHAND
				? runmount_foresee(value, &reading->scope, mount, reading->err)
				: runmount_parse(value, &reading->scope, mount, reading->err);
		if (r < 0)
			return dockerfile_place(reading->file, flags->items[i].line, reading->err);
	}
	return 0;
}

static int read_network(const struct reading *reading, enum instruction_network *out)
{
	static const char *const names[] = { "default", "none", "host" };
	const char *value = str_or(lineflag_text(reading->line, "network"), "default");

	for (size_t i = 0; i < array_len(names); i++) {
		if (str_eq(value, names[i])) {
			*out = (enum instruction_network)i;
			return 0;
		}
	}
	return wrong_line(reading, "RUN --network is default, none or host, not '%s'", value);
}

static int read_security(const struct reading *reading, bool *out)
{
	const char *value = str_or(lineflag_text(reading->line, "security"), "sandbox");

	if (!str_eq(value, "sandbox") && !str_eq(value, "insecure"))
		return wrong_line(reading, "RUN --security is sandbox or insecure, not '%s'",
				  value);
	*out = str_eq(value, "insecure");
	return 0;
}

static void read_heredocs(const struct reading *reading, struct instruction *out)
{
	const struct heredocs *docs = &reading->line->heredocs;
	AUTO(heredoc) struct heredoc only = { 0 };
	AUTO(chars) struct chars line = { 0 };

	if (docs->count == 1 && heredoc_parse(reading->line->rest, &only)) {
		AUTO(mem) char *text = heredoc_text(&docs->items[0]);
		if (str_starts(text, "#!"))
			out->run.script = take_ptr(text);
		else
			strv_take(&out->command.args, take_ptr(text));
		return;
	}
	chars_adds(&line, reading->line->rest);
	for (size_t i = 0; i < docs->count; i++) {
		chars_add(&line, '\n');
		chars_adds(&line, docs->items[i].content);
		chars_adds(&line, docs->items[i].name);
	}
	strv_take(&out->command.args, chars_take(&line));
}

int instruction_read_run(const struct reading *reading, struct instruction *out)
{
	int r = read_mounts(reading, &out->run.mounts);

	if (r == 0)
		r = read_network(reading, &out->run.network);
	if (r == 0)
		r = read_security(reading, &out->run.insecure);
	if (r < 0)
		return r;
	if (reading->line->is_json ? !reading->line->words.count : !*reading->line->rest)
		return wrong_line(reading, "%s needs a command", "RUN");
	out->command.shell = !reading->line->is_json;
	if (reading->line->is_json)
		strv_extend(&out->command.args, &reading->line->words);
	else
		read_heredocs(reading, out);
	return 0;
}
