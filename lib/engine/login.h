/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * login - names and passwords for registries: try, keep, find, forget
 *
 * They are keyed by registry, or by a repository of one ("quay.io/group"); the registry alone is asked
 * whether they let us in. Where they are kept: remote/authstore.h; registries.conf may put programs
 * before the files (credential-helpers).
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/registry.h"
#include "kern/host.h"
#include "oci/auth_file.h"

struct login {
	const struct host *host;
	bool docker; /* docker's file, and its registry when none is named */
	struct registry_access access;
	const char *compat; /* --compat-auth-file, or NULL */
};

/**
 * login_key() - what a registry is kept under
 * @login:	says which is meant when none is named
 * @typed:	"quay.io", "quay.io/group", "https://index.docker.io/v1/"; or NULL
 * @out:	to be freed; set on success only
 * @err:	says that it is no registry
 *
 * Return: 0; -EINVAL; -EBADMSG when registries.conf is damaged.
 */
must_check int login_key(const struct login *login, const char *typed, char **out, struct err *err);

/**
 * login_find() - what is kept for a registry
 * @login:	where to look
 * @key:	of login_key()
 * @out:	zeroed by the caller, who owns it; set on success only
 * @err:	names the file or the helper
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int login_find(const struct login *login, const char *key, struct credentials *out,
			  struct err *err);

/**
 * login_try() - ask the registry whether a name and a password let us in
 * @login:	how it is asked
 * @key:	of login_key()
 * @credentials: with user and password
 * @err:	what the registry says
 *
 * A registry that asks for nothing lets everybody in.
 *
 * Return: 0; -ENOKEY when they do not; otherwise a negative errno.
 */
must_check int login_try(const struct login *login, const char *key,
			 const struct credentials *credentials, struct err *err);

/**
 * login_keep() - keep a name and a password
 * @login:	where
 * @key:	of login_key()
 * @credentials: with user and password
 * @out_where:	the file or the program that keeps them, to be freed; set on success only
 * @err:	names it
 *
 * Return: 0 or a negative errno.
 */
must_check int login_keep(const struct login *login, const char *key,
			  const struct credentials *credentials, char **out_where, struct err *err);

/**
 * login_forget() - forget a registry, or all
 * @login:	where
 * @key:	of login_key(); NULL for all
 * @err:	names the file or the program
 *
 * Return: 0; -ENOENT when nothing was kept under @key; otherwise a negative errno.
 */
must_check int login_forget(const struct login *login, const char *key, struct err *err);
