/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wildcard - the patterns of ${name#pattern}, ${name%pattern} and ${name/pattern/text}
 *
 * Texts are worked on as arrays of characters, so that '?' takes a whole one and both can be turned round: a
 * cut at the end is a cut at the begin of the text read backwards. A pattern is a row of pieces between its
 * stars. Where each piece first fits behind the one before is found going forward once, so that no pattern
 * makes it slow.
 */
#include "build/wildcard.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "build/chars.h"
#include "build/rune.h"

/* Beyond all characters, and before stray bytes. */
enum { ANY_TEXT = 0x200000, ANY_ONE };

struct runes {
	uint32_t *items;
	size_t count;
};

static inline void auto_runes(struct runes *runes)
{
	free(runes->items);
}

static void read_text(const char *text, struct runes *out)
{
	while (*text)
		text += rune_read(text, vec_push(out));
}

static int bad_escape(const char *pattern, struct err *err)
{
	return err_set(err, -EINVAL,
		       "'%s' is no pattern: a '\\' stands before '*', '?', '\\', '/' or '}' only",
		       pattern);
}

static int read_pattern(const char *pattern, struct runes *out, struct err *err)
{
	for (const char *p = pattern; *p;) {
		bool escaped = *p == '\\';
		uint32_t *rune = vec_push(out);
		if (escaped && (!p[1] || !strchr("*?\\/}", p[1])))
			return bad_escape(pattern, err);
		p += escaped;
		p += rune_read(p, rune);
		if (!escaped && *rune == '*')
			*rune = ANY_TEXT;
		else if (!escaped && *rune == '?')
			*rune = ANY_ONE;
	}
	return 0;
}

static void put_rune(struct chars *out, uint32_t rune)
{
	if (rune >= RUNE_STRAY) {
		chars_add(out, (char)(rune - RUNE_STRAY));
	} else if (rune < 0x80) {
		chars_add(out, (char)rune);
	} else {
		if (rune >= 0x10000) {
			chars_add(out, (char)(0xf0 | rune >> 18));
			chars_add(out, (char)(0x80 | (rune >> 12 & 0x3f)));
		} else if (rune >= 0x800) {
			chars_add(out, (char)(0xe0 | rune >> 12));
		}
		chars_add(out,
			  (char)(rune >= 0x800 ? 0x80 | (rune >> 6 & 0x3f) : 0xc0 | rune >> 6));
		chars_add(out, (char)(0x80 | (rune & 0x3f)));
	}
}

static void put_runes(struct chars *out, const struct runes *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		put_rune(out, text->items[i]);
}

static void turn_round(struct runes *runes)
{
	for (size_t i = 0, j = runes->count; i + 1 < j; i++) {
		uint32_t other = runes->items[--j];
		runes->items[j] = runes->items[i];
		runes->items[i] = other;
	}
}

static bool fits(const uint32_t *piece, size_t length, const struct runes *text, size_t at)
{
	if (length > text->count - at)
		return false;
	for (size_t i = 0; i < length; i++)
		if (piece[i] != ANY_ONE && piece[i] != text->items[at + i])
			return false;
	return true;
}

/* The length of the piece that begins here. */
static size_t piece_length(const struct runes *pattern, size_t at)
{
	size_t n = 0;

	while (at + n < pattern->count && pattern->items[at + n] != ANY_TEXT)
		n++;
	return n;
}

/* The last place from @from on where a piece fits; there is one. */
static size_t last_place(const uint32_t *piece, size_t length, const struct runes *text,
			 size_t from)
{
	size_t at = text->count - length;

	while (at > from && !fits(piece, length, text, at))
		at--;
	return at;
}

/*
 * Where a match that begins at @start ends: as late as possible, or as early. -1 when the first piece does not
 * fit there; -2 when a later one fits nowhere, and so for no later start either.
 */
static ssize_t match_at(const struct runes *pattern, const struct runes *text, size_t start,
			bool longest)
{
	size_t length = piece_length(pattern, 0), at = length;

	if (!fits(pattern->items, length, text, start))
		return -1;
	start += length;
	while (at < pattern->count) {
		const uint32_t *piece = pattern->items + ++at;
		length = piece_length(pattern, at);
		at += length;
		while (!fits(piece, length, text, start))
			if (++start > text->count)
				return -2;
		if (at == pattern->count && longest)
			start = last_place(piece, length, text, start);
		start += length;
	}
	return (ssize_t)start;
}

int wildcard_cut(const char *value, const char *pattern, unsigned flags, char **out,
		 struct err *err)
{
	AUTO(runes) struct runes text = { 0 }, wild = { 0 };
	AUTO(chars) struct chars left = { 0 };
	int r = read_pattern(pattern, &wild, err);

	if (r < 0)
		return r;
	read_text(value, &text);
	if (flags & WILDCARD_END) {
		turn_round(&text);
		turn_round(&wild);
	}
	ssize_t end = match_at(&wild, &text, 0, flags & WILDCARD_LONGEST);
	if (flags & WILDCARD_END)
		turn_round(&text);
	size_t cut = end > 0 ? (size_t)end : 0;
	if (flags & WILDCARD_END)
		put_runes(&left, &text, 0, text.count - cut);
	else
		put_runes(&left, &text, cut, text.count);
	*out = chars_take(&left);
	return 0;
}

int wildcard_replace(const char *value, const char *pattern, const char *with, size_t max,
		     char **out, struct err *err)
{
	AUTO(runes) struct runes text = { 0 }, wild = { 0 };
	AUTO(chars) struct chars result = { 0 };
	int r = read_pattern(pattern, &wild, err);
	size_t done = 0;

	if (r < 0)
		return r;
	read_text(value, &text);
	for (size_t at = 0; at < text.count && max;) {
		ssize_t end = match_at(&wild, &text, at, true);
		if (end == -2)
			break;
		if (end < 0 || (size_t)end == at) {
			at++;
			continue;
		}
		put_runes(&result, &text, done, at);
		chars_adds(&result, with);
		if (result.count > WILDCARD_MAX_BYTES)
			return err_set(err, -E2BIG, "what replaces '%s' becomes longer than 1 MiB",
				       pattern);
		done = at = (size_t)end;
		max--;
	}
	put_runes(&result, &text, done, text.count);
	*out = chars_take(&result);
	return 0;
}
