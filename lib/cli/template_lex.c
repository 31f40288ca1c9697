/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_lex - a Go template as tokens
 */
#include "cli/template_lex.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

static const char blanks[] = " \t\r\n";

void lexer_begin(struct lexer *out, const char *text)
{
	*out = (struct lexer){ .at = text, .line = 1 };
}

static void advance(struct lexer *lexer, size_t n)
{
	for (; n > 0; n--)
		lexer->line += *lexer->at++ == '\n';
}

static int wrong(const struct lexer *lexer, struct err *err, const char *what)
{
	return err_set(err, -EINVAL, "template: line %d: %s", lexer->line, what);
}

static bool is_blank(char c)
{
	return c && strchr(blanks, c);
}

/* The length of {{ or {{- with the blank behind it that makes it a trim marker. */
static size_t open_length(const char *at)
{
	return at[2] == '-' && is_blank(at[3]) ? 3 : 2;
}

/* Skips a comment that begins at {{; Return: 1 when there was one. */
static int skip_comment(struct lexer *lexer, struct err *err)
{
	const char *at = lexer->at + open_length(lexer->at);

	if (open_length(lexer->at) == 3)
		at += strspn(at, blanks);
	if (!str_starts(at, "/*"))
		return 0;
	const char *end = strstr(at + 2, "*/");
	if (!end)
		return wrong(lexer, err, "unclosed comment");
	end += 2;
	bool trim = is_blank(*end) && str_starts(end + strspn(end, blanks), "-}}");
	if (trim)
		end += strspn(end, blanks) + 1;
	if (!str_starts(end, "}}"))
		return wrong(lexer, err, "comment ends before closing delimiter");
	advance(lexer, (size_t)(end + 2 - lexer->at));
	lexer->trim_next = trim;
	return 1;
}

/* Text up to the next {{; Return: whether there was any. */
static bool read_text(struct lexer *lexer, struct token *out)
{
	if (lexer->trim_next)
		advance(lexer, strspn(lexer->at, blanks));
	lexer->trim_next = false;
	const char *open = strstr(lexer->at, "{{");
	size_t whole = open ? (size_t)(open - lexer->at) : strlen(lexer->at);
	size_t length = whole;
	if (open && open_length(open) == 3)
		while (length > 0 && is_blank(lexer->at[length - 1]))
			length--;
	*out = (struct token){ TOKEN_TEXT, lexer->at, length, false, lexer->line };
	advance(lexer, whole);
	return length > 0;
}

static int read_outside(struct lexer *lexer, struct token *out, struct err *err)
{
	for (;;) {
		if (read_text(lexer, out))
			return 0;
		if (!*lexer->at) {
			out->kind = TOKEN_END;
			return 0;
		}
		int r = skip_comment(lexer, err);
		if (r < 0)
			return r;
		if (r == 0)
			break;
	}
	size_t n = open_length(lexer->at);
	*out = (struct token){ TOKEN_OPEN, lexer->at, n, false, lexer->line };
	advance(lexer, n);
	lexer->inside = true;
	return 0;
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t name_length(const char *at)
{
	size_t n = 0;

	while (is_name(at[n]))
		n++;
	return n;
}

/* The length of a quoted text with its quotes, or 0 when it is not closed. */
static size_t quoted_length(const char *at)
{
	char quote = *at;

	for (size_t n = 1; at[n]; n++) {
		if (at[n] == quote)
			return n + 1;
		if (quote != '`' && at[n] == '\n')
			return 0;
		if (quote != '`' && at[n] == '\\' && at[n + 1])
			n++;
	}
	return 0;
}

/* The length of a number; which ones are right is the parser's to say. */
static size_t number_length(const char *at)
{
	size_t n = *at == '+' || *at == '-';
	bool hex = at[n] == '0' && (at[n + 1] | 32) == 'x';

	for (;; n++) {
		bool exponent = n > 0 && strchr(hex ? "pP" : "eE", at[n - 1]) &&
				strchr("+-", at[n]);
		if (!at[n] || (!is_name(at[n]) && at[n] != '.' && !exponent))
			return n;
	}
}

static bool number_begins(const char *at)
{
	if (*at == '+' || *at == '-')
		at++;
	return isdigit((unsigned char)*at) || (*at == '.' && isdigit((unsigned char)at[1]));
}

static const struct {
	const char *text;
	enum token_kind kind;
} marks[] = {
	{ ":=", TOKEN_DECLARE }, { "=", TOKEN_ASSIGN }, { "|", TOKEN_PIPE },
	{ ",", TOKEN_COMMA },	 { "(", TOKEN_LEFT },	{ ")", TOKEN_RIGHT },
};

static int read_mark(struct lexer *lexer, struct token *out, struct err *err)
{
	for (size_t i = 0; i < array_len(marks); i++) {
		if (str_starts(lexer->at, marks[i].text)) {
			out->kind = marks[i].kind;
			out->length = strlen(marks[i].text);
			return 0;
		}
	}
	return err_set(err, -EINVAL, "template: line %d: unexpected '%c' in an action", lexer->line,
		       *lexer->at);
}

static int read_quoted(const struct lexer *lexer, struct token *out, struct err *err)
{
	out->length = quoted_length(lexer->at);
	out->kind = *lexer->at == '"' ? TOKEN_QUOTED : *lexer->at == '`' ? TOKEN_RAW : TOKEN_CHAR;
	return out->length ? 0 : wrong(lexer, err, "unterminated quoted text");
}

/* The token at lexer->at, which is no blank and no }}. */
static int read_token(struct lexer *lexer, struct token *out, struct err *err)
{
	const char *at = lexer->at;

	if (number_begins(at)) {
		out->kind = TOKEN_NUMBER;
		out->length = number_length(at);
	} else if (*at == '.') {
		out->length = name_length(at + 1);
		out->kind = out->length ? TOKEN_FIELD : TOKEN_DOT;
		if (!out->length)
			out->length = 1;
		else
			out->at++;
	} else if (*at == '$') {
		out->kind = TOKEN_VARIABLE;
		out->length = 1 + name_length(at + 1);
	} else if (strchr("\"`'", *at)) {
		return read_quoted(lexer, out, err);
	} else if (is_name(*at)) {
		out->kind = TOKEN_WORD;
		out->length = name_length(at);
	} else {
		return read_mark(lexer, out, err);
	}
	return 0;
}

/* }} or a blank and -}}, or nothing. */
static bool read_close(struct lexer *lexer, bool glued, struct token *out)
{
	size_t marker = !glued && *lexer->at == '-' && str_starts(lexer->at + 1, "}}") ? 1 : 0;

	if (!str_starts(lexer->at + marker, "}}"))
		return false;
	*out = (struct token){ TOKEN_CLOSE, lexer->at, marker + 2, glued, lexer->line };
	lexer->at += marker + 2;
	lexer->trim_next = marker != 0;
	lexer->inside = false;
	return true;
}

int lexer_next(struct lexer *lexer, struct token *out, struct err *err)
{
	if (!lexer->inside)
		return read_outside(lexer, out, err);
	size_t skipped = strspn(lexer->at, blanks);
	advance(lexer, skipped);
	if (!*lexer->at)
		return wrong(lexer, err, "unclosed action");
	struct token token = { .at = lexer->at, .glued = skipped == 0, .line = lexer->line };
	if (read_close(lexer, token.glued, out))
		return 0;
	int r = read_token(lexer, &token, err);
	if (r < 0)
		return r;
	advance(lexer, (size_t)(token.at - lexer->at) + token.length);
	*out = token;
	return 0;
}
