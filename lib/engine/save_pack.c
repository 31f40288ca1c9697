/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_pack - plain layers compressed with gzip on their way out
 */
#include "engine/save_pack.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"
#include "layer/client.h"
#include "oci/media.h"
#include "store/blob.h"

struct packing {
	struct engine *engine;
	struct save_plan *plan;
	struct layer_helper *helper;
};

static int begin(struct packing *p, struct err *err)
{
	AUTO(mem) char *program = host_helper(p->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };

	if (p->helper)
		return 0;
	int r = store_check_writable(p->engine->store, err);
	if (r == 0)
		r = temp_dir(p->engine->store, 0700, &p->plan->temp, err);
	p->plan->store = p->engine->store;
	return r < 0 ? r : layer_helper_open(&host, &p->helper, err);
}

static int compress(struct packing *p, const char *rel, const struct descriptor *d,
		    struct layer_digest *out, struct err *err)
{
	const struct store *store = p->engine->store;

	AUTO(fd) int from = blob_open(store, d->digest, err);
	if (from < 0)
		return from;
	AUTO(fd) int to = openat(store->dir, rel, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return err_sys(err, -errno, "cannot make '%s'", rel);
	const struct layer_compress request = {
		.blob = from,
		.out = to,
		.more = -1,
		.packing = LAYER_PACKED_GZIP,
		.level = LAYER_LEVEL_DEFAULT,
	};
	int r = layer_compress_start(p->helper, &request, err);
	return r < 0 ? r : layer_compress_finish(p->helper, out, err);
}

static int pack_layer(struct packing *p, struct descriptor *d, struct err *err)
{
	AUTO(layer_digest) struct layer_digest digest = { 0 };

	if (media_packing(d->media_type) != MEDIA_PLAIN)
		return 0;
	int r = begin(p, err);
	if (r < 0)
		return r;
	AUTO(mem) char *rel = str_fmt("%s/%zu", p->plan->temp->rel, p->plan->packed.count);
	r = compress(p, rel, d, &digest, err);
	if (r < 0)
		return err_wrap(err, "cannot compress the layer '%.19s'", d->digest);
	struct layer_part *part = vec_push(&p->plan->packed);
	part->digest = str_dup(digest.digest);
	part->path = take_ptr(rel);
	str_set(&d->digest, digest.digest);
	str_set(&d->media_type, MEDIA_OCI_LAYER_GZIP);
	d->size = digest.size;
	return 0;
}

int save_plan_pack(struct engine *engine, struct save_plan *plan, struct err *err)
{
	struct packing p = { .engine = engine, .plan = plan };
	int r = 0;

	for (size_t i = 0; i < plan->count; i++)
		for (size_t j = 0; r == 0 && j < plan->items[i].manifest->layers.count; j++)
			r = pack_layer(&p, &plan->items[i].manifest->layers.items[j], err);
	layer_helper_close(p.helper);
	return r;
}
