/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document - from YAML to JSON, with limits
 *
 * Events of libyaml become a tree, whose aliases are pointers to the same node; writing the tree follows
 * them. All nodes hang on one list and go together.
 */
#include "document.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <yaml.h>

#include "base/str.h"
#include "scalar.h"

#define CORE "tag:yaml.org,2002:"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct pair {
	char *key;
	struct node *value;
	bool merge; /* "<<" without quotes */
};

struct node {
	struct node *next; /* of all */
	enum node_kind kind;
	bool open;  /* its end has not been seen: an alias to it would never end */
	char *text; /* a scalar in JSON */
	char *tag;  /* kept, or NULL */
	struct {
		struct pair *items;
		size_t count;
	} pairs; /* of a list: without keys */
};

struct anchor {
	struct node *node;
	UT_hash_handle hh;
	char name[];
};

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	bool tags;
	size_t values; /* made so far */
	struct node *all;
	struct anchor *anchors;
};

/* ---- reading -------------------------------------------------------------------------------- */

static int fail(const struct reader *r, int code, struct err *err, const char *what,
		const char *name)
{
	return err_set(err, code, "line %zu: %s%s%s%s", r->event.start_mark.line + 1, what,
		       name ? " '" : "", str_or(name, ""), name ? "'" : "");
}

static int next(struct reader *r, struct err *err)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return 0;
	return err_set(err, -EBADMSG, "line %zu: %s", r->parser.problem_mark.line + 1,
		       str_or(r->parser.problem, "no YAML"));
}

static int count_values(struct reader *r, size_t more, struct err *err)
{
	r->values += more;
	if (r->values <= DOCUMENT_MAX_VALUES)
		return 0;
	return fail(r, -EFBIG, err, "there are too many values", NULL);
}

static int count_value(struct reader *r, struct err *err)
{
	return count_values(r, 1, err);
}

static int new_node(struct reader *r, enum node_kind kind, struct node **out, struct err *err)
{
	int result = count_value(r, err);

	if (result < 0)
		return result;
	struct node *node = mem_new(struct node);
	node->kind = kind;
	node->next = r->all;
	r->all = node;
	*out = node;
	return 0;
}

static struct anchor *find_anchor(const struct reader *r, const char *name)
{
	struct anchor *anchor;

	HASH_FIND_STR(r->anchors, name, anchor);
	return anchor;
}

static void note_anchor(struct reader *r, const yaml_char_t *word, struct node *node)
{
	const char *name = (const char *)word;
	struct anchor *anchor = name ? find_anchor(r, name) : NULL;

	if (!name)
		return;
	if (!anchor) {
		anchor = mem_alloc(1, sizeof *anchor + strlen(name) + 1);
		memcpy(anchor->name, name, strlen(name));
		HASH_ADD_STR(r->anchors, name, anchor);
	}
	anchor->node = node; /* a later one of the name counts */
}

/* What YAML's own tags ask for is in the value already, or can be checked. */
static int take_tag(struct reader *r, const yaml_char_t *tag, const char *core, struct node *node,
		    struct err *err)
{
	const char *name = (const char *)tag;
	const char *own = name ? str_starts(name, CORE) : NULL;

	if (!name || str_eq(name, "!") || str_eq(own, core))
		return 0;
	if (own || !r->tags || *name != '!')
		return fail(r, -EBADMSG, err, "there is no use for the tag", name);
	node->tag = str_dup(name);
	return 0;
}

static int bad_kind(struct reader *r, const char *tag, struct err *err)
{
	return fail(r, -EBADMSG, err, "the value is not what its tag says:", tag);
}

static int take_tagged(struct reader *r, const char *tag, const char *word, struct node *node,
		       struct err *err)
{
	static const struct {
		const char *tag;
		enum scalar_kind kind;
	} tags[] = { { CORE "int", SCALAR_INT },
		     { CORE "float", SCALAR_FLOAT },
		     { CORE "bool", SCALAR_BOOL },
		     { CORE "null", SCALAR_NULL } };

	for (size_t i = 0; i < array_len(tags); i++) {
		if (!str_eq(tag, tags[i].tag))
			continue;
		enum scalar_kind kind = scalar_plain(word, &node->text);
		bool fits = kind == tags[i].kind ||
			    (kind == SCALAR_INT && tags[i].kind == SCALAR_FLOAT);
		return fits ? 0 : bad_kind(r, tag, err);
	}
	return 1;
}

static int read_scalar(struct reader *r, struct node **out, struct err *err)
{
	const char *word = (const char *)r->event.data.scalar.value;
	const char *tag = (const char *)r->event.data.scalar.tag;
	size_t size = r->event.data.scalar.length;
	struct node *node;

	int result = new_node(r, NODE_SCALAR, &node, err);
	if (result < 0)
		return result;
	note_anchor(r, r->event.data.scalar.anchor, node);
	result = tag ? take_tagged(r, tag, word, node, err) : 1;
	if (result == 1 && !str_eq(tag, CORE "binary"))
		result = take_tag(r, r->event.data.scalar.tag, "str", node, err);
	if (result < 0)
		return result;
	bool plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && (!tag || node->tag) &&
		     strlen(word) == size;
	if (!node->text && (!plain || scalar_plain(word, &node->text) == SCALAR_TEXT))
		node->text = scalar_quote(word, size);
	if (!node->text)
		return fail(r, -EBADMSG, err, "a text has the byte 0 in it", NULL);
	*out = node;
	return 0;
}

static int read_alias(struct reader *r, struct node **out, struct err *err)
{
	const char *name = (const char *)r->event.data.alias.anchor;

	int result = count_value(r, err);
	if (result < 0)
		return result;
	const struct anchor *anchor = find_anchor(r, name);
	if (!anchor)
		return fail(r, -EBADMSG, err, "there is no anchor", name);
	if (anchor->node->open)
		return fail(r, -EBADMSG, err, "an alias inside of what it names:", name);
	*out = anchor->node;
	return 0;
}

static int read_node(struct reader *r, int depth, struct node **out, struct err *err);

static int read_list(struct reader *r, int depth, struct node **out, struct err *err)
{
	struct node *node;

	int result = new_node(r, NODE_LIST, &node, err);
	if (result < 0)
		return result;
	node->open = true;
	note_anchor(r, r->event.data.sequence_start.anchor, node);
	result = take_tag(r, r->event.data.sequence_start.tag, "seq", node, err);
	while (result == 0 && (result = next(r, err)) == 0 &&
	       r->event.type != YAML_SEQUENCE_END_EVENT) {
		struct node *value = NULL;
		result = read_node(r, depth + 1, &value, err);
		*vec_push(&node->pairs) = (struct pair){ .value = value };
	}
	node->open = false;
	*out = node;
	return result;
}

static int read_key(struct reader *r, struct pair *out, struct err *err)
{
	if (r->event.type == YAML_ALIAS_EVENT) {
		struct node *node;
		int result = read_alias(r, &node, err);
		if (result < 0)
			return result;
		if (node->kind != NODE_SCALAR || *node->text != '"')
			return fail(r, -EBADMSG, err, "a key that is no text", NULL);
		out->key = str_dup(node->text);
		return 0;
	}
	if (r->event.type != YAML_SCALAR_EVENT)
		return fail(r, -EBADMSG, err, "a key that is no text", NULL);
	const char *word = (const char *)r->event.data.scalar.value;
	out->key = scalar_quote(word, r->event.data.scalar.length);
	if (!out->key)
		return fail(r, -EBADMSG, err, "a text has the byte 0 in it", NULL);
	out->merge = str_eq(word, "<<") && r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return count_value(r, err);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys of a mapping in order, for looking up; borrowed. */
static const char **sorted_keys(const struct node *map, size_t *out_count)
{
	const char **keys = mem_alloc(map->pairs.count + 1, sizeof *keys);
	size_t count = 0;

	for (size_t i = 0; i < map->pairs.count; i++)
		if (!map->pairs.items[i].merge)
			keys[count++] = map->pairs.items[i].key;
	qsort(keys, count, sizeof *keys, by_key);
	*out_count = count;
	return keys;
}

static int check_keys(struct reader *r, const struct node *map, struct err *err)
{
	size_t count;
	const char **keys = sorted_keys(map, &count);
	int result = 0;

	for (size_t i = 1; i < count && result == 0; i++)
		if (str_eq(keys[i - 1], keys[i]))
			result = fail(r, -EBADMSG, err, "before here a key stands twice:", keys[i]);
	free(keys);
	return result;
}

/* Adds what the mapping has not yet. */
static int merge_map(struct reader *r, struct node *map, const struct node *from, struct err *err)
{
	size_t count, old = from->pairs.count;

	if (from->kind != NODE_MAP)
		return fail(r, -EBADMSG, err, "only mappings can be merged", NULL);
	/* What is there is put in order each time. */
	int result = count_values(r, map->pairs.count, err);
	if (result < 0)
		return result;
	const char **keys = sorted_keys(map, &count);
	for (size_t i = 0; i < old && result == 0; i++) {
		const struct pair *p = &from->pairs.items[i];
		result = count_value(r, err);
		if (!bsearch(&p->key, keys, count, sizeof *keys, by_key))
			*vec_push(&map->pairs) = (struct pair){ str_dup(p->key), p->value, false };
	}
	free(keys);
	return result;
}

static int merge(struct reader *r, struct node *map, struct err *err)
{
	size_t count = map->pairs.count;
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++) {
		if (!map->pairs.items[i].merge)
			continue;
		const struct node *from = map->pairs.items[i].value;
		bool several = from->kind == NODE_LIST;
		for (size_t k = 0; several && k < from->pairs.count && result == 0; k++)
			result = merge_map(r, map, from->pairs.items[k].value, err);
		if (!several)
			result = merge_map(r, map, from, err);
	}
	/* The words that asked for it go; what they brought stays. */
	size_t kept = 0;
	for (size_t i = 0; i < map->pairs.count; i++) {
		if (map->pairs.items[i].merge)
			free(map->pairs.items[i].key);
		else
			map->pairs.items[kept++] = map->pairs.items[i];
	}
	map->pairs.count = kept;
	return result;
}

static int read_map(struct reader *r, int depth, struct node **out, struct err *err)
{
	struct node *node;
	bool merges = false;

	int result = new_node(r, NODE_MAP, &node, err);
	if (result < 0)
		return result;
	node->open = true;
	note_anchor(r, r->event.data.mapping_start.anchor, node);
	result = take_tag(r, r->event.data.mapping_start.tag, "map", node, err);
	while (result == 0 && (result = next(r, err)) == 0 &&
	       r->event.type != YAML_MAPPING_END_EVENT) {
		struct pair pair = { 0 };
		result = read_key(r, &pair, err);
		if (result == 0)
			result = next(r, err);
		if (result == 0)
			result = read_node(r, depth + 1, &pair.value, err);
		merges |= pair.merge;
		*vec_push(&node->pairs) = pair;
	}
	if (result == 0)
		result = check_keys(r, node, err);
	if (result == 0 && merges)
		result = merge(r, node, err);
	node->open = false;
	*out = node;
	return result;
}

static int read_node(struct reader *r, int depth, struct node **out, struct err *err)
{
	if (depth > DOCUMENT_MAX_DEPTH)
		return fail(r, -EFBIG, err, "the values are nested too deeply", NULL);
	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, out, err);
	case YAML_SEQUENCE_START_EVENT:
		return read_list(r, depth, out, err);
	case YAML_MAPPING_START_EVENT:
		return read_map(r, depth, out, err);
	case YAML_ALIAS_EVENT:
		return read_alias(r, out, err);
	default:
		return fail(r, -EBADMSG, err, "there is no value", NULL);
	}
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool too_long(FILE *out)
{
	return ftello(out) > DOCUMENT_MAX_OUTPUT;
}

/* Aliases make the tree deeper than what was read: the depth is looked at again. */
static int write_node(const struct node *node, int depth, FILE *out, struct err *err)
{
	static const char brackets[] = "[]{}";
	int at = node->kind == NODE_MAP ? 2 : 0, r = 0;

	if (depth > DOCUMENT_MAX_DEPTH)
		return err_set(err, -EFBIG, "with its aliases the values are nested too deeply");
	if (too_long(out))
		return err_set(err, -EFBIG, "with its aliases the file is too long");
	if (node->tag) {
		AUTO(mem) char *tag = scalar_quote(node->tag, strlen(node->tag));
		fprintf(out, "{%s:", tag);
	}
	if (node->kind == NODE_SCALAR)
		fputs(node->text, out);
	else
		fputc(brackets[at], out);
	for (size_t i = 0; node->kind != NODE_SCALAR && i < node->pairs.count && r == 0; i++) {
		fputs(i ? "," : "", out);
		if (node->kind == NODE_MAP)
			fprintf(out, "%s:", node->pairs.items[i].key);
		r = write_node(node->pairs.items[i].value, depth + 1, out, err);
	}
	if (node->kind != NODE_SCALAR)
		fputc(brackets[at + 1], out);
	if (node->tag)
		fputc('}', out);
	return r;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void clear_anchors(struct reader *r)
{
	struct anchor *anchor, *next;

	HASH_ITER(hh, r->anchors, anchor, next) {
		HASH_DEL(r->anchors, anchor);
		free(anchor);
	}
}

static void auto_reader(struct reader *r)
{
	while (r->all) {
		struct node *node = r->all;
		r->all = node->next;
		for (size_t i = 0; i < node->pairs.count; i++)
			free(node->pairs.items[i].key);
		free(node->pairs.items);
		free(node->text);
		free(node->tag);
		free(node);
	}
	clear_anchors(r);
	yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
}

static int convert(struct reader *r, FILE *out, struct err *err)
{
	int result = 0;

	while (result == 0 && (result = next(r, err)) == 0 &&
	       r->event.type != YAML_STREAM_END_EVENT) {
		struct node *root = NULL;
		if (r->event.type != YAML_DOCUMENT_START_EVENT)
			continue;
		clear_anchors(r); /* they are known in their document only */
		result = next(r, err);
		if (result == 0)
			result = read_node(r, 1, &root, err);
		if (result == 0)
			result = write_node(root, 1, out, err);
		fputc('\n', out);
	}
	return result;
}

int document_convert(const char *text, size_t size, bool tags, char **out, struct err *err)
{
	AUTO(reader) struct reader r = { .tags = tags };
	AUTO(mem) char *json = NULL;
	size_t length;

	if (size > DOCUMENT_MAX_BYTES)
		return err_set(err, -EFBIG, "the file is longer than %d MiB",
			       DOCUMENT_MAX_BYTES >> 20);
	if (!yaml_parser_initialize(&r.parser))
		return err_set(err, -ENOMEM, "no memory for the parser");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
	FILE *memory = open_memstream(&json, &length);
	bug_unless(memory);
	int result = convert(&r, memory, err);
	(void)fclose(memory); /* into memory: nothing to lose */
	if (result == 0)
		*out = take_ptr(json);
	return result;
}
