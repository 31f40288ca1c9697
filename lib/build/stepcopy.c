/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepcopy - COPY and ADD
 *
 * What is copied is looked at twice: for the key of the cache, and when the cache does not have it. A file that changes in
 * between is an error, so that no record is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "build/addremote.h"
#include "build/box.h"
#include "build/copyin.h"
#include "build/copykey.h"
#include "build/copyowner.h"
#include "build/report.h"
#include "build/work.h"
#include "engine/roots.h"

struct copying {
	struct work *work;
	const struct instruction_copy *copy;
	struct sofar from;    /* what it copies from, if that is no folder */
	struct copywhat what; /* if there are sources */
	struct addremote remote;
	struct copywhat fetched; /* if there are sources that are addresses */
	struct root_hold *hold;
	char *box_folder;
	char *owner;	     /* --chown, of a linked step without names; or NULL */
	bool unpack;	     /* ADD: of local files */
	bool unpack_fetched; /* and of those that were fetched */
	int lock;
};

static void auto_copying(struct copying *c)
{
	sofar_clear(&c->from);
	addremote_clear(c->work, &c->remote);
	root_release(c->hold);
	free(c->box_folder);
	free(c->owner);
	fd_close(c->lock);
}

/* ---- in the user namespace -------------------------------------------------------------------- */

static int check_result(const struct copying *c, const struct copyin_result *result,
			struct err *err)
{
	if (result->changed) {
		(void)err_set(err, -ESTALE, "'%s' was changed while it was copied",
			      result->changed);
		return err_hint(err, "build again when nobody writes to the context");
	}
	if (result->owners_lost)
		report_send(
			c->work->sock,
			&(struct report){ .kind = REPORT_WARN,
					  .text = (char *)"there is one id here: owners of files "
							  "become root" });
	return 0;
}

static int put_files(const struct copying *c, const struct copywhat *what, struct copyin *order,
		     struct err *err)
{
	AUTO(copytree) struct copytree tree = { .dir = -1, .helper = -1 };
	AUTO(selection) struct selection selection = { 0 };
	AUTO(copyin_result) struct copyin_result result = { 0 };
	AUTO(mem) char *point = str_fmt("%s/from", c->box_folder);

	if (mkdir(point, 0700) < 0 && errno != EEXIST)
		return err_sys(err, -errno, "cannot make '%s'", point);
	int r = copytree_open(c->work, what, point, &tree, err);
	if (r == 0)
		r = copytree_select(&tree, what, &selection, err);
	if (r == 0)
		r = copyin_put(order, &selection, &result, err);
	return r < 0 ? r : check_result(c, &result, err);
}

static int put_texts(const struct copying *c, const struct copyin *order, struct err *err)
{
	const struct instruction_files *files = &c->copy->files;
	AUTO(copyin_result) struct copyin_result result = { 0 };
	AUTO(mem) struct copyin_text *texts = mem_alloc(files->count + 1, sizeof *texts);

	for (size_t i = 0; i < files->count; i++)
		texts[i] = (struct copyin_text){ .name = files->items[i].name,
						 .data = files->items[i].content,
						 .size = strlen(files->items[i].content) };
	const int r = copyin_texts(order, texts, files->count, &result, err);
	return r < 0 ? r : check_result(c, &result, err);
}

/* How many of a kind follow each other. */
static size_t run_of(const struct strv *kinds, size_t at)
{
	size_t n = 1;

	while (at + n < kinds->count && str_eq(kinds->items[at + n], kinds->items[at]))
		n++;
	return n;
}

/* Sources of one kind that follow each other are put at once; what comes later replaces what came before. */
static int put_sources(const struct copying *c, struct copyin *order, struct err *err)
{
	const struct strv *kinds = &c->remote.kinds;
	const unsigned int flags = order->flags;
	size_t done[2] = { 0 }, n;
	int r = 0;

	if (!kinds->count)
		return c->what.sources->count ? put_files(c, &c->what, order, err) : 0;
	for (size_t at = 0; r == 0 && at < kinds->count; at += n) {
		const bool fetched = str_eq(kinds->items[at], ADDREMOTE_FETCHED);
		struct copywhat what = fetched ? c->fetched : c->what;
		n = run_of(kinds, at);
		const struct strv part = { .items = what.sources->items + done[fetched],
					   .count = n };
		what.sources = &part;
		done[fetched] += n;
		order->flags = flags |
			       ((fetched ? c->unpack_fetched : c->unpack) ? COPYIN_UNPACK : 0);
		r = put_files(c, &what, order, err);
	}
	order->flags = flags;
	return r;
}

static int copy_child(void *data, struct err *err)
{
	const struct copying *c = data;
	const struct build_options *o = c->work->options;
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };
	AUTO(mem) char *program = host_helper(c->work->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	const struct identity_plan *identity = engine_identity(c->work->engine, err);

	int r = identity ? root_open(c->hold, 0, &view, err) : -EIO;
	if (r == 0 && (c->unpack || c->unpack_fetched))
		r = layer_helper_open(&host, &helper, err);
	if (r < 0)
		return r;
	struct copyin order = {
		.root = view.bare,
		.workdir = c->work->sofar.config->config.workdir,
		.dest = c->copy->destination,
		.chown = c->owner,
		.chmod = c->copy->chmod,
		.accounts = -1,
		.epoch = o->time_flags ? o->time * INT64_C(1000000000) : COPYIN_NO_EPOCH,
		.flags = (c->from.config ? COPYIN_KEEP_OWNERS : 0) |
			 (identity->kind == IDENTITY_ONE_ID ? COPYIN_ONE_ID : 0) |
			 (c->copy->sources.count + c->copy->files.count > 1 ? COPYIN_SEVERAL : 0),
		.helper = helper,
	};
	r = put_sources(c, &order, err);
	if (r == 0 && c->copy->files.count)
		r = put_texts(c, &order, err);
	return r;
}

/* ---- the step --------------------------------------------------------------------------------- */

static int perform(void *data, char **out_box, struct strv *out_mounted, struct err *err)
{
	struct copying *c = data;
	AUTO(container_config) struct container_config *config = NULL;
	struct create_args args = c->work->options->run;

	(void)out_mounted;
	box_idle(&args);
	args.user = "0";
	AUTO(sofar) struct sofar nothing = { 0 };
	if (c->copy->link) {
		sofar_copy(&nothing, &c->work->sofar);
		strv_clear(&nothing.layers);
	}
	int r = addremote_bring(c->work, c->copy, &c->remote, err);
	if (r < 0)
		return r;
	r = box_make(c->work->engine, c->copy->link ? &nothing : &c->work->sofar, &args, NULL,
		     &config, &c->lock, err);
	if (r < 0)
		return r;
	*out_box = str_dup(config->id);
	c->box_folder = store_container_path(c->work->engine->store, config->id, NULL);
	r = root_hold(c->work->engine, config->id, &c->hold, err);
	if (r == 0)
		r = outer_run(c->work->engine, ROOT_NAMESPACES, copy_child, c, err);
	root_release(take_ptr(c->hold));
	return r;
}

static int add_key(struct copying *c, struct stepkey *key, struct err *err)
{
	AUTO(mem) char *folder = evolve_folder(c->work->sofar.config, c->copy->destination);
	AUTO(mem) char *digest = NULL;

	stepkey_add(key, "copy", folder);
	stepkey_add(key, "chown", c->owner);
	stepkey_add(key, "chmod", c->copy->chmod);
	stepkey_add(key, "unpack", c->unpack ? "yes" : "no");
	stepkey_add(key, "unpack fetched", c->unpack_fetched ? "yes" : NULL);
	for (size_t i = 0; i < c->copy->files.count; i++) {
		stepkey_add(key, "file", c->copy->files.items[i].name);
		stepkey_add(key, "text", c->copy->files.items[i].content);
	}
	int r = 0;
	if (c->what.sources->count)
		r = copykey_files(c->work, &c->what, &digest, err);
	if (r == 0)
		stepkey_add(key, "files", digest);
	if (r < 0 || !c->remote.files.count)
		return r;
	if (c->remote.local.count)
		stepkey_add_list(key, "order", &c->remote.kinds);
	return addremote_key(c->work, c->copy, &c->remote, key, err);
}

static bool is_folder(const struct work *work, const char *name)
{
	const struct build_context *context = work_context(work, name);

	return context && context->folder;
}

int step_copy(struct work *work, const struct instruction *in, const struct dockerfile_line *line,
	      struct err *err)
{
	AUTO(copying)
	struct copying c = {
		.work = work,
		.copy = &in->copy,
		.unpack = in->kind == KIND_ADD && (!in->copy.unpack_said || in->copy.unpack),
		.unpack_fetched = in->kind == KIND_ADD && in->copy.unpack,
		.lock = -1,
	};
	AUTO(stepkey) struct stepkey key = { 0 };
	const struct step step = {
		.text = line->text, .perform = perform, .data = &c, .linked = in->copy.link
	};
	int r = 0;

	if (in->copy.link && copyowner_named(in->copy.chown))
		r = copyowner_find(work, in->copy.chown, &c.owner, err);
	else
		c.owner = str_dup(in->copy.chown);
	if (r == 0 && in->copy.from && !is_folder(work, in->copy.from))
		r = work_from(work, in->copy.from, &c.from, err);
	c.what = (struct copywhat){ .from = in->copy.from,
				    .layers = c.from.config ? &c.from : NULL,
				    .sources = in->kind == KIND_ADD ? &c.remote.local
								    : &in->copy.sources,
				    .excludes = &in->copy.excludes,
				    .parents = in->copy.parents };
	if (r == 0 && in->kind == KIND_ADD)
		r = addremote_fetch(work, &in->copy, &c.remote, err);
	if (c.remote.temp)
		c.fetched = (struct copywhat){ .folder = c.remote.temp->path,
					       .sources = &c.remote.files,
					       .excludes = &in->copy.excludes };
	if (r == 0)
		r = add_key(&c, &key, err);
	return r < 0 ? r : step_do(work, &key, &step, err);
}
