/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reference_fuzz - names of images; what is taken prints and reads back
 */
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "oci/platform.h"
#include "oci/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) char *text = mem_copy(data, size);
	AUTO(reference) struct reference ref = { 0 }, again = { 0 };
	AUTO(platform) struct platform host = { 0 }, platform = { 0 };

	platform_host("x86_64", &host);
	if (platform_parse(text, &host, &platform, NULL) == 0)
		(void)platform_rank(&platform, &host);
	if (reference_parse(text, &ref, NULL) < 0)
		return 0;
	AUTO(mem) char *full = reference_print(&ref);
	AUTO(mem) char *familiar = reference_familiar(&ref);
	bug_unless(reference_parse(familiar, &again, NULL) == 0);
	AUTO(mem) char *second = reference_print(&again);
	bug_unless(str_eq(full, second));
	return 0;
}
