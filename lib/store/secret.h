/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secret - passwords and keys that containers get without having them in their image: secrets/NAME
 *
 *   (1) secrets/NAME is one JSON file of mode 0600 with all there is of a secret, its bytes as base64: so
 *	 it is there whole or not at all, and is replaced by one rename;
 *   (2) the name of the file counts, not the one in it;
 *   (3) a container that uses one has a copy in its record (engine/secretuse.h): what happens to the
 *	 secret later does not matter to it.
 *
 * The bytes are not encrypted: who can read the user's files has them, as with every other key there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

enum secret_limits { SECRET_NAME_MAX = 253, SECRET_BYTES_MAX = 512000, SECRET_ID_HEX = 25 };

struct secret {
	char *id; /* random; a replaced secret has another one */
	char *name;
	int64_t created; /* ns since the epoch */
	int64_t updated;
	struct strv labels; /* k=v */
	char *driver;	    /* NULL: the store, which has the bytes; else who is asked for them */
	struct strv driver_options;
	char *data; /* base64; NULL with a driver */
};

/**
 * secret_check_name() - whether a text can be the name of a secret
 * @name:	as typed
 * @err:	the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int secret_check_name(const char *name, struct err *err);

/**
 * secret_create() - keep a secret
 * @store:	open store
 * @secret:	name, labels, driver and its options count
 * @data:	its bytes
 * @size:	1 to SECRET_BYTES_MAX
 * @replace:	one of that name is replaced, and keeps the time of its making
 * @out_id:	to be freed; set on success, and for -EEXIST that of the one that is there; may be NULL
 * @err:	names the secret and the rule
 *
 * Return: 0; -EEXIST when there is one of that name; -EINVAL; otherwise what the kernel said.
 */
must_check int secret_create(const struct store *store, const struct secret *secret,
			     const void *data, size_t size, bool replace, char **out_id,
			     struct err *err);

/**
 * secret_load() - read a secret
 * @store:	open store
 * @name:	its whole name
 * @out:	to be released with secret_free; set on success only
 * @err:	names the secret
 *
 * Return: 0; -ENOENT; -EBADMSG when it is damaged.
 */
must_check int secret_load(const struct store *store, const char *name, struct secret **out,
			   struct err *err);

/**
 * secret_find() - read the secret that a user means
 * @store:	open store
 * @text:	a name, an id, or the beginning of exactly one id
 * @out:	to be released with secret_free; set on success only
 * @err:	"no secret …"
 *
 * Return: 0; -ENOENT; -ENOTUNIQ; -EBADMSG.
 */
must_check int secret_find(const struct store *store, const char *text, struct secret **out,
			   struct err *err);

/**
 * secret_data() - the bytes of a secret
 * @secret:	as read
 * @out:	with a 0 behind them, to be freed; set on success only
 * @out_size:	how many, without that 0
 * @err:	names the secret
 *
 * Return: 0 or -EBADMSG.
 */
must_check int secret_data(const struct secret *secret, char **out, size_t *out_size,
			   struct err *err);

/**
 * secret_list() - the names of all secrets
 * @store:	open store
 * @out:	added at the end, sorted
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int secret_list(const struct store *store, struct strv *out, struct err *err);

/**
 * secret_remove() - take a secret away
 * @store:	open store
 * @name:	its whole name
 * @err:	names the secret
 *
 * Return: 0; -ENOENT; otherwise what the kernel said.
 */
must_check int secret_remove(const struct store *store, const char *name, struct err *err);

/**
 * secret_free() - release a secret; its bytes are overwritten
 * @secret:	may be NULL
 */
void secret_free(struct secret *secret);

DEFINE_AUTO_PTR(secret, struct secret, secret_free)
