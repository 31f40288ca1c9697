/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table - lists of things, as aligned tables or through --format
 *
 * The rows are objects whose fields are what --format can name. The table that is printed without
 * --format is a template too, so that every column can be had by itself.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "cli/template.h"

/* A field of a row and what stands above its column. */
struct column {
	const char *field;
	const char *heading;
};

struct table_spec {
	const struct column *columns; /* all fields; ends with a NULL field */
	const struct template_schema *schema;
	const char *standard; /* the template of the table without --format, cells split by \t */
};

/* How one table is wanted. */
struct table_style {
	const char
		*format; /* --format: "table", "table TEMPLATE", "json", TEMPLATE; NULL: standard */
	bool no_heading;
	bool whole; /* --no-trunc: cells are not cut to fit a terminal */
	int width;  /* characters that a line may have; 0: those of the terminal, if it is one */
};

/**
 * table_print() - print rows
 * @spec:	what the rows are
 * @style:	how they are wanted
 * @rows:	a list of objects
 * @to:		where to; nothing is written on failure
 * @err:	what is wrong with the format
 *
 * A format that is no table prints each row in a line of its own.
 *
 * Return: 0 or -EINVAL.
 */
must_check int table_print(const struct table_spec *spec, const struct table_style *style,
			   const cJSON *rows, FILE *to, struct err *err);

struct table;

/**
 * table_begin() - start printing rows one by one
 * @spec:	what the rows are; must live as long as the table
 * @style:	how they are wanted
 * @out:	to be released with table_free; set on success only
 * @err:	what is wrong with the format
 *
 * Return: 0 or -EINVAL.
 */
must_check int table_begin(const struct table_spec *spec, const struct table_style *style,
			   struct table **out, struct err *err);

/**
 * table_row() - add a row
 * @table:	begun
 * @row:	an object; may be released afterwards
 * @err:	names the field that is not there
 *
 * Return: 0 or -EINVAL.
 */
must_check int table_row(struct table *table, const cJSON *row, struct err *err);

/**
 * table_end() - write everything
 * @table:	empty afterwards, to be released
 * @to:		where to; a table fits a terminal
 */
void table_end(struct table *table, FILE *to);

/**
 * table_free() - release a table; what was not written is dropped
 * @table:	may be NULL
 */
void table_free(struct table *table);

DEFINE_AUTO_PTR(table, struct table, table_free)

/**
 * table_align() - write lines of cells in columns
 * @text:	lines ended by \n, cells split by \t
 * @width:	characters that a line may have; 0 for any number
 * @to:		where to
 *
 * As Go's tabwriter in docker: three spaces between columns, a column at least ten wide. What does not fit is cut, the
 * widest columns first, none below the length of an id. What a terminal would obey is made visible (base/harmless.h).
 */
void table_align(const char *text, int width, FILE *to);

/**
 * table_ellipsis() - a text cut to some characters, the last of which shows that it was cut
 * @text:	UTF-8
 * @width:	characters at most
 *
 * Return: the text, to be freed.
 */
must_check char *table_ellipsis(const char *text, int width);
