/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volume - volumes: volumes/NAME/{_data/,meta.json}
 *
 *   (1) meta.json is written when the volume is made and once more when it has been filled;
 *   (2) a volume is filled from an image at most once, by the holder of its LOCK_VOLUME; one that was not
 *       empty then counts as filled.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/census.h"
#include "store/store.h"
#include "store/temp.h"

struct volume {
	char *name;
	char *path;	     /* of its _data, absolute; filled in on loading */
	int64_t created;     /* ns since the epoch */
	struct strv labels;  /* k=v */
	struct strv options; /* k=v */
	bool anonymous;
	bool filled;	  /* copy-up is done */
	bool has_uid;	  /* uid was asked for: it stays when the volume is filled or first used */
	bool has_gid;	  /* likewise */
	int64_t uid, gid; /* of the top folder, in the outer namespace */
	const char *device; /* for volume_create(): its _data is a link to this folder; else NULL */
};

/**
 * volume_check_name() - refuse what cannot be a volume's name
 * @name:	text
 * @err:	says what names look like
 *
 * Return: 0 or -EINVAL.
 */
must_check int volume_check_name(const char *name, struct err *err);

/**
 * volume_create() - make a volume
 * @store:	open store
 * @volume:	name (NULL: 64 random hexadecimal digits), labels, options, anonymous, device and the owner
 *		count; an owner needs the right to give files away (in the outer namespace)
 * @out_name:	the name, to be freed; set on success, and for -EEXIST; may be NULL
 * @err:	names the volume
 *
 * Return: 0; -EEXIST when there is one of that name; -EINVAL; otherwise what the kernel said.
 */
must_check int volume_create(const struct store *store, const struct volume *volume,
			     char **out_name, struct err *err);

/**
 * volume_load() - read about a volume
 * @store:	open store
 * @name:	of it
 * @out:	to be released with volume_free; set on success only
 * @err:	names the volume
 *
 * Return: 0; -ENOENT; -EBADMSG when it is damaged.
 */
must_check int volume_load(const struct store *store, const char *name, struct volume **out,
			   struct err *err);

/**
 * volume_resolve() - the volume that a user means
 * @store:	open store
 * @text:	a name, or the beginning of exactly one
 * @out_name:	to be freed; set on success only
 * @err:	"no volume named …"
 *
 * Return: 0; -ENOENT; -ENOTUNIQ.
 */
must_check int volume_resolve(const struct store *store, const char *text, char **out_name,
			      struct err *err);

/**
 * volume_list() - the names of all volumes
 * @store:	open store
 * @out:	added at the end, in no order
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int volume_list(const struct store *store, struct strv *out, struct err *err);

/**
 * volume_fill_begin() - ask whether a volume is still to be filled from an image
 * @store:	open store
 * @name:	of the volume
 * @out_lock:	LOCK_VOLUME, when the result is 1: to be closed after volume_fill_done()
 * @err:	names the volume
 *
 * Waits while another fills it. To be called where its files can be read (in the outer namespace).
 *
 * Return: 1 when the caller shall fill it now; 0 when it is done or was not empty; otherwise negative.
 */
must_check int volume_fill_begin(const struct store *store, const char *name, int *out_lock,
				 struct err *err);

/**
 * volume_fill_done() - remember that a volume is filled
 * @store:	open store
 * @name:	of the volume; the caller holds the lock that volume_fill_begin gave
 * @err:	names the volume
 *
 * Return: 0 or a negative errno.
 */
must_check int volume_fill_done(const struct store *store, const char *name, struct err *err);

/**
 * volume_repair() - make a volume known again whose meta.json is damaged
 * @store:	open store
 * @name:	of the volume
 * @err:	names the volume
 *
 * Its labels are lost; it counts as filled.
 *
 * Return: 0 or a negative errno.
 */
must_check int volume_repair(const struct store *store, const char *name, struct err *err);

/**
 * volume_remove() - take a volume away
 * @store:	open store
 * @census:	refreshed, to see who uses it
 * @name:	of the volume
 * @out:	where it was moved to, added at the end; to be removed once this has returned
 * @err:	in use: names the containers
 *
 * Takes LOCK_VOLUME.
 *
 * Return: 0; -ENOENT; -EBUSY when a container uses it; otherwise what the kernel said.
 */
must_check int volume_remove(const struct store *store, struct census *census, const char *name,
			     struct temps *out, struct err *err);

/**
 * volume_free() - release a volume
 * @volume:	may be NULL
 */
void volume_free(struct volume *volume);

DEFINE_AUTO_PTR(volume, struct volume, volume_free)
