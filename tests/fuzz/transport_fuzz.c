/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transport_fuzz - transports of images; what is taken prints and reads back
 */
#include <stddef.h>
#include <stdint.h>

#include "oci/transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) char *text = mem_copy(data, size);
	AUTO(transport) struct transport t = { 0 }, again = { 0 };
	AUTO(err) struct err err = { 0 };

	if (transport_parse(text, &t, &err) < 0) {
		bug_unless(err.code < 0 && err.text);
		return 0;
	}
	bug_unless(transport_given(text) ==
		   (t.kind != TRANSPORT_NONE && t.kind != TRANSPORT_REGISTRY));
	AUTO(mem) char *printed = transport_print(&t);
	bug_unless(transport_parse(printed, &again, NULL) == 0 && again.kind == t.kind);
	AUTO(mem) char *second = transport_print(&again);
	bug_unless(str_eq(printed, second));
	return 0;
}
