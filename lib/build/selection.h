/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * selection - what a step takes of a tree: parts and their entries
 *
 * A part for each source that was typed or matched, in that order; and the entries of each part, a folder
 * before what is in it, those of one folder sorted by bytes. So the same tree gives the same selection on
 * each machine. source.h makes it, fingerprint.h names it, copyin.h copies it.
 *
 *	COPY src/app*.c docs /x/	parts	"src/app.c" one entry, path ""
 *						"docs"      entries "", "a", "a/b" ...
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "store/hashes.h"

enum source_word {
	SOURCE_TAKE,
	SOURCE_LEAVE, /* but something below may be taken */
	SOURCE_PRUNE, /* nor anything below */
};

/* What the ignore rules, or --exclude, say of a path. */
struct source_rules {
	enum source_word (*ask)(const void *data, const char *path, bool folder);
	const void *data;
};

struct source {
	int dir;			  /* the tree's top; may be O_PATH */
	const char *name;		  /* for messages: "the build context", "stage 'base'" */
	const char *ignore_name;	  /* of the file with the rules, for messages; or NULL */
	const struct source_rules *rules; /* paths from the tree's top; or NULL */
	bool owned;			  /* owners are those of files in images, and count */
};

enum entry_kind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_LINK };

struct entry {
	const char *path;   /* below its part; "" is the part itself; any bytes */
	const char *target; /* of a link, else NULL */
	const char *xattrs; /* name, 0, uint32_t size, value; again; or NULL */
	size_t xattrs_size;
	const unsigned char *sum; /* SHA-256 of a file; NULL until selection_digest */
	enum entry_kind kind;
	uint32_t mode; /* 07777 */
	uint32_t uid, gid;
	bool linked;	     /* the inode has several names */
	struct hash_key key; /* also size, mtime */
};

struct part {
	const char *from;    /* where it is in the tree, links resolved; "" is the top */
	const char *name;    /* its last name, as typed or matched; "" for the top */
	size_t first, count; /* of its entries; the first is the part itself */
};

struct selection {
	const struct source *source; /* must live as long */
	struct {
		struct part *items;
		size_t count;
	} parts;
	struct entry *items;
	size_t count;
	bool parents;	/* the parts keep their names below the destination */
	int64_t newest; /* mtime of the newest entry, ns; INT64_MIN when there is none */
	struct strv
		unmatched; /* patterns with wildcards that nothing matches: docker copies nothing then */
	struct strv skipped; /* sockets, pipes and devices: sentences */
	void *room;	     /* of the texts */
	unsigned char *sums;
};

/**
 * selection_open() - open a file of a selection
 * @selection:	selected
 * @part:	of it
 * @entry:	of that
 * @flags:	as open(2)
 *
 * Return: the descriptor, without having followed a link, or a negative errno.
 */
must_check int selection_open(const struct selection *selection, const struct part *part,
			      const struct entry *entry, int flags);

/**
 * selection_clear() - release
 * @selection:	empty afterwards
 */
void selection_clear(struct selection *selection);

static inline void auto_selection(struct selection *selection)
{
	selection_clear(selection);
}
