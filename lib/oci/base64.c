/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base64 - bytes as text
 */
#include "oci/base64.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *data, size_t size)
{
	const unsigned char *in = data;
	char *text = mem_alloc((size + 2) / 3 * 4 + 1, 1), *at = text;

	for (size_t i = 0; i < size; i += 3) {
		size_t n = min_of(size - i, (size_t)3);
		uint32_t v = (uint32_t)in[i] << 16;
		v |= n > 1 ? (uint32_t)in[i + 1] << 8 : 0;
		v |= n > 2 ? in[i + 2] : 0;
		for (size_t k = 0; k < 4; k++)
			*at++ = k <= n ? letters[v >> (18 - 6 * k) & 63] : '=';
	}
	return text;
}

int base64_decode(const char *text, char **out, size_t *out_size)
{
	size_t length = strcspn(text, "="), size = 0;
	AUTO(mem) char *bytes = mem_alloc(length / 4 * 3 + 4, 1);
	uint32_t v = 0;

	if (strspn(text + length, "=") != strlen(text + length) || strlen(text + length) > 2 ||
	    length % 4 == 1)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		const char *at = strchr(letters, text[i]);
		if (!at)
			return -EINVAL;
		v = v << 6 | (uint32_t)(at - letters);
		if (i % 4)
			bytes[size++] = (char)(v >> (6 - 2 * (i % 4)));
	}
	bytes[size] = 0;
	if (out_size)
		*out_size = size;
	*out = take_ptr(bytes);
	return 0;
}
