/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toc - the table of contents of a zstd:chunked layer
 *
 *	{"version":1,"entries":[{"type":..,"name":..,...},...],"tarSplitDigest":"sha256:.."}
 *
 *   (1) entries stand in the tar's order, under the names it gives them; no two have the same;
 *   (2) a file that is not empty has "digest", "offset" and "endOffset": of its bytes, and where the blob has the
 *       frame that they alone are in;
 *   (3) all else is what the tar's headers say (layer/heading.h), values of attributes in base64.
 *
 * Readers refuse one that they cannot find in the tar-split (layer/tarsplit.h), so what JSON cannot hold as it is
 * is refused here. Source: github.com/containers/storage, pkg/chunked.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "layer/heading.h"
#include "layer/squeeze.h"
#include "layer/tar.h"

/* Where a file's bytes are. */
struct toc_place {
	const char *digest; /* NULL for one that is empty */
	int64_t offset;
	int64_t end;
};

struct toc;

/**
 * toc_new() - begin
 * @to:		takes the text; borrowed until toc_free
 *
 * Return: to be released with toc_free; never NULL.
 */
must_check struct toc *toc_new(struct squeeze *to);

/**
 * toc_free() - release
 * @toc:	may be NULL
 */
void toc_free(struct toc *toc);

DEFINE_AUTO_PTR(toc, struct toc, toc_free)

/**
 * toc_check() - whether an entry can be told of, before its content is read
 * @toc:	begun; remembers the name
 * @entry:	of the tar
 * @heading:	of the same entry
 *
 * Return: 0; -EEXIST when the name was there before; -EBADMSG for a sparse file, names that are no UTF-8,
 * and times that JSON's form has no year for.
 */
must_check int toc_check(struct toc *toc, const struct tar_entry *entry,
			 const struct heading *heading);

/**
 * toc_text() - the object of an entry, without the place of its content
 * @entry:	which toc_check() found right
 * @heading:	of the same entry
 *
 * Return: a JSON object, not closed; to be freed.
 */
must_check char *toc_text(const struct tar_entry *entry, const struct heading *heading);

/**
 * toc_add() - write an entry
 * @toc:	begun
 * @text:	of toc_text()
 * @place:	of its content
 * @err:	as squeeze_add()
 *
 * Return: 0 or -ENOMEM.
 */
must_check int toc_add(struct toc *toc, const char *text, const struct toc_place *place,
		       struct err *err);

/**
 * toc_end() - write what follows the entries
 * @toc:	takes nothing afterwards
 * @split:	digest of the compressed tar-split
 * @err:	as squeeze_add()
 *
 * Return: 0 or -ENOMEM.
 */
must_check int toc_end(struct toc *toc, const char *split, struct err *err);
