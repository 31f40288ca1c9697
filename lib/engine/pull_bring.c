/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull_bring - from a manifest to an image in the store: config, layers, the entry
 */
#include <errno.h>

#include "base/fd.h"
#include "engine/durable.h"
#include "engine/fetch.h"
#include "engine/pull_parts.h"
#include "engine/single.h"
#include "engine/tidy.h"
#include "oci/digest.h"
#include "store/blob.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"

static int read_manifest(struct pull *p, const struct pull_document *doc, struct manifest **out,
			 struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	int r = manifest_parse(doc->text, doc->size, doc->media_type, &manifest, err);
	if (r == 0)
		r = manifest_check_image(manifest, err);
	if (r < 0)
		return pull_refuse(p, err);
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
	int r = pull_ask_blob(p, d, fd, err);
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
	r = pull_ask_blob(p, d, tmp->fd, err);
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
		return pull_refuse(p, err);
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

bool pull_fits_form(struct pull *p, const struct image *image)
{
	AUTO(layer) struct layer *layer = NULL;

	if (!p->options->single_file)
		return true;
	return image->layers.count == 1 &&
	       layer_find(p->engine->store, image->layers.items[0], NULL, &layer) == 0 &&
	       layer->file;
}

bool pull_fits_platform(struct pull *p, const struct image *image)
{
	AUTO(platform) struct platform have = { 0 };

	if (!p->options->platform)
		return true;
	return image->platform && platform_parse(image->platform, &p->platform, &have, NULL) == 0 &&
	       platform_rank(&have, &p->platform);
}

char *pull_known_digest(struct pull *p, const struct image *image)
{
	AUTO(mem) char *name = reference_name(&p->ref);
	AUTO(mem) char *start = str_fmt("%s@", name);

	if (!layers_there(p, image) || !pull_fits_platform(p, image) || !pull_fits_form(p, image))
		return NULL;
	for (size_t i = 0; i < image->repo_digests.count; i++) {
		const char *digest = str_starts(image->repo_digests.items[i], start);
		if (digest && digest_valid(digest))
			return str_dup(digest);
	}
	return NULL;
}

/* ---- entering --------------------------------------------------------------------------------- */

static int enter_image(struct pull *p, const struct manifest *manifest,
		       const struct pull_document *doc, struct fetched *fetched, struct err *err)
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
static int find_entered(struct pull *p, const struct pull_document *doc, struct image **out,
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

static int bring_layers(struct pull *p, struct pull_document *doc, const struct manifest *manifest,
			struct image **out, struct err *err)
{
	AUTO(image_config) struct image_config *config = NULL;
	AUTO(fetched) struct fetched fetched = { 0 };

	/* What killed pulls left may be large; that it cannot be removed is no failure of this one. */
	(void)!tidy_leftovers(p->engine, NULL);
	int r = pull_start_remote(p, err);
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
		return r == -EINTR ? r : pull_refuse(p, err);
	}
	/* Who waits for this image need not wait for what follows. */
	fd_close(take_fd(p->config_lock));
	turn_free(take_ptr(p->turn));
	strv_extend(&p->blobs, &fetched.blobs);
	durable_later(p->engine, &p->blobs, &fetched.fresh);
	return find_entered(p, doc, out, err);
}

/* Whether the image is entered with all that we would enter of it. */
static bool has_entered(struct pull *p, const struct pull_document *doc, struct image **out)
{
	AUTO(image) struct image *image = NULL;
	AUTO(mem) char *name = reference_name(&p->ref);

	if (find_entered(p, doc, &image, NULL) < 0 || !str_eq(image->digest, doc->digest) ||
	    !layers_there(p, image) || !pull_fits_form(p, image))
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
static int await_other(struct pull *p, const struct manifest *manifest,
		       const struct pull_document *doc, struct image **out, struct err *err)
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

int pull_bring(struct pull *p, struct pull_document *doc, struct image **out, struct err *err)
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
