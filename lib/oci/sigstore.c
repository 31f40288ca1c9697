/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore - signatures that stand beside an image as cosign puts them there
 */
#include "oci/sigstore.h"

#include <errno.h>

#include "base/json.h"
#include "oci/digest.h"

#define PAYLOAD_MEDIA "application/vnd.dev.cosign.simplesigning.v1+json"
#define SIGNATURE_KEY "dev.cosignproject.cosign/signature"

char *sigstore_tag(const char *digest)
{
	char *tag = str_fmt("%s.sig", digest);

	tag[strcspn(tag, ":")] = '-';
	return tag;
}

const char *sigstore_signature(const struct descriptor *layer)
{
	const char *signature = strv_env_get(&layer->annotations, SIGNATURE_KEY);

	return str_eq(layer->media_type, PAYLOAD_MEDIA) && !str_empty(signature) ? signature : NULL;
}

/* What else stood there might be a condition that we do not know. */
static bool has_keys(const cJSON *object, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!json_get(object, keys[i]))
			return false;
	return cJSON_IsObject(object) && cJSON_GetArraySize(object) == (int)count;
}

int sigstore_parse(const char *text, size_t size, const char *type, struct sigstore_payload *out,
		   struct err *err)
{
	static const char *const keys[] = { "type", "image", "identity" };
	AUTO(json) cJSON *doc = NULL;

	int r = json_parse(text, size, &doc, err);
	if (r < 0)
		return r;
	const cJSON *critical = json_get(doc, "critical");
	const char *digest = json_text(json_get(critical, "image"), "docker-manifest-digest");
	const char *name = json_text(json_get(critical, "identity"), "docker-reference");
	if (!str_eq(json_text(critical, "type"), type))
		return err_set(err, -EBADMSG, "what is signed is no image of a container");
	if (!has_keys(critical, keys, array_len(keys)))
		return err_set(err, -EBADMSG, "what is signed has conditions that are not known");
	if (!digest_valid(digest) || str_empty(name))
		return err_set(err, -EBADMSG, "what is signed has no digest or no name");
	out->digest = str_dup(digest);
	out->reference = str_dup(name);
	return 0;
}

/* A tag or a digest was given, and not filled in by us. */
static bool is_whole(const struct reference *ref)
{
	return ref->digest || !ref->default_tag;
}

static bool same_name(const struct reference *a, const struct reference *b)
{
	return str_eq(a->domain, b->domain) && str_eq(a->path, b->path);
}

static bool same_reference(const struct reference *a, const struct reference *b)
{
	return same_name(a, b) && str_eq(a->tag, b->tag) && str_eq(a->digest, b->digest);
}

/* @wanted always has a tag or a digest: "latest" is what is asked for when none was typed. */
static bool repo_digest_or_exact(const struct reference *wanted, const struct reference *is)
{
	if (!is_whole(is))
		return false;
	return wanted->tag ? same_reference(wanted, is) : same_name(wanted, is);
}

/* What the image would be called where it was signed. */
static bool remap(const struct policy_identity *identity, const struct reference *wanted,
		  struct reference *out)
{
	AUTO(mem) char *whole = reference_print(wanted);
	const char *rest = str_starts(whole, identity->prefix);

	if (!rest || (*rest && !strchr("/:@", *rest))) {
		reference_copy(out, wanted);
		return true;
	}
	AUTO(mem) char *moved = str_fmt("%s%s", identity->signed_prefix, rest);
	return reference_parse(moved, out, NULL) == 0;
}

bool sigstore_names(const struct policy_identity *identity, const struct reference *wanted,
		    const char *reference)
{
	AUTO(reference) struct reference is = { 0 }, other = { 0 };

	if (reference_parse(reference, &is, NULL) < 0)
		return false;
	/* Without a name of its own only a name in the policy can be compared. */
	if (!wanted && identity->match != POLICY_EXACT_REFERENCE &&
	    identity->match != POLICY_EXACT_REPOSITORY)
		return false;
	switch (identity->match) {
	case POLICY_MATCH_REPO_DIGEST_OR_EXACT:
		return repo_digest_or_exact(wanted, &is);
	case POLICY_MATCH_EXACT:
		return is_whole(&is) && same_reference(wanted, &is);
	case POLICY_MATCH_REPOSITORY:
		return same_name(wanted, &is);
	case POLICY_EXACT_REFERENCE:
		return reference_parse(identity->name, &other, NULL) == 0 && is_whole(&is) &&
		       same_reference(&other, &is);
	case POLICY_EXACT_REPOSITORY:
		return reference_parse(identity->name, &other, NULL) == 0 && same_name(&other, &is);
	case POLICY_REMAP_IDENTITY:
		return remap(identity, wanted, &other) && repo_digest_or_exact(&other, &is);
	}
	return false;
}

int sigstore_check(const char *text, size_t size, const struct sigstore_wish *wish, struct err *err)
{
	AUTO(sigstore) struct sigstore_payload words = { 0 };
	int r = sigstore_parse(text, size, wish->type, &words, err);

	if (r < 0)
		return r;
	if (!str_eq(words.digest, wish->digest))
		return err_set(err, -EKEYREJECTED, "the signature is for %.19s…", words.digest);
	if (!sigstore_names(wish->identity, wish->ref, words.reference))
		return err_set(err, -EKEYREJECTED, "the signature is for the name '%.200s'",
			       words.reference);
	return 0;
}

void sigstore_clear(struct sigstore_payload *payload)
{
	free(payload->digest);
	free(payload->reference);
	*payload = (struct sigstore_payload){ 0 };
}
