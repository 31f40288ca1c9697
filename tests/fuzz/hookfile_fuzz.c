/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hookfile_fuzz - files of hooks; whatever their expressions are, they are matched
 */
#include <stddef.h>
#include <stdint.h>

#include "oci/hookfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(json) cJSON *value = NULL;
	AUTO(hookfile) struct hookfile hook = { 0 };
	AUTO(strv) struct strv annotations = { 0 };
	const struct hookfile_subject subject = { "/bin/aaaabbbbccccsh", &annotations, true };

	strv_split(&annotations, "org.test=1234 org.a=gpu none=", ' ');
	if (json_parse((const char *)data, size, &value, NULL) < 0 ||
	    hookfile_load(value, &hook, NULL) < 0)
		return 0;
	bug_unless(*hook.path == '/' && hook.stages);
	(void)hookfile_match(&hook, &subject);
	return 0;
}
