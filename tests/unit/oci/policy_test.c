/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_test - whose images may come in
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "oci/policy.h"

static const char file[] = "{\"default\":[{\"type\":\"reject\"}],\"transports\":{"
			   "\"docker\":{"
			   "\"\":[{\"type\":\"insecureAcceptAnything\"}],"
			   "\"*.example.com\":[{\"type\":\"reject\"}],"
			   "\"r.example.com:5000\":[{\"type\":\"insecureAcceptAnything\"}],"
			   "\"quay.io/group\":[{\"type\":\"reject\"}],"
			   "\"quay.io/group/app\":[{\"type\":\"insecureAcceptAnything\"}],"
			   "\"quay.io/group/app:bad\":[{\"type\":\"reject\"}],"
			   "\"docker.io/library/nginx\":[{\"type\":\"reject\"}]},"
			   "\"oci\":{\"/var/images\":[{\"type\":\"insecureAcceptAnything\"}],"
			   "\"/var/images/x:1\":[{\"type\":\"reject\"}]},"
			   "\"docker-archive\":{\"\":[{\"type\":\"insecureAcceptAnything\"}]}}}";

static void finds(const struct policy *policy, const char *name, const char *scope)
{
	AUTO(reference) struct reference ref = { 0 };

	assert_int_equal(reference_parse(name, &ref, NULL), 0);
	assert_string_equal(policy_image(policy, &ref)->name, scope);
}

static void the_most_specific_scope_counts_alone(void **state)
{
	AUTO(policy) struct policy *policy = NULL;

	(void)state;
	assert_int_equal(policy_parse(file, strlen(file), &policy, NULL), 0);
	finds(policy, "quay.io/group/app:bad", "quay.io/group/app:bad");
	finds(policy, "quay.io/group/app:1", "quay.io/group/app");
	finds(policy, "quay.io/group/app/sub", "quay.io/group/app");
	finds(policy, "quay.io/group/application", "quay.io/group");
	finds(policy, "quay.io/groups/a", "");
	finds(policy, "nginx", "docker.io/library/nginx");
	finds(policy, "a.b.example.com/x", "*.example.com");
	finds(policy, "r.example.com/x", "*.example.com");
	finds(policy, "r.example.com:5000/x", "r.example.com:5000");
	finds(policy, "s.example.com:5000/x", "*.example.com");
	finds(policy, "example.com/x", "");
}

static void files_have_folders_for_scopes(void **state)
{
	AUTO(policy) struct policy *policy = NULL;

	(void)state;
	assert_int_equal(policy_parse(file, strlen(file), &policy, NULL), 0);
	assert_string_equal(policy_file(policy, "oci", "/var/images/x", "1")->name,
			    "/var/images/x:1");
	assert_string_equal(policy_file(policy, "oci", "/var/images/x", NULL)->name, "/var/images");
	/* nothing is said of those: the default */
	assert_null(policy_file(policy, "oci", "/var/imagesx", NULL)->transport);
	assert_null(policy_file(policy, "dir", "/var/images", NULL)->transport);
	assert_string_equal(policy_file(policy, "docker-archive", NULL, NULL)->transport,
			    "docker-archive");
}

static void keys_and_identities_are_read(void **state)
{
	static const char text[] =
		"{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPaths\":[\"/a\",\"/b\"],"
		"\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"m.io\","
		"\"signedPrefix\":\"s.io\"}},"
		"{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"eA==\"},"
		"{\"type\":\"sigstoreSigned\",\"fulcio\":{},\"rekorPublicKeyPath\":\"/r\"}]}";
	AUTO(policy) struct policy *policy = NULL;

	(void)state;
	assert_int_equal(policy_parse(text, strlen(text), &policy, NULL), 0);
	const struct policy_requirement *r = policy->scopes.items[0].requirements.items;
	assert_int_equal(policy->scopes.items[0].requirements.count, 3);
	assert_int_equal(r[0].key_paths.count, 2);
	assert_int_equal(r[0].identity.match, POLICY_REMAP_IDENTITY);
	assert_string_equal(r[0].identity.signed_prefix, "s.io");
	assert_int_equal(r[1].kind, POLICY_SIGNED_BY);
	assert_int_equal(r[1].identity.match, POLICY_MATCH_REPO_DIGEST_OR_EXACT);
	assert_string_equal(r[2].missing, "fulcio");
}

static void what_is_not_understood_is_refused_whole(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"default\":[]}",
		"{\"default\":{}}",
		"{\"default\":[{}]}",
		"{\"default\":[{\"type\":\"trustMe\"}]}",
		"{\"default\":[{\"type\":\"reject\",\"but\":1}]}",
		"{\"default\":[{\"type\":\"reject\"}],\"more\":1}",
		"{\"default\":[{\"type\":\"reject\"}],\"transports\":[]}",
		"{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":[]}}",
		"{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{\"a\":[]}}}",
		"{\"default\":[{\"type\":\"sigstoreSigned\"}]}",
		"{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":7}]}",
		"{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/a\",\"keyPaths\":[\"/b\"]}]}",
		"{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/a\",\"keyData\":\"eA==\"}]}",
		"{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/a\","
		"\"signedIdentity\":{\"type\":\"matchAnything\"}}]}",
		"{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/a\","
		"\"signedIdentity\":{\"type\":\"exactReference\"}}]}",
		"{\"default\":[{\"type\":\"signedBy\",\"keyPath\":\"/a\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(policy) struct policy *policy = NULL;
		AUTO(err) struct err err = { 0 };
		assert_int_equal(policy_parse(bad[i], strlen(bad[i]), &policy, &err), -EBADMSG);
		assert_non_null(err.text);
		assert_null(policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_scope_counts_alone),
		cmocka_unit_test(files_have_folders_for_scopes),
		cmocka_unit_test(keys_and_identities_are_read),
		cmocka_unit_test(what_is_not_understood_is_refused_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
