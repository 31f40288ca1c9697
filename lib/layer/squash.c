/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * squash - writing a squashfs file, contents first and names last
 */
#include "layer/squash.h"

#include <errno.h>
#include <sqfs/block_processor.h>
#include <sqfs/block_writer.h>
#include <sqfs/compressor.h>
#include <sqfs/dir_writer.h>
#include <sqfs/error.h>
#include <sqfs/frag_table.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/meta_writer.h>
#include <sqfs/super.h>
#include <sqfs/xattr_writer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* Level 1 costs about as much as inflating gzip; blocks of 128 KiB are what readers are made for. */
enum { BLOCK = 128 << 10, LEVEL = 1, WORKERS = 2, BACKLOG = 24, PAD = 4096, HOLE = 64 << 10 };

static const char magic[8] = { 'c', 'u', 'b', 'b', 'y', 'i', 'm', 'g' };

/* A file as the library wants it. */
struct output {
	sqfs_file_t base;
	int fd;
	sqfs_u64 size;
	int code; /* negative errno of what failed first */
};

struct squash {
	struct output file;
	sqfs_super_t super;
	sqfs_compressor_t *packer;
	sqfs_block_writer_t *blocks;
	sqfs_frag_table_t *fragments;
	sqfs_block_processor_t *processor;
	sqfs_id_table_t *ids;
	sqfs_xattr_writer_t *xattrs;
	sqfs_meta_writer_t *inodes, *folders;
	sqfs_dir_writer_t *listing;
	int64_t at; /* in the open file */
	uint32_t number;
};

/* ---- the file --------------------------------------------------------------------------------- */

static int note(struct output *o, int code)
{
	if (o->code == 0)
		o->code = code;
	return SQFS_ERROR_IO;
}

static int read_at(sqfs_file_t *file, sqfs_u64 offset, void *buffer, size_t size)
{
	struct output *o = (struct output *)file;
	char *at = buffer;

	while (size) {
		ssize_t n = pread(o->fd, at, size, (off_t)offset);
		if (n == 0)
			return note(o, -EIO);
		if (n < 0 && errno != EINTR)
			return note(o, -errno);
		if (n > 0) {
			at += n;
			offset += (sqfs_u64)n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static int write_at(sqfs_file_t *file, sqfs_u64 offset, const void *buffer, size_t size)
{
	struct output *o = (struct output *)file;
	const char *at = buffer;

	while (size) {
		ssize_t n = pwrite(o->fd, at, size, (off_t)offset);
		if (n < 0 && errno != EINTR)
			return note(o, -errno);
		if (n > 0) {
			at += n;
			offset += (sqfs_u64)n;
			size -= (size_t)n;
		}
	}
	if (offset > o->size)
		o->size = offset;
	return 0;
}

static sqfs_u64 get_size(const sqfs_file_t *file)
{
	return ((const struct output *)file)->size;
}

static int truncate_to(sqfs_file_t *file, sqfs_u64 size)
{
	struct output *o = (struct output *)file;

	if (ftruncate(o->fd, (off_t)size) < 0)
		return note(o, -errno);
	o->size = size;
	return 0;
}

/* ---- errors ----------------------------------------------------------------------------------- */

static int code_of(const struct squash *s, int code)
{
	static const struct {
		int theirs, ours;
	} table[] = {
		{ SQFS_ERROR_ALLOC, -ENOMEM },
		{ SQFS_ERROR_OVERFLOW, -EFBIG },
		{ SQFS_ERROR_UNSUPPORTED, -ENOTSUP },
		{ SQFS_ERROR_ARG_INVALID, -EINVAL },
	};

	if (s->file.code < 0)
		return s->file.code;
	for (size_t i = 0; i < array_len(table); i++)
		if (table[i].theirs == code)
			return table[i].ours;
	return -EIO;
}

static int failed(const struct squash *s, int code, const char *what, struct err *err)
{
	return err_sys(err, code_of(s, code), "cannot write %s of the single file", what);
}

/* ---- begin and end ------------------------------------------------------------------------------ */

static void drop(void *object)
{
	if (object)
		sqfs_destroy(object);
}

void squash_free(struct squash *squash)
{
	if (!squash)
		return;
	drop(squash->processor); /* before what its threads use */
	drop(squash->listing);
	drop(squash->folders);
	drop(squash->inodes);
	drop(squash->xattrs);
	drop(squash->ids);
	drop(squash->fragments);
	drop(squash->blocks);
	drop(squash->packer);
	free(squash);
}

static int make_packer(struct squash *s)
{
	sqfs_compressor_config_t config;
	int r = sqfs_compressor_config_init(&config, SQFS_COMP_ZSTD, BLOCK, 0);

	if (r == 0) {
		config.level = LEVEL;
		r = sqfs_compressor_create(&config, &s->packer);
	}
	if (r == 0)
		r = sqfs_super_init(&s->super, BLOCK, 0, SQFS_COMP_ZSTD);
	if (r == 0)
		r = sqfs_super_write(&s->super, &s->file.base);
	if (r == 0)
		r = s->packer->write_options(s->packer, &s->file.base);
	if (r > 0)
		s->super.flags |= SQFS_FLAG_COMPRESSOR_OPTIONS;
	return r < 0 ? r : 0;
}

static int make_parts(struct squash *s)
{
	s->blocks = sqfs_block_writer_create(&s->file.base, PAD, 0);
	s->fragments = sqfs_frag_table_create(0);
	s->ids = sqfs_id_table_create(0);
	s->xattrs = sqfs_xattr_writer_create(0);
	s->inodes = sqfs_meta_writer_create(&s->file.base, s->packer, 0);
	s->folders =
		sqfs_meta_writer_create(&s->file.base, s->packer, SQFS_META_WRITER_KEEP_IN_MEMORY);
	if (!s->blocks || !s->fragments || !s->ids || !s->xattrs || !s->inodes || !s->folders)
		return SQFS_ERROR_ALLOC;
	s->listing = sqfs_dir_writer_create(s->folders, 0);
	s->processor = sqfs_block_processor_create(BLOCK, s->packer, WORKERS, BACKLOG, s->blocks,
						   s->fragments);
	return s->listing && s->processor ? 0 : SQFS_ERROR_ALLOC;
}

int squash_new(int fd, struct squash **out, struct err *err)
{
	AUTO(squash) struct squash *s = mem_new(struct squash);

	s->file.base.read_at = read_at;
	s->file.base.write_at = write_at;
	s->file.base.get_size = get_size;
	s->file.base.truncate = truncate_to;
	s->file.fd = fd;
	int r = make_packer(s);
	if (r == 0)
		r = make_parts(s);
	if (r < 0)
		return failed(s, r, "the beginning", err);
	*out = take_ptr(s);
	return 0;
}

/* ---- contents ---------------------------------------------------------------------------------- */

int squash_begin(struct squash *squash, struct plant_file *file, struct err *err)
{
	int r = sqfs_block_processor_begin_file(squash->processor,
						(sqfs_inode_generic_t **)&file->content, NULL, 0);

	squash->at = 0;
	return r < 0 ? failed(squash, r, "a file", err) : 0;
}

/* The library finds blocks of zeros and writes none. */
static int fill_hole(struct squash *s, int64_t until)
{
	static const char zeros[HOLE];
	int r = 0;

	while (r == 0 && s->at < until) {
		int64_t n = min_of(until - s->at, (int64_t)HOLE);
		r = sqfs_block_processor_append(s->processor, zeros, (size_t)n);
		s->at += n;
	}
	return r;
}

int squash_data(struct squash *squash, int64_t offset, const void *data, size_t size,
		struct err *err)
{
	int r = fill_hole(squash, offset);

	if (r == 0)
		r = sqfs_block_processor_append(squash->processor, data, size);
	squash->at += (int64_t)size;
	return r < 0 ? failed(squash, r, "a file", err) : 0;
}

int squash_end(struct squash *squash, int64_t size, struct err *err)
{
	int r = fill_hole(squash, size);

	if (r == 0)
		r = sqfs_block_processor_end_file(squash->processor);
	return r < 0 ? failed(squash, r, "a file", err) : 0;
}

int squash_xattrs(struct squash *squash, const struct tar_xattr *xattrs, size_t count,
		  uint32_t *out, struct err *err)
{
	sqfs_u32 number;
	int r = sqfs_xattr_writer_begin(squash->xattrs, 0);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = sqfs_xattr_writer_add(squash->xattrs, xattrs[i].name, xattrs[i].value,
					  xattrs[i].size);
	if (r == 0)
		r = sqfs_xattr_writer_end(squash->xattrs, &number);
	if (r < 0)
		return failed(squash, r, "the attributes", err);
	*out = number;
	return 0;
}

/* ---- names ------------------------------------------------------------------------------------- */

static const struct {
	sqfs_u16 type;
	sqfs_u16 mode;
} kinds[] = {
	[PLANT_DIR] = { SQFS_INODE_DIR, S_IFDIR },
	[PLANT_FILE] = { SQFS_INODE_FILE, S_IFREG },
	[PLANT_SYMLINK] = { SQFS_INODE_SLINK, S_IFLNK },
	[PLANT_FIFO] = { SQFS_INODE_FIFO, S_IFIFO },
};

static uint32_t clamp_time(int64_t seconds)
{
	int64_t positive = max_of(seconds, INT64_C(0));

	return (uint32_t)min_of(positive, (int64_t)UINT32_MAX);
}

/* An inode of anything but a folder; to be released with sqfs_free. */
static sqfs_inode_generic_t *new_inode(struct plant_file *file)
{
	size_t length = strlen(file->target);
	sqfs_inode_generic_t *inode;

	if (file->type == PLANT_FILE)
		return take_ptr(file->content);
	inode = calloc(1, sizeof *inode + length + 1);
	if (!inode)
		return NULL;
	inode->base.type = kinds[file->type].type;
	if (file->type == PLANT_SYMLINK) {
		inode->data.slink.nlink = file->links;
		inode->data.slink.target_size = (sqfs_u32)length;
		inode->payload_bytes_available = inode->payload_bytes_used = (sqfs_u32)length;
		memcpy(inode->extra, file->target, length);
	} else {
		inode->data.ipc.nlink = file->links;
	}
	return inode;
}

static int fill_base(struct squash *s, const struct plant_file *file, sqfs_inode_generic_t *inode)
{
	int r = sqfs_id_table_id_to_index(s->ids, file->uid, &inode->base.uid_idx);

	if (r == 0)
		r = sqfs_id_table_id_to_index(s->ids, file->gid, &inode->base.gid_idx);
	inode->base.mode = (sqfs_u16)(kinds[file->type].mode | file->mode);
	inode->base.mod_time = clamp_time(file->mtime);
	inode->base.inode_number = file->number;
	return r;
}

/* The plain form of an inode has no place for these. */
static int fill_more(const struct plant_file *file, sqfs_inode_generic_t *inode)
{
	int r = 0;

	if (file->xattrs == UINT32_MAX && (file->type != PLANT_FILE || file->links == 1))
		return 0;
	r = sqfs_inode_make_extended(inode);
	if (r == 0 && file->type == PLANT_FILE)
		inode->data.file_ext.nlink = file->links;
	return r == 0 && file->xattrs != UINT32_MAX
		       ? sqfs_inode_set_xattr_index(inode, file->xattrs)
		       : r;
}

static int put_inode(struct squash *s, struct plant_file *file, sqfs_inode_generic_t *inode)
{
	sqfs_u64 block;
	sqfs_u32 offset;
	int r = fill_base(s, file, inode);

	if (r == 0 && file->type != PLANT_DIR)
		r = fill_more(file, inode);
	sqfs_meta_writer_get_position(s->inodes, &block, &offset);
	file->place = block << 16 | offset;
	return r == 0 ? sqfs_meta_writer_write_inode(s->inodes, inode) : r;
}

static int write_other(struct squash *s, struct plant_file *file)
{
	if (file->number)
		return 0; /* another name of it was first */
	file->number = ++s->number;
	sqfs_inode_generic_t *inode = new_inode(file);
	int r = inode ? put_inode(s, file, inode) : SQFS_ERROR_ALLOC;
	sqfs_free(inode);
	return r;
}

static int list_folder(struct squash *s, const struct plant_node *dir)
{
	int r = sqfs_dir_writer_begin(s->listing, 0);

	for (const struct plant_node *n = dir->child; r == 0 && n; n = n->next)
		r = sqfs_dir_writer_add_entry(s->listing, n->name, n->file->number, n->file->place,
					      (sqfs_u16)(kinds[n->file->type].mode |
							 n->file->mode));
	return r == 0 ? sqfs_dir_writer_end(s->listing) : r;
}

static uint32_t count_links(const struct plant_node *dir)
{
	uint32_t links = 2;

	for (const struct plant_node *n = dir->child; n; n = n->next)
		links += n->file->type == PLANT_DIR;
	return links;
}

/* Folders have their numbers before what is in them, so that children know their parent's. */
static int write_folder(struct squash *s, const struct plant_node *dir)
{
	struct plant_file *file = dir->file;
	int r = 0;

	for (const struct plant_node *n = dir->child; n; n = n->next)
		if (n->file->type == PLANT_DIR)
			n->file->number = ++s->number;
	for (const struct plant_node *n = dir->child; r == 0 && n; n = n->next)
		r = n->file->type == PLANT_DIR ? write_folder(s, n) : write_other(s, n->file);
	if (r == 0)
		r = list_folder(s, dir);
	if (r < 0)
		return r;
	/* The root is written last; its parent is a number that no inode has. */
	uint32_t parent = dir->parent == dir ? s->number + 1 : dir->parent->file->number;
	sqfs_inode_generic_t *inode =
		sqfs_dir_writer_create_inode(s->listing, 0, file->xattrs, parent);
	if (!inode)
		return SQFS_ERROR_ALLOC;
	/* The library counts all entries; other file systems count folders. */
	if (inode->base.type == SQFS_INODE_DIR)
		inode->data.dir.nlink = count_links(dir);
	else
		inode->data.dir_ext.nlink = count_links(dir);
	r = put_inode(s, file, inode);
	sqfs_free(inode);
	return r;
}

static int write_tables(struct squash *s, struct plant *plant)
{
	struct plant_node *root = plant_root(plant);

	root->file->number = ++s->number;
	s->super.inode_table_start = s->file.size;
	int r = write_folder(s, root);
	if (r == 0)
		r = sqfs_meta_writer_flush(s->inodes);
	if (r == 0)
		r = sqfs_meta_writer_flush(s->folders);
	s->super.root_inode_ref = root->file->place;
	s->super.inode_count = s->number;
	s->super.directory_table_start = s->file.size;
	if (r == 0)
		r = sqfs_meta_write_write_to_file(s->folders);
	if (r == 0)
		r = sqfs_frag_table_write(s->fragments, &s->file.base, &s->super, s->packer);
	if (r == 0)
		r = sqfs_id_table_write(s->ids, &s->file.base, &s->super, s->packer);
	if (r == 0)
		r = sqfs_xattr_writer_flush(s->xattrs, &s->file.base, &s->super, s->packer);
	s->super.bytes_used = s->file.size;
	return r == 0 ? sqfs_super_write(&s->super, &s->file.base) : r;
}

static int write_trailer(struct squash *s, const char *text)
{
	sqfs_u64 at = (s->file.size + PAD - 1) / PAD * PAD;
	uint64_t length = strlen(text);
	unsigned char number[8];

	for (size_t i = 0; i < sizeof number; i++)
		number[i] = (unsigned char)(length >> 8 * i);
	int r = write_at(&s->file.base, at, text, length);
	if (r == 0)
		r = write_at(&s->file.base, at + length, number, sizeof number);
	return r == 0 ? write_at(&s->file.base, at + length + sizeof number, magic, sizeof magic)
		      : r;
}

int squash_finish(struct squash *squash, struct plant *plant, const char *trailer,
		  int64_t *out_size, struct err *err)
{
	int r = sqfs_block_processor_finish(squash->processor);

	if (r < 0)
		return failed(squash, r, "the files", err);
	r = write_tables(squash, plant);
	if (r == 0)
		r = write_trailer(squash, trailer);
	if (r < 0)
		return failed(squash, r, "the names", err);
	for (struct plant_file *file = plant_files(plant); file; file = file->next)
		sqfs_free(take_ptr(file->content)); /* of those that lost their names */
	*out_size = (int64_t)squash->file.size;
	return 0;
}
