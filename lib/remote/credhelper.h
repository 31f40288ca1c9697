/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * credhelper - asking a program of the user's that keeps names and passwords
 *
 * docker-credential-NAME VERB, found in the caller's PATH: it reads one text from its standard input and
 * prints one to its standard output.
 *
 *	get	a registry		{"Username": "…", "Secret": "…"}
 *	store	{"ServerURL", "Username", "Secret"}
 *	erase	a registry
 *	list				{"registry": "name", …}
 *
 * The name "<token>" says that the secret is an identity token. When it fails it prints why; "credentials
 * not found in native keychain" means that it has nothing. It is the user's program and gets the user's
 * environment and standard error, so that it may ask on the terminal.
 *
 * Source: docker's credential helper protocol.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "kern/host.h"
#include "oci/auth_file.h"

enum credhelper_limits {
	CREDHELPER_SECONDS = 120,  /* it may ask the user */
	CREDHELPER_MAX = 48 << 10, /* bytes of an answer; of a list of registries too */
};

/**
 * credhelper_get() - what a helper has for a registry
 * @host:	says where programs are, and what their environment is
 * @name:	of the helper, without "docker-credential-"
 * @domain:	registry; docker.io is asked for by docker's old name first
 * @out:	zeroed by the caller, who owns it; set on success only
 * @err:	names the program
 *
 * Return: 0; -ENOENT when it has nothing; -ENOSYS when it is not there; -ETIMEDOUT; -EIO when it fails;
 * -EBADMSG when what it prints is no answer.
 */
must_check int credhelper_get(const struct host *host, const char *name, const char *domain,
			      struct credentials *out, struct err *err);

/**
 * credhelper_store() - let a helper keep a name and a password
 * @host:	as credhelper_get()
 * @name:	of the helper
 * @key:	registry
 * @credentials: with user and password
 * @err:	names the program
 *
 * Return: 0; as credhelper_get().
 */
must_check int credhelper_store(const struct host *host, const char *name, const char *key,
				const struct credentials *credentials, struct err *err);

/**
 * credhelper_erase() - let a helper forget a registry
 * @host:	as credhelper_get()
 * @name:	of the helper
 * @key:	registry
 * @err:	names the program
 *
 * Return: 0; -ENOENT when it has nothing; as credhelper_get().
 */
must_check int credhelper_erase(const struct host *host, const char *name, const char *key,
				struct err *err);

/**
 * credhelper_list() - the registries that a helper knows
 * @host:	as credhelper_get()
 * @name:	of the helper
 * @out:	keys are added
 * @err:	names the program
 *
 * Return: 0; as credhelper_get().
 */
must_check int credhelper_list(const struct host *host, const char *name, struct strv *out,
			       struct err *err);
