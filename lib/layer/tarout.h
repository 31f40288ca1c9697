/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarout - writing a tar stream, through libarchive
 *
 * ustar, with pax records only where a name, a size or an attribute needs them. Linked by
 * cubby-layer only.
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "layer/digest.h"

struct tarout;

/**
 * tarout_new() - begin
 * @fd:		where the tar goes; stays the caller's
 * @digest:	takes in what is written, or NULL; borrowed until tarout_free
 * @out:	to be released with tarout_free; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int tarout_new(int fd, struct digest *digest, struct tarout **out, struct err *err);

/**
 * tarout_free() - release; without tarout_finish the tar is incomplete
 * @out:	may be NULL
 */
void tarout_free(struct tarout *out);

DEFINE_AUTO_PTR(tarout, struct tarout, tarout_free)

/**
 * tarout_entry() - write an entry's header
 * @out:	begun; the entry before has all its content
 * @entry:	stays the caller's
 * @err:	names the entry
 *
 * Return: 0; -EPIPE when nobody reads; otherwise a negative errno.
 */
must_check int tarout_entry(struct tarout *out, struct archive_entry *entry, struct err *err);

/**
 * tarout_data() - write a part of the entry's content
 * @out:	behind tarout_entry
 * @data:	the bytes
 * @size:	how many
 * @err:	says what failed
 *
 * Return: 0; -EMSGSIZE when the entry becomes longer than its header says; otherwise a negative errno.
 */
must_check int tarout_data(struct tarout *out, const void *data, size_t size, struct err *err);

/**
 * tarout_finish() - write the end of the tar
 * @out:	begun; nothing but tarout_free may follow
 * @out_size:	bytes written in all
 * @err:	what failed
 *
 * Return: 0; -EMSGSIZE when the last entry is shorter than its header says; otherwise a negative errno.
 */
must_check int tarout_finish(struct tarout *out, int64_t *out_size, struct err *err);
