/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skeleton - the lowest layer of every container: what a start mounts on, and files that say "container"
 *
 * Making /etc/hosts and its kin in each container's own layer costs a start a tenth of its time, and they
 * would show as changes of the container. So one folder of the store has them, below all layers of the
 * image: what the image brings itself hides it.
 */
#pragma once

#include "base/err.h"
#include "store/store.h"

/**
 * skeleton_path() - the folder, which is made when it is not there
 * @store:	open store that can be written
 * @out:	absolute, to be freed; set on success only
 * @err:	what the kernel said
 *
 * Its files belong to the caller, who is root in the containers of the usual map. Takes no lock: of two
 * who make it at once one is first, and both are content.
 *
 * Return: 0 or a negative errno.
 */
must_check int skeleton_path(const struct store *store, char **out, struct err *err);
