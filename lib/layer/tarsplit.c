/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarsplit - the bytes of a tar beside its files, as other programs read them
 *
 * The sum takes eight bytes at a time: table n has what a byte means that n more bytes follow.
 */
#include "layer/tarsplit.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/base64.h"

enum { BYTE_VALUES = 256, BYTE_BITS = 8, AT_ONCE = 8 };

#define POLYNOMIAL UINT64_C(0xD800000000000000) /* of ISO 3309, lowest bit last */

struct tarsplit {
	struct squeeze *to;
	int64_t position;
	uint64_t tables[AT_ONCE][BYTE_VALUES];
};

static void make_tables(struct tarsplit *split)
{
	for (unsigned int i = 0; i < BYTE_VALUES; i++) {
		uint64_t sum = i;
		for (int bit = 0; bit < BYTE_BITS; bit++)
			sum = sum & 1 ? sum >> 1 ^ POLYNOMIAL : sum >> 1;
		split->tables[0][i] = sum;
	}
	for (int n = 1; n < AT_ONCE; n++) {
		for (unsigned int i = 0; i < BYTE_VALUES; i++) {
			uint64_t before = split->tables[n - 1][i];
			split->tables[n][i] = split->tables[0][before & 0xff] ^ before >> BYTE_BITS;
		}
	}
}

struct tarsplit *tarsplit_new(struct squeeze *to)
{
	struct tarsplit *split = mem_new(struct tarsplit);

	split->to = to;
	make_tables(split);
	return split;
}

void tarsplit_free(struct tarsplit *split)
{
	free(split);
}

uint64_t tarsplit_sum(const struct tarsplit *split, uint64_t sum, const void *data, size_t size)
{
	const unsigned char *at = data;

	sum = ~sum;
	for (; size >= AT_ONCE; at += AT_ONCE, size -= AT_ONCE) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		word = le64toh(word) ^ sum;
		sum = 0;
		for (int n = 0; n < AT_ONCE; n++)
			sum ^= split->tables[AT_ONCE - 1 - n][word >> n * BYTE_BITS & 0xff];
	}
	for (; size; at++, size--)
		sum = split->tables[0][(sum ^ *at) & 0xff] ^ sum >> BYTE_BITS;
	return ~sum;
}

static int add_text(struct tarsplit *split, const char *text, struct err *err)
{
	return squeeze_add(split->to, text, strlen(text), err);
}

int tarsplit_raw(struct tarsplit *split, const void *data, size_t size, struct err *err)
{
	AUTO(mem) char *payload = base64_encode(data, size);
	AUTO(mem) char *end = str_fmt("\",\"position\":%lld}\n", (long long)split->position++);

	int r = add_text(split, "{\"type\":2,\"payload\":\"", err);
	if (r == 0)
		r = add_text(split, payload, err);
	return r < 0 ? r : add_text(split, end, err);
}

static char *sum_text(uint64_t sum)
{
	uint64_t bytes = htobe64(sum);
	AUTO(mem) char *base64 = base64_encode(&bytes, sizeof bytes);

	return str_fmt("\"%s\"", base64);
}

int tarsplit_file(struct tarsplit *split, const char *name, int64_t size, uint64_t sum,
		  struct err *err)
{
	AUTO(json) cJSON *object = cJSON_CreateObject();
	AUTO(mem) char *digits = str_fmt("%lld", (long long)size);
	AUTO(mem) char *position = str_fmt("%lld", (long long)split->position++);
	AUTO(mem) char *payload = size ? sum_text(sum) : str_dup("null");

	cJSON_AddNumberToObject(object, "type", 1);
	cJSON_AddStringToObject(object, "name", name);
	if (size)
		cJSON_AddRawToObject(object, "size", digits);
	cJSON_AddRawToObject(object, "payload", payload);
	cJSON_AddRawToObject(object, "position", position);
	AUTO(mem) char *text = json_print(object, 0);
	int r = add_text(split, text, err);
	return r < 0 ? r : add_text(split, "\n", err);
}
