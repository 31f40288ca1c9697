/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serve - answering the requests of one client, inside cubby-layer
 */
#include "layer/serve.h"

#include <errno.h>

#include "layer/apply.h"
#include "layer/archive.h"
#include "layer/compress.h"
#include "layer/filesums.h"
#include "layer/fixup.h"
#include "layer/ingest.h"
#include "layer/pack.h"
#include "layer/protocol.h"
#include "layer/recipe.h"
#include "layer/serving.h"
#include "layer/unarchive.h"

#define NEEDS(slot) (1 << LAYER_SLOT_##slot)

struct op {
	int needs; /* slots without which it is no request */
	int (*serve)(const struct layer_request *req, struct layer_reply *out, struct err *err);
};

static struct layer_folders folders_of(const struct layer_request *req)
{
	struct layer_folders more = { 0 };

	while (more.count < LAYER_FOLDERS && req->fds[LAYER_SLOT_FOLDERS + more.count] >= 0) {
		more.fds[more.count] = req->fds[LAYER_SLOT_FOLDERS + more.count];
		more.count++;
	}
	return more;
}

static int serve_apply(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	const struct layer_apply apply = {
		.blob = req->fds[LAYER_SLOT_IN],
		.more = req->fds[LAYER_SLOT_MORE],
		.diff = req->fds[LAYER_SLOT_DIR],
		.journal = req->fds[LAYER_SLOT_JOURNAL],
		.flags = req->flags,
		.max_bytes = req->max_bytes,
		.below = req->name,
		.owners = &req->owners,
	};

	if (!(req->flags & (LAYER_LOWEST | LAYER_PLAIN)) && apply.journal < 0)
		return err_set(err, -EBADMSG, "a layer without a journal");
	return apply_layer(&apply, &out->applied, err);
}

static int serve_fixup(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	const struct layer_fixup fixup = {
		.diff = req->fds[LAYER_SLOT_DIR],
		.journal = req->fds[LAYER_SLOT_JOURNAL],
		.store = req->fds[LAYER_SLOT_STORE],
		.lower = req->lower,
		.flags = req->flags,
		.more = folders_of(req),
	};

	(void)out;
	return fixup_layer(&fixup, err);
}

static int serve_ingest(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	return ingest_stream(req->fds[LAYER_SLOT_IN], req->fds[LAYER_SLOT_OUT], req->flags,
			     &out->digest, err);
}

static int serve_unarchive(const struct layer_request *req, struct layer_reply *out,
			   struct err *err)
{
	return unarchive_stream(req->fds[LAYER_SLOT_IN], req->fds[LAYER_SLOT_DIR], &out->members,
				err);
}

static int serve_archive(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	const struct layer_archive archive = {
		.out = req->fds[LAYER_SLOT_OUT],
		.dir = req->fds[LAYER_SLOT_DIR],
		.parts = req->parts,
		.flags = req->flags,
		.more = folders_of(req),
	};

	(void)out;
	return archive_write_parts(&archive, err);
}

static int serve_pack(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	const struct layer_pack pack = {
		.dir = req->fds[LAYER_SLOT_DIR],
		.out = req->fds[LAYER_SLOT_OUT],
		.kind = req->kind,
		.flags = req->flags,
		.name = req->name,
		.as = req->as,
		.owners = &req->owners,
		.store = req->fds[LAYER_SLOT_STORE],
		.lower = req->lower,
		.mounted = req->mounted,
		.undone = req->undone,
		.more = folders_of(req),
		.time = req->time,
	};

	return pack_dir(&pack, &out->digest, err);
}

static int serve_recipe(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	return recipe_make(req->fds[LAYER_SLOT_IN], req->fds[LAYER_SLOT_DIR],
			   req->fds[LAYER_SLOT_OUT], &out->digest, err);
}

static int serve_follow(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	return recipe_follow(req->fds[LAYER_SLOT_IN], req->fds[LAYER_SLOT_DIR],
			     req->fds[LAYER_SLOT_OUT], &out->digest, err);
}

static int serve_compress(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	const struct layer_compress compress = {
		.blob = req->fds[LAYER_SLOT_IN],
		.out = req->fds[LAYER_SLOT_OUT],
		.more = req->fds[LAYER_SLOT_MORE],
		.packing = req->kind,
		.level = req->level,
	};

	return compress_blob(&compress, &out->digest, err);
}

static int serve_hash_files(const struct layer_request *req, struct layer_reply *out,
			    struct err *err)
{
	(void)out;
	return filesums_make(req->fds[LAYER_SLOT_DIR], req->fds[LAYER_SLOT_IN],
			     req->fds[LAYER_SLOT_OUT], err);
}

static int serve_peek(const struct layer_request *req, struct layer_reply *out, struct err *err)
{
	int r = archive_peek(req->fds[LAYER_SLOT_IN], err);

	out->is_archive = r > 0;
	return min_of(r, 0);
}

static const struct op ops[LAYER_OPS] = {
	[LAYER_OP_APPLY] = { NEEDS(IN) | NEEDS(DIR), serve_apply },
	[LAYER_OP_FIXUP] = { NEEDS(DIR) | NEEDS(JOURNAL) | NEEDS(STORE), serve_fixup },
	[LAYER_OP_INGEST] = { NEEDS(IN), serve_ingest },
	[LAYER_OP_UNARCHIVE] = { NEEDS(IN) | NEEDS(DIR), serve_unarchive },
	[LAYER_OP_ARCHIVE] = { NEEDS(OUT) | NEEDS(DIR), serve_archive },
	[LAYER_OP_PACK] = { NEEDS(DIR), serve_pack },
	[LAYER_OP_RECIPE] = { NEEDS(IN) | NEEDS(DIR) | NEEDS(OUT), serve_recipe },
	[LAYER_OP_FOLLOW] = { NEEDS(IN) | NEEDS(DIR) | NEEDS(OUT), serve_follow },
	[LAYER_OP_COMPRESS] = { NEEDS(IN) | NEEDS(OUT), serve_compress },
	[LAYER_OP_HASH_FILES] = { NEEDS(IN) | NEEDS(DIR) | NEEDS(OUT), serve_hash_files },
	[LAYER_OP_PEEK] = { NEEDS(IN), serve_peek },
};

static int dispatch(void *data, struct layer_request *req, struct layer_reply *reply,
		    struct err *err)
{
	(void)data;
	if (req->op < 0 || req->op >= LAYER_OPS || !ops[req->op].serve)
		return err_set(err, -ENOSYS, "an unknown request");
	const struct op *op = &ops[req->op];
	if ((req->slots & op->needs) != op->needs)
		return err_set(err, -EBADMSG, "a request without its descriptors");
	return op->serve(req, reply, err);
}

int serve_client(int sock)
{
	return serving_loop(sock, dispatch, NULL);
}
