/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull - from a name to an image in the store
 */
#include "engine/pull.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "engine/durable.h"
#include "engine/fetch.h"
#include "engine/pull_from.h"
#include "engine/registry.h"
#include "engine/single.h"
#include "engine/tidy.h"
#include "engine/trust.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/registries_conf.h"
#include "oci/transport.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/layers.h"
#include "store/lock.h"
#include "store/turn.h"

enum { MAX_INDEX_DEPTH = 3 };

/* So long others wait for what we are told before they ask themselves, in nanoseconds. */
#define TURN_PATIENCE INT64_C(2000000000)

/* A document that came, and what it is. */
struct document {
	char *text;
	size_t size;
	char *digest;
	char *media_type; /* or NULL */
};

struct pull {
	struct engine *engine;
	const struct pull_options *options;
	struct remote_settings settings;
	struct platform platform;
	struct loop *loop;
	struct remote *remote; /* started when it is first needed */
	struct reference ref;  /* being tried */
	struct trust trust;
	bool to_verify; /* signatures are asked for */
	bool again;	/* the config was found locked once */

	/* the job being waited for */
	struct document *doc;
	struct err *err;

	struct turn *turn;	 /* of asking for .ref; NULL when it is asked for alone */
	struct source *patience; /* timer that ends the turn */

	struct strv digests; /* of index and manifest */
	struct strv blobs;   /* config and manifest, once they are in the store */
	int config_lock;
};

static void document_clear(struct document *doc)
{
	free(doc->text);
	free(doc->digest);
	free(doc->media_type);
	*doc = (struct document){ 0 };
}

static void auto_document(struct document *doc)
{
	document_clear(doc);
}

static void auto_pull(struct pull *p)
{
	turn_free(p->turn);
	remote_close(p->remote);
	loop_free(p->loop);
	remote_settings_clear(&p->settings);
	platform_clear(&p->platform);
	reference_clear(&p->ref);
	trust_clear(&p->trust);
	strv_clear(&p->digests);
	strv_clear(&p->blobs);
	fd_close(p->config_lock);
}

/* ---- asking the registry ---------------------------------------------------------------------- */

/* The registry takes its time: who waits for our turn may ask for themselves. */
static void on_patience(void *data)
{
	struct pull *p = data;

	turn_alone(p->turn);
}

static int start_remote(struct pull *p, struct err *err)
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

static int keep_document(struct document *doc, const struct remote_answer *answer)
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

static int ask_manifest(struct pull *p, const char *digest, const char *known, struct document *out,
			struct err *err)
{
	AUTO(document) struct document doc = { 0 };
	const struct remote_manifest_request request = { .domain = p->ref.domain,
							 .path = p->ref.path,
							 .tag = p->ref.tag,
							 .digest = digest,
							 .known = known,
							 .done = on_manifest,
							 .data = p };

	int r = start_remote(p, err);
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
	doc = (struct document){ 0 };
	return 0;
}

static int ask_tags(struct pull *p, struct strv *out, struct err *err)
{
	AUTO(document) struct document doc = { 0 };
	AUTO(mem) char *name = reference_name(&p->ref);
	AUTO(strv) struct strv tags = { 0 };
	const struct remote_manifest_request request = {
		.domain = p->ref.domain, .path = p->ref.path, .done = on_manifest, .data = p
	};

	int r = start_remote(p, err);
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

/* Fetches what is missing of a file and checks all of it. */
static int ask_blob(struct pull *p, const struct descriptor *d, int file, struct err *err)
{
	const struct remote_blob_request request = { .domain = p->ref.domain,
						     .path = p->ref.path,
						     .digest = d->digest,
						     .size = d->size,
						     .file = file,
						     .more = -1,
						     .done = on_blob,
						     .data = p };

	int r = start_remote(p, err);
	if (r < 0)
		return r;
	p->err = err;
	r = remote_blob(p->remote, &request, NULL, err);
	return r == 0 ? loop_run(p->loop) : r;
}

/* ---- manifest --------------------------------------------------------------------------------- */

static int refuse_document(struct pull *p, struct err *err)
{
	AUTO(mem) char *name = reference_print(&p->ref);

	return err_wrap(err, "cannot pull '%s'", name);
}

static bool is_index(const struct document *doc)
{
	AUTO(image_index) struct image_index *index = NULL;

	if (media_kind(doc->media_type) != MEDIA_KIND_UNKNOWN)
		return media_kind(doc->media_type) == MEDIA_KIND_INDEX;
	return image_index_parse(doc->text, doc->size, NULL, &index, NULL) == 0;
}

/* Replaces an index by the document of its entry for our platform. */
static int enter_index(struct pull *p, struct document *doc, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(document) struct document chosen = { 0 };

	int r = image_index_parse(doc->text, doc->size, doc->media_type, &index, err);
	if (r == 0)
		r = image_index_choose(index, &p->platform, err);
	if (r < 0)
		return refuse_document(p, err);
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
		return refuse_document(p, err);
	/* What the index says counts where the registry says nothing. */
	str_set(&chosen.media_type, d->media_type);
	document_clear(doc);
	*doc = chosen;
	chosen = (struct document){ 0 };
	return 0;
}

/* From an index to the manifest for our platform; all digests on the way are kept. */
static int find_manifest(struct pull *p, struct document *doc, struct err *err)
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

static int read_manifest(struct pull *p, const struct document *doc, struct manifest **out,
			 struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	int r = manifest_parse(doc->text, doc->size, doc->media_type, &manifest, err);
	if (r == 0)
		r = manifest_check_image(manifest, err);
	if (r < 0)
		return refuse_document(p, err);
	*out = take_ptr(manifest);
	return 0;
}

/* ---- config ----------------------------------------------------------------------------------- */

/* A blob of the store that may have been torn is hashed again; a wrong one is removed. */
static int check_stored(struct pull *p, const struct descriptor *d, struct err *err)
{
	const struct store *store = p->engine->store;

	if (blob_state(store, d->digest, NULL) == BLOB_DURABLE)
		return 0;
	AUTO(fd) int fd = blob_open(store, d->digest, err);
	if (fd < 0)
		return fd;
	int r = ask_blob(p, d, fd, err);
	if (r == -ESTALE) {
		err_clear(err);
		(void)!blob_remove(store, d->digest); /* the next step says what is wrong */
	}
	return r;
}

static void tell_wait(struct pull *p)
{
	const struct watch *watch = p->options->watch;
	AUTO(mem) char *name = reference_print(&p->ref);

	if (watch && watch->wait)
		watch->wait(watch->data, name);
}

static int fetch_blob(struct pull *p, const struct descriptor *d, struct err *err)
{
	const struct store *store = p->engine->store;
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;

	int r = blob_tmp_fetch(store, d->digest, LOCK_TRY, &tmp, err);
	if (r == -EAGAIN && !p->again) {
		p->again = true;
		return r;
	}
	if (r == -EAGAIN) {
		/* Another process fetches it once more, or did and was killed just now. */
		tell_wait(p);
		r = blob_tmp_fetch(store, d->digest, 0, &tmp, err);
	}
	if (r == -EEXIST)
		return check_stored(p, d, err);
	if (r < 0)
		return r;
	r = ask_blob(p, d, tmp->fd, err);
	if (fetch_hopeless(r))
		blob_tmp_drop(store, tmp);
	else if (r < 0)
		blob_tmp_leave(store, tmp);
	if (r == 0)
		r = blob_tmp_commit(store, tmp, d->digest, false, err);
	if (r < 0)
		return r;
	strv_add(&p->blobs, d->digest);
	/* Others who want the same image wait here until it is entered. */
	p->config_lock = take_fd(tmp->lock);
	return 0;
}

static int get_config(struct pull *p, const struct manifest *manifest, struct image_config **out,
		      struct err *err)
{
	AUTO(image_config) struct image_config *config = NULL;
	const struct descriptor *d = &manifest->config;
	AUTO(mem) char *text = NULL;
	size_t size;

	if (d->size > JSON_MAX_BYTES)
		return err_set(err, -EFBIG, "the image config is too large");
	int r = fetch_blob(p, d, err);
	if (r == -ESTALE)
		r = fetch_blob(p, d, err);
	if (r == 0)
		r = blob_read(p->engine->store, d->digest, &text, &size, err);
	if (r < 0)
		return r;
	r = image_config_parse(text, size, &config, err);
	if (r == 0)
		r = image_config_check(config, manifest, err);
	if (r < 0)
		return refuse_document(p, err);
	*out = take_ptr(config);
	return 0;
}

static void warn_platform(struct pull *p, const struct image_config *config)
{
	if (!p->options->platform || platform_rank(&config->platform, &p->platform))
		return;
	AUTO(mem) char *have = platform_print(&config->platform);
	AUTO(mem) char *want = platform_print(&p->platform);
	engine_warn(p->engine, "the image is for %s, not for %s", have, want);
}

/* ---- what is there already -------------------------------------------------------------------- */

static bool layers_there(struct pull *p, const struct image *image)
{
	AUTO(mem) char *map = engine_layer_map(p->engine, NULL);

	if (!map)
		return false;
	for (size_t i = 0; i < image->layers.count; i++)
		if (layer_find(p->engine->store, image->layers.items[i], map, NULL) < 0)
			return false;
	return true;
}

/* One that is there as single file will do where none is asked for, not the other way round. */
static bool fits_form(struct pull *p, const struct image *image)
{
	AUTO(layer) struct layer *layer = NULL;

	if (!p->options->single_file)
		return true;
	return image->layers.count == 1 &&
	       layer_find(p->engine->store, image->layers.items[0], NULL, &layer) == 0 &&
	       layer->file;
}

static bool fits_platform(struct pull *p, const struct image *image)
{
	AUTO(platform) struct platform have = { 0 };

	if (!p->options->platform)
		return true;
	return image->platform && platform_parse(image->platform, &p->platform, &have, NULL) == 0 &&
	       platform_rank(&have, &p->platform);
}

/* The digest under which an image that is complete was pulled by this name, or NULL. */
static char *known_digest(struct pull *p, const struct image *image)
{
	AUTO(mem) char *name = reference_name(&p->ref);
	AUTO(mem) char *start = str_fmt("%s@", name);

	if (!layers_there(p, image) || !fits_platform(p, image) || !fits_form(p, image))
		return NULL;
	for (size_t i = 0; i < image->repo_digests.count; i++) {
		const char *digest = str_starts(image->repo_digests.items[i], start);
		if (digest && digest_valid(digest))
			return str_dup(digest);
	}
	return NULL;
}

/* ---- entering --------------------------------------------------------------------------------- */

static int enter_image(struct pull *p, const struct manifest *manifest, const struct document *doc,
		       struct fetched *fetched, struct err *err)
{
	const struct store *store = p->engine->store;
	AUTO(mem) char *full = reference_print(&p->ref);
	AUTO(mem) char *name = reference_name(&p->ref);
	struct image image = { .digest = doc->digest,
			       .media_type = manifest->media_type,
			       .manifest_size = (int64_t)doc->size,
			       .layers = fetched->keys };
	AUTO(strv) struct strv digests = { 0 };

	/* By digest it has no name, as docker's and podman's have none. */
	image.name = p->ref.digest ? NULL : full;
	for (size_t i = 0; i < p->digests.count; i++)
		strv_addf(&digests, "%s@%s", name, p->digests.items[i]);
	image.repo_digests = digests;
	int r = blob_put(store, doc->digest, doc->text, doc->size, false, err);
	if (r < 0)
		return r;
	strv_add(&p->blobs, doc->digest);
	return image_add(store, &image, false, err);
}

/* What can be found under its name now. */
static int find_entered(struct pull *p, const struct document *doc, struct image **out,
			struct err *err)
{
	AUTO(mem) char *full = reference_print(&p->ref);

	return image_find(p->engine->store, p->ref.digest ? doc->digest : full, out, err);
}

/* Nothing of an image that cannot be had stays. */
static void drop_config(struct pull *p, int code)
{
	for (size_t i = 0; fetch_hopeless(code) && i < p->blobs.count; i++)
		(void)!blob_remove(p->engine->store, p->blobs.items[i]); /* it would be left over */
}

static int verify(struct pull *p, struct err *err)
{
	const struct trust_image image = {
		.ref = &p->ref, .digests = &p->digests, .remote = p->remote, .loop = p->loop
	};

	return p->to_verify ? trust_verify(&p->trust, &image, err) : 0;
}

static int bring_layers(struct pull *p, struct document *doc, const struct manifest *manifest,
			struct image **out, struct err *err)
{
	AUTO(image_config) struct image_config *config = NULL;
	AUTO(fetched) struct fetched fetched = { 0 };

	/* What killed pulls left may be large; that it cannot be removed is no failure of this one. */
	(void)!tidy_leftovers(p->engine, NULL);
	int r = start_remote(p, err);
	if (r == 0)
		r = get_config(p, manifest, &config, err);
	if (r < 0) {
		drop_config(p, r);
		return r;
	}
	warn_platform(p, config);
	const struct fetch_request request = { .remote = p->remote,
					       .loop = p->loop,
					       .ref = &p->ref,
					       .manifest = manifest,
					       .config = config,
					       .watch = p->options->watch };
	AUTO(mem) char *full = reference_print(&p->ref);
	const struct single_source source = { .config = manifest->config.digest,
					      .name = full,
					      .digest = doc->digest };
	r = p->options->single_file ? single_fetch(p->engine, &request, &source, &fetched, err)
				    : fetch_layers(p->engine, &request, &fetched, err);
	if (r == 0)
		r = enter_image(p, manifest, doc, &fetched, err);
	if (r < 0) {
		drop_config(p, r);
		return r == -EINTR ? r : refuse_document(p, err);
	}
	/* Who waits for this image need not wait for what follows. */
	fd_close(take_fd(p->config_lock));
	turn_free(take_ptr(p->turn));
	strv_extend(&p->blobs, &fetched.blobs);
	durable_later(p->engine, &p->blobs, &fetched.fresh);
	return find_entered(p, doc, out, err);
}

/* Whether the image is entered with all that we would enter of it. */
static bool has_entered(struct pull *p, const struct document *doc, struct image **out)
{
	AUTO(image) struct image *image = NULL;
	AUTO(mem) char *name = reference_name(&p->ref);

	if (find_entered(p, doc, &image, NULL) < 0 || !str_eq(image->digest, doc->digest) ||
	    !layers_there(p, image) || !fits_form(p, image))
		return false;
	for (size_t i = 0; i < p->digests.count; i++) {
		AUTO(mem) char *whole = str_fmt("%s@%s", name, p->digests.items[i]);
		if (strv_find(&image->repo_digests, whole) < 0)
			return false;
	}
	*out = take_ptr(image);
	return true;
}

/*
 * Waits for another process that fetches the same image: its config is locked until the image is entered.
 * Those who wait do so side by side: most find everything done then.
 *
 * Return: 1 when the image has come that way, 0 when it is ours to fetch, or a negative errno.
 */
static int await_other(struct pull *p, const struct manifest *manifest, const struct document *doc,
		       struct image **out, struct err *err)
{
	const struct store *store = p->engine->store;
	const char *config = manifest->config.digest;
	AUTO(fd) int lock = -1;

	int r = lock_take(store, LOCK_BLOB, config, LOCK_SHARED | LOCK_TRY, &lock, err);
	if (r != -EAGAIN)
		return r;
	tell_wait(p);
	r = lock_take(store, LOCK_BLOB, config, LOCK_SHARED, &lock, err);
	return r < 0 ? r : has_entered(p, doc, out);
}

static int bring(struct pull *p, struct document *doc, struct image **out, struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	int r = read_manifest(p, doc, &manifest, err);
	if (r == 0)
		r = verify(p, err);
	if (r < 0)
		return r;
	do {
		r = await_other(p, manifest, doc, out, err);
		if (r == 0)
			r = bring_layers(p, doc, manifest, out, err);
	} while (r == -EAGAIN && !err->code);
	return min_of(r, 0);
}

/* ---- names ------------------------------------------------------------------------------------ */

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
			struct document *out)
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

static int ask(struct pull *p, const char *known, struct document *out, struct err *err)
{
	int r = start_remote(p, err);

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

/* What the name means now: asked of its registry by us, or just now by somebody else. */
static int resolve(struct pull *p, const char *known, int64_t since, struct document *out,
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

static int pull_reference(struct pull *p, const char *name, struct image **out, struct err *err)
{
	AUTO(image) struct image *have = NULL;
	AUTO(document) struct document doc = { 0 };
	const struct watch *watch = p->options->watch;
	int64_t since = clock_mono();

	turn_free(take_ptr(p->turn));
	reference_clear(&p->ref);
	strv_clear(&p->digests);
	p->again = false;
	int r = reference_parse(name, &p->ref, err);
	if (r < 0)
		return r;
	if (watch && watch->begin)
		watch->begin(watch->data, name);
	r = trust_asks(&p->trust, &p->ref, err);
	if (r < 0)
		return r;
	p->to_verify = r > 0;
	if (image_find(p->engine->store, name, &have, NULL) < 0)
		have = NULL;
	/* What came in without a signature may not stay for the same digest. */
	AUTO(mem) char *known = have && !p->to_verify ? known_digest(p, have) : NULL;
	r = resolve(p, known, since, &doc, err);
	if (r < 0)
		return r;
	if (!doc.text) {
		*out = take_ptr(have);
		return 0;
	}
	return bring(p, &doc, out, err);
}

static int candidates(struct pull *p, struct strv *out, struct err *err)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	AUTO(reference) struct reference ref = { 0 };

	int r = reference_parse(p->options->name, &ref, err);
	if (r < 0)
		return r;
	if (!ref.short_name || p->engine->docker) {
		strv_take(out, reference_print(&ref));
		return 0;
	}
	r = registries_conf_load(&conf, &p->settings.registries_conf, err);
	return r < 0 ? r : registries_conf_short(&conf, &ref, out, err);
}

/* Whether the next registry may have what this one did not give. */
static bool try_next(int code)
{
	return code != -EINTR && code != -ENOSPC && code != -EDQUOT && code != -EINVAL;
}

static int pull_any(struct pull *p, struct image **out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	int r = candidates(p, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		AUTO(err) struct err one = { 0 };
		int got = pull_reference(p, names.items[i], out, &one);
		if (got == 0)
			return 0;
		if (i + 1 == names.count || !try_next(got))
			r = err_move(err, &one);
		else
			engine_warn(p->engine, "%s", one.text);
	}
	return r < 0 ? r : -ENOENT;
}

static void take_options(struct pull *p)
{
	registry_settings(p->engine->host, p->engine->docker, &p->options->access, &p->settings);
}

static int choose_platform(struct pull *p, struct err *err)
{
	AUTO(platform) struct platform host = { 0 };

	platform_host(p->engine->host->machine, &host);
	if (p->options->platform)
		return platform_parse(p->options->platform, &host, &p->platform, err);
	platform_copy(&p->platform, &host);
	return 0;
}

/* Return: 1 when what is there will do, 0 when a registry is to be asked, or a negative errno. */
static int settle_locally(struct pull *p, struct image **out, struct err *err)
{
	AUTO(image) struct image *have = NULL;
	int policy = p->options->policy;

	if (policy == CREATE_PULL_ALWAYS || policy == CREATE_PULL_NEWER)
		return 0;
	int r = image_find(p->engine->store, p->options->name, &have, err);
	if (r == 0 &&
	    (policy == CREATE_PULL_NEVER || (fits_platform(p, have) && fits_form(p, have)))) {
		*out = take_ptr(have);
		return 1;
	}
	if (r == -ENOENT && policy == CREATE_PULL_MISSING) {
		err_clear(err);
		r = 0;
	}
	return r;
}

static bool untagged(const char *name)
{
	AUTO(reference) struct reference ref = { 0 };

	return reference_parse(name, &ref, NULL) == 0 && ref.default_tag;
}

int pull_image(struct engine *engine, const struct pull_options *options, struct image **out,
	       struct err *err)
{
	struct pull_options named = *options;
	AUTO(pull) struct pull p = { .engine = engine, .options = &named, .config_lock = -1 };

	const struct load_request file = { .platform = options->platform,
					   .policy = options->signature_policy,
					   .single_file = options->single_file };

	if (transport_given(options->name))
		return pull_from_one(engine, options->name, &file, out, err);
	named.name = transport_registry(options->name);
	int r = choose_platform(&p, err);
	if (r == 0)
		r = settle_locally(&p, out, err);
	if (r != 0)
		return min_of(r, 0);
	r = store_check_writable(engine->store, err);
	if (r < 0)
		return r;
	r = trust_load(engine->host, options->signature_policy, &p.trust, err);
	if (r < 0)
		return r;
	take_options(&p);
	r = pull_any(&p, out, err);
	/* "newer" is content with what is there, but not with what may not come in. */
	if (r < 0 && r != -EINTR && r != -EPERM && options->policy == CREATE_PULL_NEWER &&
	    image_find(engine->store, named.name, out, NULL) == 0) {
		err_clear(err);
		r = 0;
	}
	if (r >= 0)
		event_named(engine->store, EVENT_IMAGE, EVENT_PULL, (*out)->id,
			    str_or((*out)->name, named.name));
	return r;
}

int pull_tags(struct engine *engine, const struct pull_options *options, struct strv *out,
	      struct err *err)
{
	AUTO(pull) struct pull p = { .engine = engine, .options = options, .config_lock = -1 };
	AUTO(strv) struct strv names = { 0 };

	take_options(&p);
	int r = candidates(&p, &names, err);
	if (r == 0 && !untagged(options->name))
		return err_set(err, -EINVAL, "'%s' has a tag already: with all tags give none",
			       options->name);
	/* Of several registries the first counts: the tags of the others are of other images. */
	if (r == 0)
		r = reference_parse(names.items[0], &p.ref, err);
	return r < 0 ? r : ask_tags(&p, out, err);
}
