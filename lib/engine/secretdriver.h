/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secretdriver - where the bytes of a secret are: in the store ("file"), or with programs of the user's
 * ("shell")
 *
 * The driver "shell" has four commands for sh, as podman's: "store" reads the bytes from its standard input,
 * "lookup" prints them, "delete" forgets them, "list" is kept and not needed. Each has SECRET_ID in its
 * environment. So a password manager keeps them, and the store knows only how to ask.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "store/secret.h"

/**
 * secretdriver_plan() - check a driver and its options
 * @driver:	NULL and "file" are the store
 * @options:	KEY=VALUE
 * @out:	driver and options are set
 * @err:	names what is wrong, or missing
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP for a driver that is not there.
 */
must_check int secretdriver_plan(const char *driver, const struct strv *options, struct secret *out,
				 struct err *err);

/**
 * secretdriver_create() - keep a secret, wherever its driver keeps it
 * @engine:	the engine
 * @secret:	name, labels, driver and its options count
 * @data:	its bytes
 * @size:	how many
 * @replace:	as secret_create()
 * @out_id:	as secret_create()
 * @err:	names the secret
 *
 * Return: as secret_create(); -EIO when a command fails, and nothing is kept then.
 */
must_check int secretdriver_create(struct engine *engine, const struct secret *secret,
				   const void *data, size_t size, bool replace, char **out_id,
				   struct err *err);

/**
 * secretdriver_fetch() - the bytes of a secret
 * @engine:	the engine
 * @secret:	as read
 * @out:	with a 0 behind them, to be overwritten and freed; set on success only
 * @out_size:	how many, without that 0
 * @err:	names the secret
 *
 * Return: 0; -EBADMSG; -EIO when a command fails.
 */
must_check int secretdriver_fetch(struct engine *engine, const struct secret *secret, char **out,
				  size_t *out_size, struct err *err);

/**
 * secretdriver_remove() - forget a secret
 * @engine:	the engine
 * @secret:	as read
 * @err:	names the secret
 *
 * Return: 0; -ENOENT; -EIO when a command fails: the secret stays then.
 */
must_check int secretdriver_remove(struct engine *engine, const struct secret *secret,
				   struct err *err);
