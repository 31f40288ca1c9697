/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * changes_text - showing changes: lines as they come, or a document at the end
 */
#include "cmd/changes_text.h"

#include <errno.h>

#include "base/json.h"
#include "cli/json_text.h"

enum { INDENT = 5 };

int changes_text_init(struct changes_text *text, const char *format, FILE *to, struct err *err)
{
	if (format && !str_eq(format, "json"))
		return err_set(err, -EINVAL, "--format: '%s' is not 'json'", format);
	*text = (struct changes_text){ .to = to, .json = format };
	return 0;
}

/* As podman has it: a list for each kind that there is. */
static void print_document(struct changes_text *text)
{
	static const char *const names[] = {
		[CHANGE_MODIFIED] = "changed", [CHANGE_ADDED] = "added", [CHANGE_DELETED] = "deleted"
	};
	AUTO(json) cJSON *document = cJSON_CreateObject();

	for (size_t i = 0; i < array_len(names); i++) {
		if (!text->kinds[i].count)
			continue;
		cJSON_AddItemToObject(
			document, names[i],
			cJSON_CreateStringArray((const char *const *)text->kinds[i].items,
						(int)text->kinds[i].count));
		strv_clear(&text->kinds[i]);
	}
	json_text_print(document, INDENT, text->to);
}

void changes_text_show(void *data, enum change_kind kind, const char *path)
{
	struct changes_text *text = data;

	if (path && text->json)
		strv_add(&text->kinds[kind], path);
	else if (path)
		fprintf(text->to, "%c %s\n", "CAD"[kind], path);
	else if (text->json)
		print_document(text);
	if (!path)
		(void)fflush(
			text->to); /* this process ends; a failure shows when the program does */
}
