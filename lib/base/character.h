/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * character - one character of UTF-8
 *
 * Programs differ in what they make of bytes that are none: too long a form, half of a surrogate, a number
 * beyond the last one. Here they are no character.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

/**
 * character_read() - the character that a text begins with
 * @text:	ends with a zero, which is one too
 * @out:	its number; set when there is one
 *
 * Return: its bytes, or 0 when these are no character.
 */
must_check size_t character_read(const char *text, uint32_t *out);
