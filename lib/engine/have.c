/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * have - the image of a new container, ready to be used
 *
 * The usual case, an image that is there, costs one look under the lock. Nothing slow happens under it:
 * it is let go before a registry is asked or a layer unpacked, and what was found is looked for again.
 */
#include "engine/have.h"

#include <errno.h>

#include "base/fd.h"
#include "engine/durable.h"
#include "engine/fetch.h"
#include "engine/pull.h"
#include "engine/registry.h"
#include "engine/single.h"
#include "engine/unpack.h"
#include "oci/transport.h"
#include "store/layers.h"
#include "store/lock.h"

/* The name by which it is found afterwards is that of the transport's image, which has none perhaps. */
static int pull(struct engine *engine, const struct create_args *args, int policy, char **name,
		struct err *err)
{
	AUTO(image) struct image *image = NULL;
	const struct pull_options options = { .name = args->image,
					      .policy = policy,
					      .platform = args->platform,
					      .access = { .tls_verify = args->tls_verify,
							  .authfile = args->authfile,
							  .creds = args->creds,
							  .cert_dir = args->cert_dir,
							  .retries = args->retries,
							  .retry_delay = args->retry_delay },
					      .watch = engine->watch };

	int r = pull_image(engine, &options, &image, err);
	if (r == 0 && transport_given(args->image))
		str_set(name, image->digest);
	return r;
}

static bool layers_usable(struct engine *engine, const struct image *image)
{
	AUTO(mem) char *map = engine_layer_map(engine, NULL);

	if (!map)
		return true; /* whoever needs the ids says why there are none */
	for (size_t i = 0; i < image->layers.count; i++)
		if (layer_find(engine->store, image->layers.items[i], map, NULL) < 0)
			return false;
	return true;
}

static int unpack_layers(struct engine *engine, const struct manifest *manifest,
			 const struct image_config *config, struct err *err)
{
	AUTO(unpacker) struct unpacker *unpacker = NULL;
	AUTO(unpack) struct unpack *unpack = NULL;
	const struct strv none = { 0 };
	int r = unpacker_new(engine, &unpacker, err);

	if (r == 0)
		r = unpack_image(unpacker, manifest, config, false, &unpack, err);
	if (r == 0)
		durable_later(engine, &none, unpack_keys(unpack));
	return r;
}

static int make_single(struct engine *engine, const struct image *image,
		       const struct manifest *manifest, const struct image_config *config,
		       struct err *err)
{
	AUTO(fetched) struct fetched fetched = { 0 };
	const struct fetch_request request = { .manifest = manifest, .config = config };
	const struct single_source source = { .config = manifest->config.digest,
					      .name = image->name,
					      .digest = image->digest };
	int r = single_fetch(engine, &request, &source, &fetched, err);

	if (r == 0)
		durable_later(engine, &fetched.blobs, &fetched.fresh);
	return r;
}

/* What is kept as one file is made so again. */
static int unpack_again(struct engine *engine, const struct image *image, struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(image_config) struct image_config *config = NULL;

	int r = image_manifest(engine->store, image, &manifest, err);
	if (r == 0)
		r = image_config(engine->store, image, &config, err);
	if (r == 0)
		r = image_config_check(config, manifest, err);
	if (r == 0)
		r = single_of(engine, image, config, err);
	if (r >= 0)
		r = r ? make_single(engine, image, manifest, config, err)
		      : unpack_layers(engine, manifest, config, err);
	return r < 0 ? err_wrap(err, "cannot unpack '%s' again", str_or(image->name, image->id))
		     : 0;
}

/* Return: 0 with the lock held, or a negative errno without it. */
static int find(struct engine *engine, const char *name, struct image **out, int *out_lock,
		struct err *err)
{
	AUTO(fd) int lock = -1;
	int r = lock_take(engine->store, LOCK_IMAGES, "", LOCK_SHARED, &lock, err);

	if (r == 0)
		r = image_find(engine->store, name, out, err);
	if (r == 0)
		*out_lock = take_fd(lock);
	return r;
}

static int mend(struct engine *engine, const struct create_args *args, const struct image *image,
		char **name, struct err *err)
{
	int r = unpack_again(engine, image, err);

	if (r == 0 || args->pull == CREATE_PULL_NEVER || r == -EINTR)
		return r;
	err_clear(err);
	return pull(engine, args, CREATE_PULL_ALWAYS, name, err);
}

int have_image(struct engine *engine, const struct create_args *args, struct image **out,
	       int *out_lock, struct err *err)
{
	AUTO(image) struct image *image = NULL;
	AUTO(fd) int lock = -1;
	AUTO(mem) char *name = str_dup(transport_registry(args->image));
	bool ask = args->pull == CREATE_PULL_ALWAYS || args->pull == CREATE_PULL_NEWER ||
		   (args->platform && args->pull == CREATE_PULL_MISSING) ||
		   transport_given(args->image);

	/* Also where no registry is asked: a name that is mistyped is told the first time already. */
	int r = registry_check_asked(engine->host, args->authfile, err);
	if (r < 0)
		return r;
	if (ask)
		r = pull(engine, args, args->pull, &name, err);
	if (r == 0)
		r = find(engine, name, &image, &lock, err);
	if (r == -ENOENT && !ask && args->pull == CREATE_PULL_MISSING) {
		err_clear(err);
		r = pull(engine, args, CREATE_PULL_MISSING, &name, err);
		if (r == 0)
			r = find(engine, name, &image, &lock, err);
	}
	if (r == 0 && !layers_usable(engine, image)) {
		fd_close(take_fd(lock));
		r = mend(engine, args, image, &name, err);
		image_free(take_ptr(image));
		if (r == 0)
			r = find(engine, name, &image, &lock, err);
	}
	if (r < 0)
		return r;
	*out = take_ptr(image);
	*out_lock = take_fd(lock);
	return 0;
}
