/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore_test - what a signature of cosign's says
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "oci/sigstore.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX

static bool names(enum policy_match match, const char *name, const char *wanted,
		  const char *signed_as)
{
	const struct policy_identity identity = { .match = match,
						  .name = (char *)name,
						  .prefix = (char *)"mirror.io/hub",
						  .signed_prefix = (char *)"docker.io" };
	AUTO(reference) struct reference ref = { 0 };

	assert_int_equal(reference_parse(wanted, &ref, NULL), 0);
	return sigstore_names(&identity, &ref, signed_as);
}

static void payloads_are_read_and_their_kind_checked(void **state)
{
	static const char good[] =
		"{\"critical\":{\"identity\":{\"docker-reference\":\"quay.io/a\"},"
		"\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"},"
		"\"type\":\"cosign container image signature\"},\"optional\":null}";
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"critical\":{\"identity\":{\"docker-reference\":\"quay.io/a\"},"
		"\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"},\"type\":\"other\"}}",
		"{\"critical\":{\"identity\":{\"docker-reference\":\"quay.io/a\"},"
		"\"image\":{\"docker-manifest-digest\":\"sha256:..\"},"
		"\"type\":\"cosign container image signature\"}}",
		"{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"},"
		"\"type\":\"cosign container image signature\"}}",
	};
	AUTO(sigstore) struct sigstore_payload p = { 0 };
	AUTO(mem) char *tag = sigstore_tag(DIGEST);

	(void)state;
	assert_string_equal(tag, "sha256-" HEX ".sig");
	assert_int_equal(sigstore_parse(good, strlen(good), SIGSTORE_COSIGN, &p, NULL), 0);
	assert_string_equal(p.digest, DIGEST);
	assert_string_equal(p.reference, "quay.io/a");
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(sigstore) struct sigstore_payload none = { 0 };
		assert_int_equal(sigstore_parse(bad[i], strlen(bad[i]), SIGSTORE_COSIGN, &none,
						NULL),
				 -EBADMSG);
	}
}

static void a_tag_must_be_signed_and_of_a_digest_the_repository(void **state)
{
	const enum policy_match m = POLICY_MATCH_REPO_DIGEST_OR_EXACT;

	(void)state;
	assert_true(names(m, NULL, "quay.io/a:1", "quay.io/a:1"));
	assert_false(names(m, NULL, "quay.io/a:1", "quay.io/a:2"));
	assert_false(names(m, NULL, "quay.io/a:1", "quay.io/b:1"));
	assert_false(names(m, NULL, "quay.io/a:1", "quay.io/a"));
	assert_false(names(m, NULL, "quay.io/a", "quay.io/a"));
	assert_true(names(m, NULL, "quay.io/a", "quay.io/a:latest"));
	assert_true(names(m, NULL, "quay.io/a@" DIGEST, "quay.io/a:1"));
	assert_false(names(m, NULL, "quay.io/a@" DIGEST, "quay.io/b:1"));
	assert_true(names(m, NULL, "nginx:1", "docker.io/library/nginx:1"));
	assert_false(names(m, NULL, "nginx:1", "not a name"));
}

static void the_other_identities(void **state)
{
	(void)state;
	assert_true(names(POLICY_MATCH_EXACT, NULL, "quay.io/a:1", "quay.io/a:1"));
	assert_false(names(POLICY_MATCH_EXACT, NULL, "quay.io/a@" DIGEST, "quay.io/a:1"));
	assert_true(names(POLICY_MATCH_REPOSITORY, NULL, "quay.io/a:1", "quay.io/a"));
	assert_false(names(POLICY_MATCH_REPOSITORY, NULL, "quay.io/a:1", "quay.io/a/b"));
	assert_true(names(POLICY_EXACT_REFERENCE, "x.io/y:3", "quay.io/a:1", "x.io/y:3"));
	assert_false(names(POLICY_EXACT_REFERENCE, "x.io/y:3", "quay.io/a:1", "x.io/y:4"));
	assert_true(names(POLICY_EXACT_REPOSITORY, "x.io/y", "quay.io/a:1", "x.io/y:4"));
	assert_false(names(POLICY_EXACT_REPOSITORY, "x.io/y", "quay.io/a:1", "x.io/z:4"));
	assert_true(names(POLICY_REMAP_IDENTITY, NULL, "mirror.io/hub/library/a:1",
			  "docker.io/library/a:1"));
	assert_false(names(POLICY_REMAP_IDENTITY, NULL, "mirror.io/hub/library/a:1",
			   "mirror.io/hub/library/a:1"));
	assert_true(names(POLICY_REMAP_IDENTITY, NULL, "mirror.io/hubs/a:1", "mirror.io/hubs/a:1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payloads_are_read_and_their_kind_checked),
		cmocka_unit_test(a_tag_must_be_signed_and_of_a_digest_the_repository),
		cmocka_unit_test(the_other_identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
