/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chmod - what --chmod says
 */
#include "build/chmod.h"

#include <errno.h>
#include <string.h>

enum { OCTAL_MAX = 5, ALL = 07777 };

/* The bits that a class of users has a say in. */
struct class
{
	char name;
	uint32_t bits;
	int shift; /* of its rwx */
};

static const struct class classes[] = { { 'u', 04700, 6 }, { 'g', 02070, 3 }, { 'o', 01007, 0 } };

static const struct class *class_of(char name)
{
	for (int i = 0; i < 3; i++)
		if (classes[i].name == name)
			return &classes[i];
	return NULL;
}

static bool is_octal(const char *text)
{
	size_t n = strspn(text, "01234567");

	return n && !text[n] && n <= OCTAL_MAX;
}

/* The classes before an operator, as bits; all of them where there is none. */
static uint32_t read_who(const char **at)
{
	uint32_t who = 0;

	for (; **at; ++*at) {
		const struct class *c = class_of(**at);
		if (!c && **at != 'a')
			break;
		who |= c ? c->bits : ALL;
	}
	return who ? who : ALL;
}

static uint32_t everywhere(uint32_t rwx)
{
	return rwx << 6 | rwx << 3 | rwx;
}

/* The bits that one letter means for everybody, or -1 when it is none. */
static int64_t letter_bits(char letter, uint32_t mode, bool folder)
{
	const struct class *like = class_of(letter);

	if (like)
		return everywhere(mode >> like->shift & 7);
	switch (letter) {
	case 'r':
		return 0444;
	case 'w':
		return 0222;
	case 'x':
		return 0111;
	case 'X':
		return folder || mode & 0111 ? 0111 : 0;
	case 's':
		return 06000;
	case 't':
		return 01000;
	default:
		return -1;
	}
}

static uint32_t change(uint32_t mode, char op, uint32_t who, uint32_t bits)
{
	bits &= who | 01000; /* the sticky bit is everybody's */
	if (op == '+')
		return mode | bits;
	return op == '-' ? mode & ~bits : (mode & ~(who & ~UINT32_C(01000))) | bits;
}

/* "ug+rw-x", up to a comma or the end. Return: 0 or -EINVAL. */
static int clause(const char **at, uint32_t *mode, bool folder)
{
	uint32_t who = read_who(at);

	if (!**at || !strchr("+-=", **at))
		return -EINVAL;
	while (**at && strchr("+-=", **at)) {
		char op = *(*at)++;
		uint32_t bits = 0, before = *mode;
		int64_t more;
		while (**at && (more = letter_bits(**at, before, folder)) >= 0) {
			bits |= (uint32_t)more;
			++*at;
		}
		*mode = change(before, op, who, bits);
	}
	return **at && **at != ',' ? -EINVAL : 0;
}

static int apply(const char *text, uint32_t *mode, bool folder)
{
	if (is_octal(text)) {
		*mode = 0;
		for (; *text; text++)
			*mode = *mode << 3 | (uint32_t)(*text - '0');
		return *mode > ALL ? -EINVAL : 0;
	}
	for (;;) {
		int r = clause(&text, mode, folder);
		if (r < 0 || !*text)
			return r;
		text++;
	}
}

int chmod_check(const char *text, struct err *err)
{
	uint32_t mode = 0;

	if (apply(text, &mode, false) == 0)
		return 0;
	(void)err_set(err, -EINVAL, "'--chmod=%s' is no mode", text);
	(void)err_hint(err, "a mode is octal as 755, or symbolic as u=rwX,go=rX");
	return -EINVAL;
}

uint32_t chmod_apply(const char *text, uint32_t mode, bool folder)
{
	uint32_t changed = mode;

	return text && apply(text, &changed, folder) == 0 ? changed : mode;
}
