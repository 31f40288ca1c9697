/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addremote - the sources of ADD that are addresses
 *
 * They are brought into a temporary folder before the cache is asked, which then goes by what they hold: an address may
 * give something else each day. A file that its server says has not changed (addknown.h) is brought only when the step
 * is done.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "build/addknown.h"
#include "build/values.h"
#include "build/work.h"
#include "store/temp.h"

/* A source that is an address. */
struct addremote_file {
	char *address;	       /* of a file; NULL: a repository, which is there */
	char *path;	       /* absolute, where the file is, or will be */
	bool there;	       /* it was brought */
	struct addknown known; /* .digest is set by addremote_key() at the latest */
};

struct addremote_files {
	struct addremote_file *items;
	size_t count;
};

struct addremote {
	struct temp *temp;	      /* the folder; NULL when no source is an address */
	struct strv local;	      /* sources that are none */
	struct strv files;	      /* what to take of the folder: patterns */
	struct addremote_files items; /* one for each of .files */
	struct strv kinds; /* of all sources as they were typed: ADDREMOTE_LOCAL, ADDREMOTE_FETCHED */
};

#define ADDREMOTE_LOCAL "local"
#define ADDREMOTE_FETCHED "fetched"

/**
 * addremote_fetch() - split the sources, and bring those that are addresses
 * @work:	at work
 * @copy:	an ADD
 * @out:	zeroed by the caller, who owns it (addremote_clear) in any case
 * @err:	names the address
 *
 * Return: 0; -EBADMSG when it has not the checksum; -EINVAL when a name cannot be found in the address; as
 * download_file() and gitsource_fetch().
 */
must_check int addremote_fetch(struct work *work, const struct instruction_copy *copy,
			       struct addremote *out, struct err *err);

/**
 * addremote_key() - add what addresses gave to a key, and remember it
 * @work:	at work
 * @copy:	as given to addremote_fetch()
 * @remote:	fetched
 * @key:	grows
 * @err:	which file cannot be read
 *
 * Return: 0 or a negative errno.
 */
must_check int addremote_key(struct work *work, const struct instruction_copy *copy,
			     struct addremote *remote, struct stepkey *key, struct err *err);

/**
 * addremote_bring() - have what has not changed as well
 * @work:	at work
 * @copy:	as given to addremote_fetch()
 * @remote:	its key is known
 * @err:	names the address
 *
 * Return: 0; -ESTALE when an address gives something else now; as download_file().
 */
must_check int addremote_bring(struct work *work, const struct instruction_copy *copy,
			       struct addremote *remote, struct err *err);

/**
 * addremote_clear() - release, and remove what was brought
 * @work:	as given to addremote_fetch()
 * @remote:	zeroed afterwards
 */
void addremote_clear(const struct work *work, struct addremote *remote);
