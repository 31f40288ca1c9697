/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base64 - bytes as text
 *
 * Source: RFC 4648, section 4.
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

/**
 * base64_encode() - text of some bytes
 * @data:	bytes
 * @size:	how many
 *
 * Return: the text with padding, to be freed; never NULL.
 */
must_check char *base64_encode(const void *data, size_t size);

/**
 * base64_decode() - bytes of a text
 * @text:	padding may be missing; nothing else may stand in it
 * @out:	the bytes with a 0 behind them, to be freed; set on success only
 * @out_size:	how many, without that 0; may be NULL
 *
 * Return: 0 or -EINVAL.
 */
must_check int base64_decode(const char *text, char **out, size_t *out_size);
