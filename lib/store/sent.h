/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sent - what is known of blobs in registries: sent.json
 *
 *   (1) .packed tells what a layer became when it was compressed for a registry, so that it need not be
 *       compressed again to learn that the registry has it;
 *   (2) .places tells in which repositories a blob was seen, so that another repository of the same
 *       registry can be asked to take it from there; likewise a manifest that came into a list;
 *   (3) it is a memory, not a promise: whoever uses it asks the registry. A damaged file counts as an
 *       empty one; the oldest entries go when there are too many. It is replaced whole under LOCK_SENT.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

enum sent_limits { SENT_MAX_PACKED = 1000, SENT_MAX_PLACES = 4000, SENT_MAX_REPOSITORIES = 8 };

struct sent_packed {
	char *plain;   /* diff id */
	char *packing; /* as `push --compression-format` names it */
	int level;
	char *digest;	   /* of what it became */
	int64_t size;	   /* bytes */
	struct strv notes; /* "key=value": annotations of it in a manifest */
};

struct sent_places {
	char *digest;
	struct strv repositories; /* "registry/path", the latest last */
};

struct sent {
	struct {
		struct sent_packed *items;
		size_t count;
	} packed;
	struct {
		struct sent_places *items;
		size_t count;
	} places;
};

/**
 * sent_load() - read what is known
 * @store:	open store
 * @out:	zeroed; to be released with sent_clear
 *
 * Takes no lock.
 */
void sent_load(const struct store *store, struct sent *out);

/**
 * sent_find_packed() - what a layer became
 * @sent:	loaded
 * @plain:	diff id
 * @packing:	name
 * @level:	the same number as then
 *
 * Return: the entry, which belongs to @sent, or NULL.
 */
const struct sent_packed *sent_find_packed(const struct sent *sent, const char *plain,
					   const char *packing, int level);

/**
 * sent_repositories() - where a blob was seen
 * @sent:	loaded
 * @digest:	of the blob or manifest
 *
 * Return: "registry/path" texts, which belong to @sent, or NULL.
 */
const struct strv *sent_repositories(const struct sent *sent, const char *digest);

/**
 * sent_note_packed() - remember what a layer became
 * @sent:	changed
 * @packed:	copied
 */
void sent_note_packed(struct sent *sent, const struct sent_packed *packed);

/**
 * sent_note_place() - remember where a blob was seen
 * @sent:	changed
 * @digest:	of the blob or manifest
 * @repository:	"registry/path"
 */
void sent_note_place(struct sent *sent, const char *digest, const char *repository);

/**
 * sent_add() - join news to what the store knows
 * @store:	open store
 * @news:	noted since; may be empty
 *
 * What is known already writes nothing. That it cannot be written is no failure: it would only be
 * found out again.
 */
void sent_add(const struct store *store, const struct sent *news);

/**
 * sent_clear() - release
 * @sent:	empty afterwards
 */
void sent_clear(struct sent *sent);

static inline void auto_sent(struct sent *sent)
{
	sent_clear(sent);
}
