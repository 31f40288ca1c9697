/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instruction_copy - COPY and ADD as values
 */
#include <errno.h>

#include "build/instruction_parts.h"
#include "build/lineflag.h"

/* One of "u=rwX", "+x", "go-w". */
static bool is_symbolic(const char *p, size_t n)
{
	size_t who = strspn(p, "ugoa");

	if (who >= n || !strchr("+-=", p[who]))
		return false;
	for (size_t i = who; i < n;) {
		i += strspn(p + i, "+-=");
		size_t rights = strspn(p + i, "rwxXst");
		size_t copied = rights ? 0 : strspn(p + i, "ugo");
		if (i + rights + copied < n && !strchr("+-=", p[i + rights + copied]))
			return false;
		i += rights + copied;
	}
	return true;
}

static bool is_mode(const char *text)
{
	size_t digits = strspn(text, "01234567");

	if (digits && !text[digits])
		return digits <= 4 || (digits == 5 && *text == '0');
	for (const char *p = text;; p++) {
		size_t n = strcspn(p, ",");
		if (!is_symbolic(p, n))
			return false;
		p += n;
		if (!*p)
			return true;
	}
}

static int read_flag(const struct reading *reading, const char *name, char **out)
{
	const char *value = lineflag_text(reading->line, name);

	return value ? reading_expand(reading, value, out) : 0;
}

static int read_flags(const struct reading *reading, struct instruction_copy *copy)
{
	const struct dockerfile_line *line = reading->line;
	int r = read_flag(reading, "chown", &copy->chown);

	if (r == 0)
		r = read_flag(reading, "chmod", &copy->chmod);
	if (r == 0)
		r = read_flag(reading, "checksum", &copy->checksum);
	for (size_t i = 0; r == 0 && i < line->flags.count; i++) {
		AUTO(mem) char *pattern = NULL;
		if (!str_eq(line->flags.items[i].name, "exclude"))
			continue;
		r = reading_expand(reading, line->flags.items[i].value, &pattern);
		if (r == 0)
			strv_take(&copy->excludes, take_ptr(pattern));
	}
	copy->link = lineflag_bool(line, "link", false);
	copy->parents = lineflag_bool(line, "parents", false);
	copy->keep_git_dir = lineflag_bool(line, "keep-git-dir", false);
	copy->unpack = lineflag_bool(line, "unpack", false);
	copy->unpack_said = dockerfile_flag(line, "unpack");
	copy->from = str_dup(lineflag_text(line, "from"));
	return r;
}

static int check_flags(const struct reading *reading, const struct instruction_copy *copy)
{
	if (copy->chmod && !is_mode(copy->chmod))
		return wrong_kind(reading,
				  "%s --chmod is octal, 0755, or symbolic, u=rwX,go=rX, not '%s'",
				  copy->chmod);
	if (copy->from && !*copy->from)
		return wrong_kind(reading, "%s --from needs the name of a stage or an image%s", "");
	if (copy->from && strchr(copy->from, '$')) {
		wrong_kind(reading, "%s --from knows no variables: '%s'", copy->from);
		return err_hint(reading->err, "name a stage for it: FROM %s AS …", copy->from);
	}
	return 0;
}

static const struct heredoc *find_doc(const struct dockerfile_line *line, const char *name)
{
	for (size_t i = line->heredocs.count; i > 0; i--)
		if (str_eq(line->heredocs.items[i - 1].name, name))
			return &line->heredocs.items[i - 1];
	return NULL;
}

static int add_file(const struct reading *reading, const struct heredoc *named,
		    struct instruction_copy *copy)
{
	const struct heredoc *doc = find_doc(reading->line, named->name);
	struct reading plain = *reading;
	AUTO(mem) char *content = doc ? heredoc_text(doc) : NULL;
	AUTO(mem) char *expanded = NULL;

	if (!doc)
		return wrong_kind(reading, "%s finds no text for '<<%s'", named->name);
	plain.scope.flags = EXPAND_NO_QUOTES;
	plain.scope.escape = '\\';
	int r = doc->expand ? reading_expand(&plain, content, &expanded) : 0;
	if (r < 0)
		return r;
	struct instruction_file *file = vec_push(&copy->files);
	file->name = str_dup(named->name);
	file->content = doc->expand ? take_ptr(expanded) : take_ptr(content);
	return 0;
}

static int add_source(const struct reading *reading, const char *word,
		      struct instruction_copy *copy)
{
	AUTO(heredoc) struct heredoc doc = { 0 };
	AUTO(mem) char *source = NULL;

	if (!reading->line->is_json && heredoc_parse(word, &doc))
		return add_file(reading, &doc, copy);
	int r = reading_expand(reading, word, &source);
	if (r == 0)
		strv_take(&copy->sources, take_ptr(source));
	return r;
}

/* Quotes of a heredoc's name may hold white space, which splits it into several words: it is put together. */
static void join_names(const struct dockerfile_line *line, struct strv *out)
{
	for (size_t i = 0; i < line->words.count; i++) {
		const char *word = line->words.items[i];
		AUTO(heredoc) struct heredoc doc = { 0 };
		AUTO(mem) char *joined = str_dup(word);
		size_t used = i;
		bool whole = line->is_json || !strstr(word, "<<") || heredoc_parse(word, &doc);
		for (size_t j = i + 1; !whole && j < line->words.count && j < i + 8; j++) {
			AUTO(mem) char *longer = str_fmt("%s %s", joined, line->words.items[j]);
			str_set(&joined, longer);
			whole = heredoc_parse(joined, &doc);
			used = whole ? j : used;
		}
		strv_add(out, used > i ? joined : word);
		i = used;
	}
}

int instruction_read_copy(const struct reading *reading, struct instruction *out)
{
	struct instruction_copy *copy = &out->copy;
	AUTO(strv) struct strv words = { 0 };
	AUTO(heredoc) struct heredoc doc = { 0 };
	int r = read_flags(reading, copy);

	if (r == 0)
		r = check_flags(reading, copy);
	if (r < 0)
		return r;
	join_names(reading->line, &words);
	if (words.count < 2)
		return wrong_kind(reading, "%s needs a source and a destination%s", "");
	const char *last = words.items[words.count - 1];
	if (!reading->line->is_json && heredoc_parse(last, &doc))
		return wrong_kind(reading, "%s cannot have '%s' as its destination", last);
	for (size_t i = 0; r == 0 && i + 1 < words.count; i++)
		r = add_source(reading, words.items[i], copy);
	if (r == 0)
		r = reading_expand(reading, last, &copy->destination);
	return r;
}
