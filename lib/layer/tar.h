/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar - the entries of a tar stream
 *
 * Read by our own hands and not by libarchive's: that takes names in pax records for UTF-8, composes
 * their accents and replaces what is no UTF-8, which cannot be switched off; file names are bytes,
 * and images have both. It also repairs much silently, where a layer must mean the same to every
 * reader. Read are v7, ustar, GNU's and pax forms, with their long names, attributes and sparse
 * files; what is damaged or of an unknown type is an error.
 *
 * Global pax headers say nothing that counts, as for every container tool.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "layer/stream.h"

enum tar_type {
	TAR_FILE,
	TAR_HARDLINK,
	TAR_SYMLINK,
	TAR_DEVICE, /* of characters or blocks: nobody makes them */
	TAR_DIR,
	TAR_FIFO,
};

struct tar_xattr {
	const char *name;
	const void *value;
	size_t size;
};

/* Texts and values belong to the reader and live until the next entry. */
struct tar_entry {
	enum tar_type type;
	const char *path;   /* as it is in the tar, not "" */
	const char *target; /* of links; "" when there is none */
	uint32_t mode;	    /* permission bits */
	int64_t uid;	    /* not checked */
	int64_t gid;
	struct timespec mtime;
	const struct timespec *atime; /* of a pax header, or NULL; nobody sets them */
	const struct timespec *ctime; /* likewise */
	int64_t size;		      /* of a file, holes included */
	bool sparse;		      /* its content in the tar is less */
	const struct tar_xattr *xattrs;
	size_t xattr_count;
};

/* A part of a file; what lies between parts are holes. */
struct tar_part {
	const void *data; /* valid until the next call */
	size_t size;
	int64_t offset;
};

struct tar;

/**
 * tar_new() - begin to read
 * @stream:	inflates; borrowed until tar_free
 *
 * Return: to be released with tar_free; never NULL.
 */
must_check struct tar *tar_new(struct stream *stream);

/**
 * tar_free() - release
 * @tar:	may be NULL
 */
void tar_free(struct tar *tar);

DEFINE_AUTO_PTR(tar, struct tar, tar_free)

/**
 * tar_next() - the next entry
 * @tar:	begun; what is left of the entry before is skipped
 * @out:	set when the result is 1
 * @err:	what is wrong
 *
 * Return: 1; 0 at the end; -EBADMSG when it is damaged or no tar; -EFBIG when a limit is passed; as
 * stream_next() otherwise.
 */
must_check int tar_next(struct tar *tar, struct tar_entry *out, struct err *err);

/**
 * tar_part() - the next part of the entry's content
 * @tar:	behind tar_next
 * @out:	set when the result is 1; parts come in order and lie within the entry's size
 * @err:	what is wrong
 *
 * Return: 1; 0 at the end of the file; as tar_next() otherwise.
 */
must_check int tar_part(struct tar *tar, struct tar_part *out, struct err *err);

/**
 * typedef tar_raw_fn - told all bytes of the stream that are no file's content, in order
 * @data:	as handed over
 * @bytes:	headers, maps, padding, what stands behind the end; valid during the call
 * @size:	how many
 * @err:	why it does not go on
 *
 * Return: 0; a negative errno ends the reading.
 */
typedef int (*tar_raw_fn)(void *data, const void *bytes, size_t size, struct err *err);

/**
 * tar_watch() - be told of the bytes beside the contents
 * @tar:	begun, nothing read yet; each entry's content must be read to its end by tar_part()
 * @fn:		told
 * @data:	handed to @fn
 */
void tar_watch(struct tar *tar, tar_raw_fn fn, void *data);

/**
 * tar_rest() - read what stands behind the end, for who watches
 * @tar:	behind the last entry
 * @err:	what is wrong
 *
 * Return: 0; as stream_next() otherwise.
 */
must_check int tar_rest(struct tar *tar, struct err *err);

/**
 * tar_entries() - how many entries came so far
 * @tar:	begun
 *
 * Return: that number.
 */
int64_t tar_entries(const struct tar *tar);
