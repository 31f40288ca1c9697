/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lookaside - bringing the GPG signatures of a registry's images
 *
 * Where they are is said by the *.yaml of ~/.config/containers/registries.d (below $XDG_CONFIG_HOME, if that is
 * set) or, where that folder is not, of /etc/containers/registries.d (oci/lookaside.h); where nothing is said, in
 * $XDG_DATA_HOME/containers/sigstore, of root in /var/lib/containers/sigstore. Files are read here; web servers
 * are asked by the registry helper.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"
#include "kern/host.h"
#include "oci/lookaside.h"
#include "remote/client.h"

enum { LOOKASIDE_MAX_BYTES = 4 << 20 };

/**
 * lookaside_load() - read the files
 * @host:	the facts
 * @out:	zeroed; to be released with lookaside_clear
 * @err:	names the file
 *
 * Return: 0, also when there are none; -EBADMSG.
 */
must_check int lookaside_load(const struct host *host, struct lookaside *out, struct err *err);

/**
 * lookaside_usual() - where signatures are when nothing is said
 * @host:	the facts
 *
 * Return: an address, to be freed; never NULL.
 */
must_check char *lookaside_usual(const struct host *host);

/**
 * lookaside_get() - bring one file
 * @remote:	the registry helper
 * @loop:	of @remote
 * @address:	of lookaside_address()
 * @out:	its bytes, to be freed; set on success only
 * @out_size:	how many
 * @err:	names the address
 *
 * Return: 0; -ENOENT when there is none; -EFBIG beyond LOOKASIDE_MAX_BYTES; otherwise what the file, or the
 * network, failed with.
 */
must_check int lookaside_get(struct remote *remote, struct loop *loop, const char *address,
			     char **out, size_t *out_size, struct err *err);
