/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template - --format: Go's text/template over JSON values
 *
 * All of the language: fields and chains, $, variables, pipes, parentheses, if, range, with, define,
 * template, block, break, continue, comments, trim markers, literals, and the functions of
 * template_func.h.
 *
 * A JSON object is two things in Go. In a map a missing key is no error; in a struct an unknown field
 * is one, so that a typing mistake is told and not answered with nothing. Objects are structs, but
 * for those held by a member that the schema calls a map. A struct may also leave out a field that
 * is empty; the schema names those fields.
 */
#pragma once

#include <stdio.h>

#include "base/err.h"
#include "base/json.h"

struct template_schema {
	const char *maps; /* names of members that hold maps, separated by spaces; "*": all objects */
	const char *optional; /* names of fields that a struct may lack, separated by spaces */
};

enum template_flags {
	TEMPLATE_ESCAPES = 1 << 0, /* \t and \n outside actions are a tab and a new line */
	TEMPLATE_HEADER =
		1 << 1, /* the document holds headings: lower, json, ... leave them alone */
};

enum template_limits {
	TEMPLATE_MAX_OUTPUT = 64 << 20, /* bytes */
	TEMPLATE_MAX_STEPS = 1000000,
	TEMPLATE_MAX_DEPTH = 100, /* of templates that use templates */
};

struct template;

/**
 * template_parse() - read a template
 * @text:	as typed; "json" alone stands for {{json .}}
 * @flags:	enum template_flags
 * @out:	to be released with template_free; set on success only
 * @err:	what is wrong, with its line
 *
 * Return: 0 or -EINVAL.
 */
must_check int template_parse(const char *text, unsigned int flags, struct template **out,
			      struct err *err);

/**
 * template_print() - run a template on a document
 * @template:	not changed, may be run again
 * @document:	the dot; not changed
 * @schema:	of the document; NULL: every object is a map
 * @to:		where to; nothing is written on failure
 * @err:	names the field or the function
 *
 * Return: 0; -EINVAL; -E2BIG when a limit is reached.
 */
must_check int template_print(const struct template *template, const cJSON *document,
			      const struct template_schema *schema, FILE *to, struct err *err);

/**
 * template_free() - release a template
 * @template:	may be NULL
 */
void template_free(struct template *template);

DEFINE_AUTO_PTR(template, struct template, template_free)
