/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sent - what is known of blobs in registries
 */
#include "store/sent.h"

#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "oci/digest.h"
#include "store/lock.h"

#define FILE_NAME "sent.json"

static const struct jfield packed_fields[] = {
	J_TEXT("plain", struct sent_packed, plain),
	J_TEXT("packing", struct sent_packed, packing),
	J_INT("level", struct sent_packed, level),
	J_TEXT("digest", struct sent_packed, digest),
	J_I64("size", struct sent_packed, size),
	J_STRV("notes", struct sent_packed, notes),
	J_END,
};

static const struct jfield places_fields[] = {
	J_TEXT("digest", struct sent_places, digest),
	J_STRV("repositories", struct sent_places, repositories),
	J_END,
};

static const struct jfield sent_fields[] = {
	J_LIST("packed", struct sent, packed, packed_fields),
	J_LIST("places", struct sent, places, places_fields),
	J_END,
};

/* Others may have written it: what could not be used in a name or a path is no entry. */
static bool is_sound(const struct sent *sent)
{
	for (size_t i = 0; i < sent->packed.count; i++) {
		const struct sent_packed *p = &sent->packed.items[i];
		if (!digest_valid(p->plain) || !digest_valid(p->digest) || p->size < 0)
			return false;
	}
	for (size_t i = 0; i < sent->places.count; i++)
		if (!digest_valid(sent->places.items[i].digest))
			return false;
	return true;
}

void sent_load(const struct store *store, struct sent *out)
{
	AUTO(json) cJSON *doc = NULL;

	if (json_load(store->dir, FILE_NAME, &doc, NULL) < 0 ||
	    jfield_load(sent_fields, doc, out, NULL) < 0 || !is_sound(out))
		sent_clear(out);
}

static struct sent_packed *find_packed(const struct sent *sent, const char *plain,
				       const char *packing, int level)
{
	for (size_t i = 0; i < sent->packed.count; i++) {
		struct sent_packed *p = &sent->packed.items[i];
		if (p->level == level && str_eq(p->plain, plain) && str_eq(p->packing, packing))
			return p;
	}
	return NULL;
}

const struct sent_packed *sent_find_packed(const struct sent *sent, const char *plain,
					   const char *packing, int level)
{
	return find_packed(sent, plain, packing, level);
}

static struct sent_places *find_places(const struct sent *sent, const char *digest)
{
	for (size_t i = 0; i < sent->places.count; i++)
		if (str_eq(sent->places.items[i].digest, digest))
			return &sent->places.items[i];
	return NULL;
}

const struct strv *sent_repositories(const struct sent *sent, const char *digest)
{
	const struct sent_places *p = find_places(sent, digest);

	return p ? &p->repositories : NULL;
}

void sent_note_packed(struct sent *sent, const struct sent_packed *packed)
{
	struct sent_packed *p = find_packed(sent, packed->plain, packed->packing, packed->level);

	if (!p) {
		p = vec_push(&sent->packed);
		p->plain = str_dup(packed->plain);
		p->packing = str_dup(packed->packing);
		p->level = packed->level;
	}
	str_set(&p->digest, packed->digest);
	p->size = packed->size;
	strv_clear(&p->notes);
	strv_extend(&p->notes, &packed->notes);
}

void sent_note_place(struct sent *sent, const char *digest, const char *repository)
{
	struct sent_places *p = find_places(sent, digest);

	if (!p) {
		p = vec_push(&sent->places);
		p->digest = str_dup(digest);
	}
	if (strv_find(&p->repositories, repository) >= 0)
		return;
	strv_add(&p->repositories, repository);
	if (p->repositories.count > SENT_MAX_REPOSITORIES)
		strv_remove(&p->repositories, 0);
}

static void join(struct sent *known, const struct sent *news)
{
	for (size_t i = 0; i < news->packed.count; i++)
		sent_note_packed(known, &news->packed.items[i]);
	for (size_t i = 0; i < news->places.count; i++) {
		const struct sent_places *p = &news->places.items[i];
		for (size_t j = 0; j < p->repositories.count; j++)
			sent_note_place(known, p->digest, p->repositories.items[j]);
	}
}

/* The oldest ones stand first. */
static void trim(struct sent *sent)
{
	struct sent old = { 0 };
	size_t packed = sent->packed.count, places = sent->places.count;

	if (packed > SENT_MAX_PACKED) {
		old.packed.items = sent->packed.items;
		old.packed.count = packed - SENT_MAX_PACKED;
		sent->packed.items = mem_copy(&old.packed.items[old.packed.count],
					      SENT_MAX_PACKED * sizeof *old.packed.items);
		sent->packed.count = SENT_MAX_PACKED;
	}
	if (places > SENT_MAX_PLACES) {
		old.places.items = sent->places.items;
		old.places.count = places - SENT_MAX_PLACES;
		sent->places.items = mem_copy(&old.places.items[old.places.count],
					      SENT_MAX_PLACES * sizeof *old.places.items);
		sent->places.count = SENT_MAX_PLACES;
	}
	sent_clear(&old);
}

static char *text_of(const struct sent *sent)
{
	AUTO(json) cJSON *doc = jfield_save(sent_fields, sent);

	return json_print(doc, 0);
}

void sent_add(const struct store *store, const struct sent *news)
{
	AUTO(sent) struct sent known = { 0 };
	AUTO(fd) int lock = -1;

	if (lock_take(store, LOCK_SENT, "", LOCK_EXCLUSIVE, &lock, NULL) < 0)
		return;
	sent_load(store, &known);
	AUTO(mem) char *before = text_of(&known);
	join(&known, news);
	trim(&known);
	AUTO(mem) char *after = text_of(&known);
	if (!str_eq(before, after))
		(void)!file_replace(store->dir, FILE_NAME, 0600, after, strlen(after),
				    false); /* see the contract */
}

void sent_clear(struct sent *sent)
{
	jfield_clear(sent_fields, sent);
}
