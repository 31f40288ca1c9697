/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job - what cubby-layer is asked for, and what it answers
 *
 * Plain values, shared by the client, the protocol and the helper. What each request does is told
 * in layer/client.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "layer/folders.h"

enum layer_flags {
	LAYER_LOWEST = 1 << 0,	  /* there is no layer below this one */
	LAYER_ONE_ID = 1 << 1,	  /* every owner becomes root */
	LAYER_HASH_BLOB = 1 << 2, /* the digest of the compressed bytes is wanted as well */
	LAYER_SYNC = 1 << 3,	  /* what was written is on disk when the answer comes (syncfs) */
	LAYER_INSIDE = 1 << 4,	  /* what a compressed stream holds is hashed as well */
	LAYER_INFLATE = 1 << 5,	  /* a compressed stream is written as what it holds */
	LAYER_PLAIN = 1 << 6,	  /* no layer but files: names that mark deletions mean nothing */
	LAYER_REPLACE = 1 << 7,	  /* with LAYER_PLAIN: folders and other files replace each other */
	LAYER_OWNER = 1 << 8,	  /* with LAYER_PLAIN: all belong to .owners->uid and ->gid */
	LAYER_SINGLE_ALL =
		1 << 10, /* a single file: contents that upper layers override are written too */
	LAYER_FORGIVE = 1 << 9, /* an owner who is not mapped becomes root */
	LAYER_TIDY =
		1 << 11, /* a pack changes the folder, so that LAYER_PACK_LAYER gives the same tar */
	LAYER_CLAMP =
		1 << 12, /* no file of the tar is younger than .time, nor with LAYER_TIDY on disk */
	LAYER_STAMP = 1 << 13, /* all files are of .time, likewise */
	LAYER_DEFER =
		1
		<< 14, /* with LAYER_TIDY and no .out: what takes long is not hashed, only tidied */
};

/* Whose files are, where it is not what the tar or the disk says. */
struct layer_owners {
	int64_t uid, gid;  /* with LAYER_OWNER: of all, as ids of the user namespace */
	char *uids, *gids; /* as idmap_print(): ids of the tar are inside, those on disk outside;
			    * NULL: they are the same. What is not mapped becomes uid and gid */
};

/* One layer to unpack. */
struct layer_apply {
	int blob; /* regular file, read from offset 0; or a pipe when .more is -1 */
	int more; /* pipe: a byte says that the blob has grown, the end that it is whole; -1 when
			      it is whole already */
	int diff; /* empty directory */
	int journal; /* empty regular file for what is deferred, open for writing; -1 with LAYER_LOWEST */
	int flags;	   /* enum layer_flags */
	int64_t max_bytes; /* of the tar; 0 for LAYER_TAR_MAX */
	const char *below; /* with LAYER_PLAIN: the folder in .diff that the names are in; links on
			    * the way to it are followed inside .diff */
	const struct layer_owners *owners; /* with LAYER_PLAIN; or NULL */
};

struct layer_applied {
	char *diff_id;	   /* sha256:HEX of the tar */
	char *digest;	   /* sha256:HEX of the blob with LAYER_HASH_BLOB, else NULL */
	char *compression; /* "gzip", "zstd", "xz", "bzip2" or "none" */
	int64_t blob_size; /* bytes of the blob */
	int64_t tar_size;  /* bytes of the tar */
	int64_t disk_size; /* bytes of the files, holes left out */
	int64_t entries;   /* of the tar */
	int64_t deferred;  /* see above */
	bool has_root;	   /* the tar says what mode and owner the root directory has */
	struct strv lost;  /* what could not be kept and was left out, in sentences, at most 16 */
};

/* Lower layers of one being fixed up; the names are relative to .store. */
struct layer_fixup {
	int diff;	   /* directory that layer_apply filled */
	int journal;	   /* the file that layer_apply wrote, open for reading */
	int store;	   /* directory below which .lower are found */
	struct strv lower; /* the diff directories of the lower layers, the uppermost first */
	int flags;	   /* LAYER_ONE_ID, LAYER_SYNC */
	struct layer_folders more; /* .lower may name these */
};

struct layer_digest {
	char *digest;	     /* sha256:HEX; NULL: not yet (LAYER_DEFER) */
	int64_t size;	     /* bytes */
	char *inside;	     /* with LAYER_INSIDE: sha256:HEX of what the stream holds, else NULL */
	int64_t inside_size; /* likewise; of a pack: bytes of the files, holes left out */
	char *compression;   /* with LAYER_INSIDE: as in struct layer_applied, else NULL */
	struct strv notes;   /* "key=value": annotations that belong to what was compressed */
};

enum layer_packing { LAYER_PACKED_GZIP, LAYER_PACKED_ZSTD, LAYER_PACKED_CHUNKED };
enum { LAYER_LEVEL_DEFAULT = -1 };

/* One blob to compress; what it is compressed by now goes. */
struct layer_compress {
	int blob;    /* regular file, read from offset 0 */
	int out;     /* empty regular file */
	int more;    /* pipe that gets a byte when .out has grown, non-blocking; or -1 */
	int packing; /* enum layer_packing */
	int level;   /* of that packing, or LAYER_LEVEL_DEFAULT */
};

/* One member that was found in an archive. */
struct layer_member {
	char *name; /* as in the archive: no leading '/' or './', no '..' */
	char *file; /* name in the directory that was given; members linked to each other share it */
	char *digest; /* sha256:HEX of its bytes */
	int64_t size; /* bytes */
};

struct layer_members {
	struct layer_member *items;
	size_t count;
	char *compression; /* of the archive */
};

/* One member of an archive to write: .path or .text is set, or none of them for a directory. */
struct layer_part {
	char *name;   /* in the archive */
	char *path;   /* file below .dir of the request */
	char *text;   /* its content */
	bool inflate; /* .path is compressed and goes in inflated */
	int64_t size; /* with .inflate: bytes that go in; 0: it is inflated once more to find out */
	char *digest; /* sha256:HEX that the written bytes must have, or NULL */
};

struct layer_parts {
	struct layer_part *items;
	size_t count;
};

struct layer_archive {
	int out;		   /* where the archive goes: file, pipe, socket */
	int dir;		   /* directory below which the .path are found */
	struct layer_parts parts;  /* written in this order */
	int flags;		   /* LAYER_SYNC */
	struct layer_folders more; /* the .path may name these */
};

enum layer_sums {
	LAYER_SUM_BYTES = 32,	       /* of a SHA-256 */
	LAYER_SIZELESS_MAX = 64 << 20, /* bytes of a file that tells no size */
};

/* Files being hashed. */
struct layer_hashing {
	int sums; /* file that gets them */
	size_t count;
};

enum layer_pack_kind {
	LAYER_PACK_TREE, /* everything below the directory */
	LAYER_PACK_UPPER, /* overlay's upper directory: its whiteouts become those of the image format */
	LAYER_PACK_CHANGES, /* what a whole tree has changed of the layers below it */
	LAYER_PACK_FILES,   /* one name in the directory, with what is mounted there */
	LAYER_PACK_LAYER,   /* a layer of the store, whatever lies below it */
};

/* One directory to pack. */
struct layer_pack {
	int dir;
	int out;	  /* where the tar goes; -1: it is hashed only */
	int kind;	  /* enum layer_pack_kind */
	int flags;	  /* LAYER_SYNC, LAYER_TIDY and what goes with it */
	int64_t time;	  /* LAYER_CLAMP, LAYER_STAMP: seconds since the epoch */
	const char *name; /* LAYER_PACK_FILES: in .dir; "." for all that is in it */
	const char *as;	  /* its name in the tar; "" with "." */
	const struct layer_owners *owners; /* or NULL */
	int store; /* LAYER_PACK_UPPER and _CHANGES: directory below which .lower are found, or -1 */
	struct strv lower;   /* the diff directories of the layers below, the uppermost first */
	struct strv mounted; /* as in struct changes_plan */
	struct strv
		undone; /* likewise; links on the way are followed, and leading slashes do not count */
	struct layer_folders more; /* .lower may name these */
};
