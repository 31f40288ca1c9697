/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * yaml_fuzz - YAML of strangers; what is taken is JSON, a document a line
 */
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "cubby-yaml/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) char *out = NULL;

	if (document_convert((const char *)data, size, true, &out, NULL) < 0)
		return 0;
	for (char *line = out, *rest; line && *line; line = rest) {
		AUTO(json) cJSON *value = NULL;
		rest = str_cut(line, '\n');
		bug_unless(json_parse(line, strlen(line), &value, NULL) == 0);
	}
	return 0;
}
