/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarsplit - the bytes of a tar beside its files, as other programs read them
 *
 * One JSON object on each line, numbered by "position":
 *	{"type":2,"payload":BASE64}			bytes of the tar: the padding behind the file before, and
 *							all headers of one entry; at the end what is left
 *	{"type":1,"name":N,"size":S,"payload":CRC}	then so many bytes that the file N holds; the base64
 *							of their CRC-64 (ISO 3309), null where there are none
 *
 *   (1) each entry of the tar has one line of either type, in this order;
 *   (2) no two lines of type 1 have the same name.
 *
 * Keeping (2) is the caller's. Source: github.com/vbatts/tar-split, tar/storage.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "layer/squeeze.h"

struct tarsplit;

/**
 * tarsplit_new() - begin
 * @to:		takes the lines; borrowed until tarsplit_free
 *
 * Return: to be released with tarsplit_free; never NULL.
 */
must_check struct tarsplit *tarsplit_new(struct squeeze *to);

/**
 * tarsplit_free() - release
 * @split:	may be NULL
 */
void tarsplit_free(struct tarsplit *split);

DEFINE_AUTO_PTR(tarsplit, struct tarsplit, tarsplit_free)

/**
 * tarsplit_sum() - go on with a file's CRC-64
 * @split:	has the tables
 * @sum:	of the bytes before; 0 at first
 * @data:	the bytes
 * @size:	how many
 *
 * Return: the sum.
 */
uint64_t tarsplit_sum(const struct tarsplit *split, uint64_t sum, const void *data, size_t size);

/**
 * tarsplit_raw() - note bytes of the tar
 * @split:	begun
 * @data:	the bytes
 * @size:	how many
 * @err:	as squeeze_add()
 *
 * Return: 0 or -ENOMEM.
 */
must_check int tarsplit_raw(struct tarsplit *split, const void *data, size_t size, struct err *err);

/**
 * tarsplit_file() - note that a file's content follows
 * @split:	begun
 * @name:	as it is in the tar; UTF-8
 * @size:	of the content that is in the tar
 * @sum:	of it
 * @err:	as squeeze_add()
 *
 * Return: 0 or -ENOMEM.
 */
must_check int tarsplit_file(struct tarsplit *split, const char *name, int64_t size, uint64_t sum,
			     struct err *err);
