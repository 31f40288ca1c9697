/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * validator - what a server knows a version of a file by
 *
 * A text, "etag VALUE" or "date VALUE", which is kept by who fetched the file, and goes along when it is asked for again.
 * A date alone tells nothing of a file that was changed in the same second: only one that was old when it was told counts.
 *
 * Source: RFC 9110, 8.8 and 13.1.
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

/**
 * validator_of() - that of an answer
 * @etag:	ETag, or NULL
 * @modified:	Last-Modified, or NULL
 * @date:	Date, or NULL
 *
 * Return: to be freed; NULL when there is none.
 */
must_check char *validator_of(const char *etag, const char *modified, const char *date);

/**
 * validator_usable() - whether a text is one, and can stand in a request
 * @text:	any; or NULL
 *
 * Return: the answer.
 */
bool validator_usable(const char *text);

/**
 * validator_header() - the header that asks whether something has changed
 * @validator:	usable
 *
 * Return: its name, which lives forever.
 */
const char *validator_header(const char *validator);

/**
 * validator_value() - what stands in that header
 * @validator:	usable
 *
 * Return: a part of @validator.
 */
const char *validator_value(const char *validator);
