/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_tree - what a Go template was read as
 */
#pragma once

#include <stddef.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

enum node_kind {
	NODE_LIST,     /* kids: what is done one after another */
	NODE_TEXT,     /* name: printed as it is */
	NODE_ACTION,   /* kid 0: a pipe; its value is printed unless it declares */
	NODE_IF,       /* kids: pipe, list, list or none */
	NODE_RANGE,    /* kids: as NODE_IF */
	NODE_WITH,     /* kids: as NODE_IF */
	NODE_TEMPLATE, /* name; kids: pipe or none */
	NODE_BREAK,
	NODE_CONTINUE,
	NODE_PIPE,     /* kids: commands; names: variables that it sets; assign: they exist */
	NODE_COMMAND,  /* kids: operands, the first may be a function */
	NODE_FUNCTION, /* name */
	NODE_DOT,
	NODE_LITERAL,  /* value */
	NODE_VARIABLE, /* name; names: fields behind it */
	NODE_FIELD,    /* names: fields of the dot */
	NODE_CHAIN,    /* kid 0: an operand; names: fields behind it */
};

struct node {
	enum node_kind kind;
	int line;
	bool assign;
	char *name;
	struct strv names;
	cJSON *value;
	struct node **items; /* kids; may be NULL where a kid is missing */
	size_t count;
};

/* A template that was given a name with define or block. */
struct definition {
	char *name;
	struct node *body;
};

struct tree {
	struct node *body;
	struct definition *items;
	size_t count;
};

/**
 * node_add() - one more child, the last
 * @node:	grows
 * @kid:	belongs to @node from now on
 */
void node_add(struct node *node, struct node *kid);

/**
 * node_free() - release a node and what is below it
 * @node:	may be NULL
 */
void node_free(struct node *node);

DEFINE_AUTO_PTR(node, struct node, node_free)

/**
 * tree_free() - release a tree
 * @tree:	may be NULL
 */
void tree_free(struct tree *tree);

DEFINE_AUTO_PTR(tree, struct tree, tree_free)
