/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust - what policy.json says, done
 */
#include "engine/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/trust_gpg.h"
#include "oci/base64.h"
#include "oci/image.h"
#include "oci/sigstore.h"

enum { POLICY_MAX = 1 << 20, KEYS_MAX = 32 << 10 };

#define SYSTEM_FILE "/etc/containers/policy.json"

/* ---- the file --------------------------------------------------------------------------------- */

static char *own_place(const struct host *host)
{
	const char *config = host_env(host, "XDG_CONFIG_HOME");

	return !str_empty(config) && *config == '/'
		       ? str_fmt("%s/containers/policy.json", config)
		       : str_fmt("%s/.config/containers/policy.json", host->home);
}

char *trust_place(const struct host *host, const char *named)
{
	AUTO(mem) char *own = own_place(host);
	AUTO(mem) char *home = str_fmt("%s/.config/containers/policy.json", host->home);
	const char *places[] = { own, home, SYSTEM_FILE };

	if (named)
		return str_dup(named);
	/* One that is there and cannot be read counts: it may forbid. */
	for (size_t i = 0; i < array_len(places); i++)
		if (access(places[i], F_OK) == 0 || errno == EACCES)
			return str_dup(places[i]);
	return take_ptr(own);
}

int trust_load(const struct host *host, const char *named, struct trust *out, struct err *err)
{
	AUTO(mem) char *file = trust_place(host, named);
	AUTO(mem) char *text = NULL;
	size_t size;

	out->host = host;
	int r = file_read(AT_FDCWD, file, POLICY_MAX, &text, &size);
	if (r == -ENOENT && !named)
		return 0;
	if (r < 0)
		return err_sys(err, r, "cannot read the policy '%s'", file);
	r = policy_parse(text, size, &out->policy, err);
	if (r < 0)
		return err_wrap(err, "the policy '%s' is damaged, so that no image is let in",
				file);
	out->file = take_ptr(file);
	return 0;
}

/* ---- before anybody is asked ------------------------------------------------------------------ */

static int refuse(const struct trust *trust, const char *name, const char *why, struct err *err)
{
	(void)err_set(err, -EPERM, "the policy '%s' does not let '%s' in: %s", trust->file, name,
		      why);
	return err_hint(err, "see: cubby image trust show");
}

/* The same, with what could help. */
static int refuse_for(const struct trust *trust, const char *name, struct err *why, struct err *err)
{
	int r = refuse(trust, name, str_or(why->text, "it is not met"), err);

	return why->hint ? err_hint(err, "%s", why->hint) : r;
}

/* Return: 0 met, 1 to be looked at, -EPERM. */
static int ask_one(const struct trust *trust, const struct policy_requirement *r, const char *name,
		   struct err *err)
{
	AUTO(mem) char *why = NULL;

	switch (r->kind) {
	case POLICY_ACCEPT:
		return 0;
	case POLICY_REJECT:
		return refuse(trust, name, "it rejects it", err);
	case POLICY_SIGNED_BY:
		return 1;
	case POLICY_SIGSTORE:
		if (!r->missing)
			return 1;
		why = str_fmt("it has '%s', and only keys are checked here", r->missing);
		return refuse(trust, name, why, err);
	}
	return refuse(trust, name, "it asks for what is not known", err);
}

static int ask_all(const struct trust *trust, const struct policy_scope *scope, const char *name,
		   struct err *err)
{
	int most = 0;

	for (size_t i = 0; i < scope->requirements.count; i++) {
		int r = ask_one(trust, &scope->requirements.items[i], name, err);
		if (r < 0)
			return r;
		most = max_of(most, r);
	}
	return most;
}

int trust_asks(const struct trust *trust, const struct reference *ref, struct err *err)
{
	AUTO(mem) char *name = reference_print(ref);

	return trust->policy ? ask_all(trust, policy_image(trust->policy, ref), name, err) : 0;
}

int trust_file(const struct trust *trust, const struct transport *from,
	       const struct policy_scope **out_scope, struct err *err)
{
	if (!transport_is_file(from->kind) || !trust->policy)
		return 0;
	/* docker's archives have no scopes but the whole. */
	bool whole = from->kind == TRANSPORT_DOCKER_ARCHIVE;
	AUTO(mem) char *real = from->path ? realpath(from->path, NULL) : NULL;
	const struct policy_scope *scope =
		policy_file(trust->policy, transport_names[from->kind], whole ? NULL : real,
			    from->names.count ? from->names.items[0] : NULL);
	AUTO(mem)
	char *name = str_fmt("%s:%s", transport_names[from->kind], str_or(real, ""));
	int r = ask_all(trust, scope, name, err);
	if (r <= 0)
		return r;
	if (from->kind != TRANSPORT_DIR)
		return refuse(trust, name, "it asks for a signature, and such files have none",
			      err);
	for (size_t i = 0; i < scope->requirements.count; i++)
		if (scope->requirements.items[i].kind == POLICY_SIGSTORE)
			return refuse(trust, name,
				      "it asks for a signature of cosign, and files have none",
				      err);
	*out_scope = scope;
	return r;
}

/* ---- signatures ------------------------------------------------------------------------------- */

/* One thing that is asked of the registry helper at a time. */
struct question {
	struct loop *loop;
	struct err *err;
	char *text; /* of a manifest */
	size_t size;
};

static void on_text(void *data, const struct remote_answer *answer, struct err *err)
{
	struct question *q = data;
	int r = answer ? fd_read_all(answer->memfd, JSON_MAX_BYTES, &q->text, &q->size)
		       : err_move(q->err, err);

	if (answer && r < 0)
		(void)err_sys(q->err, r, "cannot read the signatures");
	loop_stop(q->loop, r);
}

static void on_end(void *data, const struct remote_answer *answer, struct err *err)
{
	struct question *q = data;

	loop_stop(q->loop, answer ? 0 : err_move(q->err, err));
}

/* The manifest whose layers are signatures; -ENOENT when there is none. */
static int get_signatures(const struct trust_image *image, const char *digest,
			  struct manifest **out, struct err *err)
{
	AUTO(mem) char *tag = sigstore_tag(digest);
	struct question q = { .loop = image->loop, .err = err };
	const struct remote_manifest_request request = { .domain = image->ref->domain,
							 .path = image->ref->path,
							 .tag = tag,
							 .done = on_text,
							 .data = &q };

	int r = remote_manifest(image->remote, &request, NULL, err);
	if (r == 0)
		r = loop_run(image->loop);
	AUTO(mem) char *text = q.text;
	return r < 0 ? r : manifest_parse(text, q.size, NULL, out, err);
}

/* The bytes of a payload in a file of memory. Return: its descriptor or a negative errno. */
static int get_payload(const struct trust_image *image, const struct descriptor *layer,
		       struct err *err)
{
	AUTO(fd) int file = memfd_create("payload", MFD_CLOEXEC);
	struct question q = { .loop = image->loop, .err = err };

	if (layer->size > SIGSTORE_MAX_PAYLOAD)
		return err_set(err, -EBADMSG, "a signature is for %lld bytes",
			       (long long)layer->size);
	if (file < 0)
		return err_sys(err, -errno, "cannot make room for a signature");
	const struct remote_blob_request request = { .domain = image->ref->domain,
						     .path = image->ref->path,
						     .digest = layer->digest,
						     .size = layer->size,
						     .file = file,
						     .more = -1,
						     .done = on_end,
						     .data = &q };
	int r = remote_blob(image->remote, &request, NULL, err);
	if (r == 0)
		r = loop_run(image->loop);
	return r < 0 ? r : take_fd(file);
}

static int check_key(const struct trust_image *image, const char *keys, const char *signature,
		     int payload, struct err *err)
{
	struct question q = { .loop = image->loop, .err = err };
	const struct remote_verify_request request = {
		.keys = keys, .signature = signature, .file = payload, .done = on_end, .data = &q
	};

	int r = remote_verify(image->remote, &request, NULL, err);
	return r < 0 ? r : loop_run(image->loop);
}

static int check_words(const struct policy_requirement *need, const struct trust_image *image,
		       const char *digest, int payload, struct err *err)
{
	const struct sigstore_wish wish = { .type = SIGSTORE_COSIGN,
					    .identity = &need->identity,
					    .ref = image->ref,
					    .digest = digest };
	AUTO(mem) char *text = NULL;
	size_t size;

	if (lseek(payload, 0, SEEK_SET) < 0)
		return err_sys(err, -errno, "cannot read what is signed");
	int r = fd_read_all(payload, SIGSTORE_MAX_PAYLOAD, &text, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read what is signed");
	return sigstore_check(text, size, &wish, err);
}

static int check_one(const struct policy_requirement *need, const struct trust_image *image,
		     const char *digest, const char *keys, const struct descriptor *layer,
		     struct err *err)
{
	const char *signature = sigstore_signature(layer);

	if (!signature)
		return err_set(err, -EKEYREJECTED, "there is no signature");
	AUTO(fd) int payload = get_payload(image, layer, err);
	if (payload < 0)
		return payload;
	/* Nothing of what is said is looked at before it is known who says it. */
	int r = check_key(image, keys, signature, payload, err);
	return r < 0 ? r : check_words(need, image, digest, payload, err);
}

struct search {
	const struct policy_requirement *need;
	const struct trust_image *image;
	const char *keys;
};

static int check_digest(void *data, const char *digest, struct err *err)
{
	const struct search *search = data;
	AUTO(manifest) struct manifest *signatures = NULL;
	int r = get_signatures(search->image, digest, &signatures, err);

	if (r < 0)
		return r;
	r = err_set(err, -ENOENT, "there is no signature");
	for (size_t i = 0; i < signatures->layers.count && i < SIGSTORE_MAX_SIGNATURES; i++) {
		r = check_one(search->need, search->image, digest, search->keys,
			      &signatures->layers.items[i], err);
		if (r == 0)
			break;
	}
	if (r == 0)
		err_clear(err);
	return r;
}

/* All keys of a requirement, in PEM. */
static int read_keys(const struct policy_requirement *need, char **out, struct err *err)
{
	AUTO(strv) struct strv keys = { 0 };

	for (size_t i = 0; i < need->key_paths.count; i++) {
		char *text = NULL;
		int r = file_read(AT_FDCWD, need->key_paths.items[i], KEYS_MAX, &text, NULL);
		if (r < 0)
			return err_sys(err, r, "cannot read the key '%s'",
				       need->key_paths.items[i]);
		strv_take(&keys, text);
	}
	for (size_t i = 0; i < need->key_data.count; i++) {
		char *text = NULL;
		if (base64_decode(need->key_data.items[i], &text, NULL) < 0)
			return err_set(err, -EBADMSG, "a key in the policy is no base64");
		strv_take(&keys, text);
	}
	*out = str_join(&keys, "\n");
	return strlen(*out) <= KEYS_MAX ? 0 : err_set(err, -EBADMSG, "the keys are too large");
}

static int meet_sigstore(const struct policy_requirement *need, const struct trust_image *image,
			 struct err *err)
{
	AUTO(mem) char *keys = NULL;
	int r = read_keys(need, &keys, err);
	struct search search = { .need = need, .image = image, .keys = keys };

	return r < 0 ? r : trust_any_digest(image->digests, check_digest, &search, err);
}

/* Of a scope that trust_asks() or trust_file() found worth a look. */
static int meet(const struct trust *trust, const struct policy_requirement *need,
		const struct trust_image *image, const char *name, struct err *err)
{
	switch (need->kind) {
	case POLICY_SIGSTORE:
		return meet_sigstore(need, image, err);
	case POLICY_SIGNED_BY:
		return trust_meet_gpg(trust->host, need, image, err);
	case POLICY_ACCEPT:
	case POLICY_REJECT:
		break;
	}
	return ask_one(trust, need, name, err);
}

int trust_verify(const struct trust *trust, const struct trust_image *image, struct err *err)
{
	const struct policy_scope *scope = image->scope ? image->scope
							: policy_image(trust->policy, image->ref);
	AUTO(mem) char *name = image->ref ? reference_print(image->ref) : str_dup(image->shown);

	for (size_t i = 0; i < scope->requirements.count; i++) {
		AUTO(err) struct err one = { 0 };
		int r = meet(trust, &scope->requirements.items[i], image, name, &one);
		if (r == -EINTR)
			return err_move(err, &one);
		if (r < 0)
			return refuse_for(trust, name, &one, err);
	}
	return 0;
}

void trust_clear(struct trust *trust)
{
	policy_free(trust->policy);
	free(trust->file);
	*trust = (struct trust){ 0 };
}
