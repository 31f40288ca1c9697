/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sbommerge_test - one list of several that scanners wrote
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "build/sbommerge.h"

#define NO_PURLS "{\"image_contents\":{}}\n"

static void add(struct sbom_parts *parts, const char *text)
{
	AUTO(mem) char *name = str_fmt("scan%zu", parts->count);

	*vec_push(parts) = (struct sbom_part){ .command = str_dup(name),
					       .bytes = str_dup(text),
					       .size = strlen(text) };
}

/* @texts: NULL-ended */
static void merges(enum sbom_strategy strategy, const char *const *texts, const char *want,
		   const char *purls)
{
	AUTO(sbom_parts) struct sbom_parts parts = { 0 };
	AUTO(sbom_merged) struct sbom_merged merged = { 0 };
	AUTO(err) struct err err = { 0 };

	for (; *texts; texts++)
		add(&parts, *texts);
	if (sbom_merge(strategy, &parts, &merged, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(merged.bytes, want);
	assert_int_equal(merged.size, strlen(want));
	assert_string_equal(merged.purls, purls);
}

static void refuses(enum sbom_strategy strategy, const char *const *texts, int code,
		    const char *why)
{
	AUTO(sbom_parts) struct sbom_parts parts = { 0 };
	AUTO(sbom_merged) struct sbom_merged merged = { 0 };
	AUTO(err) struct err err = { 0 };

	for (; *texts; texts++)
		add(&parts, *texts);
	assert_int_equal(sbom_merge(strategy, &parts, &merged, &err), code);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void cat_joins_the_bytes(void **state)
{
	(void)state;
	merges(SBOM_CAT, TEXTS("a\n", "", "{b"), "a\n{b", NO_PURLS);
	merges(SBOM_NONE, TEXTS("no JSON"), "no JSON", NO_PURLS);
}

static void components_are_added_unless_name_and_version_are_there(void **state)
{
	(void)state;
	merges(SBOM_CYCLONEDX,
	       TEXTS("{\"bomFormat\":\"CycloneDX\",\"components\":[{\"name\":\"a\",\"version\":\"1\","
		     "\"purl\":\"pkg:z\"},{\"name\":\"b\"}],\"n\":1}",
		     "{\"components\":[{\"name\":\"a\",\"version\":\"1\",\"purl\":\"pkg:q\"},"
		     "{\"name\":\"a\",\"version\":\"2\",\"purl\":\"pkg:a\"},{\"name\":\"b\",\"x\":1}],"
		     "\"m\":1}",
		     "{\"components\":[{\"name\":\"a\",\"version\":\"2\"},{\"name\":\"c\","
		     "\"version\":null,\"purl\":\"pkg:z\"},{\"name\":\"c\"}]}"),
	       "{\"bomFormat\":\"CycloneDX\",\"components\":[{\"name\":\"a\",\"version\":\"1\","
	       "\"purl\":\"pkg:z\"},{\"name\":\"b\"},{\"name\":\"a\",\"version\":\"2\","
	       "\"purl\":\"pkg:a\"},{\"name\":\"c\",\"version\":null,\"purl\":\"pkg:z\"}],\"n\":1}\n",
	       "{\"image_contents\":{\"dependencies\":[\"pkg:a\",\"pkg:q\",\"pkg:z\"]}}\n");
}

static void what_the_first_has_twice_stays_and_what_it_lacks_is_made(void **state)
{
	(void)state;
	merges(SBOM_CYCLONEDX, TEXTS("{\"components\":[{\"name\":\"a\"},{\"name\":\"a\"}]}", "{}"),
	       "{\"components\":[{\"name\":\"a\"},{\"name\":\"a\"}]}\n", NO_PURLS);
	merges(SBOM_CYCLONEDX,
	       TEXTS("{\"components\":null}", "{\"components\":[{\"name\":\"a\"}]}"),
	       "{\"components\":[{\"name\":\"a\"}]}\n", NO_PURLS);
	merges(SBOM_CYCLONEDX, TEXTS("{}", "{\"components\":[]}"), "{}\n", NO_PURLS);
}

static void one_document_stays_to_the_byte(void **state)
{
	(void)state;
	merges(SBOM_CYCLONEDX,
	       TEXTS("{ \"components\" : [ {\"name\":\"a\", \"purl\":\"pkg:a?x=1&y=2\"} ],"
		     " \"big\": 12345678901234567890 }\n\n"),
	       "{ \"components\" : [ {\"name\":\"a\", \"purl\":\"pkg:a?x=1&y=2\"} ],"
	       " \"big\": 12345678901234567890 }\n\n",
	       "{\"image_contents\":{\"dependencies\":[\"pkg:a?x=1&y=2\"]}}\n");
}

static void packages_and_licences_of_spdx_are_added_and_purls_found(void **state)
{
	(void)state;
	merges(SBOM_SPDX,
	       TEXTS("{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"a\",\"versionInfo\":\"1\","
		     "\"externalRefs\":[{\"referenceCategory\":\"SECURITY\",\"referenceType\":\"cpe23Type\","
		     "\"referenceLocator\":\"cpe:x\"},{\"referenceCategory\":\"PACKAGE-MANAGER\","
		     "\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:a@1\"}]}],"
		     "\"files\":[1],\"relationships\":[1]}",
		     "{\"packages\":[{\"name\":\"a\",\"versionInfo\":\"1\"},{\"name\":\"a\","
		     "\"versionInfo\":\"2\",\"externalRefs\":[{\"referenceCategory\":\"PACKAGE_MANAGER\","
		     "\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:a@2\"},{}]}],"
		     "\"hasExtractedLicensingInfos\":[{\"licenseId\":\"LicenseRef-a\"},"
		     "{\"licenseId\":\"LicenseRef-a\",\"x\":1}],\"files\":[2],\"relationships\":[2]}"),
	       "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"a\",\"versionInfo\":\"1\","
	       "\"externalRefs\":[{\"referenceCategory\":\"SECURITY\",\"referenceType\":\"cpe23Type\","
	       "\"referenceLocator\":\"cpe:x\"},{\"referenceCategory\":\"PACKAGE-MANAGER\","
	       "\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:a@1\"}]},{\"name\":\"a\","
	       "\"versionInfo\":\"2\",\"externalRefs\":[{\"referenceCategory\":\"PACKAGE_MANAGER\","
	       "\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:a@2\"},{}]}],"
	       "\"files\":[1],\"relationships\":[1],"
	       "\"hasExtractedLicensingInfos\":[{\"licenseId\":\"LicenseRef-a\"}]}\n",
	       "{\"image_contents\":{\"dependencies\":[\"pkg:a@1\",\"pkg:a@2\"]}}\n");
}

static void a_document_that_is_wrong_is_told_with_its_command(void **state)
{
	static const struct {
		enum sbom_strategy strategy;
		const char *text, *why;
	} cases[] = {
		{ SBOM_CYCLONEDX, "", "JSON" },
		{ SBOM_CYCLONEDX, "{", "JSON" },
		{ SBOM_CYCLONEDX, "[]", "no JSON object" },
		{ SBOM_CYCLONEDX, "{}{}", "JSON" },
		{ SBOM_CYCLONEDX, "{\"components\":null,\"components\":[]}",
		  "'components' is there twice" },
		{ SBOM_CYCLONEDX, "{\"components\":{}}", "'components' is no list" },
		{ SBOM_CYCLONEDX, "{\"components\":[1]}", "a component has no 'name'" },
		{ SBOM_CYCLONEDX, "{\"components\":[{\"name\":1}]}", "a component has no 'name'" },
		{ SBOM_CYCLONEDX, "{\"components\":[{\"name\":\"a\",\"version\":1}]}",
		  "'version' is no text" },
		{ SBOM_CYCLONEDX, "{\"spdxVersion\":\"SPDX-2.3\"}", "SPDX, and no CycloneDX" },
		{ SBOM_SPDX, "{\"bomFormat\":\"CycloneDX\"}", "CycloneDX, and no SPDX" },
		{ SBOM_SPDX, "{\"packages\":[{\"versionInfo\":\"1\"}]}",
		  "a package has no 'name'" },
		{ SBOM_SPDX, "{\"hasExtractedLicensingInfos\":[{}]}", "'licenseId'" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		refuses(cases[i].strategy, TEXTS(cases[i].text), -EBADMSG, "'scan0'");
		refuses(cases[i].strategy, TEXTS(cases[i].text), -EBADMSG, cases[i].why);
		refuses(cases[i].strategy, TEXTS("{}", cases[i].text), -EBADMSG, "'scan1'");
		refuses(cases[i].strategy, TEXTS("{}", cases[i].text), -EBADMSG, cases[i].why);
	}
}

static void a_list_of_contents_has_an_end_in_bytes_depth_and_values(void **state)
{
	AUTO(mem) char *deep = mem_alloc(2002, 1);
	AUTO(mem) char *many = mem_alloc(SBOM_MAX_VALUES + 3, 1);
	AUTO(mem) char *large = mem_alloc((size_t)SBOM_MAX_BYTES + 2, 1);

	(void)state;
	memset(deep, '[', 1000);
	memset(deep + 1000, ']', 1000);
	refuses(SBOM_CYCLONEDX, TEXTS(deep), -EBADMSG, "deep");
	memset(many, ',', SBOM_MAX_VALUES + 2);
	refuses(SBOM_CYCLONEDX, TEXTS(many), -EFBIG, "values");
	memset(large, ' ', (size_t)SBOM_MAX_BYTES + 1);
	refuses(SBOM_SPDX, TEXTS(large), -EFBIG, "large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cat_joins_the_bytes),
		cmocka_unit_test(components_are_added_unless_name_and_version_are_there),
		cmocka_unit_test(what_the_first_has_twice_stays_and_what_it_lacks_is_made),
		cmocka_unit_test(one_document_stays_to_the_byte),
		cmocka_unit_test(packages_and_licences_of_spdx_are_added_and_purls_found),
		cmocka_unit_test(a_document_that_is_wrong_is_told_with_its_command),
		cmocka_unit_test(a_list_of_contents_has_an_end_in_bytes_depth_and_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
