/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toml - reading TOML configuration into the tree that base/json.h reads
 *
 * A scanner that goes through the text once. The tree is built while scanning; `here` is the object
 * that the last [header] named.
 */
#include "base/toml.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"

struct scan {
	const char *at;
	int line;
	int depth;
	cJSON *root;
	cJSON *here;
	struct err *err;
};

static int parse_value(struct scan *s, cJSON **out);

static int wrong(struct scan *s, const char *what)
{
	return err_set(s->err, -EBADMSG, "line %d: %s", s->line, what);
}

static void skip_blanks(struct scan *s)
{
	s->at += strspn(s->at, " \t");
}

static void skip_comment(struct scan *s)
{
	skip_blanks(s);
	if (*s->at == '#')
		s->at += strcspn(s->at, "\n");
}

/* Blanks, comments and line ends. */
static void skip_lines(struct scan *s)
{
	for (;;) {
		skip_comment(s);
		if (*s->at == '\r' && s->at[1] == '\n')
			s->at++;
		if (*s->at != '\n')
			return;
		s->at++;
		s->line++;
	}
}

static int end_of_line(struct scan *s)
{
	skip_comment(s);
	if (*s->at == '\r' && s->at[1] == '\n')
		s->at++;
	if (*s->at && *s->at != '\n')
		return wrong(s, "something stands behind the value");
	return 0;
}

static bool is_bare(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static int put_utf8(FILE *out, unsigned long c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return -EBADMSG;
	if (c < 0x80) {
		(void)fputc((int)c, out);
		return 0;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	(void)fputc((int)((0xff00 >> (more + 1) & 0xff) | c >> (6 * more)), out);
	while (more-- > 0)
		(void)fputc((int)(0x80 | (c >> (6 * more) & 0x3f)), out);
	return 0;
}

/* \uXXXX or \UXXXXXXXX; s->at is behind the letter. */
static int parse_code_point(struct scan *s, int digits, FILE *out)
{
	unsigned long c = 0;

	for (int i = 0; i < digits; i++, s->at++) {
		if (!isxdigit((unsigned char)*s->at))
			return wrong(s, "an escape lacks digits");
		char d = (char)tolower((unsigned char)*s->at);
		c = c * 16 + (unsigned long)(d <= '9' ? d - '0' : d - 'a' + 10);
	}
	return put_utf8(out, c) < 0 ? wrong(s, "an escape names no character") : 0;
}

static int parse_escape(struct scan *s, FILE *out)
{
	static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
	char c = *++s->at;
	const char *at = c ? strchr(names, c) : NULL;

	if (!c)
		return wrong(s, "a string does not end");
	s->at++;
	if (at) {
		(void)fputc(values[at - names], out);
		return 0;
	}
	if (c == 'u' || c == 'U')
		return parse_code_point(s, c == 'u' ? 4 : 8, out);
	return wrong(s, "a string has an unknown escape");
}

static int scan_string(struct scan *s, char quote, FILE *out)
{
	while (*s->at != quote) {
		if (!*s->at || *s->at == '\n' || *s->at == '\r')
			return wrong(s, "a string does not end");
		if (*s->at == '\\' && quote == '"') {
			int r = parse_escape(s, out);
			if (r < 0)
				return r;
			continue;
		}
		(void)fputc(*s->at++, out);
	}
	s->at++;
	return 0;
}

static int parse_string(struct scan *s, char **out)
{
	AUTO(mem) char *text = NULL;
	size_t size;
	char quote = *s->at;

	if (s->at[1] == quote && s->at[2] == quote)
		return wrong(s, "strings over several lines are not supported");
	s->at++;
	FILE *f = open_memstream(&text, &size);
	bug_unless(f);
	int r = scan_string(s, quote, f);
	bug_unless(fclose(f) == 0);
	if (r < 0)
		return r;
	*out = take_ptr(text);
	return 0;
}

static int parse_key(struct scan *s, char **out)
{
	const char *start = s->at;

	if (*s->at == '"' || *s->at == '\'')
		return parse_string(s, out);
	while (is_bare(*s->at))
		s->at++;
	if (s->at == start)
		return wrong(s, "a key is missing");
	*out = str_ndup(start, (size_t)(s->at - start));
	return 0;
}

/* The parts of a dotted key. */
static int parse_keys(struct scan *s, struct strv *out)
{
	for (;;) {
		AUTO(mem) char *key = NULL;
		skip_blanks(s);
		int r = parse_key(s, &key);
		if (r < 0)
			return r;
		strv_take(out, take_ptr(key));
		skip_blanks(s);
		if (*s->at != '.')
			break;
		s->at++;
	}
	return out->count > TOML_MAX_DEPTH ? wrong(s, "a key has too many parts") : 0;
}

/* The object of that name below another, made when it is not there; of an array its last item. */
static int descend(struct scan *s, cJSON *from, const char *key, cJSON **out)
{
	cJSON *child = cJSON_GetObjectItemCaseSensitive(from, key);

	if (!child) {
		child = cJSON_AddObjectToObject(from, key);
		bug_unless(child);
	}
	if (cJSON_IsArray(child))
		child = cJSON_GetArrayItem(child, cJSON_GetArraySize(child) - 1);
	if (!cJSON_IsObject(child))
		return wrong(s, "a table has the name of a value");
	*out = child;
	return 0;
}

static int descend_all_but_last(struct scan *s, const struct strv *keys, cJSON **at)
{
	for (size_t i = 0; i + 1 < keys->count; i++) {
		int r = descend(s, *at, keys->items[i], at);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_pair(struct scan *s, cJSON *into)
{
	AUTO(strv) struct strv keys = { 0 };
	AUTO(json) cJSON *value = NULL;

	int r = parse_keys(s, &keys);
	if (r < 0)
		return r;
	if (*s->at++ != '=')
		return wrong(s, "a '=' is missing");
	skip_blanks(s);
	r = parse_value(s, &value);
	if (r < 0)
		return r;
	r = descend_all_but_last(s, &keys, &into);
	if (r < 0)
		return r;
	const char *last = keys.items[keys.count - 1];
	if (cJSON_GetObjectItemCaseSensitive(into, last))
		return wrong(s, "a key stands twice");
	bug_unless(cJSON_AddItemToObject(into, last, take_ptr(value)));
	return 0;
}

static int parse_array(struct scan *s, cJSON **out)
{
	AUTO(json) cJSON *array = cJSON_CreateArray();

	for (s->at++;;) {
		AUTO(json) cJSON *item = NULL;
		skip_lines(s);
		if (*s->at == ']')
			break;
		int r = parse_value(s, &item);
		if (r < 0)
			return r;
		cJSON_AddItemToArray(array, take_ptr(item));
		skip_lines(s);
		if (*s->at == ',')
			s->at++;
		else if (*s->at != ']')
			return wrong(s, "a list does not end");
	}
	s->at++;
	*out = take_ptr(array);
	return 0;
}

static int parse_inline_table(struct scan *s, cJSON **out)
{
	AUTO(json) cJSON *table = cJSON_CreateObject();

	s->at++;
	skip_blanks(s);
	while (*s->at != '}') {
		int r = parse_pair(s, table);
		if (r < 0)
			return r;
		skip_blanks(s);
		if (*s->at == ',' && s->at[1 + strspn(s->at + 1, " \t")] != '}')
			s->at++;
		else if (*s->at != '}')
			return wrong(s, "a table in braces does not end");
		skip_blanks(s);
	}
	s->at++;
	*out = take_ptr(table);
	return 0;
}

static int parse_word(struct scan *s, cJSON **out)
{
	size_t n = strcspn(s->at, " \t\r\n,]}#");
	AUTO(mem) char *word = str_ndup(s->at, n);
	int64_t number;

	s->at += n;
	if (str_eq(word, "true") || str_eq(word, "false")) {
		*out = cJSON_CreateBool(*word == 't');
		return 0;
	}
	/* Beyond 2^53 a double is not exact, and no setting is. */
	if (str_i64(word, -(INT64_C(1) << 53), INT64_C(1) << 53, &number) == 0) {
		*out = cJSON_CreateNumber((double)number);
		return 0;
	}
	return wrong(s, *word ? "a value is no text, whole number, true or false"
			      : "a value is missing");
}

static int parse_value(struct scan *s, cJSON **out)
{
	AUTO(mem) char *text = NULL;
	int r;

	if (*s->at == '"' || *s->at == '\'') {
		r = parse_string(s, &text);
		if (r == 0)
			*out = cJSON_CreateString(text);
		return r;
	}
	if (*s->at != '[' && *s->at != '{')
		return parse_word(s, out);
	if (++s->depth > TOML_MAX_DEPTH)
		return wrong(s, "nested too deeply");
	r = *s->at == '[' ? parse_array(s, out) : parse_inline_table(s, out);
	s->depth--;
	return r;
}

/* [table] or [[array of tables]]. */
static int parse_header(struct scan *s)
{
	AUTO(strv) struct strv keys = { 0 };
	bool array = s->at[1] == '[';

	s->at += array ? 2 : 1;
	int r = parse_keys(s, &keys);
	if (r < 0)
		return r;
	if (*s->at != ']' || (array && s->at[1] != ']'))
		return wrong(s, "a ']' is missing");
	s->at += array ? 2 : 1;
	s->here = s->root;
	r = descend_all_but_last(s, &keys, &s->here);
	if (r < 0)
		return r;
	const char *last = keys.items[keys.count - 1];
	if (!array)
		return descend(s, s->here, last, &s->here);
	cJSON *list = cJSON_GetObjectItemCaseSensitive(s->here, last);
	if (!list)
		list = cJSON_AddArrayToObject(s->here, last);
	if (!cJSON_IsArray(list))
		return wrong(s, "a list of tables has the name of something else");
	s->here = cJSON_CreateObject();
	cJSON_AddItemToArray(list, s->here);
	return 0;
}

int toml_parse(const char *text, cJSON **out, struct err *err)
{
	AUTO(json) cJSON *root = cJSON_CreateObject();
	struct scan s = { .at = text, .line = 1, .root = root, .here = root, .err = err };

	bug_unless(root);
	const char *bom = str_starts(text, "\xef\xbb\xbf");
	s.at = bom ? bom : text;
	for (skip_lines(&s); *s.at; skip_lines(&s)) {
		int r = *s.at == '[' ? parse_header(&s) : parse_pair(&s, s.here);
		if (r == 0)
			r = end_of_line(&s);
		if (r < 0)
			return r;
	}
	*out = take_ptr(root);
	return 0;
}

int toml_load(int dirfd, const char *path, cJSON **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = file_read(dirfd, path, TOML_MAX_BYTES, &text, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", path);
	if (strlen(text) != size)
		return err_set(err, -EBADMSG, "'%s' is no text", path);
	r = toml_parse(text, out, err);
	return r < 0 ? err_wrap(err, "'%s' is damaged", path) : 0;
}
