/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_parse - a Go template as a tree
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cli/template_tree.h"

/**
 * tree_parse() - read a template
 * @text:	the template
 * @escapes:	whether \t and \n outside actions stand for a tab and a new line
 * @out:	to be released with tree_free; set on success only
 * @err:	what is wrong, with its line
 *
 * Return: 0 or -EINVAL.
 */
must_check int tree_parse(const char *text, bool escapes, struct tree **out, struct err *err);
