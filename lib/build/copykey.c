/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copykey - the trees that COPY, ADD and bind mounts take files from
 */
#include "build/copykey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "build/copyin.h"
#include "build/fingerprint.h"
#include "build/ignore.h"
#include "build/mounted.h"
#include "build/report.h"
#include "engine/driver.h"
#include "engine/rootplan.h"
#include "engine/roots.h"
#include "kern/at.h"
#include "rootfs/rootfs.h"
#include "store/buildcache.h"
#include "store/temp.h"

/* ---- rules ------------------------------------------------------------------------------------ */

static int add_excludes(const struct copywhat *what, struct copytree *tree, struct err *err)
{
	int r = 0;

	for (size_t i = 0; what->excludes && r == 0 && i < what->excludes->count; i++)
		r = patterns_add(&tree->excludes, what->excludes->items[i], err);
	return r;
}

static int add_ignore(const struct work *work, struct copytree *tree, struct err *err)
{
	const struct build_options *o = work->options;

	if (!o->ignore_text)
		return 0;
	const int r = ignore_parse(o->ignore_text, strlen(o->ignore_text), o->ignore_name,
				   &tree->ignore, err);
	tree->rules = ruleset_init(&tree->ignore_set, &tree->ignore);
	tree->source.ignore_name = o->ignore_name;
	tree->source.rules = tree->ignore.count ? &tree->rules : NULL;
	return r;
}

/* ---- trees ------------------------------------------------------------------------------------ */

static int open_folder(struct work *work, const struct copywhat *what, struct copytree *tree,
		       struct err *err)
{
	const struct build_context *context =
		what->from && !what->folder ? work_context(work, what->from) : NULL;
	const char *path = what->folder ? what->folder
			   : context	? context->folder
					: work->options->folder;

	if (!path) {
		(void)err_set(err, -ENOENT, "there is no build context to copy from");
		return err_hint(err, "give a folder as the last argument");
	}
	tree->name = what->folder ? str_dup("what was fetched")
		     : context	  ? str_fmt("the context '%s'", context->name)
				  : str_dup("the build context");
	tree->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree->dir < 0)
		return err_sys(err, -errno, "cannot open %s, '%s'", tree->name, path);
	return context || what->folder ? 0 : add_ignore(work, tree, err);
}

static int mount_layers(struct work *work, const struct copywhat *what, const char *point,
			struct copytree *tree, struct err *err)
{
	AUTO(rootfs_plan) struct rootfs_plan plan = { 0 };
	const char *driver = driver_choose(work->engine, err);

	if (!driver)
		return -EIO;
	tree->name = str_fmt("'%s'", what->from);
	tree->source.owned = true;
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "cannot make mounts of our own");
	int r = rootplan_layers(work->engine, &what->layers->layers, what->from, &plan.lower, err);
	if (r < 0)
		return r;
	if (plan.lower.count == 0) {
		tree->dir = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return tree->dir < 0 ? err_sys(err, -errno, "cannot open '%s'", point) : 0;
	}
	rootplan_view(point, driver, &plan);
	tree->dir = rootfs_apply(&plan, work->engine->host, &tree->helper, err);
	return min_of(tree->dir, 0);
}

int copytree_open(struct work *work, const struct copywhat *what, const char *point,
		  struct copytree *out, struct err *err)
{
	const bool layers = what->layers && what->layers->config;

	*out = (struct copytree){ .dir = -1, .helper = -1 };
	int r = layers ? mount_layers(work, what, point, out, err)
		       : open_folder(work, what, out, err);
	if (r == 0)
		r = add_excludes(what, out, err);
	if (r < 0) {
		copytree_close(out);
		return r;
	}
	out->exclude_rules = ruleset_init(&out->exclude_set, &out->excludes);
	out->source.dir = out->dir;
	out->source.name = out->name;
	return 0;
}

int copytree_select(const struct copytree *tree, const struct copywhat *what, struct selection *out,
		    struct err *err)
{
	const struct source_options options = {
		.parents = what->parents,
		.excludes = tree->excludes.count ? &tree->exclude_rules : NULL,
	};

	return source_select(&tree->source, what->sources, &options, out, err);
}

void copytree_close(struct copytree *tree)
{
	ruleset_clear(&tree->ignore_set);
	ruleset_clear(&tree->exclude_set);
	patterns_clear(&tree->ignore);
	patterns_clear(&tree->excludes);
	free(tree->name);
	fd_close(tree->dir);
	fd_close(tree->helper);
	*tree = (struct copytree){ .dir = -1, .helper = -1 };
}

/* ---- digests ---------------------------------------------------------------------------------- */

static void warn(const struct work *work, char *text)
{
	report_send(work->sock, &(struct report){ .kind = REPORT_WARN, .text = text });
}

/* What is not taken though it was asked for. */
static void tell_left_out(const struct work *work, const struct selection *selection)
{
	for (size_t i = 0; i < selection->skipped.count; i++)
		warn(work, selection->skipped.items[i]);
	for (size_t i = 0; i < selection->unmatched.count; i++) {
		AUTO(mem)
		char *text = str_fmt("nothing in %s matches '%s'", selection->source->name,
				     selection->unmatched.items[i]);
		warn(work, text);
	}
}

static int digest(struct work *work, const struct copywhat *what, const char *point,
		  struct layer_helper *helper, char **out, struct err *err)
{
	AUTO(copytree) struct copytree tree = { .dir = -1, .helper = -1 };
	AUTO(selection) struct selection selection = { 0 };

	/* Before the files are looked at: what changes afterwards is younger than that. */
	const bool known = !what->layers && !what->folder;
	if (known && !work->hashes)
		work->hashes = hashes_open(work->engine->store);
	int r = copytree_open(work, what, point, &tree, err);
	if (r == 0)
		r = copytree_select(&tree, what, &selection, err);
	if (r < 0)
		return r;
	if (!what->shown)
		tell_left_out(work, &selection);
	return selection_digest(&selection, &helper, 1, known ? work->hashes : NULL, out, err);
}

static int look(struct work *work, const char *point, const void *data, char *answer,
		struct err *err)
{
	AUTO(mem) char *program = host_helper(work->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(mem) char *found = NULL;

	int r = layer_helper_open(&host, &helper, err);
	if (r == 0)
		r = digest(work, data, point, helper, &found, err);
	if (r == 0) {
		bug_unless(strlen(found) < MOUNTED_ANSWER);
		memcpy(answer, found, strlen(found) + 1);
	}
	return r;
}

/* What layers come to is known from the last time. */
static int digest_layers(struct work *work, const struct copywhat *what, char **out,
			 struct err *err)
{
	const struct store *store = work->engine->store;
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(buildstep) struct buildstep *known = NULL;
	AUTO(mem) char *hex = NULL;
	AUTO(mem) char *found = NULL;

	stepkey_add_list(&key, "of", &what->layers->layers);
	stepkey_add_list(&key, "files", what->sources);
	stepkey_add_list(&key, "not", what->excludes ? what->excludes : &(struct strv){ 0 });
	stepkey_add(&key, "parents", what->parents ? "yes" : "no");
	int r = stepkey_hash(&key, work->helper, &hex, err);
	if (r < 0)
		return r;
	if (buildcache_find(store, hex, &known) == 0 && known->value) {
		*out = take_ptr(known->value);
		return 0;
	}
	r = mounted_ask(work, look, what, &found, err);
	if (r < 0)
		return r;
	const struct buildstep step = { .key = hex, .value = found, .text = (char *)"files" };
	r = buildcache_save(store, &step, err);
	if (r == 0)
		*out = take_ptr(found);
	return r;
}

int copykey_files(struct work *work, const struct copywhat *what, char **out, struct err *err)
{
	int r = work_helper(work, err);

	if (r < 0)
		return r;
	if (what->layers && what->layers->config)
		return digest_layers(work, what, out, err);
	const struct copywhat folder = { .from = what->from,
					 .folder = what->folder,
					 .sources = what->sources,
					 .excludes = what->excludes,
					 .parents = what->parents };
	return digest(work, &folder, NULL, work->helper, out, err);
}

/* ---- mounts ----------------------------------------------------------------------------------- */

static const char *path_of(const struct runmount *mount)
{
	const char *path = mount->source ? mount->source + strspn(mount->source, "/") : "";

	return *path ? path : ".";
}

int copykey_mount(struct work *work, const struct runmount *mount, const struct sofar *from,
		  char **out, struct err *err)
{
	char *paths[] = { (char *)path_of(mount) };
	const struct strv sources = { .items = paths, .count = 1 };
	const struct copywhat what = {
		.from = mount->from, .layers = from, .sources = &sources, .shown = from->config
	};

	return copykey_files(work, &what, out, err);
}

/* The rules leave something out: what is left is copied. */
static int copy_context(struct work *work, const struct runmount *mount, const char *folder,
			struct err *err)
{
	char *paths[] = { (char *)path_of(mount) };
	const struct strv sources = { .items = paths, .count = 1 };
	const struct copywhat what = { .sources = &sources };
	AUTO(copytree) struct copytree tree = { .dir = -1, .helper = -1 };
	AUTO(selection) struct selection selection = { 0 };
	AUTO(copyin_result) struct copyin_result result = { 0 };
	AUTO(fd) int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copyin order = { .root = root,
				.dest = "/",
				.accounts = -1,
				.epoch = COPYIN_NO_EPOCH,
				.flags = COPYIN_ONE_ID };

	if (root < 0)
		return err_sys(err, -errno, "cannot open '%s'", folder);
	int r = copytree_open(work, &what, NULL, &tree, err);
	if (r == 0)
		r = copytree_select(&tree, &what, &selection, err);
	return r < 0 ? r : copyin_put(&order, &selection, &result, err);
}

struct filling {
	const struct runmount *mount;
	const struct sofar *from;
	const char *folder;
};

static int fill(struct work *work, const char *point, const void *data, char *answer unused_arg,
		struct err *err)
{
	const struct filling *f = data;
	const bool one_id = work->engine->identity.kind == IDENTITY_ONE_ID;
	char *paths[] = { (char *)path_of(f->mount) };
	const struct strv sources = { .items = paths, .count = 1 };
	const struct copywhat what = { .from = f->mount->from,
				       .layers = f->from->config ? f->from : NULL,
				       .sources = &sources };
	AUTO(copytree) struct copytree tree = { .dir = -1, .helper = -1 };
	AUTO(selection) struct selection selection = { 0 };
	AUTO(copyin_result) struct copyin_result result = { 0 };
	AUTO(fd) int root = open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copyin order = { .root = root,
				.dest = "/",
				.accounts = -1,
				.epoch = COPYIN_NO_EPOCH,
				.flags = (what.layers ? COPYIN_KEEP_OWNERS : 0) |
					 (one_id ? COPYIN_ONE_ID : 0) };

	if (root < 0)
		return err_sys(err, -errno, "cannot open '%s'", f->folder);
	int r = copytree_open(work, &what, point, &tree, err);
	if (r == 0)
		r = copytree_select(&tree, &what, &selection, err);
	if (r == 0)
		r = copyin_put(&order, &selection, &result, err);
	/* Else a part would be taken for all; here files of other ids can be removed. */
	if (r < 0)
		(void)!file_tree_remove(AT_FDCWD, f->folder);
	return r;
}

int copykey_fill(struct work *work, const struct runmount *mount, const struct sofar *from,
		 const char *folder, struct err *err)
{
	const struct filling filling = { mount, from, folder };

	return mounted_ask(work, fill, &filling, NULL, err);
}

struct copying {
	struct work *work;
	const struct runmount *mount;
	const char *folder;
};

static int copy_child(void *data, struct err *err)
{
	const struct copying *c = data;

	return copy_context(c->work, c->mount, c->folder, err);
}

static int copy_out(struct work *work, const struct runmount *mount, struct temp **out_temp,
		    char **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	AUTO(mem) char *path = NULL;
	const char *name = strrchr(path_of(mount), '/');
	struct stat st;

	int r = temp_dir(work->engine->store, 0755, &temp, err);
	if (r < 0)
		return r;
	struct copying copying = { work, mount, temp->path };
	r = outer_run(work->engine, 0, copy_child, &copying, err);
	/* A file is there under its name, of a folder the content. */
	path = str_fmt("%s/%s", temp->path, name ? name + 1 : path_of(mount));
	if (r == 0)
		*out = str_dup(stat(path, &st) == 0 && S_ISREG(st.st_mode) ? path : temp->path);
	*out_temp = take_ptr(temp);
	return r;
}

int copykey_folder(struct work *work, const struct runmount *mount, struct temp **out_temp,
		   char **out, struct err *err)
{
	const struct build_context *context = mount->from ? work_context(work, mount->from) : NULL;
	const char *base = context ? context->folder : work->options->folder;

	if (!base)
		return err_set(err, -ENOENT, "there is no build context to mount");
	if (!context && work->options->ignore_text)
		return copy_out(work, mount, out_temp, out, err);
	/* No link leads out of it. */
	AUTO(fd) int top = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int there = top < 0 ? -errno : at_open_in_root(top, path_of(mount), O_PATH, 0);
	if (there < 0)
		return err_sys(err, there, "cannot mount '%s' of the build context",
			       path_of(mount));
	AUTO(mem) char *link = str_fmt("/proc/self/fd/%d", there);
	*out = realpath(link, NULL);
	return *out ? 0 : err_sys(err, -errno, "cannot mount '%s'", path_of(mount));
}
