/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single - an image as one file, made of the streams of its layers, inside cubby-single
 */
#include "layer/single.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "base/fd.h"
#include "base/mem.h"
#include "layer/attr.h"
#include "layer/limits.h"
#include "layer/name.h"
#include "layer/plant.h"
#include "layer/squash.h"
#include "layer/stream.h"
#include "layer/tar.h"

/* Bytes of names and entries, and of attributes, of an image: real ones stay far below. */
enum { MEMORY_MAX = 512 << 20, XATTRS_MAX = 64 << 20, PERMISSIONS = 07777 };

enum step_kind { STEP_PUT, STEP_LINK, STEP_DELETE, STEP_HIDE };

/* One entry of a layer, to be planted later. */
struct step {
	enum step_kind kind;
	char *path;
	char *target;		 /* STEP_LINK */
	struct plant_file *file; /* STEP_PUT */
};

struct steps {
	struct step *items;
	size_t count;
};

/* What upper layers have decided of a name; the text is a step's. */
struct verdict {
	const char *path;
	bool taken;  /* another file is there, or none */
	bool hidden; /* what is below the folder does not count */
	bool wanted; /* a hard link names it */
	UT_hash_handle hh;
};

struct single {
	int fd;
	bool all;
	struct squash *squash;
	struct plant *plant;
	struct {
		struct steps *items;
		size_t count;
	} layers; /* the uppermost first */
	struct verdict *verdicts;
	size_t memory, xattr_bytes;
};

/* One layer that is being read. */
struct reading {
	struct single *single;
	struct tar *tar;
	struct steps steps;
	int64_t max_bytes;
	int64_t disk_size;
	bool has_root;
	struct strv lost;
};

static int refused(const char *path, int code, const char *why, struct err *err)
{
	AUTO(mem) char *shown = name_show(*path ? path : "/");

	return err_set(err, code, "'%s' %s", shown, why);
}

static int too_much(struct err *err)
{
	return err_set(err, -EFBIG,
		       "the image has more names and attributes than one file is made of");
}

static void clear_steps(struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		free(steps->items[i].path);
		free(steps->items[i].target);
	}
	free(steps->items);
	*steps = (struct steps){ 0 };
}

static void auto_reading(struct reading *r)
{
	tar_free(r->tar);
	clear_steps(&r->steps);
	strv_clear(&r->lost);
}

int single_new(int fd, int flags, struct single **out, struct err *err)
{
	AUTO(single) struct single *s = mem_new(struct single);

	s->fd = fd;
	s->all = flags & LAYER_SINGLE_ALL;
	s->plant = plant_new();
	int r = squash_new(fd, &s->squash, err);
	if (r < 0)
		return r;
	*out = take_ptr(s);
	return 0;
}

void single_free(struct single *single)
{
	struct verdict *v, *next;

	if (!single)
		return;
	HASH_ITER(hh, single->verdicts, v, next) {
		HASH_DEL(single->verdicts, v);
		free(v);
	}
	squash_free(single->squash); /* before the files that it fills in */
	plant_free(single->plant);
	for (size_t i = 0; i < single->layers.count; i++)
		clear_steps(&single->layers.items[i]);
	free(single->layers.items);
	fd_close(single->fd);
	free(single);
}

/* ---- what upper layers decide ----------------------------------------------------------------- */

static struct verdict *find(const struct single *s, const char *path, size_t length)
{
	struct verdict *v;

	HASH_FIND(hh, s->verdicts, path, length, v);
	return v;
}

static struct verdict *judge(struct single *s, const char *path)
{
	size_t length = strlen(path);
	struct verdict *v = find(s, path, length);

	if (!v) {
		v = mem_new(struct verdict);
		v->path = path;
		HASH_ADD_KEYPTR(hh, s->verdicts, v->path, length, v);
		s->memory += sizeof *v;
	}
	return v;
}

static void judge_layer(struct single *s, const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct step *step = &steps->items[i];
		switch (step->kind) {
		case STEP_PUT:
			if (step->file->type != PLANT_DIR)
				judge(s, step->path)->taken = true;
			break;
		case STEP_LINK:
			judge(s, step->path)->taken = true;
			judge(s, step->target)->wanted = true;
			break;
		case STEP_DELETE:
			judge(s, step->path)->taken = true;
			break;
		case STEP_HIDE:
			judge(s, step->path)->hidden = true;
			break;
		}
	}
}

/* Whether nothing of a file's content will be seen, as far as names tell. */
static bool is_overridden(const struct single *s, const char *path)
{
	const struct verdict *v = find(s, path, strlen(path));
	bool gone = v && v->taken;

	if (s->all || (v && v->wanted))
		return false;
	v = find(s, "", 0);
	gone = gone || (v && v->hidden);
	for (const char *slash = strchr(path, '/'); slash && !gone;
	     slash = strchr(slash + 1, '/')) {
		v = find(s, path, (size_t)(slash - path));
		gone = v && (v->taken || v->hidden);
	}
	return gone;
}

/* ---- one layer -------------------------------------------------------------------------------- */

static int add_step(struct reading *r, enum step_kind kind, const char *path, const char *target,
		    struct plant_file *file, struct err *err)
{
	struct step *step = vec_push(&r->steps);

	*step = (struct step){ .kind = kind, .path = str_dup(path), .file = file };
	step->target = str_dup(target);
	r->single->memory += sizeof *step + strlen(path) + (target ? strlen(target) : 0) +
			     (file ? sizeof *file + sizeof(struct plant_node) : 0);
	return r->single->memory > MEMORY_MAX ? too_much(err) : 0;
}

/* A squashfs has a number for each name's beginning, and none for ACLs. */
static bool fits(const char *name)
{
	return str_starts(name, "user.") || str_starts(name, "security.");
}

static void lose(struct reading *r, const char *path, const char *what)
{
	AUTO(mem) char *shown = name_show(path);

	if (r->lost.count < LAYER_LOST_MAX)
		strv_addf(&r->lost, "cannot keep the attribute '%s' of '%s'", what, shown);
}

static int read_xattrs(struct reading *r, const struct tar_entry *entry, const char *path,
		       struct plant_file *file, struct err *err)
{
	AUTO(mem)
	struct tar_xattr *list = mem_alloc(entry->xattr_count + 1, sizeof *list);
	size_t count = 0;

	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *x = &entry->xattrs[i];
		if (!attr_allowed(x->name))
			continue;
		if (!fits(x->name)) {
			lose(r, path, x->name);
			continue;
		}
		list[count++] = *x;
		r->single->xattr_bytes += strlen(x->name) + x->size;
	}
	if (r->single->xattr_bytes > XATTRS_MAX)
		return too_much(err);
	return count ? squash_xattrs(r->single->squash, list, count, &file->xattrs, err) : 0;
}

static int read_file(struct reading *r, const struct tar_entry *entry, const char *path,
		     enum plant_type type, struct plant_file **out, struct err *err)
{
	struct plant_file *file =
		plant_file(r->single->plant, type, type == PLANT_SYMLINK ? entry->target : NULL);

	/* The number -1 would mean "leave it" to whoever copies it. */
	if (entry->uid < 0 || entry->uid >= UINT32_MAX || entry->gid < 0 ||
	    entry->gid >= UINT32_MAX)
		return refused(path, -EOVERFLOW, "has an owner that no user can have", err);
	file->uid = (uint32_t)entry->uid;
	file->gid = (uint32_t)entry->gid;
	file->mode = type == PLANT_SYMLINK ? 0777 : (uint16_t)(entry->mode & PERMISSIONS);
	file->mtime = entry->mtime.tv_sec;
	*out = file;
	return type == PLANT_SYMLINK ? 0 : read_xattrs(r, entry, path, file, err);
}

static int copy_content(struct reading *r, struct plant_file *file, int64_t size, struct err *err)
{
	struct squash *squash = r->single->squash;
	struct tar_part part;
	int n, code = squash_begin(squash, file, err);

	if (code < 0)
		return code;
	while ((n = tar_part(r->tar, &part, err)) > 0) {
		code = squash_data(squash, part.offset, part.data, part.size, err);
		if (code < 0)
			return code;
		r->disk_size += (int64_t)part.size;
	}
	return n < 0 ? n : squash_end(squash, size, err);
}

static int add_file(struct reading *r, const struct tar_entry *entry, const char *path,
		    struct err *err)
{
	struct plant_file *file = NULL;

	if (entry->size > r->max_bytes)
		return refused(path, -EFBIG, "is too large", err);
	int code = read_file(r, entry, path, PLANT_FILE, &file, err);
	if (code < 0)
		return code;
	file->lacking = is_overridden(r->single, path);
	if (!file->lacking)
		code = copy_content(r, file, entry->size, err);
	return code < 0 ? code : add_step(r, STEP_PUT, path, NULL, file, err);
}

static int add_other(struct reading *r, const struct tar_entry *entry, const char *path,
		     enum plant_type type, struct err *err)
{
	struct plant_file *file = NULL;
	int code = 0;

	if (type == PLANT_SYMLINK && !*entry->target)
		return refused(path, -EBADMSG, "is a link to nothing", err);
	if (type == PLANT_SYMLINK && strlen(entry->target) > LAYER_TARGET_MAX)
		return refused(path, -EFBIG, "is a link to a name that is too long", err);
	code = read_file(r, entry, path, type, &file, err);
	return code < 0 ? code : add_step(r, STEP_PUT, path, NULL, file, err);
}

static int add_hardlink(struct reading *r, const char *raw, const char *path, struct err *err)
{
	AUTO(mem) char *target = NULL;
	int code = name_clean(raw, &target, err);

	return code < 0 ? code : add_step(r, STEP_LINK, path, target, NULL, err);
}

static int add_by_type(struct reading *r, const struct tar_entry *entry, const char *path,
		       struct err *err)
{
	switch (entry->type) {
	case TAR_FILE:
		return add_file(r, entry, path, err);
	case TAR_HARDLINK:
		return add_hardlink(r, entry->target, path, err);
	case TAR_SYMLINK:
		return add_other(r, entry, path, PLANT_SYMLINK, err);
	case TAR_DIR:
		return add_other(r, entry, path, PLANT_DIR, err);
	case TAR_FIFO:
		return add_other(r, entry, path, PLANT_FIFO, err);
	case TAR_DEVICE:
		break; /* as when it is unpacked */
	}
	return 0;
}

static int add_entry(struct reading *r, const struct tar_entry *entry, struct err *err)
{
	AUTO(name) struct name name = { 0 };
	int code = name_parse(entry->path, &name, err);

	if (code < 0)
		return code;
	switch (name.kind) {
	case NAME_WHITEOUT:
		return add_step(r, STEP_DELETE, name.path, NULL, NULL, err);
	case NAME_OPAQUE:
		return add_step(r, STEP_HIDE, name.path, NULL, NULL, err);
	case NAME_IGNORED:
		return 0;
	case NAME_ROOT:
		if (entry->type != TAR_DIR)
			return refused("/", -EBADMSG, "is no folder in this layer", err);
		r->has_root = true;
		break;
	case NAME_ENTRY:
		break;
	}
	return add_by_type(r, entry, name.path, err);
}

static void fill_result(const struct reading *r, struct stream_sums *sums,
			struct layer_applied *out)
{
	*out = (struct layer_applied){
		.diff_id = take_ptr(sums->plain),
		.digest = take_ptr(sums->blob),
		.compression = take_ptr(sums->kind),
		.blob_size = sums->blob_size,
		.tar_size = sums->plain_size,
		.disk_size = r->disk_size,
		.entries = tar_entries(r->tar),
		.has_root = r->has_root,
	};
	strv_extend(&out->lost, &r->lost);
}

int single_add(struct single *single, const struct layer_apply *req, struct layer_applied *out,
	       struct err *err)
{
	const struct stream_plan plan = {
		.blob = req->blob,
		.more = req->more,
		.flags = STREAM_HASH | STREAM_RATIO,
		.max_bytes = req->max_bytes,
	};
	AUTO(stream) struct stream *stream = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	struct tar_entry entry;
	int r = stream_new(&plan, &stream, err);

	if (r < 0)
		return r;
	AUTO(reading)
	struct reading reading = {
		.single = single,
		.tar = tar_new(stream),
		.max_bytes = req->max_bytes ? req->max_bytes : LAYER_TAR_MAX,
	};
	while ((r = tar_next(reading.tar, &entry, err)) > 0) {
		r = add_entry(&reading, &entry, err);
		if (r < 0)
			return r;
	}
	if (r == 0)
		r = stream_finish(stream, &sums, err);
	if (r < 0)
		return r;
	fill_result(&reading, &sums, out);
	judge_layer(single, &reading.steps);
	*vec_push(&single->layers) = reading.steps;
	reading.steps = (struct steps){ 0 };
	return 0;
}

/* ---- all of them ------------------------------------------------------------------------------ */

static int take_step(struct plant *plant, const struct step *step, bool lowest, struct err *err)
{
	switch (step->kind) {
	case STEP_PUT:
		return plant_put(plant, step->path, step->file, err);
	case STEP_LINK:
		return plant_link(plant, step->path, step->target, err);
	case STEP_DELETE:
		return lowest ? 0 : plant_delete(plant, step->path, err);
	case STEP_HIDE:
		return lowest ? 0 : plant_hide(plant, step->path, err);
	}
	return 0;
}

static int plant_all(struct single *s, struct err *err)
{
	for (size_t i = s->layers.count; i-- > 0;) {
		const struct steps *steps = &s->layers.items[i];
		plant_layer(s->plant);
		for (size_t n = 0; n < steps->count; n++) {
			int r = take_step(s->plant, &steps->items[n], i + 1 == s->layers.count,
					  err);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int single_end(struct single *single, const char *trailer, int64_t *out_size, struct err *err)
{
	int r = plant_all(single, err);

	if (r < 0)
		return r;
	for (const struct plant_file *file = plant_files(single->plant); file; file = file->next)
		if (file->lacking && file->links)
			return err_set(err, -EAGAIN, "a file that was passed over is needed");
	plant_sort(single->plant);
	return squash_finish(single->squash, single->plant, trailer, out_size, err);
}
