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
	const char *bearer = json_text(entry, "registrytoken");

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
	c.registry_token = str_empty(bearer) ? NULL : str_dup(bearer);
	if (!c.user && !c.identity_token && !c.registry_token)
		return -ENOENT;
	*out = c;
	c = (struct credentials){ 0 };
	return 0;
}

/* The text of an entry that is no empty text; NULL without an entry. */
static char *entry_text(const cJSON *entry)
{
	return cJSON_IsString(entry) && *entry->valuestring ? str_dup(entry->valuestring) : NULL;
}

int auth_file_find(const char *text, size_t size, const char *domain, const char *path,
		   struct credentials *out, char **out_helper, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(mem) char *repository = str_fmt("%s/%s", domain, path);

	int r = json_parse(text, size, &doc, err);
	if (r < 0)
		return r;
	char *helper = entry_text(best_entry(json_get(doc, "credHelpers"), repository));
	const cJSON *entry = best_entry(json_get(doc, "auths"), repository);
	r = entry && !helper ? read_entry(entry, out, err) : -ENOENT;
	if (r != -ENOENT)
		return r;
	if (!helper)
		helper = entry_text(json_get(doc, "credsStore"));
	if (!helper)
		return -ENOENT;
	*out_helper = helper;
	return 1;
}

int auth_file_keeper(const char *text, size_t size, const char *key, char **out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(mem) char *name = normal_key(key);

	int r = json_parse(text, size, &doc, err);
	if (r < 0)
		return r;
	char *helper = entry_text(best_entry(json_get(doc, "credHelpers"), name));
	*out = helper ? helper : entry_text(json_get(doc, "credsStore"));
	return 0;
}

bool auth_file_same(const char *a, const char *b)
{
	AUTO(mem) char *one = normal_key(a);
	AUTO(mem) char *other = normal_key(b);

	return str_eq(one, other);
}

/* The object of a file to be changed; what is no object cannot be one. */
static int parse_object(const char *text, size_t size, cJSON **out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	int r = 0;
	if (text && size)
		r = json_parse(text, size, &doc, err);
	else
		doc = cJSON_CreateObject();
	if (r < 0)
		return r;
	const cJSON *auths = json_get(doc, "auths");
	if (!cJSON_IsObject(doc) || (auths && !cJSON_IsObject(auths)))
		return err_set(err, -EBADMSG, "it is no file of names and passwords");
	*out = take_ptr(doc);
	return 0;
}

/* Return: how many entries went. */
static size_t drop_entries(cJSON *auths, const char *key)
{
	size_t gone = 0;

	for (cJSON *item = auths ? auths->child : NULL, *next; item; item = next) {
		next = item->next;
		if (key && !auth_file_same(item->string, key))
			continue;
		cJSON_Delete(cJSON_DetachItemViaPointer(auths, item));
		gone++;
	}
	return gone;
}

static cJSON *new_entry(const struct credentials *c)
{
	cJSON *entry = cJSON_CreateObject();

	if (!c)
		return entry;
	AUTO(mem) char *plain = str_fmt("%s:%s", c->user, str_or(c->password, ""));
	AUTO(mem) char *coded = base64_encode(plain, strlen(plain));
	cJSON_AddStringToObject(entry, "auth", coded);
	explicit_bzero(plain, strlen(plain));
	explicit_bzero(coded, strlen(coded));
	return entry;
}

enum { INDENT = 2 };

int auth_file_set(const char *text, size_t size, const char *key,
		  const struct credentials *credentials, char **out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	int r = parse_object(text, size, &doc, err);
	if (r < 0)
		return r;
	cJSON *auths = (cJSON *)json_get(doc, "auths");
	if (!auths)
		auths = cJSON_AddObjectToObject(doc, "auths");
	(void)drop_entries(auths, key); /* none is fine: it is new */
	cJSON_AddItemToObject(auths, key, new_entry(credentials));
	*out = json_print(doc, INDENT);
	return 0;
}

int auth_file_unset(const char *text, size_t size, const char *key, char **out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	int r = parse_object(text, size, &doc, err);
	if (r < 0)
		return r;
	if (!drop_entries((cJSON *)json_get(doc, "auths"), key))
		return err_set(err, -ENOENT, "nothing is kept for '%s'",
			       str_or(key, "any registry"));
	*out = json_print(doc, INDENT);
	return 0;
}

static void add_once(struct strv *out, const cJSON *name)
{
	if (cJSON_IsString(name) && *name->valuestring && strv_find(out, name->valuestring) < 0)
		strv_add(out, name->valuestring);
}

int auth_file_helpers(const char *text, size_t size, struct strv *out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	const cJSON *item;

	int r = json_parse(text, size, &doc, err);
	if (r < 0)
		return r;
	cJSON_ArrayForEach(item, json_get(doc, "credHelpers"))
	{
		add_once(out, item);
	}
	add_once(out, json_get(doc, "credsStore"));
	return 0;
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
	wipe(&credentials->registry_token);
}
