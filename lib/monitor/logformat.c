/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logformat - one record of a log, as text and back
 */
#include "monitor/logformat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "base/str.h"
#include "base/utf8.h"

const char *const log_driver_names[] = {
	[LOG_NONE] = "none",	     [LOG_JSON_FILE] = "json-file",	[LOG_K8S_FILE] = "k8s-file",
	[LOG_JOURNALD] = "journald", [LOG_PASSTHROUGH] = "passthrough", NULL,
};

static const char *const stream_names[] = { [STREAM_OUT] = "stdout", [STREAM_ERR] = "stderr" };

static char *put(char *out, const char *text, size_t size)
{
	memcpy(out, text, size);
	return out + size;
}

static char *escape_control(char *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\"\\\n\r\t\b\f";
	static const char to[] = "\"\\nrtbf";
	const char *short_form = c ? strchr(from, c) : NULL;

	*out++ = '\\';
	if (short_form) {
		*out++ = to[short_form - from];
		return out;
	}
	out = put(out, "u00", 3);
	*out++ = hex[c >> 4];
	*out++ = hex[c & 15];
	return out;
}

static inline bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Whether eight bytes are all plain: bytes are compared in parallel by the carry of a subtraction. */
static inline bool plain_word(const unsigned char *s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
	uint64_t x;

	memcpy(&x, s, sizeof x);
	uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';
	uint64_t below = (x - ones * 0x20) & ~x;
	uint64_t zero = ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
	return !((x | below | zero) & highs);
}

static char *escape(char *out, const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + size;

	while (s < end) {
		const unsigned char *run = s;
		while (end - s >= (ptrdiff_t)sizeof(uint64_t) && plain_word(s))
			s += sizeof(uint64_t);
		while (s < end && plain(*s))
			s++;
		out = put(out, (const char *)run, (size_t)(s - run));
		if (s == end)
			break;
		size_t n = *s < 0x80 ? 0 : utf8_length((const char *)s, (size_t)(end - s));
		if (n)
			out = put(out, (const char *)s, n);
		else if (*s < 0x80)
			out = escape_control(out, *s);
		else
			out = put(out, "\xef\xbf\xbd", 3);
		s += n ? n : 1;
	}
	return out;
}

static char *print_json(const struct log_record *r, char *out)
{
	out = put(out, "{\"log\":\"", 8);
	out = escape(out, r->text, r->size);
	if (r->whole)
		out = put(out, "\\n", 2);
	out = put(out, "\",\"stream\":\"", 12);
	out = put(out, stream_names[r->stream], 6);
	out = put(out, "\",", 2);
	if (r->attrs)
		out = put(out, r->attrs, r->attrs_size);
	out = put(out, "\"time\":\"", 8);
	out = put(out, r->time, r->time_size);
	return put(out, "\"}\n", 3);
}

static char *print_k8s(const struct log_record *r, char *out)
{
	out = put(out, r->time, r->time_size);
	*out++ = ' ';
	out = put(out, stream_names[r->stream], 6);
	out = put(out, r->whole ? " F " : " P ", 3);
	out = put(out, r->text, r->size);
	*out++ = '\n';
	return out;
}

size_t logformat_print(enum log_driver driver, const struct log_record *record, char *out)
{
	char *end = driver == LOG_JSON_FILE ? print_json(record, out) : print_k8s(record, out);

	return (size_t)(end - out);
}

static int parse_stream(const char *name, enum stream *out)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		if (memcmp(name, stream_names[i], 6) == 0) {
			*out = (enum stream)i;
			return 0;
		}
	return -EBADMSG;
}

static int parse_k8s(char *line, size_t size, struct log_record *out)
{
	struct log_record r = { .time = line };
	char *space = memchr(line, ' ', size);

	/* " stdout F " */
	if (!space || size - (size_t)(space - line) < 10 || space[7] != ' ' || space[9] != ' ' ||
	    parse_stream(space + 1, &r.stream) < 0 || (space[8] != 'F' && space[8] != 'P'))
		return -EBADMSG;
	r.time_size = (size_t)(space - line);
	r.whole = space[8] == 'F';
	r.text = space + 10;
	r.size = size - (size_t)(r.text - line);
	*out = r;
	return 0;
}

static int hex_value(const char *s, unsigned int *out)
{
	char text[5] = { s[0], s[1], s[2], s[3], 0 };
	char tail;

	return sscanf(text, "%4x%c", out, &tail) == 1 ? 0 : -EBADMSG;
}

static char *put_utf8(char *out, unsigned int c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* One escape; @at points behind the backslash and is moved on. Never longer than its source. */
static char *unescape_one(char *out, char **at, const char *end)
{
	static const char from[] = "\"\\/nrtbf";
	static const char to[] = "\"\\/\n\r\t\b\f";
	unsigned int c;
	const char *known = strchr(from, **at);

	if (known && **at) {
		(*at)++;
		*out++ = to[known - from];
		return out;
	}
	if (**at != 'u' || end - *at < 5 || hex_value(*at + 1, &c) < 0)
		return NULL;
	*at += 5;
	return put_utf8(out, c);
}

/* Decodes up to the closing quote. Return: the byte behind that quote, or NULL. */
static char *unescape(char *at, const char *end, size_t *out_size)
{
	char *start = at, *out = at;

	while (at < end && *at != '"') {
		if (*at != '\\') {
			*out++ = *at++;
			continue;
		}
		at++;
		out = at < end ? unescape_one(out, &at, end) : NULL;
		if (!out)
			return NULL;
	}
	if (at == end)
		return NULL;
	*out_size = (size_t)(out - start);
	return at + 1;
}

static char *expect(char *at, const char *end, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(end - at) >= n && memcmp(at, text, n) == 0 ? at + n : NULL;
}

/* The byte behind the quote that ends a text, or NULL. */
static const char *text_end(const char *at, const char *end)
{
	while (at < end && *at != '"')
		at += *at == '\\' ? 2 : 1;
	return at < end ? at + 1 : NULL;
}

/* Goes over "attrs":{…}, whose braces are only in texts besides its own. */
static char *skip_attrs(char *at, char *end)
{
	const char *in = expect(at, end, "\"attrs\":{");

	if (!in)
		return at;
	while (in && in < end && *in != '}')
		in = *in == '"' ? text_end(in + 1, end) : in + 1;
	return in && end - in > 2 && in[1] == ',' ? at + (in + 2 - at) : NULL;
}

static int parse_json(char *line, size_t size, struct log_record *out)
{
	struct log_record r = { 0 };
	char *end = line + size, *at = expect(line, end, "{\"log\":\"");

	r.text = at;
	at = at ? unescape(at, end, &r.size) : NULL;
	at = at ? expect(at, end, ",\"stream\":\"") : NULL;
	if (!at || end - at < 6 || parse_stream(at, &r.stream) < 0)
		return -EBADMSG;
	at = expect(at + 6, end, "\",");
	at = at ? skip_attrs(at, end) : NULL;
	at = at ? expect(at, end, "\"time\":\"") : NULL;
	char *quote = at ? memchr(at, '"', (size_t)(end - at)) : NULL;
	if (!quote)
		return -EBADMSG;
	r.time = at;
	r.time_size = (size_t)(quote - at);
	r.whole = r.size && r.text[r.size - 1] == '\n';
	r.size -= r.whole;
	*out = r;
	return 0;
}

int logformat_parse(enum log_driver driver, char *line, size_t size, struct log_record *out)
{
	return driver == LOG_JSON_FILE ? parse_json(line, size, out) : parse_k8s(line, size, out);
}

bool logformat_whole(enum log_driver driver, const char *line, size_t size)
{
	static const char head[] = "{\"log\":\"";

	if (driver != LOG_JSON_FILE) {
		const char *space = memchr(line, ' ', size);
		return !space || size - (size_t)(space - line) < 10 || space[8] != 'P';
	}
	if (size < sizeof head - 1 || memcmp(line, head, sizeof head - 1) != 0)
		return true;
	const char *text = line + sizeof head - 1, *end = text_end(text, line + size);
	if (!end)
		return true;
	size_t slashes = 0;
	while (end - 3 - slashes >= text && end[-3 - (ssize_t)slashes] == '\\')
		slashes++;
	return end - text > 2 && end[-2] == 'n' && slashes % 2 == 1;
}
