/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * auth_file - names and passwords that podman and docker keep for registries
 */
#include "oci/auth_file.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "oci/base64.h"

/* What a key stands for: without scheme, path of a URL, and with docker.io's present name. */
static char *normal_key(const char *key)
{
	const char *rest = str_starts(key, "https://");

	if (!rest)
		rest = str_starts(key, "http://");
	/* Only URLs have a path that is no repository (/v1/, /v2/). */
	AUTO(mem) char *name = rest ? str_ndup(rest, strcspn(rest, "/")) : str_dup(key);
	const char *old = str_starts(name, "index.docker.io");
	if (!old)
		old = str_starts(name, "registry-1.docker.io");
	if (old && (!*old || *old == '/'))
		return str_fmt("docker.io%s", old);
	return take_ptr(name);
}

/* Bytes of the key when the repository is at or below it, else 0. */
static size_t matches(const char *key, const char *repository)
{
	AUTO(mem) char *name = normal_key(key);
	size_t n = strlen(name);

	while (n && name[n - 1] == '/')
		n--;
	bool below = strncmp(repository, name, n) == 0 && (repository[n] == '/' || !repository[n]);
	return below ? n : 0;
}

static const cJSON *best_entry(const cJSON *object, const char *repository)
{
	const cJSON *item, *best = NULL;
	size_t best_length = 0;

	if (!cJSON_IsObject(object))
		return NULL;
	cJSON_ArrayForEach(item, object)
	{
		size_t n = matches(item->string, repository);
		if (n > best_length) {
			best_length = n;
			best = item;
		}
	}
	return best;
}

static int read_entry(const cJSON *entry, struct credentials *out, struct err *err)
{
	AUTO(credentials) struct credentials c = { 0 };
	AUTO(mem) char *plain = NULL;
	const char *auth = json_text(entry, "auth"), *user = json_text(entry, "username");
	const char *token = json_text(entry, "identitytoken");

	if (!str_empty(auth)) {
		if (base64_decode(auth, &plain, NULL) < 0 || !strchr(plain, ':'))
			return err_set(err, -EBADMSG, "the entry for '%s' is damaged",
				       entry->string);
		credentials_parse(plain, &c);
		explicit_bzero(plain, strlen(plain));
	} else if (!str_empty(user)) {
		c.user = str_dup(user);
		c.password = str_dup(str_or(json_text(entry, "password"), ""));
	}
	c.identity_token = str_empty(token) ? NULL : str_dup(token);
	if (!c.user && !c.identity_token)
		return -ENOENT;
	*out = c;
	c = (struct credentials){ 0 };
	return 0;
}

int auth_file_find(const char *text, size_t size, const char *domain, const char *path,
		   struct credentials *out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(mem) char *repository = str_fmt("%s/%s", domain, path);

	int r = json_parse(text, size, &doc, err);
	if (r < 0)
		return r;
	const cJSON *entry = best_entry(json_get(doc, "auths"), repository);
	r = entry ? read_entry(entry, out, err) : -ENOENT;
	if (r != -ENOENT)
		return r;
	if (best_entry(json_get(doc, "credHelpers"), repository) ||
	    !str_empty(json_text(doc, "credsStore")))
		return err_set(err, -ENOTSUP,
			       "the password for '%s' is kept by a credential helper", domain);
	return -ENOENT;
}

void credentials_parse(const char *text, struct credentials *out)
{
	const char *colon = strchrnul(text, ':');

	out->user = str_ndup(text, (size_t)(colon - text));
	out->password = str_dup(*colon ? colon + 1 : "");
}

char *credentials_basic(const struct credentials *credentials)
{
	AUTO(mem)
	char *plain = str_fmt("%s:%s", credentials->user, str_or(credentials->password, ""));
	AUTO(mem) char *coded = base64_encode(plain, strlen(plain));
	char *value = str_fmt("Basic %s", coded);

	explicit_bzero(plain, strlen(plain));
	explicit_bzero(coded, strlen(coded));
	return value;
}

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	str_set(text, NULL);
}

void credentials_clear(struct credentials *credentials)
{
	str_set(&credentials->user, NULL);
	wipe(&credentials->password);
	wipe(&credentials->identity_token);
}
