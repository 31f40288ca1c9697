/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar - the entries of a tar stream, through libarchive, with its answers turned into ours
 *
 * Strict: what libarchive would repair or guess is an error here. Needs a UTF-8 LC_CTYPE.
 * Linked by cubby-layer only.
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "layer/stream.h"

struct tar;

/* A part of a file; what lies between parts are holes. */
struct tar_part {
	const void *data; /* valid until the next call */
	size_t size;
	int64_t offset;
};

/**
 * tar_new() - begin to read
 * @stream:	borrowed until tar_free
 * @out:	to be released with tar_free; set on success only
 * @err:	what is wrong with the stream
 *
 * Return: 0; -EBADMSG when it is no tar; as stream_next() otherwise.
 */
must_check int tar_new(struct stream *stream, struct tar **out, struct err *err);

/**
 * tar_free() - release
 * @tar:	may be NULL
 */
void tar_free(struct tar *tar);

DEFINE_AUTO_PTR(tar, struct tar, tar_free)

/**
 * tar_next() - the next entry
 * @tar:	begun; what is left of the entry before is skipped
 * @out:	valid until the next call; set when the result is 1
 * @err:	what is wrong
 *
 * Return: 1; 0 at the end; -EBADMSG when it is damaged; -EFBIG after LAYER_ENTRIES_MAX; as
 * stream_next() otherwise.
 */
must_check int tar_next(struct tar *tar, struct archive_entry **out, struct err *err);

/**
 * tar_part() - the next part of the entry's content
 * @tar:	behind tar_next
 * @out:	set when the result is 1
 * @err:	what is wrong
 *
 * Return: 1; 0 at the end of the file; as tar_next() otherwise.
 */
must_check int tar_part(struct tar *tar, struct tar_part *out, struct err *err);

/**
 * tar_entries() - how many entries came so far
 * @tar:	begun
 *
 * Return: that number.
 */
int64_t tar_entries(const struct tar *tar);
