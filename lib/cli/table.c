/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table - lists of things, as aligned tables or through --format
 */
#include "cli/table.h"

#include <errno.h>
#include <limits.h>

#include "base/harmless.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/look.h"

enum { COLUMN_GAP = 3, COLUMN_LEAST = 10, CELL_LEAST = 12 };

/* Characters of some bytes of UTF-8; wide ones count once. */
static int width_of(const char *text, size_t bytes)
{
	int width = 0;

	for (size_t i = 0; i < bytes; i++)
		width += (text[i] & 0xc0) != 0x80;
	return width;
}

/* Of the longest cell of each column, without gap. What ends a line is no column, as in Go's tabwriter. */
struct widths {
	int *items;
	size_t count;
	int tail; /* of what stands behind the last column */
};

static void note_cell(struct widths *widths, size_t column, int width)
{
	if (column == widths->count)
		*vec_push(widths) = 0;
	widths->items[column] = max_of(widths->items[column], width);
}

static struct widths measure(const char *text)
{
	struct widths widths = { 0 };
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, "\t\n");
		int width = width_of(text, n);
		if (text[n] == '\t')
			note_cell(&widths, column++, width);
		else if (column == widths.count)
			widths.tail = max_of(widths.tail, width);
		column = text[n] == '\t' ? column : 0;
		text += n + (text[n] != 0);
	}
	return widths;
}

static int line_width(const struct widths *widths, int least)
{
	int sum = widths->tail;

	for (size_t i = 0; i < widths->count; i++)
		sum += max_of(widths->items[i] + COLUMN_GAP, least);
	return sum;
}

/* Narrows the widest columns. Return: how wide a column is at least from now on, with its gap. */
static int fit(struct widths *widths, int limit)
{
	if (limit <= 0 || line_width(widths, COLUMN_LEAST) <= limit)
		return COLUMN_LEAST;
	while (line_width(widths, 0) > limit) {
		int *widest = &widths->tail;
		for (size_t i = 0; i < widths->count; i++)
			if (widths->items[i] > *widest)
				widest = &widths->items[i];
		if (*widest <= CELL_LEAST)
			break; /* the terminal breaks the lines */
		--*widest;
	}
	return 0;
}

/* Return: how wide it came out. */
static int print_cell(const char *cell, size_t n, int room, FILE *to)
{
	int width = width_of(cell, n);

	if (width <= room) {
		fwrite(cell, 1, n, to);
		return width;
	}
	AUTO(mem) char *text = str_ndup(cell, n);
	AUTO(mem) char *cut = table_ellipsis(text, room);
	fputs(cut, to);
	return room;
}

void table_align(const char *text, int width, FILE *to)
{
	AUTO(mem) char *plain = harmless(text);

	text = plain;
	struct widths widths = measure(text);
	int least = fit(&widths, width);
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, "\t\n");
		bool cell = text[n] == '\t';
		int room = cell			    ? widths.items[column]
			   : column == widths.count ? widths.tail
						    : INT_MAX;
		int shown = print_cell(text, n, room, to);
		if (cell)
			fprintf(to, "%*s", max_of(room + COLUMN_GAP, least) - shown, "");
		else
			fputc('\n', to);
		column = cell ? column + 1 : 0;
		text += n + (text[n] != 0);
	}
	free(widths.items);
}

char *table_ellipsis(const char *text, int width)
{
	size_t bytes = 0;

	if (width_of(text, strlen(text)) <= width)
		return str_dup(text);
	for (int seen = 0; text[bytes]; bytes++) {
		seen += (text[bytes] & 0xc0) != 0x80;
		if (seen == width)
			break;
	}
	return str_fmt("%.*s\u2026", (int)bytes, text);
}

static int print_heading(const struct table_spec *spec, const char *text, FILE *to, struct err *err)
{
	AUTO(template) struct template *template = NULL;
	AUTO(json) cJSON *headings = cJSON_CreateObject();
	int r = template_parse(text, TEMPLATE_ESCAPES | TEMPLATE_HEADER, &template, err);

	if (r < 0)
		return r;
	for (const struct column *column = spec->columns; column->field; column++) {
		bool method = str_ends(column->field, "()");
		if (method)
			cJSON_AddObjectToObject(headings, column->field);
		else
			cJSON_AddStringToObject(headings, column->field, column->heading);
	}
	r = template_print(template, headings, NULL, to, err);
	fputc('\n', to);
	return r;
}

/* The template of a format, and whether it makes a table. */
static const char *read_format(const struct table_spec *spec, const char *format, bool *out_table)
{
	const char *rest = format ? str_starts(format, "table") : "";

	*out_table = rest && (!*rest || *rest == ' ' || str_starts(rest, "\\t"));
	if (!*out_table)
		return format;
	while (*rest == ' ')
		rest++;
	return *rest ? rest : spec->standard;
}

struct table {
	const struct table_spec *spec;
	struct template *template;
	bool aligned;
	bool whole;
	int width;
	FILE *memory; /* writes text */
	char *text;
	size_t size;
};

int table_begin(const struct table_spec *spec, const struct table_style *style, struct table **out,
		struct err *err)
{
	AUTO(table) struct table *table = mem_new(struct table);
	const char *format = read_format(spec, style->format, &table->aligned);

	table->spec = spec;
	table->whole = style->whole;
	table->width = style->width;
	table->memory = open_memstream(&table->text, &table->size);
	bug_unless(table->memory);
	int r = template_parse(format, TEMPLATE_ESCAPES, &table->template, err);
	if (r >= 0 && table->aligned && !style->no_heading)
		r = print_heading(spec, format, table->memory, err);
	if (r < 0)
		return r;
	*out = take_ptr(table);
	return 0;
}

int table_row(struct table *table, const cJSON *row, struct err *err)
{
	int r = template_print(table->template, row, table->spec->schema, table->memory, err);

	if (r >= 0)
		fputc('\n', table->memory);
	return r;
}

void table_end(struct table *table, FILE *to)
{
	bug_unless(fflush(table->memory) == 0);
	if (table->aligned)
		table_align(table->text,
			    table->whole   ? 0
			    : table->width ? table->width
					   : look_columns(to),
			    to);
	else
		fwrite(table->text, 1, table->size, to);
}

void table_free(struct table *table)
{
	if (!table)
		return;
	bug_unless(fclose(table->memory) == 0);
	free(table->text);
	template_free(table->template);
	free(table);
}

int table_print(const struct table_spec *spec, const struct table_style *style, const cJSON *rows,
		FILE *to, struct err *err)
{
	AUTO(table) struct table *table = NULL;
	const cJSON *row;
	int r = table_begin(spec, style, &table, err);

	cJSON_ArrayForEach(row, rows)
	{
		if (r < 0)
			break;
		r = table_row(table, row, err);
	}
	if (r < 0)
		return r;
	table_end(table, to);
	return 0;
}
