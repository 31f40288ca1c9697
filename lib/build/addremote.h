/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addremote - the sources of ADD that are addresses
 *
 * They are brought into a temporary folder before the cache is asked, which then goes by what they hold: an address may
 * give something else each day.
 */
#pragma once

#include "base/err.h"
#include "build/values.h"
#include "build/work.h"
#include "store/temp.h"

struct addremote {
	struct temp *temp; /* the folder; NULL when no source is an address */
	struct strv local; /* sources that are none */
	struct strv files; /* what to take of the folder: patterns */
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
 * addremote_clear() - release, and remove what was brought
 * @work:	as given to addremote_fetch()
 * @remote:	zeroed afterwards
 */
void addremote_clear(const struct work *work, struct addremote *remote);
