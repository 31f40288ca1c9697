/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * utf8 - what is text in a run of bytes
 *
 * Programs print, and users type, bytes of any kind; documents for others hold characters alone.
 * Source: RFC 3629.
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

/**
 * utf8_length() - the character of more than one byte that stands at the beginning
 * @text:	bytes; at least one
 * @size:	how many
 *
 * Return: its length, 2 to 4; 0 when there is none.
 */
must_check size_t utf8_length(const char *text, size_t size);

/**
 * utf8_text() - a text of any bytes
 * @bytes:	any, zeros too
 * @size:	how many
 *
 * Return: without zeros, with U+FFFD for what is no UTF-8; to be freed.
 */
must_check char *utf8_text(const char *bytes, size_t size);

/**
 * utf8_cut() - where a text may be cut without tearing a character
 * @text:	bytes
 * @size:	how many
 *
 * Return: @size, or up to 3 less when a UTF-8 character begins but does not end there.
 */
size_t utf8_cut(const char *text, size_t size);
