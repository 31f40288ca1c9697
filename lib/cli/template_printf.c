/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_printf - Go's printf over template values
 */
#include "cli/template_printf.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/template_literal.h"
#include "cli/template_value.h"

struct verb {
	char letter;
	bool minus, plus, sharp, space, zero;
	int width;     /* -1: none */
	int precision; /* -1: none */
};

struct arguments {
	const cJSON *const *items;
	size_t count;
	size_t used;
	bool reordered; /* by %[N]: what is left over is no mistake */
	bool bad_index;
};

void printf_quote(const char *text, FILE *to)
{
	static const char from[] = "\a\b\f\n\r\t\v\\\"", letters[] = "abfnrtv\\\"";

	fputc('"', to);
	for (; *text; text++) {
		const char *special = strchr(from, *text);
		if (special)
			fprintf(to, "\\%c", letters[special - from]);
		else if ((unsigned char)*text < 0x20 || *text == 0x7f)
			fprintf(to, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, to);
	}
	fputc('"', to);
}

static double magnitude(double number)
{
	return number < 0 ? -number : number;
}

static const char *type_name(const cJSON *value)
{
	if (cJSON_IsString(value))
		return "string";
	if (cJSON_IsBool(value))
		return "bool";
	if (cJSON_IsNumber(value))
		return value_whole(value->valuedouble) ? "int" : "float64";
	return cJSON_IsArray(value) ? "[]interface {}" : "map[string]interface {}";
}

static void print_wrong(const struct verb *verb, const cJSON *value, FILE *to)
{
	fprintf(to, "%%!%c(", verb->letter);
	if (!value_nil(value))
		fprintf(to, "%s=", type_name(value));
	value_print(value, "<nil>", to);
	fputc(')', to);
}

/* The digits of a whole number; Return: false for a verb of other things. */
static bool print_digits(const struct verb *verb, double number, FILE *to)
{
	unsigned long long n = (unsigned long long)magnitude(number);
	char digits[65], *at = digits + sizeof digits - 1;
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
	const char *set = verb->letter == 'X' ? upper : lower;
	unsigned int base = verb->letter == 'b'	  ? 2
			    : verb->letter == 'o' ? 8
			    : verb->letter == 'd' ? 10
						  : 16;

	*at = 0;
	do {
		*--at = set[n % base];
		n /= base;
	} while (n);
	const char *sign = number < 0 ? "-" : verb->plus ? "+" : verb->space ? " " : "";
	const char *prefix = !verb->sharp ? "" : base == 16 ? "0x" : base == 8 ? "0" : "";
	int least = verb->precision;
	if (least < 0 && verb->zero && !verb->minus)
		least = verb->width - (int)strlen(sign);
	int zeros = max_of(least - (int)strlen(at), 0);
	fprintf(to, "%s%s%.*d%s", sign, prefix, zeros, 0, at);
	return true;
}

static void print_float(const struct verb *verb, double number, FILE *to)
{
	char format[16];
	int zeros = verb->zero && !verb->minus ? max_of(verb->width, 0) : 0;
	int precision = verb->precision;

	if (verb->letter == 'g' && precision < 0) {
		value_number(number, to);
		return;
	}
	snprintf(format, sizeof format, "%%%s0*.*%c", verb->plus ? "+" : "", verb->letter);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(to, format, zeros, precision < 0 ? 6 : precision, number);
#pragma GCC diagnostic pop
}

static bool print_number(const struct verb *verb, double number, FILE *to)
{
	char utf8[5];

	if (strchr("efgEG", verb->letter)) {
		print_float(verb, number, to);
		return true;
	}
	if (!value_whole(number) || magnitude(number) >= 18446744073709551616.0)
		return false;
	if (strchr("dboxX", verb->letter))
		return print_digits(verb, number, to);
	if (verb->letter == 'c' || verb->letter == 'q') {
		literal_utf8(number < 0 ? 0xffffffff : (unsigned long)number, utf8);
		fprintf(to, verb->letter == 'q' ? "'%s'" : "%s", utf8);
		return true;
	}
	if (verb->letter == 'U') {
		fprintf(to, "U+%04lX", (unsigned long)number);
		return true;
	}
	return false;
}

/* Bytes of the first characters of a text. */
static size_t bytes_of(const char *text, int characters)
{
	size_t n = 0;

	for (; text[n] && characters > 0; characters--)
		for (n++; (text[n] & 0xc0) == 0x80;)
			n++;
	return n;
}

static bool print_text(const struct verb *verb, const char *text, FILE *to)
{
	size_t n = verb->precision < 0 ? strlen(text) : bytes_of(text, verb->precision);

	if (verb->letter == 's') {
		fwrite(text, 1, n, to);
	} else if (verb->letter == 'q') {
		AUTO(mem) char *part = str_ndup(text, n);
		if (verb->sharp && !strchr(part, '`'))
			fprintf(to, "`%s`", part);
		else
			printf_quote(part, to);
	} else if ((verb->letter | 32) == 'x') {
		for (size_t i = 0; i < n; i++)
			fprintf(to, verb->letter == 'x' ? "%02x" : "%02X", (unsigned char)text[i]);
	} else {
		return false;
	}
	return true;
}

static bool print_value(const struct verb *verb, const cJSON *value, FILE *to);

static bool print_items(const struct verb *verb, const cJSON *list, FILE *to)
{
	const cJSON *item;

	fputc('[', to);
	cJSON_ArrayForEach(item, list)
	{
		if (!print_value(verb, item, to))
			print_wrong(verb, item, to);
		if (item->next)
			fputc(' ', to);
	}
	fputc(']', to);
	return true;
}

/* Return: false when the verb does not fit the value; nothing is written then. */
static bool print_value(const struct verb *verb, const cJSON *value, FILE *to)
{
	if (verb->letter == 'v' && verb->sharp && cJSON_IsString(value)) {
		printf_quote(value->valuestring, to);
		return true;
	}
	if (verb->letter == 'T') {
		fputs(value_nil(value) ? "<nil>" : type_name(value), to);
		return true;
	}
	if (verb->letter == 'v' && verb->precision >= 0 && cJSON_IsNumber(value) &&
	    !value_whole(value->valuedouble)) {
		const struct verb general = { .letter = 'g', .precision = verb->precision };
		print_float(&general, value->valuedouble, to);
		return true;
	}
	if (verb->letter == 'v') {
		value_print(value, "<nil>", to);
		return true;
	}
	if (value_nil(value) || !strchr("sqdboxXcUtefgEG", verb->letter))
		return false;
	if (cJSON_IsString(value))
		return print_text(verb, value->valuestring, to);
	if (cJSON_IsNumber(value))
		return print_number(verb, value->valuedouble, to);
	if (cJSON_IsArray(value))
		return print_items(verb, value, to);
	if (cJSON_IsBool(value) != (verb->letter == 't'))
		return false;
	value_print(value, "", to);
	return true;
}

static void print_padded(const struct verb *verb, const cJSON *value, FILE *to)
{
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int characters = 0;

	bug_unless(memory);
	if (!print_value(verb, value, memory))
		print_wrong(verb, value, memory);
	bug_unless(fclose(memory) == 0);
	for (const char *p = text; *p; p++)
		characters += (*p & 0xc0) != 0x80;
	int fill = max_of(verb->width - characters, 0);
	fprintf(to, "%*s%s%*s", verb->minus ? 0 : fill, "", text, verb->minus ? fill : 0, "");
}

static const char *read_flags(const char *at, struct verb *verb)
{
	for (;; at++) {
		if (*at == '-')
			verb->minus = true;
		else if (*at == '+')
			verb->plus = true;
		else if (*at == '#')
			verb->sharp = true;
		else if (*at == ' ')
			verb->space = true;
		else if (*at == '0')
			verb->zero = true;
		else
			return at;
	}
}

/* A number or "*"; -1 when there is neither. */
static const char *read_count(const char *at, struct arguments *args, int *out)
{
	*out = -1;
	if (*at == '*') {
		const cJSON *arg = args->used < args->count ? args->items[args->used++] : NULL;
		if (cJSON_IsNumber(arg) && magnitude(arg->valuedouble) <= PRINTF_MAX_WIDTH)
			*out = (int)arg->valuedouble;
		return at + 1;
	}
	for (; isdigit((unsigned char)*at); at++) {
		*out = max_of(*out, 0) * 10 + (*at - '0');
		*out = min_of(*out, (int)PRINTF_MAX_WIDTH);
	}
	return at;
}

/* [N] names the argument that comes next. */
static const char *read_index(const char *at, struct arguments *args)
{
	const char *end = *at == '[' ? strchr(at, ']') : NULL;
	uint64_t n = 0;

	if (*at != '[')
		return at;
	args->reordered = true;
	AUTO(mem) char *digits = end ? str_ndup(at + 1, (size_t)(end - at - 1)) : str_dup("");
	args->bad_index = str_u64(digits, args->count, &n) < 0 || n == 0;
	if (!args->bad_index)
		args->used = (size_t)n - 1;
	return end ? end + 1 : at + 1;
}

static const char *read_verb(const char *at, struct arguments *args, struct verb *verb)
{
	*verb = (struct verb){ .precision = -1 };
	args->bad_index = false;
	at = read_flags(at, verb);
	at = read_index(at, args);
	at = read_count(at, args, &verb->width);
	if (verb->width < -1) {
		verb->minus = true;
		verb->width = -verb->width;
	}
	if (*at == '.') {
		at = read_count(at + 1, args, &verb->precision);
		verb->precision = max_of(verb->precision, 0);
	}
	at = read_index(at, args);
	verb->letter = *at;
	return *at ? at + 1 : at;
}

static void print_extra(const struct arguments *args, FILE *to)
{
	fputs("%!(EXTRA ", to);
	for (size_t i = args->used; i < args->count; i++) {
		const cJSON *value = args->items[i];
		fprintf(to, "%s%s", i > args->used ? ", " : "",
			value_nil(value) ? "<nil>" : type_name(value));
		if (!value_nil(value)) {
			fputc('=', to);
			value_print(value, "<nil>", to);
		}
	}
	fputc(')', to);
}

void printf_print(const char *format, const cJSON *const *args, size_t count, FILE *to)
{
	struct arguments arguments = { .items = args, .count = count };
	struct verb verb;

	while (*format) {
		size_t plain = strcspn(format, "%");
		fwrite(format, 1, plain, to);
		format += plain;
		if (!*format)
			break;
		format = read_verb(format + 1, &arguments, &verb);
		if (!verb.letter)
			fputs("%!(NOVERB)", to);
		else if (verb.letter == '%')
			fputc('%', to);
		else if (arguments.bad_index)
			fprintf(to, "%%!%c(BADINDEX)", verb.letter);
		else if (arguments.used == count)
			fprintf(to, "%%!%c(MISSING)", verb.letter);
		else
			print_padded(&verb, args[arguments.used++], to);
	}
	if (arguments.used < count && !arguments.reordered)
		print_extra(&arguments, to);
}
