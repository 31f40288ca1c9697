/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plant - the files of an image as a tree in memory, grown layer by layer
 *
 * All names are in one hash table, by their folder and their bytes, so a folder of many files costs no more to
 * look into than one of few; the list of a folder's names is in no order until the end.
 */
#include "layer/plant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "layer/limits.h"
#include "layer/name.h"

enum { IMPLICIT_MODE = 0755, LINKS_MAX = 40, FIRST_SLOTS = 1 << 12 };

struct plant {
	struct plant_node *root;
	struct plant_file *files;
	struct plant_node **slots;
	size_t slot_count; /* a power of two */
	size_t node_count;
	size_t implied; /* folders that were made without an entry */
	uint32_t layer;
};

static int refused(const char *path, const char *why, struct err *err)
{
	AUTO(mem) char *shown = name_show(*path ? path : "/");

	return err_set(err, -EBADMSG, "'%s' %s", shown, why);
}

/* A walk that did not end where it should. */
static int no_way(const char *path, int code, struct err *err)
{
	AUTO(mem) char *shown = name_show(*path ? path : "/");

	if (code != -EFBIG)
		return refused(path, "lies below something that is no folder", err);
	return err_set(err, code, "'%s' lies below too many folders", shown);
}

/* ---- names ------------------------------------------------------------------------------------ */

static size_t hash_of(const struct plant_node *parent, const char *name, size_t length)
{
	uint64_t hash = (uint64_t)(uintptr_t)parent * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 29);
}

static struct plant_node **slot_of(const struct plant *p, const struct plant_node *parent,
				   const char *name, size_t length)
{
	return &p->slots[hash_of(parent, name, length) & (p->slot_count - 1)];
}

static struct plant_node *find(const struct plant *p, const struct plant_node *parent,
			       const char *name, size_t length)
{
	struct plant_node *node = *slot_of(p, parent, name, length);

	while (node && (node->parent != parent || strncmp(node->name, name, length) != 0 ||
			node->name[length]))
		node = node->hash;
	return node;
}

static void grow(struct plant *p)
{
	struct plant_node **old = p->slots;
	size_t count = p->slot_count;

	p->slot_count *= 2;
	p->slots = mem_alloc(p->slot_count, sizeof(struct plant_node *));
	for (size_t i = 0; i < count; i++) {
		for (struct plant_node *node = old[i], *next; node; node = next) {
			next = node->hash;
			struct plant_node **slot =
				slot_of(p, node->parent, node->name, strlen(node->name));
			node->hash = *slot;
			*slot = node;
		}
	}
	free(old);
}

static struct plant_node *add(struct plant *p, struct plant_node *parent, const char *name,
			      size_t length, struct plant_file *file)
{
	struct plant_node *node = mem_alloc(1, sizeof *node + length + 1);

	if (p->node_count++ == p->slot_count)
		grow(p);
	struct plant_node **slot = slot_of(p, parent, name, length);
	memcpy(node->name, name, length);
	node->parent = parent;
	node->next = parent->child;
	if (node->next)
		node->next->prev = node;
	parent->child = node;
	node->hash = *slot;
	*slot = node;
	node->file = file;
	node->born = p->layer;
	node->depth = (uint16_t)(parent->depth + 1);
	file->links++;
	return node;
}

static void unlist(const struct plant *p, struct plant_node *node)
{
	struct plant_node **at = slot_of(p, node->parent, node->name, strlen(node->name));

	while (*at != node)
		at = &(*at)->hash;
	*at = node->hash;
	if (node->next)
		node->next->prev = node->prev;
	if (node->prev)
		node->prev->next = node->next;
	else
		node->parent->child = node->next;
}

static void cut(struct plant *p, struct plant_node *node)
{
	while (node->child)
		cut(p, node->child);
	unlist(p, node);
	node->file->links--;
	p->node_count--;
	free(node);
}

/* Takes away what lower layers brought below a folder. Return: whether anything is left in it. */
static bool prune(struct plant *p, struct plant_node *dir)
{
	for (struct plant_node *node = dir->child, *next; node; node = next) {
		next = node->next;
		bool left = prune(p, node);
		if (node->born == p->layer)
			continue;
		if (!left)
			cut(p, node);
		else
			node->born = p->layer; /* it is this layer's now */
	}
	return dir->child != NULL;
}

/* ---- ways ------------------------------------------------------------------------------------- */

/* Where a walk is, and what it may do. */
struct walk {
	struct plant *plant;
	struct plant_node *at;
	bool make; /* folders that are missing */
	int links; /* how many may still be followed */
};

static struct plant_file *implicit(struct plant *p)
{
	struct plant_file *file = plant_file(p, PLANT_DIR, NULL);

	file->mode = IMPLICIT_MODE;
	p->implied++;
	return file;
}

static int walk_path(struct walk *w, const char *path);

/* A file of a lower layer gives way to a folder, one of the same layer is in the way. */
static int enter_other(struct walk *w, struct plant_node *node)
{
	struct plant_node *parent = w->at;

	if (node->file->type == PLANT_SYMLINK) {
		if (w->links-- == 0)
			return -ELOOP;
		return walk_path(w, node->file->target);
	}
	if (node->born == w->plant->layer)
		return -ENOTDIR;
	if (!w->make)
		return -ENOENT;
	AUTO(mem) char *name = str_dup(node->name);
	cut(w->plant, node);
	w->at = add(w->plant, parent, name, strlen(name), implicit(w->plant));
	return 0;
}

static int enter(struct walk *w, const char *name, size_t length)
{
	if (length == 2 && memcmp(name, "..", 2) == 0) {
		w->at = w->at->parent;
		return 0;
	}
	struct plant_node *node = find(w->plant, w->at, name, length);
	if (!node && !w->make)
		return -ENOENT;
	if (!node)
		node = add(w->plant, w->at, name, length, implicit(w->plant));
	if (node->file->type != PLANT_DIR)
		return enter_other(w, node);
	w->at = node;
	return 0;
}

/* Links make ways longer than names may be, and a few entries many folders, again and again. */
static int check_limits(const struct walk *w)
{
	bool fits = w->at->depth <= LAYER_DEPTH_MAX && w->plant->implied <= LAYER_IMPLIED_MAX;

	return fits ? 0 : -EFBIG;
}

/* Follows a path, or a link's target, from where the walk is. */
static int walk_path(struct walk *w, const char *path)
{
	int r = 0;

	if (*path == '/')
		w->at = w->plant->root;
	while (r == 0 && *(path += strspn(path, "/"))) {
		size_t length = strcspn(path, "/");
		if (length != 1 || *path != '.')
			r = enter(w, path, length);
		if (r == 0)
			r = check_limits(w);
		path += length;
	}
	return r;
}

/* Return: 0 with the folder of @path and its last name inside @path; -ENOENT; -EBADMSG; -EFBIG. */
static int find_folder(struct plant *p, const char *path, bool make, struct plant_node **out,
		       const char **out_name, struct err *err)
{
	struct walk w = { .plant = p, .at = p->root, .make = make, .links = LINKS_MAX };
	AUTO(mem) char *parent = NULL;

	*out_name = name_split(path, &parent);
	int r = walk_path(&w, parent);
	if (r < 0 && r != -ENOENT)
		return no_way(path, r, err);
	*out = w.at;
	return r;
}

/* ---- what layers do --------------------------------------------------------------------------- */

struct plant *plant_new(void)
{
	struct plant *p = mem_new(struct plant);
	struct plant_node *root = mem_alloc(1, sizeof *root + 1);

	p->slot_count = FIRST_SLOTS;
	p->slots = mem_alloc(p->slot_count, sizeof(struct plant_node *));
	root->parent = root;
	root->file = implicit(p);
	root->file->links = 1;
	p->root = root;
	return p;
}

static void free_nodes(struct plant_node *node)
{
	for (struct plant_node *child = node->child, *next; child; child = next) {
		next = child->next;
		free_nodes(child);
	}
	free(node);
}

void plant_free(struct plant *plant)
{
	if (!plant)
		return;
	free_nodes(plant->root);
	for (struct plant_file *file = plant->files, *next; file; file = next) {
		next = file->next;
		free(file);
	}
	free(plant->slots);
	free(plant);
}

struct plant_file *plant_file(struct plant *plant, enum plant_type type, const char *target)
{
	size_t length = target ? strlen(target) : 0;
	struct plant_file *file = mem_alloc(1, sizeof *file + length + 1);

	file->type = type;
	file->xattrs = UINT32_MAX;
	if (target)
		memcpy(file->target, target, length);
	file->next = plant->files;
	plant->files = file;
	return file;
}

void plant_layer(struct plant *plant)
{
	plant->layer++;
}

static void replace_file(struct plant *p, struct plant_node *node, struct plant_file *file)
{
	node->file->links--;
	node->file = file;
	node->born = p->layer;
	file->links++;
}

static void put_named(struct plant *p, struct plant_node *dir, const char *name,
		      struct plant_file *file)
{
	struct plant_node *node = find(p, dir, name, strlen(name));

	if (!node) {
		(void)add(p, dir, name, strlen(name), file);
		return;
	}
	if (file->type != PLANT_DIR || node->file->type != PLANT_DIR)
		while (node->child)
			cut(p, node->child);
	replace_file(p, node, file);
}

int plant_put(struct plant *plant, const char *path, struct plant_file *file, struct err *err)
{
	struct plant_node *dir = NULL;
	const char *name;

	if (!*path) {
		replace_file(plant, plant->root, file);
		return 0;
	}
	int r = find_folder(plant, path, true, &dir, &name, err);
	if (r < 0)
		return r;
	put_named(plant, dir, name, file);
	return 0;
}

int plant_link(struct plant *plant, const char *path, const char *target, struct err *err)
{
	struct plant_node *dir = NULL, *from = NULL, *node = NULL;
	const char *name;

	if (!*target)
		return refused(path, "is a hard link to a folder", err);
	if (str_eq(path, target))
		return refused(path, "is a hard link to itself", err);
	int r = find_folder(plant, target, false, &from, &name, err);
	if (r == 0)
		node = find(plant, from, name, strlen(name));
	if (r < 0 && r != -ENOENT)
		return r;
	if (!node)
		return refused(path, "is a hard link to a file that is not there", err);
	if (node->file->type == PLANT_DIR)
		return refused(path, "is a hard link to a folder", err);
	struct plant_file *file = node->file;
	r = find_folder(plant, path, true, &dir, &name, err);
	if (r == 0)
		put_named(plant, dir, name, file);
	return r;
}

int plant_delete(struct plant *plant, const char *path, struct err *err)
{
	struct plant_node *dir = NULL;
	const char *name;
	int r = find_folder(plant, path, false, &dir, &name, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	struct plant_node *node = find(plant, dir, name, strlen(name));
	if (!node)
		return 0;
	bool left = prune(plant, node);
	if (node->born == plant->layer)
		return 0;
	if (left)
		replace_file(plant, node, implicit(plant));
	else
		cut(plant, node);
	return 0;
}

int plant_hide(struct plant *plant, const char *path, struct err *err)
{
	struct walk w = { .plant = plant, .at = plant->root, .make = true, .links = LINKS_MAX };
	int r = walk_path(&w, path);

	if (r < 0)
		return no_way(path, r, err);
	(void)prune(plant, w.at); /* what is left is this layer's */
	return 0;
}

/* ---- the whole -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return strcmp((*(struct plant_node *const *)a)->name,
		      (*(struct plant_node *const *)b)->name);
}

static void sort_folder(struct plant_node *dir)
{
	size_t count = 0, i = 0;

	for (struct plant_node *node = dir->child; node; node = node->next)
		count++;
	AUTO(mem) struct plant_node **list = mem_alloc(count + 1, sizeof *list);
	for (struct plant_node *node = dir->child; node; node = node->next)
		list[i++] = node;
	if (count)
		qsort(list, count, sizeof *list, compare);
	for (i = 0; i < count; i++)
		list[i]->next = list[i + 1];
	dir->child = list[0];
	for (i = 0; i < count; i++)
		if (list[i]->child)
			sort_folder(list[i]);
}

void plant_sort(struct plant *plant)
{
	sort_folder(plant->root);
}

struct plant_node *plant_root(const struct plant *plant)
{
	return plant->root;
}

struct plant_file *plant_files(const struct plant *plant)
{
	return plant->files;
}
