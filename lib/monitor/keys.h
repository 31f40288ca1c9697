/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keys - the keys that detach a terminal: reading their text, finding them in what is typed
 *
 * Pure. What is typed is held back as long as it may be the beginning of the keys.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { KEYS_MAX = 16 };

struct keys {
	char bytes[KEYS_MAX];
	size_t count;	/* 0: nothing detaches */
	size_t matched; /* how many were typed and are held back */
};

/**
 * keys_parse() - read a list of keys
 * @text:	single characters and ctrl-X with X one of a-z @ [ \ ] ^ _ separated by commas; NULL
 *		is "ctrl-p,ctrl-q"; "" switches detaching off
 * @out:	set on success only
 * @err:	names what is no key
 *
 * Return: 0 or -EINVAL.
 */
must_check int keys_parse(const char *text, struct keys *out, struct err *err);

/**
 * keys_feed() - pass on what is typed, but for the keys
 * @keys:	remembers what is held back
 * @in:		what was typed
 * @size:	bytes
 * @out:	room for @size + KEYS_MAX bytes: what is to be passed on
 * @out_size:	how many that are
 *
 * Return: whether the keys are complete; what follows them in @in is dropped.
 */
bool keys_feed(struct keys *keys, const char *in, size_t size, char *out, size_t *out_size);
