/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_text - documents for people and scripts, indented as docker and podman do
 */
#include "cli/json_text.h"

#include "base/mem.h"
#include "cli/template_value.h"

/* Texts and numbers are written by the library, which knows the escapes. */
static void print_plain(const cJSON *value, FILE *to)
{
	AUTO(mem) char *text = json_print_text(value);

	fputs(text, to);
}

static void print_at(const cJSON *value, int indent, int depth, FILE *to)
{
	bool object = cJSON_IsObject(value);
	const cJSON *member;
	int count = 0;

	if (!object && !cJSON_IsArray(value)) {
		print_plain(value, to);
		return;
	}
	fputc(object ? '{' : '[', to);
	cJSON_ArrayForEach(member, value)
	{
		if (value_hidden(member))
			continue;
		fprintf(to, "%s\n%*s", count++ ? "," : "", indent * (depth + 1), "");
		if (object) {
			const cJSON key = { .type = cJSON_String, .valuestring = member->string };
			print_plain(&key, to);
			fputs(": ", to);
		}
		print_at(member, indent, depth + 1, to);
	}
	if (count)
		fprintf(to, "\n%*s", indent * depth, "");
	fputc(object ? '}' : ']', to);
}

void json_text_print(const cJSON *value, int indent, FILE *to)
{
	print_at(value, indent, 0, to);
	fputc('\n', to);
}
