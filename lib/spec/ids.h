/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ids - whether a container gets a user namespace of its own, and with which maps
 */
#pragma once

#include "base/err.h"
#include "kern/idmap.h"
#include "oci/runtime_spec.h"
#include "spec/facts.h"
#include "store/container.h"

/**
 * spec_user() - the user text that a configuration leads to
 * @config:	what was asked
 * @facts:	only ids of the caller are looked at
 *
 * With keep-id and no user asked for, it is the caller's id inside.
 *
 * Return: the text for user_load(), to be freed.
 */
must_check char *spec_user(const struct container_config *config, const struct spec_facts *facts);

/**
 * spec_maps() - the maps of a user namespace of the container's own
 * @config:	what was asked
 * @facts:	ids of the caller and of the outer namespace; the user in the image
 * @out_uids:	relative to the outer namespace; set on success only
 * @out_gids:	likewise
 * @err:	why the mode cannot be
 *
 * A namespace is made for keep-id and nomap, for a user equal to the caller's own ids where
 * something is bound from the host (files written there are then the caller's), and, with one id,
 * for any user but root.
 *
 * Return: 1 when there is one; 0 when there is none; -EINVAL or -ENOTSUP.
 */
must_check int spec_maps(const struct container_config *config, const struct spec_facts *facts,
			 struct idmap *out_uids, struct idmap *out_gids, struct err *err);

/**
 * spec_group_count() - how many group ids a container has from 0 on
 * @spec:	its maps
 * @facts:	what the outer namespace has
 *
 * Return: that number.
 */
uint32_t spec_group_count(const struct runtime_spec *spec, const struct spec_facts *facts);

/**
 * spec_owner_maps() - how the layers' owners must be shown under a container's own maps
 * @config:	what was asked
 * @facts:	as spec_maps()
 * @out_uids:	for fuse-overlayfs, to be freed; set when there is one
 * @out_gids:	likewise
 * @err:	why the mode cannot be
 *
 * Return: 1 when owners are shifted; 0 when they are as in the layers; -EINVAL or -ENOTSUP.
 */
must_check int spec_owner_maps(const struct container_config *config,
			       const struct spec_facts *facts, char **out_uids, char **out_gids,
			       struct err *err);
