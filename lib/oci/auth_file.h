/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * auth_file - names and passwords that podman and docker keep for registries
 *
 * One form, several places: auth.json of podman, config.json of docker. Keys are registries
 * ("quay.io"), repositories below them ("quay.io/group", "quay.io/group/app"), or URLs as old
 * versions of docker wrote them ("https://index.docker.io/v1/").
 *
 * Source: containers-auth.json(5).
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/macros.h"

struct credentials {
	char *user;
	char *password;
	char *identity_token; /* instead of the two, or NULL */
};

/**
 * auth_file_find() - what a file has for a repository
 * @text:	of the file
 * @size:	bytes
 * @domain:	"docker.io", "localhost:5000"
 * @path:	"library/nginx"
 * @out:	zeroed by the caller, who owns it (credentials_clear); set on success only
 * @err:	says what is damaged, or that a helper program would be needed
 *
 * The longest key that the repository is below counts.
 *
 * Return: 0; -ENOENT when there is nothing; -ENOTSUP when only a credential helper has it; -EBADMSG.
 */
must_check int auth_file_find(const char *text, size_t size, const char *domain, const char *path,
			      struct credentials *out, struct err *err);

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
