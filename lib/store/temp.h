/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * temp - objects that are being made or taken away
 *
 * A temporary object is tmp/HOST/NAME with a random NAME. Its owner holds LOCK_TEMP on that name from
 * before it exists until it is committed or removed. So it may be swept by the same host when the lock
 * is free (sweep.h), and by nobody else.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "store/store.h"

struct temp {
	int lock;   /* LOCK_TEMP, or -1 */
	char *rel;  /* path below the store */
	char *path; /* the same, absolute */
};

struct temps {
	struct temp **items;
	size_t count;
};

/**
 * temp_claim() - choose a name and take its lock; nothing is made yet
 * @store:	open store
 * @out:	to be released with temp_free; set on success only
 * @err:	what the kernel said
 *
 * For moving something away, which must need no space.
 *
 * Return: 0 or a negative errno.
 */
must_check int temp_claim(const struct store *store, struct temp **out, struct err *err);

/**
 * temp_dir() - make a temporary folder
 * @store:	open store
 * @mode:	of it
 * @out:	to be released with temp_free; set on success only
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int temp_dir(const struct store *store, mode_t mode, struct temp **out, struct err *err);

/**
 * temp_commit() - give a temporary object its final name
 * @store:	open store
 * @temp:	released by temp_free afterwards as ever
 * @rel:	final path below the store
 * @err:	names @rel
 *
 * Never replaces anything (RENAME_NOREPLACE).
 *
 * Return: 0; -EEXIST when something has that name already; otherwise what rename(2) said.
 */
must_check int temp_commit(const struct store *store, struct temp *temp, const char *rel,
			   struct err *err);

/**
 * temp_take() - move an object out of its final name, to be removed
 * @store:	open store
 * @rel:	path below the store
 * @out:	to be released with temp_free; set on success only
 * @err:	names @rel
 *
 * Return: 0; -ENOENT; otherwise what rename(2) said.
 */
must_check int temp_take(const struct store *store, const char *rel, struct temp **out,
			 struct err *err);

/**
 * temp_remove() - remove a temporary object with all below it
 * @store:	open store
 * @temp:	released by temp_free afterwards as ever
 *
 * Outside the outer user namespace, files of other ids of the user's map cannot be removed; they
 * stay for the next sweep there.
 *
 * Return: 0; 1 when something is left that only a sweep in the user namespace can remove; otherwise a
 * negative errno.
 */
must_check int temp_remove(const struct store *store, struct temp *temp);

/**
 * temp_free() - let go of a temporary object
 * @temp:	may be NULL; what was neither committed nor removed stays for the next sweep
 */
void temp_free(struct temp *temp);

/**
 * temps_remove() - remove several temporary objects and empty the list
 * @store:	open store
 * @list:	empty afterwards
 *
 * Return: as temp_remove(), the worst of them.
 */
must_check int temps_remove(const struct store *store, struct temps *list);

/**
 * temps_clear() - let go of several temporary objects
 * @list:	empty afterwards
 */
void temps_clear(struct temps *list);

static inline void auto_temps(struct temps *list)
{
	temps_clear(list);
}

DEFINE_AUTO_PTR(temp, struct temp, temp_free)
