/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * authstore - where names and passwords for registries are kept: files, and programs that keep them
 *
 * A file is written whole, by rename, with mode 0600, in a folder of mode 0700; a link to it stays one.
 * Who changes it holds a lock on its folder, so that of two at the same time both are kept; where a file
 * system cannot lock a folder the later one wins, as with podman and docker always. What a killed one left
 * beside a file goes with the next change.
 *
 * Places. podman, skopeo and buildah write $XDG_RUNTIME_DIR/containers/auth.json, which goes with the
 * session, and read ~/.config/containers/auth.json too, which lasts. Here the one that lasts is
 * written when it is there and the other is not, or when there is no XDG_RUNTIME_DIR.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/host.h"
#include "oci/auth_file.h"

struct authstore {
	char *path;
	bool docker; /* docker's form of keys: docker.io by its old address */
};

/**
 * authstore_place() - which file is to be changed
 * @host:	environment and home
 * @authfile:	--authfile, or NULL
 * @compat:	--compat-auth-file: a file in docker's form, or NULL
 * @docker:	docker's own file counts when none is named
 * @out:	to be released with authstore_clear
 */
void authstore_place(const struct host *host, const char *authfile, const char *compat, bool docker,
		     struct authstore *out);

/**
 * authstore_set() - keep a name and a password
 * @store:	the file, which may have a helper keep them
 * @host:	for helpers
 * @key:	"docker.io", "quay.io/group"
 * @credentials: with user and password
 * @out_where:	the file, or the helper, to be freed; may be NULL
 * @err:	names the file or the helper
 *
 * Return: 0 or a negative errno.
 */
must_check int authstore_set(const struct authstore *store, const struct host *host,
			     const char *key, const struct credentials *credentials,
			     char **out_where, struct err *err);

/**
 * authstore_unset() - forget a registry
 * @store:	the file
 * @host:	for helpers
 * @key:	as in authstore_set()
 * @err:	names the file or the helper
 *
 * Return: 0; -ENOENT when nothing was kept; otherwise a negative errno.
 */
must_check int authstore_unset(const struct authstore *store, const struct host *host,
			       const char *key, struct err *err);

/**
 * authstore_unset_all() - forget all registries, those that the file's helpers know too
 * @store:	the file
 * @host:	for helpers
 * @err:	names the file or the helper
 *
 * Return: 0, also when nothing was kept; otherwise a negative errno.
 */
must_check int authstore_unset_all(const struct authstore *store, const struct host *host,
				   struct err *err);

/**
 * authstore_find() - what is kept for a registry
 * @files:	in the order to look
 * @host:	for helpers
 * @key:	as in authstore_set()
 * @out:	zeroed by the caller, who owns it; set on success only
 * @err:	names the file or the helper
 *
 * Return: 0; -ENOENT when nothing is kept; otherwise a negative errno.
 */
must_check int authstore_find(const struct strv *files, const struct host *host, const char *key,
			      struct credentials *out, struct err *err);

/**
 * authstore_clear() - release the texts
 * @store:	zeroed afterwards
 */
void authstore_clear(struct authstore *store);

static inline void auto_authstore(struct authstore *store)
{
	authstore_clear(store);
}
