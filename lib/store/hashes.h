/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hashes - which files outside the store were hashed before, and to what: `hashes`
 *
 * A build hashes its context; most of it is as it was at the last build. So each digest is remembered by
 * what fstat tells of the file.
 *
 *   (1) The file is a head (hashes.c) and records of fixed size, sorted by their key, no key twice. It is
 *       mapped, not read; finding one is a binary search.
 *   (2) An entry is believed only when device, inode, size, mtime and ctime are the same. A file that changed
 *       within HASHES_RACY of being looked at is not noted: it could change again in the same tick.
 *   (3) It is a memory, not a promise: a file that is damaged, cut, or of a machine of the other byte order
 *       counts as an empty one.
 *   (4) It holds HASHES_MAX entries; those that were used longest ago go. It is replaced whole under
 *       LOCK_HASHES; readers take no lock.
 */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "base/macros.h"
#include "store/store.h"

enum hashes_limits { HASHES_MAX = 256 << 10, HASHES_SUM = 32 };
#define HASHES_RACY (2 * INT64_C(1000000000)) /* ns */

struct hash_key {
	uint64_t dev, ino;
	int64_t size;	      /* bytes */
	int64_t mtime, ctime; /* ns since the epoch */
};

struct hashes;

/**
 * hash_key_of() - what a file is remembered by
 * @st:	of the file
 *
 * Return: the key.
 */
struct hash_key hash_key_of(const struct stat *st);

/**
 * hashes_open() - look at what is known
 * @store:	open store; must stay open
 *
 * To be called before the files are looked at: (2) counts from then.
 *
 * Return: to be released with hashes_close; never NULL. Where there is nothing, nothing is known.
 */
must_check struct hashes *hashes_open(const struct store *store);

/**
 * hashes_find() - the digest of a file
 * @hashes:	open
 * @key:	of the file
 *
 * Return: HASHES_SUM bytes that live as long as @hashes is not changed, or NULL.
 */
const unsigned char *hashes_find(struct hashes *hashes, const struct hash_key *key);

/**
 * hashes_note() - remember a digest
 * @hashes:	open
 * @key:	of the file, from before it was hashed
 * @sum:	HASHES_SUM bytes; copied
 *
 * It is found by hashes_find() after hashes_save() alone.
 */
void hashes_note(struct hashes *hashes, const struct hash_key *key, const unsigned char *sum);

/**
 * hashes_save() - join what was noted to what is known
 * @hashes:	open; what was found before is good no longer
 *
 * Nothing new writes nothing. That it cannot be written is no failure: it would be hashed again.
 */
void hashes_save(struct hashes *hashes);

/**
 * hashes_close() - release, and save nothing
 * @hashes:	may be NULL
 */
void hashes_close(struct hashes *hashes);

DEFINE_AUTO_PTR(hashes, struct hashes, hashes_close)
