/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_tree - what a Go template was read as
 */
#include "cli/template_tree.h"

#include <stdlib.h>

void node_add(struct node *node, struct node *kid)
{
	*vec_push(node) = kid;
}

void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++)
		node_free(node->items[i]);
	free(node->items);
	free(node->name);
	strv_clear(&node->names);
	cJSON_Delete(node->value);
	free(node);
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	node_free(tree->body);
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->items[i].name);
		node_free(tree->items[i].body);
	}
	free(tree->items);
	free(tree);
}
