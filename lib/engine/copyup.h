/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyup - filling an empty volume from the image's directory
 *
 *   (1) a volume is filled once, by one container, also when two start together (LOCK_VOLUME);
 *   (2) one that holds anything is never touched, nor one with the option "nocopy";
 *   (3) owner, mode, times, links and extended attributes are those of the image; devices cannot be made
 *	 by a user and are left out, sockets mean nothing without their owner;
 *   (4) nothing outside the volume is written: every name is opened in its directory, without following
 *	 links;
 *   (5) the top folder's owner or group stays where it was asked for when the volume was made.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "store/container.h"
#include "store/store.h"

/**
 * copyup_volumes() - fill all volumes of a container that are still to be filled
 * @store:	open store
 * @config:	of the container
 * @root:	its mounted root; nothing runs in it yet
 * @err:	names the volume and file
 *
 * Return: 0 or a negative errno; the volume then counts as not filled.
 */
must_check int copyup_volumes(const struct store *store, const struct container_config *config,
			      int root, struct err *err);

/**
 * copyup_owners() - give empty volumes that the image has no folder for to the container
 * @store:	open store
 * @config:	of the container
 * @root:	its mounted root
 * @spec:	its process's user, and its id maps
 * @user:	they become that user's; else root's
 * @err:	names the volume
 *
 * Return: 0 or a negative errno.
 */
must_check int copyup_owners(const struct store *store, const struct container_config *config,
			     int root, const struct runtime_spec *spec, bool user, struct err *err);

/**
 * copyup_tree() - copy the contents and attributes of a directory into an empty one
 * @from:	directory; may be O_PATH
 * @to:		directory; may be O_PATH
 * @err:	names the file
 *
 * Return: 0 or a negative errno.
 */
must_check int copyup_tree(int from, int to, struct err *err);
