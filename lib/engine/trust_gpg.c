/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust_gpg - whether an image has a signature of GPG that policy.json asks for
 *
 * Signatures are numbered from 1 on; the first that is not there ends them. One that fits is enough.
 */
#include "engine/trust_gpg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "engine/gpg.h"
#include "engine/lookaside.h"
#include "oci/base64.h"
#include "oci/openpgp.h"
#include "oci/sigstore.h"

enum { MAX_SIGNATURES = 128, KEYS_MAX = 1 << 20 };

struct search {
	const struct host *host;
	const struct policy_requirement *need;
	const struct trust_image *image;
	struct gpg_message message; /* of the signature that is looked at; .keys */
	char *keys;
	char *place; /* of signatures, where a registry has the image */
};

static void auto_search(struct search *search)
{
	free(search->keys);
	free(search->place);
}

/* ---- keys ------------------------------------------------------------------------------------- */

static int add_keys(const char *data, size_t size, FILE *to, struct err *err)
{
	AUTO(mem) char *packets = NULL;
	size_t length;

	int r = openpgp_keys(data, size, &packets, &length, err);
	if (r == 0)
		fwrite(packets, 1, length, to);
	return r;
}

static int add_key_file(const char *path, FILE *to, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = file_read(AT_FDCWD, path, KEYS_MAX, &text, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read the key '%s'", path);
	r = add_keys(text, size, to, err);
	return r < 0 ? err_wrap(err, "cannot use the key '%s'", path) : 0;
}

static int add_key_data(const char *encoded, FILE *to, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	if (base64_decode(encoded, &text, &size) < 0)
		return err_set(err, -EBADMSG, "a key in the policy is no base64");
	int r = add_keys(text, size, to, err);
	return r < 0 ? err_wrap(err, "cannot use a key in the policy") : 0;
}

/* All of them are one keyring: whichever signed will do. */
static int read_keys(struct search *search, struct err *err)
{
	const struct policy_requirement *need = search->need;
	FILE *to = open_memstream(&search->keys, &search->message.keys_size);
	int r = 0;

	bug_unless(to);
	for (size_t i = 0; r == 0 && i < need->key_paths.count; i++)
		r = add_key_file(need->key_paths.items[i], to, err);
	for (size_t i = 0; r == 0 && i < need->key_data.count; i++)
		r = add_key_data(need->key_data.items[i], to, err);
	bug_unless(fclose(to) == 0);
	search->message.keys = search->keys;
	return r;
}

/* ---- signatures ------------------------------------------------------------------------------- */

static int find_place(struct search *search, struct err *err)
{
	AUTO(lookaside) struct lookaside said = { 0 };

	if (search->image->get)
		return 0;
	int r = lookaside_load(search->host, &said, err);
	if (r < 0)
		return r;
	const char *place = lookaside_place(&said, search->image->ref);
	search->place = place ? str_dup(place) : lookaside_usual(search->host);
	return 0;
}

static int get(const struct search *search, const char *digest, size_t number, char **out,
	       size_t *out_size, struct err *err)
{
	const struct trust_image *image = search->image;

	if (image->get)
		return image->get(image->data, digest, number, out, out_size, err);
	AUTO(mem) char *address = lookaside_address(search->place, image->ref, digest, number);
	return lookaside_get(image->remote, image->loop, address, out, out_size, err);
}

static int check_one(struct search *search, const char *digest, char *bytes, size_t size,
		     struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t length = 0;

	search->message.bytes = bytes;
	search->message.size = size;
	int r = gpg_open(search->host, &search->message, &text, &length, err);
	if (r < 0)
		return r;
	const struct sigstore_wish wish = { .type = SIGSTORE_GPG,
					    .identity = &search->need->identity,
					    .ref = search->image->ref,
					    .digest = digest };
	return sigstore_check(text, length, &wish, err);
}

/* Why the last one does not fit says less than why nothing more could be looked at. */
static int check_digest(void *data, const char *digest, struct err *err)
{
	struct search *search = data;
	int worst = err_set(err, -ENOENT, "there is no signature");

	for (size_t i = 1; i <= MAX_SIGNATURES; i++) {
		AUTO(err) struct err one = { 0 };
		AUTO(mem) char *bytes = NULL;
		size_t size = 0;
		int r = get(search, digest, i, &bytes, &size, &one);
		if (r == -ENOENT)
			return worst;
		if (r == 0) {
			r = check_one(search, digest, bytes, size, &one);
			if (r == 0) {
				err_clear(err);
				return 0;
			}
		}
		worst = r;
		(void)err_move(err, &one);
		if (r != -EKEYREJECTED && r != -EBADMSG)
			return r;
	}
	return worst;
}

int trust_meet_gpg(const struct host *host, const struct policy_requirement *need,
		   const struct trust_image *image, struct err *err)
{
	AUTO(search) struct search search = { .host = host, .need = need, .image = image };
	int r = read_keys(&search, err);

	if (r == 0)
		r = find_place(&search, err);
	return r < 0 ? r : trust_any_digest(image->digests, check_digest, &search, err);
}
