/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apply - unpacking one layer, inside cubby-layer
 *
 * Joins the three parts: the stream inflates and hashes in its threads, the tar gives entries, the
 * tree writes them. What stands behind the tar's end is read too: it counts for the diff id.
 */
#include "layer/apply.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "layer/attr.h"
#include "layer/limits.h"
#include "layer/name.h"
#include "layer/stream.h"
#include "layer/tar.h"
#include "layer/tree.h"

struct job {
	const char *below; /* NULL for a layer */
	struct tar *tar;
	struct tree *tree;
	int64_t max_bytes;
	struct tree_entry entry; /* the one at hand */
};

static int refused(const char *path, int code, const char *why, struct err *err)
{
	AUTO(mem) char *shown = name_show(path);

	return err_set(err, code, "'%s' %s", shown, why);
}

/* What is not allowed is left out. Texts are borrowed from the tar. */
static void read_xattrs(const struct tar_entry *entry, struct tree_xattrs *out)
{
	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *from = &entry->xattrs[i];
		if (!attr_allowed(from->name))
			continue;
		struct tree_xattr *x = vec_push(out);
		*x = (struct tree_xattr){ from->name, from->value, from->size };
	}
}

static void read_entry(const struct tar_entry *entry, const char *path, struct tree_entry *out)
{
	*out = (struct tree_entry){
		.path = path,
		.mode = entry->mode,
		.uid = entry->uid,
		.gid = entry->gid,
		.mtime = entry->mtime,
	};
	read_xattrs(entry, &out->xattrs);
}

static int write_parts(struct job *job, struct err *err)
{
	struct tar_part part;
	int r;

	while ((r = tar_part(job->tar, &part, err)) > 0) {
		r = tree_file_data(job->tree, part.offset, part.data, part.size, err);
		if (r < 0)
			return r;
	}
	return r;
}

static int write_file(struct job *job, int64_t size, struct err *err)
{
	if (size > job->max_bytes)
		return refused(job->entry.path, -EFBIG, "is too large", err);
	int r = tree_file_begin(job->tree, &job->entry, err);
	if (r == 0)
		r = write_parts(job, err);
	return r < 0 ? r : tree_file_end(job->tree, size, err);
}

/* Names of a tar that is no layer are those of a folder in the root. */
static void put_below(const struct job *job, char **path)
{
	AUTO(mem) char *name = *path;

	*path = str_fmt("%s%s%s", job->below, *job->below && *name ? "/" : "", name);
}

static int write_hardlink(struct job *job, const char *raw, struct err *err)
{
	AUTO(mem) char *target = NULL;

	int r = name_clean(raw, &target, err);
	if (r < 0)
		return r;
	if (job->below)
		put_below(job, &target);
	job->entry.target = target;
	return tree_hardlink(job->tree, &job->entry, err);
}

static int write_symlink(struct job *job, const char *target, struct err *err)
{
	if (!*target)
		return refused(job->entry.path, -EBADMSG, "is a link to nothing", err);
	if (strlen(target) > LAYER_TARGET_MAX)
		return refused(job->entry.path, -EFBIG, "is a link to a name that is too long",
			       err);
	job->entry.target = target;
	return tree_symlink(job->tree, &job->entry, err);
}

static int write_by_type(struct job *job, const struct tar_entry *entry, struct err *err)
{
	switch (entry->type) {
	case TAR_FILE:
		return write_file(job, entry->size, err);
	case TAR_HARDLINK:
		return write_hardlink(job, entry->target, err);
	case TAR_SYMLINK:
		return write_symlink(job, entry->target, err);
	case TAR_DIR:
		return tree_dir(job->tree, &job->entry, err);
	case TAR_FIFO:
		return tree_fifo(job->tree, &job->entry, err);
	case TAR_DEVICE:
		break; /* a user cannot make devices, and a container's /dev is made fresh */
	}
	return 0;
}

static int write_entry(struct job *job, const struct tar_entry *entry, const struct name *name,
		       struct err *err)
{
	int r;

	switch (name->kind) {
	case NAME_WHITEOUT:
		return tree_whiteout(job->tree, name->path, err);
	case NAME_OPAQUE:
		return tree_opaque(job->tree, name->path, err);
	case NAME_IGNORED:
		return 0;
	case NAME_ROOT:
		if (entry->type != TAR_DIR)
			return refused("/", -EBADMSG, "is no folder in this layer", err);
		break;
	case NAME_ENTRY:
		break;
	}
	read_entry(entry, name->path, &job->entry);
	r = name->kind == NAME_ROOT ? tree_root(job->tree, &job->entry, err)
				    : write_by_type(job, entry, err);
	free(take_ptr(job->entry.xattrs.items));
	return r;
}

/* The folder itself stays as it is. */
static int name_plain(const struct job *job, const char *raw, struct name *out, struct err *err)
{
	AUTO(mem) char *path = NULL;
	int r = name_clean(raw, &path, err);

	if (r < 0)
		return r;
	out->kind = *path ? NAME_ENTRY : NAME_IGNORED;
	put_below(job, &path);
	out->path = take_ptr(path);
	return 0;
}

static int write_all(struct job *job, struct err *err)
{
	struct tar_entry entry;
	int r;

	while ((r = tar_next(job->tar, &entry, err)) > 0) {
		AUTO(name) struct name name = { 0 };
		r = job->below ? name_plain(job, entry.path, &name, err)
			       : name_parse(entry.path, &name, err);
		if (r == 0)
			r = write_entry(job, &entry, &name, err);
		if (r < 0)
			return r;
	}
	return r;
}

static void fill_result(const struct job *job, const struct tree_sums *tree,
			struct stream_sums *sums, struct layer_applied *out)
{
	*out = (struct layer_applied){
		.diff_id = take_ptr(sums->plain),
		.digest = take_ptr(sums->blob),
		.compression = take_ptr(sums->kind),
		.blob_size = sums->blob_size,
		.tar_size = sums->plain_size,
		.disk_size = tree->disk_size,
		.entries = tar_entries(job->tar),
		.deferred = tree->deferred,
		.has_root = tree->has_root,
	};
	strv_extend(&out->lost, tree_lost(job->tree));
}

static int stream_flags(int flags)
{
	int plain = flags & LAYER_PLAIN ? STREAM_AT_PLACE : STREAM_HASH;

	return plain | STREAM_RATIO | (flags & LAYER_HASH_BLOB ? STREAM_HASH_BLOB : 0);
}

int apply_layer(const struct layer_apply *req, struct layer_applied *out, struct err *err)
{
	const struct stream_plan plan = {
		.blob = req->blob,
		.more = req->more,
		.flags = stream_flags(req->flags),
		.max_bytes = req->max_bytes,
	};
	bool plain = req->flags & LAYER_PLAIN;
	AUTO(owner) struct owner owner = { 0 };
	const struct tree_plan where = {
		.root = req->diff,
		.journal = req->flags & (LAYER_LOWEST | LAYER_PLAIN) ? -1 : req->journal,
		.one_id = req->flags & LAYER_ONE_ID,
		.forgive = req->flags & LAYER_FORGIVE,
		.owner = plain ? &owner : NULL,
		.plain = plain,
		.replace = req->flags & LAYER_REPLACE,
	};
	AUTO(stream) struct stream *stream = NULL;
	AUTO(tree) struct tree *tree = tree_new(&where);
	AUTO(tar) struct tar *tar = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	struct tree_sums written;

	int r = plain ? owner_load(req->owners, req->flags & LAYER_OWNER, &owner, err) : 0;
	if (r == 0)
		r = stream_new(&plan, &stream, err);
	if (r < 0)
		return r;
	tar = tar_new(stream);
	struct job job = {
		.below = plain ? str_or(req->below, "") : NULL,
		.tar = tar,
		.tree = tree,
		.max_bytes = req->max_bytes ? req->max_bytes : LAYER_TAR_MAX,
	};
	r = write_all(&job, err);
	if (r == 0)
		r = tree_finish(tree, &written, err);
	if (r == 0)
		r = stream_finish(stream, &sums, err);
	if (r < 0)
		return r;
	if (req->flags & LAYER_SYNC && syncfs(req->diff) < 0)
		return err_sys(err, -errno, "cannot write the layer to disk");
	fill_result(&job, &written, &sums, out);
	return 0;
}
