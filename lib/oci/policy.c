/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - whose images may come in: the ecosystem's policy.json
 */
#include "oci/policy.h"

#include <errno.h>

#include "base/json.h"

#define REGISTRIES "docker" /* the transport of registries */
#define GPG_KEYS "GPGKeys"

const char *const policy_kinds[] = {
	[POLICY_ACCEPT] = "insecureAcceptAnything",
	[POLICY_REJECT] = "reject",
	[POLICY_SIGNED_BY] = "signedBy",
	[POLICY_SIGSTORE] = "sigstoreSigned",
	NULL,
};

/* Besides "type". */
static const char *const kind_keys[] = {
	[POLICY_ACCEPT] = "",
	[POLICY_REJECT] = "",
	[POLICY_SIGNED_BY] = "keyType keyPath keyPaths keyData signedIdentity",
	[POLICY_SIGSTORE] =
		("keyPath keyPaths keyData keyDatas fulcio pki rekorPublicKeyPath "
		 "rekorPublicKeyPaths rekorPublicKeyData rekorPublicKeyDatas signedIdentity"),
};

/* What asks for more than keys. */
static const char *const missing_keys[] = { "fulcio",
					    "pki",
					    "rekorPublicKeyPath",
					    "rekorPublicKeyPaths",
					    "rekorPublicKeyData",
					    "rekorPublicKeyDatas" };

static const struct {
	const char *name, *keys;
} matches[] = {
	[POLICY_MATCH_REPO_DIGEST_OR_EXACT] = { "matchRepoDigestOrExact", "" },
	[POLICY_MATCH_EXACT] = { "matchExact", "" },
	[POLICY_MATCH_REPOSITORY] = { "matchRepository", "" },
	[POLICY_EXACT_REFERENCE] = { "exactReference", "dockerReference" },
	[POLICY_EXACT_REPOSITORY] = { "exactRepository", "dockerRepository" },
	[POLICY_REMAP_IDENTITY] = { "remapIdentity", "prefix signedPrefix" },
};

/* ---- reading ---------------------------------------------------------------------------------- */

static bool has_word(const char *words, const char *word)
{
	AUTO(strv) struct strv list = { 0 };

	strv_split(&list, words, ' ');
	return strv_find(&list, word) >= 0;
}

/* What is not known might have been a lock. */
static int check_keys(const cJSON *object, const char *known, struct err *err)
{
	const cJSON *item;

	if (!cJSON_IsObject(object))
		return err_set(err, -EBADMSG, "a requirement is no object");
	cJSON_ArrayForEach(item, object)
	{
		if (!str_eq(item->string, "type") && !has_word(known, item->string))
			return err_set(err, -EBADMSG, "'%.100s' is not known there", item->string);
	}
	return 0;
}

/* A text that has to be there. */
static int take_text(const cJSON *object, const char *key, char **out, struct err *err)
{
	const char *text = json_text(object, key);

	if (str_empty(text))
		return err_set(err, -EBADMSG, "'%s' is missing, or no text", key);
	str_set(out, text);
	return 0;
}

/* One text under a key, or a list of them under the key in the plural. */
static int take_texts(const cJSON *object, const char *one, const char *many, struct strv *out,
		      struct err *err)
{
	const cJSON *single = json_get(object, one), *list = json_get(object, many);

	if (single && list)
		return err_set(err, -EBADMSG, "'%s' and '%s' exclude each other", one, many);
	if (single && (!cJSON_IsString(single) || !*single->valuestring))
		return err_set(err, -EBADMSG, "'%s' is no text", one);
	if (single)
		strv_add(out, single->valuestring);
	if (list && (json_strv(object, many, out) < 0 || !out->count))
		return err_set(err, -EBADMSG, "'%s' is no list of texts", many);
	return 0;
}

static int read_identity(const cJSON *object, struct policy_identity *out, struct err *err)
{
	const char *type = json_text(object, "type");
	size_t i = 0;

	if (!object)
		return 0;
	while (i < array_len(matches) && !str_eq(type, matches[i].name))
		i++;
	if (i == array_len(matches))
		return err_set(err, -EBADMSG, "'%.100s' is no kind of signedIdentity",
			       str_or(type, ""));
	int r = check_keys(object, matches[i].keys, err);
	if (r < 0)
		return r;
	out->match = (enum policy_match)i;
	if (out->match == POLICY_REMAP_IDENTITY) {
		r = take_text(object, "prefix", &out->prefix, err);
		return r < 0 ? r : take_text(object, "signedPrefix", &out->signed_prefix, err);
	}
	return *matches[i].keys ? take_text(object, matches[i].keys, &out->name, err) : 0;
}

/* Of the kinds that the format names (keys, keyrings, certificates) its readers know this one. */
static int read_key_type(const cJSON *object, struct policy_requirement *out, struct err *err)
{
	int r = take_text(object, "keyType", &out->key_type, err);

	if (r == 0 && !str_eq(out->key_type, GPG_KEYS))
		return err_set(err, -EBADMSG, "the keyType '%.100s' is not " GPG_KEYS,
			       out->key_type);
	return r;
}

static int read_signed(const cJSON *object, struct policy_requirement *out, struct err *err)
{
	for (size_t i = 0; i < array_len(missing_keys) && !out->missing; i++)
		if (json_get(object, missing_keys[i]))
			str_set(&out->missing, missing_keys[i]);
	int r = take_texts(object, "keyPath", "keyPaths", &out->key_paths, err);
	if (r == 0)
		r = take_texts(object, "keyData", "keyDatas", &out->key_data, err);
	if (r == 0)
		r = read_identity(json_get(object, "signedIdentity"), &out->identity, err);
	if (r == 0 && out->kind == POLICY_SIGNED_BY)
		r = read_key_type(object, out, err);
	if (r < 0)
		return r;
	if (out->key_paths.count && out->key_data.count)
		return err_set(err, -EBADMSG, "keys are both in files and in the policy");
	if (!out->key_paths.count && !out->key_data.count && !out->missing)
		return err_set(err, -EBADMSG, "a signature is asked for, but there is no key");
	return 0;
}

static int read_requirement(const cJSON *object, struct policy_requirement *out, struct err *err)
{
	const char *type = json_text(object, "type");
	size_t i = 0;

	while (policy_kinds[i] && !str_eq(type, policy_kinds[i]))
		i++;
	if (!policy_kinds[i])
		return err_set(err, -EBADMSG, "'%.100s' is no kind of requirement",
			       str_or(type, ""));
	out->kind = (enum policy_kind)i;
	int r = check_keys(object, kind_keys[i], err);
	if (r == 0 && (out->kind == POLICY_SIGNED_BY || out->kind == POLICY_SIGSTORE))
		r = read_signed(object, out, err);
	return r;
}

static int read_scope(struct policy *policy, const char *transport, const char *name,
		      const cJSON *list, struct err *err)
{
	struct policy_scope *scope = vec_push(&policy->scopes);
	const cJSON *item;

	*scope = (struct policy_scope){ .transport = str_dup(transport), .name = str_dup(name) };
	if (!cJSON_IsArray(list) || !cJSON_GetArraySize(list))
		return err_set(err, -EBADMSG, "'%s' has no list of requirements",
			       *name ? name : str_or(transport, "default"));
	cJSON_ArrayForEach(item, list)
	{
		struct policy_requirement *requirement = vec_push(&scope->requirements);
		*requirement = (struct policy_requirement){ 0 };
		int r = read_requirement(item, requirement, err);
		if (r < 0)
			return err_wrap(err, "'%s'", *name ? name : str_or(transport, "default"));
	}
	return 0;
}

static int read_transport(struct policy *policy, const cJSON *transport, struct err *err)
{
	const cJSON *scope;

	if (!cJSON_IsObject(transport))
		return err_set(err, -EBADMSG, "'%s' is no object", transport->string);
	cJSON_ArrayForEach(scope, transport)
	{
		int r = read_scope(policy, transport->string, scope->string, scope, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_policy(const cJSON *doc, struct policy *policy, struct err *err)
{
	const cJSON *transports = json_get(doc, "transports"), *item;

	if (!cJSON_IsObject(doc))
		return err_set(err, -EBADMSG, "it is no object");
	int r = check_keys(doc, "default transports", err);
	if (r < 0)
		return r;
	if (transports && !cJSON_IsObject(transports))
		return err_set(err, -EBADMSG, "'transports' is no object");
	r = read_scope(policy, NULL, "", json_get(doc, "default"), err);
	cJSON_ArrayForEach(item, transports)
	{
		if (r == 0)
			r = read_transport(policy, item, err);
	}
	return r;
}

int policy_parse(const char *text, size_t size, struct policy **out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(policy) struct policy *policy = mem_new(struct policy);

	int r = json_parse(text, size, &doc, err);
	if (r == 0)
		r = read_policy(doc, policy, err);
	if (r < 0)
		return r;
	*out = take_ptr(policy);
	return 0;
}

/* ---- scopes ----------------------------------------------------------------------------------- */

/* The first name of a list that a transport has a scope of; then its rest, then the default. */
static const struct policy_scope *first_of(const struct policy *policy, const char *transport,
					   const struct strv *names)
{
	for (size_t n = 0; n <= names->count; n++)
		for (size_t i = 0; i < policy->scopes.count; i++) {
			const struct policy_scope *scope = &policy->scopes.items[i];
			if (str_eq(scope->transport, transport) &&
			    str_eq(scope->name, n < names->count ? names->items[n] : ""))
				return scope;
		}
	return &policy->scopes.items[0];
}

/* A name and what is above it, down to the first part. */
static void add_parents(struct strv *out, const char *name)
{
	AUTO(mem) char *copy = str_dup(name);
	char *slash;

	for (strv_add(out, copy); (slash = strrchr(copy, '/')) && slash != copy;
	     strv_add(out, copy))
		*slash = 0;
}

/* "*.example.com", "*.com" of "a.example.com:5000". */
static void add_wildcards(struct strv *out, const char *domain)
{
	AUTO(mem) char *host = str_ndup(domain, strcspn(domain, ":"));

	for (const char *dot = strchr(host, '.'); dot; dot = strchr(dot + 1, '.'))
		strv_addf(out, "*%s", dot);
}

void policy_names(const struct reference *ref, struct strv *out)
{
	AUTO(mem) char *name = reference_name(ref);

	if (ref->digest)
		strv_addf(out, "%s@%s", name, ref->digest);
	if (ref->tag)
		strv_addf(out, "%s:%s", name, ref->tag);
	add_parents(out, name);
	add_wildcards(out, ref->domain);
}

const struct policy_scope *policy_image(const struct policy *policy, const struct reference *ref)
{
	AUTO(strv) struct strv names = { 0 };

	policy_names(ref, &names);
	return first_of(policy, REGISTRIES, &names);
}

const struct policy_scope *policy_file(const struct policy *policy, const char *transport,
				       const char *path, const char *name)
{
	AUTO(strv) struct strv names = { 0 };

	if (path && !str_empty(name))
		strv_addf(&names, "%s:%s", path, name);
	if (path)
		add_parents(&names, path);
	return first_of(policy, transport, &names);
}

static void requirement_clear(struct policy_requirement *r)
{
	strv_clear(&r->key_paths);
	strv_clear(&r->key_data);
	free(r->key_type);
	free(r->identity.name);
	free(r->identity.prefix);
	free(r->identity.signed_prefix);
	free(r->missing);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->scopes.count; i++) {
		struct policy_scope *scope = &policy->scopes.items[i];
		for (size_t k = 0; k < scope->requirements.count; k++)
			requirement_clear(&scope->requirements.items[k]);
		free(scope->requirements.items);
		free(scope->transport);
		free(scope->name);
	}
	free(policy->scopes.items);
	free(policy);
}
