/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line - texts as single lines of a terminal
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

/**
 * line_width() - how many columns a text takes
 * @text:	UTF-8, without controls
 *
 * Return: one for each character.
 */
int line_width(const char *text);

/**
 * line_clean() - what a terminal would show of a line that a program printed
 * @bytes:	without its new line
 * @size:	of them
 *
 * What was overwritten (\r) is left out, as are colours and moves of the cursor; other controls are made visible.
 *
 * Return: the text, to be freed.
 */
must_check char *line_clean(const char *bytes, size_t size);

/**
 * line_join() - a line with something at its right end
 * @left:	cut to fit
 * @right:	kept whole; may be empty
 * @columns:	of the line
 * @gap:	columns between both at least
 *
 * Return: the text, to be freed.
 */
must_check char *line_join(const char *left, const char *right, int columns, int gap);
