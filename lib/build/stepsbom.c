/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepsbom - the layer that holds what scanners found
 *
 * Done as COPY of a here-document: the same texts give the same layer, whose files are of 1970 or of the build's time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "build/box.h"
#include "build/copyin.h"
#include "build/work.h"
#include "engine/outer.h"
#include "engine/roots.h"

struct adding {
	struct work *work;
	const struct sbom_merged *found;
	struct root_hold *hold;
	int lock;
};

static void auto_adding(struct adding *a)
{
	root_release(a->hold);
	fd_close(a->lock);
}

/* Its folder is named, so that the path is never that of a folder that the file would go into. */
static int put(struct copyin *order, const char *path, const char *data, size_t size,
	       struct err *err)
{
	AUTO(copyin_result) struct copyin_result result = { 0 };
	const char *name = strrchr(path, '/') + 1;
	AUTO(mem) char *folder = str_ndup(path, (size_t)(name - path));
	const struct copyin_text text = { .name = name, .data = data, .size = size };

	order->dest = folder;
	const int r = copyin_texts(order, &text, 1, &result, err);
	order->dest = NULL;
	return r < 0 ? err_wrap(err, "cannot put '%s' into the image", path) : 0;
}

static int add_child(void *data, struct err *err)
{
	const struct adding *a = data;
	const struct build_options *o = a->work->options;
	const struct sbom_merged *found = a->found;
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };
	const struct identity_plan *identity = engine_identity(a->work->engine, err);

	int r = identity ? root_open(a->hold, 0, &view, err) : -EIO;
	if (r < 0)
		return r;
	struct copyin order = {
		.root = view.bare,
		.accounts = -1,
		.epoch = o->time_flags ? o->time * INT64_C(1000000000) : COPYIN_NO_EPOCH,
		.flags = identity->kind == IDENTITY_ONE_ID ? COPYIN_ONE_ID : 0,
	};
	if (o->sbom.image_output)
		r = put(&order, o->sbom.image_output, found->bytes, found->size, err);
	if (r == 0 && o->sbom.image_purl_output)
		r = put(&order, o->sbom.image_purl_output, found->purls, strlen(found->purls), err);
	return r;
}

static int perform(void *data, char **out_box, struct strv *out_mounted, struct err *err)
{
	struct adding *a = data;
	struct engine *engine = a->work->engine;
	AUTO(container_config) struct container_config *config = NULL;
	struct create_args args = a->work->options->run;

	(void)out_mounted;
	box_idle(&args);
	args.user = "0";
	int r = box_make(engine, &a->work->sofar, &args, NULL, &config, &a->lock, err);
	if (r < 0)
		return r;
	*out_box = str_dup(config->id);
	r = root_hold(engine, config->id, &a->hold, err);
	if (r == 0)
		r = outer_run(engine, ROOT_NAMESPACES, add_child, a, err);
	root_release(take_ptr(a->hold));
	return r;
}

/* What a scanner wrote may have zeros in it. */
static void add_bytes(struct stepkey *key, const struct sbom_merged *found)
{
	for (size_t at = 0; at <= found->size; at += strlen(found->bytes + at) + 1)
		stepkey_add(key, "sbom", found->bytes + at);
}

int step_sbom(struct work *work, const struct sbom_merged *found, struct err *err)
{
	const struct sbom *sbom = &work->options->sbom;
	AUTO(adding) struct adding a = { .work = work, .found = found, .lock = -1 };
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(mem)
	char *text = str_fmt("SBOM%s%s%s%s", sbom->image_output ? " " : "",
			     str_or(sbom->image_output, ""), sbom->image_purl_output ? " " : "",
			     str_or(sbom->image_purl_output, ""));
	const struct step step = { .text = text, .perform = perform, .data = &a };

	work_tell_step(work, text);
	stepkey_add(&key, "sbom in", sbom->image_output);
	stepkey_add(&key, "purls in", sbom->image_purl_output);
	if (sbom->image_output)
		add_bytes(&key, found);
	if (sbom->image_purl_output)
		stepkey_add(&key, "purls", found->purls);
	return step_do(work, &key, &step, err);
}
