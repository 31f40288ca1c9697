/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expand - variables, quotes and escapes in the words of a Dockerfile
 */
#include "build/expand.h"

#include <errno.h>
#include <stdint.h>

#include "build/chars.h"
#include "build/wildcard.h"
#include "build/words.h"

/* What a text has become so far: all of it, and as words. */
struct result {
	struct chars all;
	struct chars word;
	struct strv words;
	bool in_word;
};

static inline void auto_result(struct result *result)
{
	auto_chars(&result->all);
	auto_chars(&result->word);
	strv_clear(&result->words);
}

struct lexer {
	const struct expand_scope *scope;
	const char *text; /* for errors */
	const char *at;
	char escape;
	bool raw_escapes;
	size_t depth, bytes;
	struct err *err;
};

static int wrong(const struct lexer *lexer, const char *why)
{
	return err_set(lexer->err, -EINVAL, "cannot expand '%.80s': %s", lexer->text, why);
}

static void end_word(struct result *to)
{
	if (to->word.count) {
		strv_take(&to->words, chars_take(&to->word));
		to->in_word = false;
	}
}

/* Adds a character whose white space is part of the word. */
static void add_raw(struct result *to, char c)
{
	chars_add(&to->all, c);
	chars_add(&to->word, c);
	to->in_word = true;
}

static void add_plain(struct result *to, char c)
{
	if (!words_space(c)) {
		add_raw(to, c);
		return;
	}
	chars_add(&to->all, c);
	if (to->in_word)
		end_word(to);
}

static int add_text(struct lexer *lexer, struct result *to, const char *text,
		    void (*add)(struct result *, char))
{
	size_t n = strlen(text);

	lexer->bytes += n;
	if (lexer->bytes > EXPAND_MAX_BYTES)
		return err_set(lexer->err, -E2BIG, "'%.64s…' becomes longer than 1 MiB",
			       lexer->text);
	for (size_t i = 0; i < n; i++)
		add(to, text[i]);
	return 0;
}

static void note(struct strv *names, const char *name)
{
	if (names && strv_find(names, name) < 0)
		strv_add(names, name);
}

static const char *look_up(const struct lexer *lexer, const char *name)
{
	const struct expand_scope *scope = lexer->scope;
	const char *value = scope->lookup ? scope->lookup(scope->data, name) : NULL;

	note(value ? scope->used : scope->unset, name);
	return value;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

/* A name, a number, or one of the shell's special parameters; "" when there is none. */
static char *read_name(struct lexer *lexer)
{
	const char *from = lexer->at, *p = from;

	if (is_digit(*p))
		while (is_digit(*p))
			p++;
	else if (*p && strchr("@*#?-$!", *p))
		p++;
	else
		while (is_letter(*p) || is_digit(*p))
			p++;
	lexer->at = p;
	return str_ndup(from, (size_t)(p - from));
}

static int lex_until(struct lexer *lexer, char stop, bool raw_escapes, struct result *to);

/* A word inside ${}, up to @stop, which is read too. */
static int read_inner(struct lexer *lexer, char stop, bool raw_escapes, char **out)
{
	AUTO(result) struct result inner = { 0 };

	if (lexer->depth == EXPAND_MAX_DEPTH)
		return err_set(lexer->err, -E2BIG, "'%.64s…' has more than 64 words in words",
			       lexer->text);
	lexer->depth++;
	int r = lex_until(lexer, stop, raw_escapes, &inner);
	lexer->depth--;
	if (r < 0)
		return r;
	*out = chars_take(&inner.all);
	return 0;
}

/* What stands there from @from on, for a variable that is unset. */
static char *kept(const struct lexer *lexer, const char *from)
{
	return str_ndup(from, (size_t)(lexer->at - from));
}

static int must_be(const struct lexer *lexer, const char *name, const char *value, bool or_empty,
		   const char *word)
{
	if (!value)
		return err_set(lexer->err, -EINVAL, "%s: %s", name,
			       *word ? word : "it must be set");
	if (or_empty && !*value)
		return err_set(lexer->err, -EINVAL, "%s: %s", name,
			       *word ? word : "it must not be empty");
	return 0;
}

/* ${name-word} and the like; @lexer stands behind the operator. */
static int substitute(struct lexer *lexer, const char *from, const char *name, char operator,
		      bool or_empty, char **out)
{
	AUTO(mem) char *word = NULL;
	bool pattern = operator== '#' || operator== '%';
	int r = read_inner(lexer, '}', pattern, &word);

	if (r < 0)
		return r;
	const char *value = look_up(lexer, name);
	bool there = value && !(or_empty && !*value);
	if (!value && lexer->scope->flags & EXPAND_KEEP_UNSET) {
		*out = kept(lexer, from);
	} else if (operator== '-') {
		*out = there ? str_dup(value) : take_ptr(word);
	} else if (operator== '+') {
		*out = there ? take_ptr(word) : str_dup("");
	} else if (operator== '?') {
		r = must_be(lexer, name, value, or_empty, word);
		if (r == 0)
			*out = str_dup(value);
	} else {
		bool longest = *word == operator;
		r = wildcard_cut(str_or(value, ""), word + longest,
				 (longest ? WILDCARD_LONGEST : 0) |
					 (operator== '%' ? WILDCARD_END : 0),
				 out, lexer->err);
	}
	return r;
}

/* ${name/pattern/text}; @lexer stands behind the first slash. */
static int replace(struct lexer *lexer, const char *from, const char *name, char **out)
{
	AUTO(mem) char *pattern = NULL, *with = NULL;
	bool all = *lexer->at == '/';

	lexer->at += all;
	int r = read_inner(lexer, '/', true, &pattern);
	if (r == 0)
		r = read_inner(lexer, '}', true, &with);
	if (r < 0)
		return r;
	const char *value = look_up(lexer, name);
	if (!value && lexer->scope->flags & EXPAND_KEEP_UNSET) {
		*out = kept(lexer, from);
		return 0;
	}
	return wildcard_replace(str_or(value, ""), pattern, with, all ? SIZE_MAX : 1, out,
				lexer->err);
}

static int in_braces(struct lexer *lexer, const char *from, char **out)
{
	AUTO(mem) char *name = NULL;

	if (!*lexer->at)
		return wrong(lexer, "a '}' is missing");
	if (strchr("{}:", *lexer->at))
		return wrong(lexer, "'${' must be followed by a name");
	name = read_name(lexer);
	char operator= * lexer->at;
	if (!operator)
		return wrong(lexer, "a '}' is missing");
	if (!*name)
		return wrong(lexer, "'${' must be followed by a name");
	lexer->at++;
	if (operator== '}') {
		const char *value = look_up(lexer, name);
		bool keep = !value && lexer->scope->flags & EXPAND_KEEP_UNSET;
		*out = keep ? kept(lexer, from) : str_dup(str_or(value, ""));
		return 0;
	}
	if (operator== '/')
		return replace(lexer, from, name, out);
	bool or_empty = operator== ':';
	if (or_empty)
		operator= * lexer->at;
	if (!operator|| !strchr(or_empty ? "-+?" : "-+?#%", operator))
		return wrong(lexer, "what follows a name is none of - + ? :- :+ :? # % / or '}'");
	lexer->at += or_empty;
	return substitute(lexer, from, name, operator, or_empty, out);
}

/* A variable; @lexer stands at the '$'. */
static int read_dollar(struct lexer *lexer, char **out)
{
	AUTO(mem) char *name = NULL;
	const char *from = lexer->at++;

	if (*lexer->at == '{') {
		lexer->at++;
		return in_braces(lexer, from, out);
	}
	name = read_name(lexer);
	const char *value = *name ? look_up(lexer, name) : "$";
	bool keep = !value && lexer->scope->flags & EXPAND_KEEP_UNSET;
	*out = keep ? kept(lexer, from) : str_dup(str_or(value, ""));
	return 0;
}

static int add_dollar(struct lexer *lexer, struct result *to, void (*add)(struct result *, char))
{
	AUTO(mem) char *value = NULL;
	int r = read_dollar(lexer, &value);

	return r < 0 ? r : add_text(lexer, to, value, add);
}

static void add_quote(const struct lexer *lexer, struct result *to, char quote)
{
	if (lexer->scope->flags & EXPAND_RAW_QUOTES)
		add_raw(to, quote);
	to->in_word = true;
}

static int in_single_quotes(struct lexer *lexer, struct result *to)
{
	add_quote(lexer, to, '\'');
	for (lexer->at++; *lexer->at != '\''; lexer->at++) {
		if (!*lexer->at)
			return wrong(lexer, "a ' is not closed");
		add_raw(to, *lexer->at);
	}
	lexer->at++;
	add_quote(lexer, to, '\'');
	return 0;
}

static void escape_in_quotes(struct lexer *lexer, struct result *to)
{
	char next = lexer->at[1];
	bool special = next && (next == '"' || next == '$' || next == lexer->escape);

	if (lexer->raw_escapes)
		add_raw(to, lexer->escape);
	if (next && (special || !lexer->raw_escapes))
		add_raw(to, special ? next : lexer->escape);
	lexer->at += special ? 2 : 1;
}

static int in_double_quotes(struct lexer *lexer, struct result *to)
{
	int r = 0;

	add_quote(lexer, to, '"');
	for (lexer->at++; r == 0 && *lexer->at != '"';) {
		if (!*lexer->at)
			return wrong(lexer, "a \" is not closed");
		if (*lexer->at == '$')
			r = add_dollar(lexer, to, add_raw);
		else if (*lexer->at == lexer->escape)
			escape_in_quotes(lexer, to);
		else
			add_raw(to, *lexer->at++);
	}
	if (r < 0)
		return r;
	lexer->at++;
	add_quote(lexer, to, '"');
	return 0;
}

static void add_escaped(struct lexer *lexer, struct result *to)
{
	if (lexer->raw_escapes)
		add_raw(to, lexer->escape);
	if (*++lexer->at)
		add_raw(to, *lexer->at++);
}

static int lex_one(struct lexer *lexer, struct result *to)
{
	char c = *lexer->at;
	bool quotes = !(lexer->scope->flags & EXPAND_NO_QUOTES);

	if (c == '$')
		return add_dollar(lexer, to, add_plain);
	if (c == '\'' && quotes)
		return in_single_quotes(lexer, to);
	if (c == '"' && quotes)
		return in_double_quotes(lexer, to);
	if (c == lexer->escape)
		add_escaped(lexer, to);
	else
		add_plain(to, *lexer->at++);
	return 0;
}

/* Up to @stop, which is read too, or to the end when it is 0. */
static int lex_until(struct lexer *lexer, char stop, bool raw_escapes, struct result *to)
{
	bool before = lexer->raw_escapes;
	int r = 0;

	lexer->raw_escapes = raw_escapes;
	while (r == 0 && *lexer->at && *lexer->at != stop)
		r = lex_one(lexer, to);
	lexer->raw_escapes = before;
	if (r < 0)
		return r;
	end_word(to);
	if (!stop)
		return 0;
	if (!*lexer->at)
		return wrong(lexer, stop == '}' ? "a '}' is missing" : "a '/' is missing");
	lexer->at++;
	return 0;
}

static int expand(const struct expand_scope *scope, const char *text, struct result *out,
		  struct err *err)
{
	struct lexer lexer = {
		.scope = scope,
		.text = text,
		.at = text,
		.escape = scope->escape ? scope->escape : '\\',
		.raw_escapes = scope->flags & EXPAND_RAW_ESCAPES,
		.err = err,
	};

	return lex_until(&lexer, 0, lexer.raw_escapes, out);
}

int expand_word(const struct expand_scope *scope, const char *text, char **out, struct err *err)
{
	AUTO(result) struct result result = { 0 };
	int r = expand(scope, text, &result, err);

	if (r < 0)
		return r;
	*out = chars_take(&result.all);
	return 0;
}

int expand_words(const struct expand_scope *scope, const char *text, struct strv *out,
		 struct err *err)
{
	AUTO(result) struct result result = { 0 };
	int r = expand(scope, text, &result, err);

	if (r < 0)
		return r;
	strv_extend(out, &result.words);
	return 0;
}

const char *expand_env(const void *data, const char *name)
{
	return strv_env_get(data, name);
}
