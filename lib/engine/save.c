/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save - images into archives and folders
 *
 * What goes in is decided first (save_plan.h); cubby-layer writes archives, inflating and hashing.
 */
#include "engine/save.h"

#include <errno.h>
#include <unistd.h>

#include "base/newfile.h"
#include "engine/lowers.h"
#include "engine/save_folder.h"
#include "engine/save_list.h"
#include "engine/save_pack.h"
#include "engine/save_plan.h"
#include "layer/client.h"

enum { FILE_MODE = 0644 };

const char *const save_format_names[] = { "docker-archive", "oci-archive", "oci-dir",
					  "docker-dir",	    "squashfs",	   NULL };

static int make_plan(struct engine *engine, const struct save_request *request,
		     struct save_plan *plan, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < request->names->count; i++)
		r = save_plan_add(engine, request->names->items[i], request->platform, NULL, plan,
				  err);
	if (r == 0 && request->compress)
		r = save_plan_pack(engine, plan, err);
	if (r < 0)
		return r;
	switch (request->format) {
	case SAVE_DOCKER_ARCHIVE:
		return save_plan_docker(engine, plan, err);
	case SAVE_DOCKER_DIR:
		return save_plan_dir(engine, plan, true, err);
	default:
		return save_plan_layout(engine, plan, err);
	}
}

static int write_archive(struct engine *engine, const struct save_plan *plan, int to,
			 struct err *err)
{
	AUTO(mem) char *program = host_helper(engine->host, "cubby-layer");
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	/* Blobs are the user's own files: no other ids are needed. */
	const struct layer_host host = { .program = program, .userns = -1 };
	const struct layer_archive archive = {
		.out = to,
		.dir = engine->store->dir,
		.parts = plan->parts,
		.more = lowers_folders(engine->store),
	};

	int r = layer_helper_open(&host, &helper, err);
	if (r == 0)
		r = layer_archive(helper, &archive, err);
	if (r == 0)
		save_plan_done(engine, plan);
	return r;
}

int images_save(struct engine *engine, const struct save_request *request, int to, struct err *err)
{
	AUTO(save_plan) struct save_plan plan = { 0 };

	bug_unless(request->format == SAVE_DOCKER_ARCHIVE || request->format == SAVE_OCI_ARCHIVE);
	int r = make_plan(engine, request, &plan, err);
	return r < 0 ? r : write_archive(engine, &plan, to, err);
}

int images_save_check(struct engine *engine, const struct save_request *request, struct err *err)
{
	AUTO(save_plan) struct save_plan plan = { 0 };

	return make_plan(engine, request, &plan, err);
}

int images_save_dir(struct engine *engine, const struct save_request *request, const char *path,
		    struct err *err)
{
	AUTO(save_plan) struct save_plan plan = { 0 };

	int r = make_plan(engine, request, &plan, err);
	if (r == 0)
		r = save_folder(engine, &plan, path, err);
	if (r == 0)
		save_plan_done(engine, &plan);
	return r;
}

/* --- to a transport --------------------------------------------------------------------- */

static int deliver_file(struct engine *engine, const struct save_plan *plan, const char *path,
			struct err *err)
{
	AUTO(newfile) struct newfile file = { .fd = -1 };

	int r = newfile_open(path, FILE_MODE, &file);
	if (r < 0)
		return err_sys(err, r, "cannot write '%s'", path);
	r = write_archive(engine, plan, file.fd, err);
	if (r == 0) {
		r = newfile_done(&file);
		if (r < 0)
			(void)err_sys(err, r, "cannot write '%s'", path);
	}
	return r;
}

static int deliver_folder(struct engine *engine, const struct save_plan *plan, const char *path,
			  struct err *err)
{
	int r = save_folder(engine, plan, path, err);

	if (r == 0)
		save_plan_done(engine, plan);
	return r;
}

static int plan_image(struct engine *engine, struct save_plan *plan, const struct transport *to,
		      struct err *err)
{
	switch (to->kind) {
	case TRANSPORT_DIR:
		return save_plan_dir(engine, plan, false, err);
	case TRANSPORT_DOCKER_ARCHIVE:
		return save_plan_docker(engine, plan, err);
	default:
		return save_plan_layout(engine, plan, err);
	}
}

static int deliver(struct engine *engine, const struct save_plan *plan, const struct transport *to,
		   struct err *err)
{
	return to->kind == TRANSPORT_OCI || to->kind == TRANSPORT_DIR
		       ? deliver_folder(engine, plan, to->path, err)
		       : deliver_file(engine, plan, to->path, err);
}

static int check_place(const struct transport *to, struct err *err)
{
	bug_unless(transport_is_file(to->kind));
	if (to->digest || to->index >= 0)
		return err_set(err, -EINVAL,
			       "an image is written under a name, not under a digest "
			       "or a number");
	return 0;
}

int image_deliver(struct engine *engine, const char *text, const struct transport *to,
		  const struct deliver_options *options, char **out_digest, struct err *err)
{
	AUTO(save_plan) struct save_plan plan = { 0 };

	bug_unless(!options->compress || to->kind == TRANSPORT_DIR);
	int r = check_place(to, err);
	if (r == 0)
		r = save_plan_add(engine, text, options->platform,
				  to->names.count ? &to->names : NULL, &plan, err);
	if (r == 0 && options->compress)
		r = save_plan_pack(engine, &plan, err);
	if (r == 0)
		r = plan_image(engine, &plan, to, err);
	if (r == 0)
		r = deliver(engine, &plan, to, err);
	if (r < 0)
		return r;
	if (out_digest)
		*out_digest = to->kind == TRANSPORT_DOCKER_ARCHIVE || plan.packed.count
				      ? NULL
				      : str_dup(plan.items[0].image->digest);
	return 0;
}

int list_deliver(struct engine *engine, const char *text, const struct transport *to, bool all,
		 char **out_digest, struct err *err)
{
	AUTO(save_plan) struct save_plan plan = { 0 };

	if (to->kind == TRANSPORT_DOCKER_ARCHIVE) {
		(void)err_set(err, -EINVAL, "docker's archives hold no lists of images");
		return err_hint(err, "oci-archive:FILE does");
	}
	int r = check_place(to, err);
	if (r == 0)
		r = save_list_plan(engine, text, to, all, &plan, err);
	if (r == 0)
		r = deliver(engine, &plan, to, err);
	if (r == 0)
		*out_digest = str_dup(plan.items[0].image->digest);
	return r;
}
