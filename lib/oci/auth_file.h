/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * auth_file - names and passwords that podman and docker keep for registries
 *
 * One form, several places: auth.json of podman, config.json of docker. Keys are registries
 * ("quay.io"), repositories below them ("quay.io/group", "quay.io/group/app"), or URLs as old
 * versions of docker wrote them ("https://index.docker.io/v1/"). Two spellings of one registry
 * ("docker.io", "https://index.docker.io/v1/") are the same key.
 *
 * A file may name helper programs: "credHelpers" has one for each registry, "credsStore" one for all.
 * What stands in the file for a registry counts more than "credsStore", less than "credHelpers".
 *
 * Source: containers-auth.json(5); docker's "Configuration files" of its command line.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/macros.h"
#include "base/str.h"

enum { AUTH_FILE_MAX = 1 << 20 }; /* bytes of a file */

struct credentials {
	char *user;
	char *password;
	char *identity_token; /* instead of the two, for the token server; or NULL */
	char *registry_token; /* instead of all, for the registry itself; or NULL */
};

/**
 * auth_file_find() - what a file has for a repository
 * @text:	of the file
 * @size:	bytes
 * @domain:	"docker.io", "localhost:5000"
 * @path:	"library/nginx"
 * @out:	zeroed by the caller, who owns it (credentials_clear); set on success only
 * @out_helper:	name of a helper program, to be freed; set when the result is 1 only
 * @err:	says what is damaged
 *
 * The longest key that the repository is below counts.
 *
 * Return: 0; 1 when the helper has to be asked; -ENOENT when there is nothing; -EBADMSG.
 */
must_check int auth_file_find(const char *text, size_t size, const char *domain, const char *path,
			      struct credentials *out, char **out_helper, struct err *err);

/**
 * auth_file_keeper() - which helper program is to keep what is known of a registry
 * @text:	of the file
 * @size:	bytes
 * @key:	registry, or a repository of one
 * @out:	its name, to be freed; NULL when the file itself keeps it; set on success only
 * @err:	says what is damaged
 *
 * Return: 0 or -EBADMSG.
 */
must_check int auth_file_keeper(const char *text, size_t size, const char *key, char **out,
				struct err *err);

/**
 * auth_file_set() - the text of a file with a name and a password more
 * @text:	of the file, or NULL when there is none yet
 * @size:	bytes
 * @key:	as it shall be written
 * @credentials: with user and password; NULL enters the key alone, for what a helper keeps
 * @out:	to be overwritten and freed; set on success only
 * @err:	says what is damaged
 *
 * Other spellings of the key are replaced; everything else of the file stays.
 *
 * Return: 0 or -EBADMSG.
 */
must_check int auth_file_set(const char *text, size_t size, const char *key,
			     const struct credentials *credentials, char **out, struct err *err);

/**
 * auth_file_unset() - the text of a file without a registry
 * @text:	of the file
 * @size:	bytes
 * @key:	in any spelling; NULL takes all away
 * @out:	to be overwritten and freed; set on success only
 * @err:	says what is damaged
 *
 * Return: 0; -ENOENT when it has no such key; -EBADMSG.
 */
must_check int auth_file_unset(const char *text, size_t size, const char *key, char **out,
			       struct err *err);

/**
 * auth_file_helpers() - the helper programs that a file names
 * @text:	of the file
 * @size:	bytes
 * @out:	names are added, each once
 * @err:	says what is damaged
 *
 * Return: 0 or -EBADMSG.
 */
must_check int auth_file_helpers(const char *text, size_t size, struct strv *out, struct err *err);

/**
 * auth_file_same() - whether two keys are spellings of one
 * @a:	key
 * @b:	key
 *
 * Return: whether they are.
 */
must_check bool auth_file_same(const char *a, const char *b);

/**
 * credentials_parse() - read "user:password" or "user" as --creds takes it
 * @text:	the password may hold ':'
 * @out:	zeroed by the caller, who owns it
 */
void credentials_parse(const char *text, struct credentials *out);

/**
 * credentials_basic() - the value of a Basic authorization header
 * @credentials:	with a user
 *
 * Return: "Basic …", to be freed; never NULL.
 */
must_check char *credentials_basic(const struct credentials *credentials);

/**
 * credentials_clear() - overwrite and release them
 * @credentials:	zeroed afterwards
 */
void credentials_clear(struct credentials *credentials);

static inline void auto_credentials(struct credentials *credentials)
{
	credentials_clear(credentials);
}
