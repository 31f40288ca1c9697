/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry_fuzz - what a registry says in headers, and the files about registries
 */
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/toml.h"
#include "oci/auth_file.h"
#include "oci/lookaside.h"
#include "oci/openpgp.h"
#include "oci/policy.h"
#include "oci/registries_conf.h"
#include "oci/sigstore.h"
#include "remote/challenge.h"
#include "remote/found.h"
#include "remote/noproxy.h"
#include "remote/ratelimit.h"
#include "remote/retry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) char *text = mem_copy(data, size);
	AUTO(challenge) struct challenge challenge = { 0 };
	AUTO(credentials) struct credentials credentials = { 0 };
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	AUTO(registry_endpoints) struct registry_endpoints endpoints = { 0 };
	AUTO(reference) struct reference ref = { 0 };
	AUTO(strv) struct strv names = { 0 };
	AUTO(policy) struct policy *policy = NULL;
	AUTO(sigstore) struct sigstore_payload payload = { 0 };
	AUTO(found) struct found found = { 0 };
	const struct policy_identity identity = { 0 };
	AUTO(json) cJSON *doc = NULL;
	AUTO(lookaside) struct lookaside beside = { 0 };
	AUTO(mem) char *packets = NULL;
	size_t length;
	AUTO(mem) char *helper = NULL;
	AUTO(mem) char *changed = NULL;
	AUTO(mem) char *without = NULL;

	bug_unless(reference_parse("nginx", &ref, NULL) == 0);
	challenge_add(&challenge, text);
	(void)!noproxy_matches(text, "a.example.com", 443);
	(void)!retry_after(text, 0);
	AUTO(mem) char *left = ratelimit_print(text, text);
	if (auth_file_find(text, size, "quay.io", "a/b", &credentials, &helper, NULL) == 0)
		(void)!auth_file_set(text, size, "quay.io", &credentials, &changed, NULL);
	if (policy_parse(text, size, &policy, NULL) == 0)
		(void)policy_image(policy, &ref);
	if (sigstore_parse(text, size, SIGSTORE_COSIGN, &payload, NULL) == 0)
		(void)!sigstore_names(&identity, &ref, payload.reference);
	if (json_parse(text, size, &doc, NULL) == 0 && lookaside_add(&beside, doc, "f", NULL) == 0)
		(void)lookaside_place(&beside, &ref);
	AUTO(mem) char *file = lookaside_path(text);
	if (openpgp_keys(text, size, &packets, &length, NULL) == 0)
		openpgp_owners(packets, length, &names);
	(void)!found_parse(text, size, &found, NULL);
	(void)!auth_file_unset(text, size, "quay.io", &without, NULL);
	if (registries_conf_add(&conf, text, NULL) < 0)
		return 0;
	(void)!registries_conf_short(&conf, &ref, &names, NULL);
	(void)!registries_conf_endpoints(&conf, &ref, false, &endpoints, NULL);
	return 0;
}
