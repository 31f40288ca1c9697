/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dockerfile - a Dockerfile as a list of instructions
 *
 * Lines are joined first, comments and empty lines left out; where each one went is remembered, so that a flag
 * on the fifth line of a RUN is told with that line.
 */
#include "build/dockerfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>

#include "build/chars.h"
#include "build/words.h"

/* Where in a joined text a line of the file begins. */
struct seam {
	size_t offset;
	int line;
};

struct seams {
	struct seam *items;
	size_t count;
};

static inline void auto_seams(struct seams *seams)
{
	free(seams->items);
}

struct reader {
	struct dockerfile *file;
	const char *at;	 /* the next line */
	int line;	 /* number of the last one read */
	bool directives; /* may still come */
	struct strv comments;
	struct err *err;
};

static inline void auto_reader(struct reader *reader)
{
	strv_clear(&reader->comments);
}

int dockerfile_wrong(const struct dockerfile *file, int line, struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	AUTO(mem) char *text = str_vfmt(fmt, args);
	va_end(args);
	const char *name = dockerfile_where(file, line, &line);
	return err_set(err, -EINVAL, "%s:%d: %s", name, line, text);
}

int dockerfile_place(const struct dockerfile *file, int line, struct err *err)
{
	const char *name = dockerfile_where(file, line, &line);

	return err_wrap(err, "%s:%d", name, line);
}

const struct dockerfile_flag *dockerfile_flag(const struct dockerfile_line *line, const char *name)
{
	for (size_t i = line->flags.count; i > 0; i--)
		if (str_eq(line->flags.items[i - 1].name, name))
			return &line->flags.items[i - 1];
	return NULL;
}

const char *dockerfile_description(const struct dockerfile_line *line, const char *name)
{
	for (size_t i = 0; i < line->comments.count; i++) {
		const char *rest = str_starts(line->comments.items[i], name);
		if (rest && *rest == ' ')
			return rest + 1;
	}
	return NULL;
}

static void line_clear(struct dockerfile_line *line)
{
	free(line->keyword);
	free(line->text);
	free(line->rest);
	strv_clear(&line->words);
	strv_clear(&line->comments);
	for (size_t i = 0; i < line->flags.count; i++) {
		free(line->flags.items[i].name);
		free(line->flags.items[i].value);
	}
	free(line->flags.items);
	heredocs_clear(&line->heredocs);
}

void dockerfile_free(struct dockerfile *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->lines.count; i++)
		line_clear(&file->lines.items[i]);
	free(file->lines.items);
	free(file->name);
	for (size_t i = 0; i < file->parts.count; i++)
		free(file->parts.items[i].name);
	free(file->parts.items);
	free(file->text);
	free(file->syntax);
	free(file->check);
	free(file);
}

/* The next line with its newline; false at the end. */
static bool next_line(struct reader *reader, const char **out, size_t *out_size)
{
	const char *end = strchr(reader->at, '\n');

	if (!*reader->at)
		return false;
	*out = reader->at;
	*out_size = end ? (size_t)(end + 1 - reader->at) : strlen(reader->at);
	reader->at += *out_size;
	reader->line++;
	return true;
}

/* The next line without newline; NULL at the end. */
static char *next_text(struct reader *reader)
{
	const char *line;
	size_t size;

	if (!next_line(reader, &line, &size))
		return NULL;
	while (size && (line[size - 1] == '\n' || line[size - 1] == '\r'))
		size--;
	return str_ndup(line, size);
}

static const char *skip_space(const char *p)
{
	while (words_space(*p))
		p++;
	return p;
}

static int set_directive(struct reader *reader, const char *name, const char *value)
{
	struct dockerfile *file = reader->file;
	bool escape = strcasecmp(name, "escape") == 0;
	char **slot = strcasecmp(name, "syntax") == 0  ? &file->syntax
		      : strcasecmp(name, "check") == 0 ? &file->check
						       : NULL;

	if (!slot && !escape) {
		reader->directives = false;
		return 0;
	}
	if (slot ? *slot != NULL : file->escape != 0)
		return dockerfile_wrong(file, reader->line, reader->err,
					"the directive '%s' may stand there once only", name);
	if (slot) {
		*slot = str_dup(value);
	} else {
		if (!str_eq(value, "\\") && !str_eq(value, "`"))
			return dockerfile_wrong(file, reader->line, reader->err,
						"the escape character is '\\' or '`', not '%s'",
						value);
		file->escape = *value;
	}
	if (slot == &file->check)
		file->check_line = reader->line;
	return 0;
}

/* A line "# name = value" at the top; the first line of another kind ends them. */
static int read_directive(struct reader *reader, const char *line)
{
	const char *name = *line == '#' ? skip_space(line + 1) : "";
	size_t n = 0;

	while (isalnum((unsigned char)name[n]))
		n++;
	const char *equals = skip_space(name + n);
	const char *from = *equals == '=' ? skip_space(equals + 1) : "";
	if (!n || isdigit((unsigned char)*name) || !*from) {
		reader->directives = false;
		return 0;
	}
	AUTO(mem) char *key = str_ndup(name, n);
	AUTO(mem) char *value = str_dup(from);
	return set_directive(reader, key, str_trim(value));
}

/* Where the escape character stands that continues a line; SIZE_MAX when none does. */
static size_t continuation(const struct reader *reader, const char *line)
{
	size_t n = strlen(line);
	char escape = reader->file->escape ? reader->file->escape : '\\';

	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	if (!n || line[n - 1] != escape || (n > 1 && line[n - 2] == escape))
		return SIZE_MAX;
	return n - 1;
}

static void join(struct reader *reader, struct chars *to, struct seams *seams, const char *line,
		 size_t size)
{
	*vec_push(seams) = (struct seam){ to->count, reader->line };
	chars_addn(to, line, size);
}

/* Adds the lines that continue the one read. */
static void read_continued(struct reader *reader, struct chars *to, struct seams *seams,
			   bool *out_empty)
{
	for (bool more = true; more;) {
		AUTO(mem) char *line = next_text(reader);
		if (!line)
			return;
		const char *text = skip_space(line);
		if (*text == '#')
			continue;
		if (!*text) {
			*out_empty = true;
			continue;
		}
		size_t end = continuation(reader, line);
		more = end != SIZE_MAX;
		join(reader, to, seams, line, more ? end : strlen(line));
	}
}

static int line_at(const struct seams *seams, size_t offset)
{
	size_t i = seams->count;

	while (i > 1 && seams->items[i - 1].offset > offset)
		i--;
	return seams->items[i - 1].line;
}

/* Reads one word that begins with "--", without its quotes and escapes. */
static char *flag_word(const char **at)
{
	AUTO(chars) struct chars word = { 0 };
	const char *p = *at;
	char quote = 0;

	for (; *p && (quote || !words_space(*p)); p++) {
		if (*p == '\\') {
			if (!*++p)
				break;
			chars_add(&word, *p);
		} else if (quote ? *p == quote : *p == '\'' || *p == '"') {
			quote = quote ? 0 : *p;
		} else {
			chars_add(&word, *p);
		}
	}
	*at = p;
	return chars_take(&word);
}

/* Takes the flags off the begin of the arguments; "--" alone ends them. */
static const char *read_flags(struct dockerfile_line *line, const char *args,
			      const struct seams *seams, const char *begin)
{
	for (args = skip_space(args); args[0] == '-' && args[1] == '-'; args = skip_space(args)) {
		int number = line_at(seams, (size_t)(args - begin));
		AUTO(mem) char *word = flag_word(&args);
		if (str_eq(word, "--"))
			return skip_space(args);
		struct dockerfile_flag *flag = vec_push(&line->flags);
		flag->line = number;
		flag->value = str_dup(str_cut(word + 2, '='));
		flag->name = str_dup(word + 2);
	}
	return args;
}

static int find_kind(const struct reader *reader, const char *keyword, int line)
{
	int kind = kind_parse(keyword);

	if (kind >= 0)
		return kind;
	const char *near = kind_near(keyword);
	if (near)
		return dockerfile_wrong(reader->file, line, reader->err,
					"unknown instruction '%s': did you mean %s?", keyword,
					near);
	return dockerfile_wrong(reader->file, line, reader->err, "unknown instruction '%.64s'",
				keyword);
}

/* What heredocs and lists go by: the instruction itself, or the one that ONBUILD waits for. */
static int find_trigger(const struct reader *reader, const struct dockerfile_line *line,
			enum kind *out, bool *out_list)
{
	AUTO(strv) struct strv list = { 0 };

	*out = line->kind;
	*out_list = line->is_json;
	if (line->kind != KIND_ONBUILD || !line->words.count)
		return 0;
	int kind = find_kind(reader, line->words.items[0], line->line);
	if (kind < 0)
		return kind;
	*out = (enum kind)kind;
	const char *args = skip_space(line->rest + strlen(line->words.items[0]));
	*out_list = kind_takes_list(*out) && words_list(args, &list, NULL) == 1;
	return 0;
}

static bool ends_heredoc(const struct heredoc *doc, const char *line, size_t size)
{
	while (size && (line[size - 1] == '\n' || line[size - 1] == '\r'))
		size--;
	for (; doc->chomp && size && *line == '\t'; size--)
		line++;
	return size == strlen(doc->name) && memcmp(line, doc->name, size) == 0;
}

static int read_heredoc(struct reader *reader, struct heredoc *doc, int announced)
{
	const char *from = reader->at, *line;
	size_t size;

	doc->line = reader->line + 1;
	while (next_line(reader, &line, &size)) {
		if (ends_heredoc(doc, line, size)) {
			doc->content = str_ndup(from, (size_t)(line - from));
			return 0;
		}
	}
	return dockerfile_wrong(reader->file, announced, reader->err,
				"there is no line '%s' that ends '<<%s'", doc->name, doc->name);
}

static int read_heredocs(struct reader *reader, struct dockerfile_line *line)
{
	enum kind kind;
	bool list;
	int r = find_trigger(reader, line, &kind, &list);

	if (r < 0 || list || !kind_takes_heredoc(kind) || !strstr(line->text, "<<"))
		return r;
	heredoc_find(line->text, &line->heredocs);
	for (size_t i = 0; r == 0 && i < line->heredocs.count; i++)
		r = read_heredoc(reader, &line->heredocs.items[i], line->line);
	return r;
}

static int read_words(struct reader *reader, struct dockerfile_line *line)
{
	if (kind_takes_list(line->kind)) {
		int r = words_list(line->rest, &line->words, reader->err);
		if (r < 0)
			return dockerfile_place(reader->file, line->line, reader->err);
		line->is_json = r;
	}
	if (!line->is_json)
		words_split(line->rest, &line->words);
	return 0;
}

/* Makes an instruction of a joined text. */
static int read_instruction(struct reader *reader, const char *text, const struct seams *seams,
			    bool empty)
{
	struct dockerfile_line *line = vec_push(&reader->file->lines);
	size_t n = 0;

	while (text[n] && !words_space(text[n]))
		n++;
	line->keyword = str_ndup(text, n);
	line->line = seams->items[0].line;
	line->empty_continuation = empty;
	line->comments = reader->comments;
	reader->comments = (struct strv){ 0 };
	int kind = find_kind(reader, line->keyword, line->line);
	if (kind < 0)
		return kind;
	line->kind = (enum kind)kind;
	AUTO(mem) char *whole = str_dup(text);
	AUTO(mem) char *rest = str_dup(read_flags(line, text + n, seams, text));
	line->text = str_dup(str_trim(whole));
	line->rest = str_dup(str_trim(rest));
	int r = read_words(reader, line);
	if (r == 0)
		r = read_heredocs(reader, line);
	line->end_line = reader->line;
	return r;
}

/* Keeps the comments right above an instruction; an empty one or an empty line drops them. */
static void keep_comment(struct reader *reader, const char *line)
{
	AUTO(mem) char *text = str_dup(*line == '#' ? line + 1 : "");
	const char *comment = str_trim(text);

	if (*comment)
		strv_add(&reader->comments, comment);
	else
		strv_clear(&reader->comments);
}

static int read_line(struct reader *reader, const char *line)
{
	AUTO(seams) struct seams seams = { 0 };
	AUTO(chars) struct chars joined = { 0 };
	bool empty = false;
	int r = 0;

	if (reader->directives)
		r = read_directive(reader, line);
	if (r < 0)
		return r;
	if (!*line || *line == '#') {
		keep_comment(reader, line);
		return 0;
	}
	size_t end = continuation(reader, line);
	join(reader, &joined, &seams, line, end == SIZE_MAX ? strlen(line) : end);
	if (end != SIZE_MAX)
		read_continued(reader, &joined, &seams, &empty);
	AUTO(mem) char *text = chars_take(&joined);
	const char *from = skip_space(text);
	if (!*from)
		return 0;
	/* Only a first line of nothing but an escape leaves white space before the instruction. */
	for (size_t i = 0; i < seams.count; i++)
		seams.items[i].offset -= min_of(seams.items[i].offset, (size_t)(from - text));
	return read_instruction(reader, from, &seams, empty);
}

static int check_size(const struct reader *reader)
{
	const char *what = reader->line > DOCKERFILE_MAX_LINES ? "100,000 lines"
			   : reader->file->lines.count > DOCKERFILE_MAX_INSTRUCTIONS
				   ? "10,000 instructions"
				   : NULL;

	if (what)
		return err_set(reader->err, -EFBIG, "%s:%d: more than %s", reader->file->name,
			       reader->line, what);
	return 0;
}

static int read_all(struct reader *reader)
{
	int r = 0;

	while (r == 0) {
		AUTO(mem) char *line = next_text(reader);
		if (!line)
			break;
		r = read_line(reader, skip_space(line));
		if (r == 0)
			r = check_size(reader);
	}
	return r;
}

static int check_bytes(const char *text, size_t size, const char *name, struct err *err)
{
	const char *zero = memchr(text, 0, size);
	int line = 1;

	if (size > DOCKERFILE_MAX_BYTES)
		return err_set(err, -EFBIG, "%s: a Dockerfile of more than 4 MiB", name);
	if (!zero)
		return 0;
	for (const char *p = text; p < zero; p++)
		line += *p == '\n';
	return err_set(err, -EINVAL, "%s:%d: there is a zero byte: this is no text", name, line);
}

int dockerfile_parse(const char *text, size_t size, const char *name, struct dockerfile **out,
		     struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	int r = check_bytes(text, size, name, err);

	if (r < 0)
		return r;
	if (size >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0) {
		text += strlen(mark);
		size -= strlen(mark);
	}
	AUTO(dockerfile) struct dockerfile *file = mem_new(struct dockerfile);
	file->name = str_dup(name);
	file->text = mem_copy(text, size);
	AUTO(reader)
	struct reader reader = {
		.file = file,
		.at = file->text,
		.directives = true,
		.err = err,
	};
	r = read_all(&reader);
	if (r < 0)
		return r;
	if (!file->escape)
		file->escape = '\\';
	*out = take_ptr(file);
	return 0;
}
