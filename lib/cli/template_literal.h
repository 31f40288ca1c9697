/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_literal - the values of Go's literals
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "cli/template_lex.h"

/**
 * literal_read() - the value of a quoted text, a character or a number
 * @token:	TOKEN_QUOTED, TOKEN_RAW, TOKEN_CHAR or TOKEN_NUMBER
 * @out:	a text or a number, to be released with cJSON_Delete; set on success only
 * @err:	what is wrong, with its line
 *
 * Return: 0 or -EINVAL; also for imaginary numbers, which no document has.
 */
must_check int literal_read(const struct token *token, cJSON **out, struct err *err);

/**
 * literal_utf8() - write one character
 * @code:	its number; one that is none becomes U+FFFD
 * @out:	room for 4 bytes and a 0
 *
 * Return: bytes without the 0.
 */
size_t literal_utf8(unsigned long code, char out[5]);
