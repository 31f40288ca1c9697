/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secretuse - the secrets that a container is given: --secret
 *
 * The record names them (config.json); their bytes stand beside it in secrets.json, mode 0600, as they
 * were when the container was made: {"data": [BASE64, …]}, in the order of the record's list. So a
 * container starts again as it was, whatever became of the secret.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "store/container.h"
#include "store/store.h"

#define SECRETUSE_FILE "secrets.json"

/**
 * secretuse_parse() - read one --secret argument
 * @text:	NAME[,type=mount|env,target=TARGET,uid=N,gid=N,mode=OCTAL]
 * @out:	grows by one; unchanged on failure
 * @err:	names @text and the rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int secretuse_parse(const char *text, struct secret_uses *out, struct err *err);

/**
 * secretuse_resolve() - look the secrets of a new container up
 * @engine:	the engine
 * @config:	of the container; ids are set
 * @out:	contents of SECRETUSE_FILE, to be overwritten and freed; NULL when there are no secrets; set
 *		on success only
 * @err:	names the secret
 *
 * Return: 0; -ENOENT; -EBADMSG; -EINVAL when one cannot be used so.
 */
must_check int secretuse_resolve(struct engine *engine, struct container_config *config, char **out,
				 struct err *err);

/**
 * secretuse_env() - the variables of a container's secrets
 * @store:	open store
 * @config:	of the container
 * @out:	NAME=VALUE is added for each; to be overwritten by secretuse_clear()
 * @err:	names the container
 *
 * Return: 0 or a negative errno.
 */
must_check int secretuse_env(const struct store *store, const struct container_config *config,
			     struct strv *out, struct err *err);

/**
 * secretuse_each() - the bytes of a container's secrets, one after the other
 * @store:	open store
 * @config:	of the container
 * @fn:		called for each; a negative result ends it
 * @data:	handed to @fn
 * @err:	names the container
 *
 * Return: 0; what @fn returned; -EBADMSG when the file does not fit the record.
 */
must_check int secretuse_each(const struct store *store, const struct container_config *config,
			      int (*fn)(void *data, size_t at, const char *bytes, size_t size,
					struct err *err),
			      void *data, struct err *err);

/**
 * secretuse_clear() - overwrite and release variables
 * @env:	as secretuse_env() filled it; empty afterwards
 */
void secretuse_clear(struct strv *env);

static inline void auto_secret_env(struct strv *env)
{
	secretuse_clear(env);
}
