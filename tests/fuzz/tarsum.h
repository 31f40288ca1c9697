/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarsum - check sums of changed tars made right again, or nothing behind a header would ever be read
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { TARSUM_BLOCK = 512, TARSUM_AT = 148, TARSUM_WIDTH = 8, TARSUM_MAGIC = 257 };

/* Every block that could be a header gets the sum of its bytes. */
static inline void tarsum_mend(uint8_t *data, size_t size)
{
	for (uint8_t *block = data; size >= TARSUM_BLOCK;
	     block += TARSUM_BLOCK, size -= TARSUM_BLOCK) {
		char text[TARSUM_WIDTH];
		unsigned int sum = 0;

		if (memcmp(block + TARSUM_MAGIC, "ustar", 5) != 0)
			continue;
		memset(block + TARSUM_AT, ' ', TARSUM_WIDTH);
		for (int i = 0; i < TARSUM_BLOCK; i++)
			sum += block[i];
		snprintf(text, sizeof text, "%06o", sum);
		memcpy(block + TARSUM_AT, text, sizeof text - 1);
	}
}
