/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sweep - removing temporary objects whose owner is gone
 *
 * Only this host's are looked at, and only those whose LOCK_TEMP is free (temp.h). Other hosts'
 * leftovers are the business of `system check --repair`. Parts of blobs are not swept: they belong to
 * the next pull.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

/**
 * sweep_needed() - whether anything lies in this host's temporary folder
 * @store:	open store
 *
 * One directory read; what lies there may have an owner that lives.
 *
 * Return: whether a sweep may find something.
 */
bool sweep_needed(const struct store *store);

/**
 * sweep_left() - whether anything lies there that nobody owns
 * @store:	open store
 *
 * Return: whether a sweep finds something.
 */
bool sweep_left(const struct store *store);

/**
 * sweep_run() - remove what nobody owns any more
 * @store:	open store
 * @out_left:	how many objects could not be removed here, because they hold files of other ids; may be
 *		NULL. They go when this is called as root of the outer user namespace
 * @err:	what the kernel said
 *
 * Return: how many objects were removed, or a negative errno.
 */
must_check int sweep_run(const struct store *store, size_t *out_left, struct err *err);

/**
 * sweep_hosts() - the other hosts that have something in the store's temporary folder
 * @store:	open store
 * @out:	ids of hosts are added
 */
void sweep_hosts(const struct store *store, struct strv *out);

/**
 * sweep_others() - remove what other hosts left, as far as its lock is free
 * @store:	open store
 * @err:	what the kernel said
 *
 * Only for a user who asks for it: where the file system's locks do not reach other hosts, what a live
 * one is making looks left too.
 *
 * Return: 0 or a negative errno.
 */
must_check int sweep_others(const struct store *store, struct err *err);
