/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_list - which files a list of images becomes in an archive or a folder
 */
#include "engine/save_list.h"

#include <errno.h>

#include "engine/list.h"
#include "engine/restore.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/sent.h"

enum { MAX_DEPTH = 3 };

struct planning {
	struct engine *engine;
	struct save_plan *plan;
	const struct image *list;
	bool layout; /* else "dir:" */
	struct sent sent;
	struct strv missing; /* images, as they are told */
	struct strv hints;   /* commands that help */
};

static void auto_planning(struct planning *p)
{
	sent_clear(&p->sent);
	strv_clear(&p->missing);
	strv_clear(&p->hints);
}

static int read_document(const struct planning *p, const struct descriptor *d,
			 struct image_index **out_index, struct manifest **out_manifest,
			 struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = blob_read(p->engine->store, d->digest, &text, &size, err);
	if (r < 0)
		return r;
	return media_kind(d->media_type) == MEDIA_KIND_INDEX
		       ? image_index_parse(text, size, d->media_type, out_index, err)
		       : manifest_parse(text, size, d->media_type, out_manifest, err);
}

/* --- what is not here ------------------------------------------------------------------- */

static bool is_here(const struct planning *p, const struct manifest *m)
{
	const struct store *store = p->engine->store;
	bool here = blob_state(store, m->config.digest, NULL) != BLOB_NONE;

	for (size_t i = 0; here && i < m->layers.count; i++)
		here = blob_state(store, m->layers.items[i].digest, NULL) != BLOB_NONE;
	return here;
}

/* Layers that were plain come back as the same bytes (restore.h); others would not be what the list names. */
static void bring_back(const struct planning *p, const struct descriptor *d,
		       const struct manifest *m)
{
	AUTO(image) struct image *image = NULL;
	AUTO(image) struct image *whole = NULL;

	for (size_t i = 0; i < m->layers.count; i++)
		if (media_packing(m->layers.items[i].media_type) != MEDIA_PLAIN)
			return;
	if (image_find(p->engine->store, d->digest, &image, NULL) == 0)
		(void)!restore_image(p->engine, image, &whole, NULL); /* is_here() says it */
}

/* The name of where a manifest is, as far as that is known. */
static char *find_repository(const struct planning *p, const struct descriptor *d,
			     const struct image *here)
{
	AUTO(reference) struct reference ref = { 0 };
	const struct strv *places = sent_repositories(&p->sent, d->digest);

	if (places && places->count)
		return str_dup(places->items[0]);
	if (here && here->name && reference_parse(here->name, &ref, NULL) == 0)
		return reference_name(&ref);
	return str_dup("NAME");
}

static void add_hint(struct planning *p, const struct descriptor *d, const struct manifest *m)
{
	AUTO(image) struct image *here = NULL;

	/* What is no image, as an attestation, cannot be pulled. */
	if (m && manifest_check_image(m, NULL) < 0) {
		strv_addf(&p->hints, "cubby manifest remove %s %s",
			  str_or(p->list->name, p->list->id), d->digest);
		return;
	}
	(void)!image_find(p->engine->store, d->digest, &here, NULL); /* or it is not here at all */
	AUTO(mem) char *repository = find_repository(p, d, here);
	if (here) /* without its blobs: a pull would find it complete */
		strv_addf(&p->hints, "cubby rmi %s", str_or(here->name, here->id));
	strv_addf(&p->hints, "cubby pull %s@%s", repository, d->digest);
}

/* @m: its manifest, or NULL when not even that is here */
static void note_missing(struct planning *p, const struct descriptor *d, const struct manifest *m)
{
	const struct platform *is = &d->platform;

	if (is->os && is->architecture)
		strv_addf(&p->missing, "'%s' (%s/%s)", d->digest, is->os, is->architecture);
	else
		strv_addf(&p->missing, "'%s'", d->digest);
	add_hint(p, d, m);
}

static int refuse_missing(const struct planning *p, struct err *err)
{
	AUTO(mem) char *images = str_join(&p->missing, ", ");
	AUTO(mem) char *commands = str_join(&p->hints, "; ");

	(void)err_set(err, -ENOENT,
		      "the list names what is not here, or not with all its layers: %s", images);
	return err_hint(err, "have it here first, or out of the list%s: %s",
			p->engine->drop_blobs ? ", with keep_blobs = true in cubby.conf" : "",
			commands);
}

/* --- parts -------------------------------------------------------------------------------- */

static int add_blob(struct planning *p, const struct descriptor *d, const char *end,
		    struct err *err)
{
	AUTO(mem)
	char *name = p->layout ? save_parts_layout_name(d->digest)
			       : str_fmt("%s%s", digest_hex(d->digest), end);

	return save_parts_blob(p->engine, p->plan, d, name, NULL, err);
}

static int add_image(struct planning *p, const struct manifest *m, struct err *err)
{
	int r = add_blob(p, &m->config, "", err);

	for (size_t i = 0; r == 0 && i < m->layers.count; i++)
		r = add_blob(p, &m->layers.items[i], "", err);
	return r;
}

static int add_entries(struct planning *p, const struct image_index *index, int depth,
		       struct err *err);

static int add_entry(struct planning *p, const struct descriptor *d, int depth, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(manifest) struct manifest *manifest = NULL;

	int r = read_document(p, d, &index, &manifest, err);
	if (manifest && !is_here(p, manifest))
		bring_back(p, d, manifest);
	if (r == -ENOENT || (manifest && !is_here(p, manifest))) {
		err_clear(err);
		note_missing(p, d, manifest);
		return 0;
	}
	if (r == 0)
		r = add_blob(p, d, ".manifest.json", err);
	if (r < 0)
		return r;
	return index ? add_entries(p, index, depth + 1, err) : add_image(p, manifest, err);
}

static int add_entries(struct planning *p, const struct image_index *index, int depth,
		       struct err *err)
{
	int r = 0;

	if (depth > MAX_DEPTH)
		return err_set(err, -EBADMSG, "indexes are nested too deeply");
	for (size_t i = 0; r == 0 && i < index->manifests.count; i++)
		r = add_entry(p, &index->manifests.items[i], depth, err);
	return r;
}

static int add_list(struct planning *p, struct err *err)
{
	const struct descriptor d = { .digest = p->list->digest, .size = p->list->manifest_size };

	if (p->layout) {
		int r = add_blob(p, &d, "", err);
		if (r == 0)
			save_parts_layout(p->plan);
		return r;
	}
	save_parts_dir(p->plan);
	return save_parts_blob(p->engine, p->plan, &d, "manifest.json", NULL, err);
}

/* Who asks by id gives no name. */
static void add_item(struct save_plan *plan, const struct image *list, const char *text,
		     const struct strv *names)
{
	struct save_item *item;

	plan->items = mem_push(plan->items, &plan->count, sizeof *item);
	item = &plan->items[plan->count - 1];
	item->image = image_copy(list);
	for (size_t i = 0; i < names->count; i++)
		strv_add(&item->names, names->items[i]);
	const char *hex = str_starts(text, DIGEST_PREFIX);
	if (!names->count && list->name && !str_starts(list->id, hex ? hex : text))
		strv_add(&item->names, list->name);
}

int save_list_plan(struct engine *engine, const char *text, const struct transport *to, bool all,
		   struct save_plan *plan, struct err *err)
{
	AUTO(image) struct image *list = NULL;
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(planning)
	struct planning p = { .engine = engine, .plan = plan, .layout = to->kind != TRANSPORT_DIR };

	int r = list_find(engine, text, &list, err);
	if (r == 0)
		r = image_list_index(engine->store, list, &index, err);
	if (r < 0)
		return r;
	p.list = list;
	sent_load(engine->store, &p.sent);
	if (all)
		r = add_entries(&p, index, 0, err);
	if (r == 0 && p.missing.count)
		r = refuse_missing(&p, err);
	if (r < 0)
		return r;
	add_item(plan, list, text, &to->names);
	return add_list(&p, err);
}
