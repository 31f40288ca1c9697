/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template - --format: Go's text/template over JSON values
 */
#include "cli/template.h"

#include <errno.h>

#include "base/mem.h"
#include "cli/template_eval.h"
#include "cli/template_parse.h"

struct template
{
	struct tree *tree;
	unsigned int flags;
};

int template_parse(const char *text, unsigned int flags, struct template **out, struct err *err)
{
	const char *whole = str_eq(text, "json") ? "{{json .}}" : text;
	struct tree *tree = NULL;
	int r = tree_parse(whole, flags & TEMPLATE_ESCAPES, &tree, err);

	if (r < 0)
		return r;
	*out = mem_new(struct template);
	(*out)->tree = tree;
	(*out)->flags = flags;
	return 0;
}

int template_print(const struct template *template, const cJSON *document,
		   const struct template_schema *schema, FILE *to, struct err *err)
{
	const struct eval_input input = {
		.tree = template->tree,
		.document = document,
		.maps = schema ? str_or(schema->maps, "") : "*",
		.optional = schema ? str_or(schema->optional, "") : "",
		.header = template->flags & TEMPLATE_HEADER,
		.max_output = TEMPLATE_MAX_OUTPUT,
		.max_steps = TEMPLATE_MAX_STEPS,
		.max_depth = TEMPLATE_MAX_DEPTH,
	};
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	bug_unless(memory);
	int r = eval_run(&input, memory, err);
	bug_unless(fclose(memory) == 0);
	if (r < 0)
		return r;
	fwrite(text, 1, size, to);
	return 0;
}

void template_free(struct template *template)
{
	if (!template)
		return;
	tree_free(template->tree);
	free(template);
}
