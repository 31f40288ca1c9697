/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_fuzz - templates as --format takes them: whatever is typed, an answer or an error
 */
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"
#include "cli/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document[] =
	"{\"Id\":\"abc\",\"N\":3,\"F\":1.5,\"T\":true,\"Z\":null,\"L\":[\"a\",\"b\"],"
	"\"S\":{\"Pid\":42},\"Labels\":{\"x\":\"1\"},\"M\":[{\"A\":\"/a\"}],\"Label()\":{\"k\":\"v\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct template_schema schema = { .maps = "Labels" };
	AUTO(mem) char *text = str_ndup((const char *)data, size);
	AUTO(template) struct template *template = NULL;
	AUTO(err) struct err err = { 0 };
	AUTO(json) cJSON *doc = NULL;
	AUTO(mem) char *out = NULL;
	size_t out_size = 0;

	if (template_parse(text, TEMPLATE_ESCAPES, &template, &err) < 0) {
		bug_unless(err.text);
		return 0;
	}
	bug_unless(json_parse(document, strlen(document), &doc, NULL) == 0);
	FILE *to = open_memstream(&out, &out_size);
	bug_unless(template_print(template, doc, &schema, to, &err) >= 0 || err.text);
	fclose(to);
	return 0;
}
