/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instruction - an instruction of a Dockerfile as values, variables put in
 */
#include "build/instruction.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "build/exposed.h"
#include "build/instruction_parts.h"
#include "build/lineflag.h"
#include "build/words.h"
#include "kern/signame.h"

int reading_expand(const struct reading *reading, const char *text, char **out)
{
	int r = expand_word(&reading->scope, text, out, reading->err);

	return r < 0 ? dockerfile_place(reading->file, reading->line->line, reading->err) : r;
}

/* A pair as it stands there; the text is cut. */
static int add_pair(const struct reading *reading, char *name, const char *value,
		    struct instruction_pairs *out)
{
	AUTO(mem) char *key = NULL, *val = NULL;
	int r = reading_expand(reading, name, &key);

	if (r == 0 && !*key)
		return wrong_kind(reading, "%s needs a name before '=%s'", str_or(value, ""));
	if (r == 0 && value)
		r = reading_expand(reading, value, &val);
	if (r < 0)
		return r;
	struct instruction_pair *pair = vec_push(out);
	pair->name = take_ptr(key);
	pair->value = take_ptr(val);
	return 0;
}

/* "NAME the rest is the value". */
static int read_legacy(const struct reading *reading, struct instruction *out)
{
	AUTO(mem) char *text = str_dup(reading->line->rest);
	size_t n = 0;

	while (text[n] && !words_space(text[n]))
		n++;
	if (!text[n])
		return wrong_kind(reading, "%s needs a value: %s=…", text);
	text[n++] = 0;
	while (words_space(text[n]))
		n++;
	out->legacy = true;
	return add_pair(reading, text, text + n, &out->pairs);
}

static int read_pairs(const struct reading *reading, struct instruction *out)
{
	AUTO(strv) struct strv words = { 0 };

	words_quoted(reading->line->rest, reading->file->escape, &words);
	if (!words.count)
		return wrong_kind(reading, "%s needs a name and a value%s", "");
	if (!strchr(words.items[0], '='))
		return read_legacy(reading, out);
	for (size_t i = 0; i < words.count; i++) {
		char *value = strchr(words.items[i], '=');
		if (!value)
			return wrong_kind(reading, "%s finds no '=' in '%s'", words.items[i]);
		*value++ = 0;
		int r = add_pair(reading, words.items[i], value, &out->pairs);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What a global ARG may use: the pairs of its own line before those of the lines above. */
struct layered {
	const struct instruction_pairs *pairs;
	const struct expand_scope *below;
};

static const char *look_in_pairs(const void *data, const char *name)
{
	const struct layered *layered = data;

	for (size_t i = layered->pairs->count; i > 0; i--)
		if (str_eq(layered->pairs->items[i - 1].name, name) &&
		    layered->pairs->items[i - 1].value)
			return layered->pairs->items[i - 1].value;
	return layered->below->lookup ? layered->below->lookup(layered->below->data, name) : NULL;
}

static int read_args(const struct reading *reading, struct instruction *out)
{
	struct layered layered = { &out->pairs, &reading->scope };
	struct reading inner = *reading;
	AUTO(strv) struct strv words = { 0 };

	if (reading->flags & INSTRUCTION_GLOBAL) {
		inner.scope.lookup = look_in_pairs;
		inner.scope.data = &layered;
	}
	words_quoted(reading->line->rest, reading->file->escape, &words);
	if (!words.count)
		return wrong_kind(reading, "%s needs a name%s", "");
	for (size_t i = 0; i < words.count; i++) {
		char *value = str_cut(words.items[i], '=');
		int r = add_pair(&inner, words.items[i], value, &out->pairs);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_ports(const struct reading *reading, struct instruction *out)
{
	AUTO(strv) struct strv words = { 0 };
	const struct strv *given = &reading->line->words;

	if (!given->count)
		return wrong_kind(reading, "%s needs a port%s", "");
	for (size_t i = 0; i < given->count; i++)
		if (expand_words(&reading->scope, given->items[i], &words, reading->err) < 0)
			return dockerfile_place(reading->file, reading->line->line, reading->err);
	for (size_t i = 0; i < words.count; i++)
		if (exposed_parse(words.items[i], &out->words, reading->err) < 0)
			return dockerfile_place(reading->file, reading->line->line, reading->err);
	return 0;
}

static int read_volumes(const struct reading *reading, struct instruction *out)
{
	const struct strv *given = &reading->line->words;

	if (!given->count)
		return wrong_kind(reading, "%s needs a path%s", "");
	for (size_t i = 0; i < given->count; i++) {
		AUTO(mem) char *path = NULL;
		int r = reading_expand(reading, given->items[i], &path);
		if (r < 0)
			return r;
		const char *trimmed = str_trim(path);
		if (!*trimmed)
			return wrong_kind(reading, "%s has a path of nothing: '%s'",
					  given->items[i]);
		strv_add(&out->words, trimmed);
	}
	return 0;
}

static int read_text(const struct reading *reading, struct instruction *out)
{
	int r, signal;

	if (!*reading->line->rest)
		return wrong_kind(reading, "%s needs an argument%s", "");
	if (reading->line->kind == KIND_MAINTAINER) {
		out->text = str_dup(reading->line->rest);
		return 0;
	}
	r = reading_expand(reading, reading->line->rest, &out->text);
	if (r < 0)
		return r;
	if (!*out->text)
		return wrong_kind(reading, "%s has an argument that becomes nothing: '%s'",
				  reading->line->rest);
	if (reading->line->kind == KIND_STOPSIGNAL &&
	    signame_parse(out->text, &signal, reading->err) < 0)
		return dockerfile_place(reading->file, reading->line->line, reading->err);
	return 0;
}

static int read_trigger(const struct reading *reading, struct instruction *out)
{
	const struct dockerfile_line *line = reading->line;
	const char *word = line->words.count ? line->words.items[0] : "";
	int kind = kind_parse(word);
	AUTO(strv) struct strv parts = { 0 };

	if (kind < 0)
		return wrong_kind(reading, "%s needs an instruction%s", "");
	if (kind == KIND_ONBUILD || kind == KIND_FROM || kind == KIND_MAINTAINER)
		return wrong_kind(reading, "%s cannot have '%s' as its trigger", word);
	strv_add(&parts, line->rest);
	for (size_t i = 0; i < line->heredocs.count; i++)
		strv_addf(&parts, "%s%s", line->heredocs.items[i].content,
			  line->heredocs.items[i].name);
	out->text = str_join(&parts, "\n");
	return 0;
}

static int read_command(const struct reading *reading, struct instruction *out)
{
	const struct dockerfile_line *line = reading->line;

	if (line->kind == KIND_SHELL && (!line->is_json || !line->words.count))
		return wrong_kind(reading, "%s needs a list: [\"/bin/sh\", \"-c\"], not '%s'",
				  line->rest);
	if (!*line->rest)
		return wrong_kind(reading, "%s needs a command%s", "");
	out->command.shell = !line->is_json;
	if (line->is_json)
		strv_extend(&out->command.args, &line->words);
	else
		strv_add(&out->command.args, line->rest);
	return 0;
}

static bool is_stage_name(const char *name)
{
	return islower((unsigned char)*name) &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")];
}

int instruction_stage_name(const struct dockerfile *file, const struct dockerfile_line *line,
			   char **out, struct err *err)
{
	const struct strv *words = &line->words;

	if (words->count != 1 && words->count != 3)
		return dockerfile_wrong(file, line->line, err,
					"FROM is 'FROM image' or 'FROM image AS name'");
	if (words->count == 1) {
		*out = NULL;
		return 0;
	}
	if (strcasecmp(words->items[1], "as") != 0)
		return dockerfile_wrong(file, line->line, err, "FROM has '%s' where AS belongs",
					words->items[1]);
	AUTO(mem) char *name = str_dup(words->items[2]);
	for (char *p = name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (!is_stage_name(name))
		return dockerfile_wrong(
			file, line->line, err,
			"'%s' is no name of a stage: a letter, then letters, digits, '-', '_' "
			"and '.'",
			words->items[2]);
	*out = take_ptr(name);
	return 0;
}

static int read_from(const struct reading *reading, struct instruction *out)
{
	struct instruction_from *from = &out->from;
	const char *platform = lineflag_text(reading->line, "platform");
	int r = instruction_stage_name(reading->file, reading->line, &from->name, reading->err);

	if (r == 0)
		r = reading_expand(reading, reading->line->words.items[0], &from->base);
	if (r == 0 && !*from->base)
		return wrong_kind(reading, "%s has an image that becomes nothing: '%s'",
				  reading->line->words.items[0]);
	if (r == 0 && platform)
		r = reading_expand(reading, platform, &from->platform);
	if (r == 0 && from->platform && !*from->platform) {
		free(from->platform);
		from->platform = NULL;
	}
	return r;
}

static int (*const readers[KIND_COUNT])(const struct reading *, struct instruction *) = {
	[KIND_ADD] = instruction_read_copy,
	[KIND_ARG] = read_args,
	[KIND_CMD] = read_command,
	[KIND_COPY] = instruction_read_copy,
	[KIND_ENTRYPOINT] = read_command,
	[KIND_ENV] = read_pairs,
	[KIND_EXPOSE] = read_ports,
	[KIND_FROM] = read_from,
	[KIND_HEALTHCHECK] = instruction_read_health,
	[KIND_LABEL] = read_pairs,
	[KIND_MAINTAINER] = read_text,
	[KIND_ONBUILD] = read_trigger,
	[KIND_RUN] = instruction_read_run,
	[KIND_SHELL] = read_command,
	[KIND_STOPSIGNAL] = read_text,
	[KIND_USER] = read_text,
	[KIND_VOLUME] = read_volumes,
	[KIND_WORKDIR] = read_text,
};

int instruction_parse(const struct dockerfile *file, const struct dockerfile_line *line,
		      const struct expand_scope *scope, unsigned flags, struct instruction *out,
		      struct err *err)
{
	struct reading reading = { file, line, *scope, flags, err };
	int r = lineflag_check(file, line, err);

	if (r < 0)
		return r;
	reading.scope.escape = file->escape;
	reading.scope.flags = 0;
	out->kind = line->kind;
	out->line = line->line;
	return readers[line->kind](&reading, out);
}

static void copy_clear(struct instruction_copy *copy)
{
	free(copy->from);
	free(copy->chown);
	free(copy->chmod);
	free(copy->checksum);
	free(copy->destination);
	strv_clear(&copy->excludes);
	strv_clear(&copy->sources);
	for (size_t i = 0; i < copy->files.count; i++) {
		free(copy->files.items[i].name);
		free(copy->files.items[i].content);
	}
	free(copy->files.items);
}

void instruction_clear(struct instruction *instruction)
{
	for (size_t i = 0; i < instruction->pairs.count; i++) {
		free(instruction->pairs.items[i].name);
		free(instruction->pairs.items[i].value);
	}
	free(instruction->pairs.items);
	strv_clear(&instruction->words);
	free(instruction->text);
	strv_clear(&instruction->command.args);
	runmounts_clear(&instruction->run.mounts);
	free(instruction->run.script);
	free(instruction->from.base);
	free(instruction->from.name);
	free(instruction->from.platform);
	copy_clear(&instruction->copy);
	*instruction = (struct instruction){ 0 };
}
