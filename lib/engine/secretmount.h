/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secretmount - the files of a container's secrets, in memory
 *
 * A tmpfs on containers/ID/secrets, in the monitor's mount namespace: run/ becomes /run/secrets, and N is
 * the file of the Nth secret where its target is elsewhere (spec/mounts.c binds them). It ends with the
 * monitor, so nothing of a secret is ever written to the writable layer or left on the disk by a start.
 */
#pragma once

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "store/container.h"
#include "store/store.h"

/**
 * secretmount_apply() - write the files
 * @store:	open store
 * @config:	of the container
 * @spec:	its id maps count
 * @err:	names the secret
 *
 * In the monitor; nothing is done for a container without secrets.
 *
 * Return: 0; -EINVAL when an owner is beyond the ids at hand; otherwise a negative errno.
 */
must_check int secretmount_apply(const struct store *store, const struct container_config *config,
				 const struct runtime_spec *spec, struct err *err);

/**
 * secretmount_release() - unmount them, so that the container's folder can be removed
 * @store:	open store
 * @config:	of the container
 */
void secretmount_release(const struct store *store, const struct container_config *config);
