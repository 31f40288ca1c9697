/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blob - contents by digest: blobs/sha256/HEX
 *
 *   (1) the bytes of a blob hash to its name; whoever commits one has hashed it;
 *   (2) a blob that its owner may not write (mode 0400) was synced after it was written; one of mode 0600
 *       may have been torn by a power cut, so it is hashed again before it is taken for present
 *       (BLOB_UNSURE); rights of reading for others are store_mode()'s and say nothing;
 *   (3) tmp/blobs/HEX is the beginning of a blob that is being fetched; only the holder of its LOCK_BLOB
 *       touches it, and it stays for the next one who wants the blob.
 *
 * Digests are given whole ("sha256:HEX") and are valid (oci/digest.h): they become file names here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

enum blob_state { BLOB_NONE, BLOB_UNSURE, BLOB_DURABLE };

struct blob_tmp {
	int fd;	      /* read and write; positioned at the end */
	int lock;     /* LOCK_BLOB of the digest, or LOCK_TEMP while it has none */
	int64_t have; /* bytes that were there already */
	char *rel;    /* path below the store */
	char *digest; /* NULL while it is not known */
};

/**
 * blob_state() - whether a blob is there, or in a store that is read too
 * @store:	open store
 * @digest:	valid digest
 * @out_size:	its bytes, set when it is there; may be NULL
 *
 * Return: enum blob_state.
 */
enum blob_state blob_state(const struct store *store, const char *digest, int64_t *out_size);

/**
 * blob_state_own() - whether a blob is in the store itself
 * @store:	open store
 * @digest:	valid digest
 * @out_size:	its bytes, set when it is there; may be NULL
 *
 * Return: enum blob_state.
 */
enum blob_state blob_state_own(const struct store *store, const char *digest, int64_t *out_size);

/**
 * blob_total() - bytes of all blobs
 * @store:	open store
 *
 * Return: bytes; 0 when they cannot be listed.
 */
int64_t blob_total(const struct store *store);

/**
 * blob_open() - open a blob for reading
 * @store:	open store
 * @digest:	valid digest
 * @err:	names the digest
 *
 * Return: the descriptor; -ENOENT when it is not there; otherwise what open(2) said.
 */
must_check int blob_open(const struct store *store, const char *digest, struct err *err);

/**
 * blob_read() - read a small blob (manifest, config) whole
 * @store:	open store
 * @digest:	valid digest
 * @out:	its bytes with a 0 behind them, to be freed; set on success only
 * @out_size:	how many
 * @err:	names the digest
 *
 * Return: 0; -ENOENT; -EFBIG above JSON_MAX_BYTES; otherwise what the kernel said.
 */
must_check int blob_read(const struct store *store, const char *digest, char **out,
			 size_t *out_size, struct err *err);

/**
 * blob_put() - store a small blob
 * @store:	open store
 * @digest:	of @data; the caller has computed it
 * @data:	its bytes
 * @size:	how many
 * @durable:	whether it is on disk when this returns
 * @err:	names the digest
 *
 * Return: 0, also when it is there already; otherwise what the kernel said.
 */
must_check int blob_put(const struct store *store, const char *digest, const void *data,
			size_t size, bool durable, struct err *err);

/**
 * blob_tmp_fetch() - begin or go on fetching a blob whose digest is known
 * @store:	open store
 * @digest:	valid digest
 * @mode:	LOCK_TRY does not wait for another who is fetching it; 0 waits, and takes over if they die
 * @out:	to be released with blob_tmp_free; set on success only
 * @err:	names the digest; not set for -EAGAIN and -EEXIST
 *
 * What is there already ("have") must be hashed by the caller; if it turns out wrong, truncate it.
 *
 * Return: 0; -EAGAIN with LOCK_TRY; -EEXIST when the blob has arrived meanwhile (blob_state says how
 * sure it is); otherwise what the kernel said.
 */
must_check int blob_tmp_fetch(const struct store *store, const char *digest, int mode,
			      struct blob_tmp **out, struct err *err);

/**
 * blob_tmp_new() - begin a blob whose digest comes out at the end (import, load, commit)
 * @store:	open store
 * @out:	to be released with blob_tmp_free; set on success only
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int blob_tmp_new(const struct store *store, struct blob_tmp **out, struct err *err);

/**
 * blob_tmp_commit() - give a complete blob its name
 * @store:	open store
 * @tmp:	still to be released with blob_tmp_free, which keeps the lock of a fetched one until then
 * @digest:	what its bytes hash to
 * @durable:	whether it is on disk when this returns
 * @err:	names the digest
 *
 * A blob of that name which is not known durable is replaced.
 *
 * Return: 0; -EBADMSG when @digest is not the one that was to be fetched; the part is then removed.
 */
must_check int blob_tmp_commit(const struct store *store, struct blob_tmp *tmp, const char *digest,
			       bool durable, struct err *err);

/**
 * blob_tmp_free() - let go; the fetched part of a known digest stays for the next one
 * @tmp:	may be NULL
 */
void blob_tmp_free(struct blob_tmp *tmp);

/**
 * blob_tmp_drop() - remove what was written, because it is wrong
 * @store:	open store
 * @tmp:	still to be released with blob_tmp_free
 */
void blob_tmp_drop(const struct store *store, struct blob_tmp *tmp);

/**
 * blob_tmp_leave() - leave what was written for the next one, unless there is nothing
 * @store:	open store
 * @tmp:	of a known digest; still to be released with blob_tmp_free
 */
void blob_tmp_leave(const struct store *store, struct blob_tmp *tmp);

/**
 * blob_mark_durable() - remember that a blob has reached the disk
 * @store:	open store
 * @digest:	valid digest; syncfs(2) or fsync(2) came after it was written
 *
 * Return: 0 or a negative errno.
 */
must_check int blob_mark_durable(const struct store *store, const char *digest);

/**
 * blob_remove() - remove a blob
 * @store:	open store
 * @digest:	valid digest; the caller holds LOCK_BLOB on it, or has found that its bytes are wrong
 *
 * Return: 0, also when it is not there; otherwise what unlink(2) said.
 */
must_check int blob_remove(const struct store *store, const char *digest);

DEFINE_AUTO_PTR(blob_tmp, struct blob_tmp, blob_tmp_free)
