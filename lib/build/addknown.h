/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addknown - what is known of an address from the last time
 *
 * A record of the build cache holds what the server knows the file by, and what a key has of it: a file that has not
 * changed since need not come unless the step is to be done.
 */
#pragma once

#include "base/err.h"
#include "build/work.h"

struct addknown {
	char *validator; /* as in struct download_answer; NULL: nothing is known */
	char *digest;	 /* of the file as copykey_files() gives it */
	char *sum;	 /* "sha256:…" of its bytes */
};

/**
 * addknown_load() - look an address up
 * @work:	at work; .helper is there
 * @address:	of a file
 * @number:	its place among the sources of its instruction, which is a part of its name
 * @excludes:	patterns of the instruction
 * @out:	to be released with addknown_clear; empty when nothing is known, or the cache is not asked
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int addknown_load(struct work *work, const char *address, size_t number,
			     const struct strv *excludes, struct addknown *out, struct err *err);

/**
 * addknown_save() - remember it
 * @work:	as addknown_load(), and so are the next ones
 * @address:	of the file
 * @number:	its place
 * @excludes:	patterns
 * @known:	all of it
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int addknown_save(struct work *work, const char *address, size_t number,
			     const struct strv *excludes, const struct addknown *known,
			     struct err *err);

/**
 * addknown_clear() - release
 * @known:	zeroed afterwards
 */
void addknown_clear(struct addknown *known);

static inline void auto_addknown(struct addknown *known)
{
	addknown_clear(known);
}
