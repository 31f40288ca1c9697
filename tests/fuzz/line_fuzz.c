/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line_fuzz - what programs print, as lines that a terminal does not obey
 */
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) char *bytes = mem_alloc(size + 1, 1);

	for (size_t i = 0; i < size; i++)
		bytes[i] = data[i] == '\n' ? ' ' : (char)data[i];
	AUTO(mem) char *text = line_clean(bytes, size);
	for (const char *c = text; *c; c++)
		bug_unless((unsigned char)*c >= ' ' && *c != 127);
	AUTO(mem) char *joined = line_join(text, "12s", 40, 2);
	bug_unless(line_width(joined) == 40 && str_ends(joined, "  12s"));
	return 0;
}
