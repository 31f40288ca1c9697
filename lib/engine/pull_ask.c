/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull_ask - what a pull asks of a registry: tags, the manifest, blobs
 *
 * Of several who ask at once for what a name means now, one asks, and the others take its answer
 * (store/turn.h).
 */
#include <errno.h>

#include "base/fd.h"
#include "engine/pull_parts.h"
#include "oci/media.h"

enum { MAX_INDEX_DEPTH = 3 };

/* So long others wait for what we are told before they ask themselves, in nanoseconds. */
#define TURN_PATIENCE INT64_C(2000000000)

void pull_document_clear(struct pull_document *doc)
{
	free(doc->text);
	free(doc->digest);
	free(doc->media_type);
	*doc = (struct pull_document){ 0 };
}

/* The registry takes its time: who waits for our turn may ask for themselves. */
static void on_patience(void *data)
{
	struct pull *p = data;

	turn_alone(p->turn);
}

int pull_start_remote(struct pull *p, struct err *err)
{
	if (p->remote)
		return 0;
	int r = p->loop ? 0 : loop_new(&p->loop);
	if (r == 0 && !p->patience)
		r = loop_timer(p->loop, on_patience, p, &p->patience);
	if (r < 0)
		return err_sys(err, r, "cannot wait for the registry");
	return remote_open(p->engine->host, &p->settings, p->loop, &p->remote, err);
}

static int keep_document(struct pull_document *doc, const struct remote_answer *answer)
{
	doc->digest = str_dup(answer->digest);
	doc->media_type = str_dup(answer->media_type);
	/* None: the digest is the one that was known. */
	return answer->memfd < 0
		       ? 0
		       : fd_read_all(answer->memfd, JSON_MAX_BYTES, &doc->text, &doc->size);
}

static void on_manifest(void *data, const struct remote_answer *answer, struct err *err)
{
	struct pull *p = data;
	int r = answer ? keep_document(p->doc, answer) : err_move(p->err, err);

	if (answer && r < 0)
		(void)err_sys(p->err, r, "cannot read the manifest of '%s'", p->ref.path);
	loop_stop(p->loop, r);
}

static int ask_manifest(struct pull *p, const char *digest, const char *known,
			struct pull_document *out, struct err *err)
{
	AUTO(pull_document) struct pull_document doc = { 0 };
	const struct remote_manifest_request request = { .domain = p->ref.domain,
							 .path = p->ref.path,
							 .tag = p->ref.tag,
							 .digest = digest,
							 .known = known,
							 .done = on_manifest,
							 .data = p };

	int r = pull_start_remote(p, err);
	if (r < 0)
		return r;
	p->doc = &doc;
	p->err = err;
	r = remote_manifest(p->remote, &request, NULL, err);
	if (r == 0)
		r = loop_run(p->loop);
	p->doc = NULL;
	if (r < 0)
		return r;
	*out = doc;
	doc = (struct pull_document){ 0 };
	return 0;
}

int pull_ask_tags(struct pull *p, struct strv *out, struct err *err)
{
	AUTO(pull_document) struct pull_document doc = { 0 };
	AUTO(mem) char *name = reference_name(&p->ref);
	AUTO(strv) struct strv tags = { 0 };
	const struct remote_manifest_request request = {
		.domain = p->ref.domain, .path = p->ref.path, .done = on_manifest, .data = p
	};

	int r = pull_start_remote(p, err);
	if (r < 0)
		return r;
	p->doc = &doc;
	p->err = err;
	r = remote_tags(p->remote, &request, NULL, err);
	if (r == 0)
		r = loop_run(p->loop);
	p->doc = NULL;
	if (r == 0)
		r = remote_tags_parse(str_or(doc.text, ""), doc.size, &tags, err);
	for (size_t i = 0; r == 0 && i < tags.count; i++)
		strv_addf(out, "%s:%s", name, tags.items[i]);
	return r;
}

static void on_blob(void *data, const struct remote_answer *answer, struct err *err)
{
	struct pull *p = data;

	loop_stop(p->loop, answer ? 0 : err_move(p->err, err));
}

int pull_ask_blob(struct pull *p, const struct descriptor *d, int file, struct err *err)
{
	const struct remote_blob_request request = { .domain = p->ref.domain,
						     .path = p->ref.path,
						     .digest = d->digest,
						     .size = d->size,
						     .file = file,
						     .more = -1,
						     .done = on_blob,
						     .data = p };

	int r = pull_start_remote(p, err);
	if (r < 0)
		return r;
	p->err = err;
	r = remote_blob(p->remote, &request, NULL, err);
	return r == 0 ? loop_run(p->loop) : r;
}

/* ---- manifest --------------------------------------------------------------------------------- */

int pull_refuse(struct pull *p, struct err *err)
{
	AUTO(mem) char *name = reference_print(&p->ref);

	return err_wrap(err, "cannot pull '%s'", name);
}

static bool is_index(const struct pull_document *doc)
{
	AUTO(image_index) struct image_index *index = NULL;

	if (media_kind(doc->media_type) != MEDIA_KIND_UNKNOWN)
		return media_kind(doc->media_type) == MEDIA_KIND_INDEX;
	return image_index_parse(doc->text, doc->size, NULL, &index, NULL) == 0;
}

/* Replaces an index by the document of its entry for our platform. */
static int enter_index(struct pull *p, struct pull_document *doc, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(pull_document) struct pull_document chosen = { 0 };

	int r = image_index_parse(doc->text, doc->size, doc->media_type, &index, err);
	if (r == 0)
		r = image_index_choose(index, &p->platform, err);
	if (r < 0)
		return pull_refuse(p, err);
	const struct descriptor *d = &index->manifests.items[r];
	r = ask_manifest(p, d->digest, NULL, &chosen, err);
	if (r < 0)
		return r;
	if ((int64_t)chosen.size != d->size)
		r = err_set(err, -EBADMSG, "the image index says that '%.19s' has another size",
			    d->digest);
	else if (media_kind(chosen.media_type) != MEDIA_KIND_UNKNOWN &&
		 !media_equal(chosen.media_type, d->media_type))
		r = err_set(err, -EBADMSG, "the image index says '%s', the registry '%.100s'",
			    d->media_type, chosen.media_type);
	if (r < 0)
		return pull_refuse(p, err);
	/* What the index says counts where the registry says nothing. */
	str_set(&chosen.media_type, d->media_type);
	pull_document_clear(doc);
	*doc = chosen;
	chosen = (struct pull_document){ 0 };
	return 0;
}

/* From an index to the manifest for our platform; all digests on the way are kept. */
static int find_manifest(struct pull *p, struct pull_document *doc, struct err *err)
{
	int r = 0;

	strv_add(&p->digests, doc->digest);
	for (int depth = 0; r == 0 && is_index(doc); depth++) {
		r = depth < MAX_INDEX_DEPTH
			    ? enter_index(p, doc, err)
			    : err_set(err, -EBADMSG, "an index holds an index, and so on");
		if (r == 0)
			strv_add(&p->digests, doc->digest);
	}
	return r;
}

/* ---- what a name means -------------------------------------------------------------------------- */

/* All that the answer of a registry depends on; NULL when it is not to be shared. */
static char *question(struct pull *p)
{
	AUTO(strv) struct strv proxies = { 0 };
	AUTO(mem) char *name = reference_print(&p->ref);
	AUTO(mem) char *platform = platform_print(&p->platform);

	/* A password is not to be written down, and a signature is looked for by who wants one. */
	if (p->settings.credentials || p->to_verify)
		return NULL;
	AUTO(json) cJSON *doc = jfield_save(remote_settings_fields, &p->settings);
	remote_proxies(p->engine->host, &proxies);
	cJSON_AddStringToObject(doc, "name", name);
	cJSON_AddStringToObject(doc, "platform", platform);
	for (size_t i = 0; i < proxies.count; i++)
		cJSON_AddStringToObject(doc, "proxy", proxies.items[i]);
	return json_print(doc, 0);
}

/* What another was told is what we would be told: no helper is needed for it. Return: whether it is. */
static bool take_answer(struct pull *p, const char *known, struct turn_answer *answer,
			struct pull_document *out)
{
	const char *digest = answer->digests.items[answer->digests.count - 1];

	if (!answer->text && !str_eq(digest, known))
		return false;
	out->digest = str_dup(digest);
	out->media_type = take_ptr(answer->media_type);
	out->text = take_ptr(answer->text);
	out->size = answer->size;
	strv_extend(&p->digests, &answer->digests);
	return true;
}

static int ask(struct pull *p, const char *known, struct pull_document *out, struct err *err)
{
	int r = pull_start_remote(p, err);

	if (r == 0 && p->turn)
		r = loop_timer_set(p->patience, TURN_PATIENCE);
	if (r == 0)
		r = ask_manifest(p, p->ref.digest, known, out, err);
	if (r == 0 && out->text)
		r = find_manifest(p, out, err);
	else if (r == 0)
		strv_add(&p->digests, known);
	if (p->patience)
		(void)!loop_timer_set(p->patience, 0); /* late, it does nothing */
	return r;
}

int pull_resolve(struct pull *p, const char *known, int64_t since, struct pull_document *out,
		 struct err *err)
{
	AUTO(mem) char *asked = question(p);
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	int r = 0;

	if (asked)
		r = turn_take(p->engine->store, asked, since, &p->turn, &answer, err);
	if (r < 0 || (r > 0 && take_answer(p, known, &answer, out)))
		return min_of(r, 0);
	r = ask(p, known, out, err);
	if (r < 0) {
		turn_alone(p->turn);
		return r;
	}
	const struct turn_answer told = { .digests = p->digests,
					  .media_type = out->media_type,
					  .text = out->text,
					  .size = out->size };
	turn_tell(p->turn, &told);
	return 0;
}
