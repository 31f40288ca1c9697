/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * census - what each container uses, every record read once
 *
 * Who removes many things asks for each of them, under its lock, whether a container uses it. What a container
 * uses never changes, so a record is read when it is seen first, and from then on a listing of the folder
 * tells what came and went. Invariants:
 *   (1) between two refreshes nothing changes;
 *   (2) after a refresh the containers known are those that were there at some moment of it;
 *   (3) a container whose state is torn uses what its configuration says; one whose configuration is torn as well
 *	 uses nothing, and is tried again by the next refresh.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

struct census;

/**
 * census_new() - nobody is known yet
 *
 * Return: to be released with census_free; never NULL.
 */
must_check struct census *census_new(void);

/**
 * census_free() - release it
 * @census:	may be NULL
 */
void census_free(struct census *census);

/**
 * census_refresh() - look which containers there are, and read the records of those not seen before
 * @census:	brought up to date
 * @store:	open store, the same each time
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int census_refresh(struct census *census, const struct store *store, struct err *err);

/**
 * census_volume_users() - the containers that use a volume
 * @census:	refreshed
 * @name:	of the volume
 * @out:	full ids are added
 */
void census_volume_users(const struct census *census, const char *name, struct strv *out);

/**
 * census_mounts() - all that containers have mounted
 * @census:	refreshed
 * @out:	names of volumes and absolute paths are added, some of them several times
 */
void census_mounts(const struct census *census, struct strv *out);

/**
 * census_image_users() - the containers made of an image
 * @census:	refreshed
 * @id:		of the image
 * @out:	full ids are added
 */
void census_image_users(const struct census *census, const char *id, struct strv *out);

/**
 * census_layers() - the layers that containers need
 * @census:	refreshed
 * @store:	open store; the configurations are read when this is asked first
 * @out:	keys are added, each once
 *
 * One whose configuration is damaged can never start again: it needs none.
 */
void census_layers(struct census *census, const struct store *store, struct strv *out);

/**
 * census_dependents() - the containers that need another one: they live in its namespaces, or require it
 * @census:	refreshed
 * @store:	open store; as for census_layers()
 * @id:		of the other one, full
 * @out:	full ids are added, but for those that are there
 */
void census_dependents(struct census *census, const struct store *store, const char *id,
		       struct strv *out);

DEFINE_AUTO_PTR(census, struct census, census_free)
