/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * platform_test - for which machine an image is made
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "oci/platform.h"

static char os_linux[] = "linux", arch_amd64[] = "amd64";
static const struct platform amd64 = { .os = os_linux, .architecture = arch_amd64 };

static void other_spellings_become_ours(void **state)
{
	static const struct {
		const char *text, *prints;
	} cases[] = {
		{ "linux/amd64", "linux/amd64" },
		{ "linux/x86_64", "linux/amd64" },
		{ "Linux/AArch64", "linux/arm64" },
		{ "linux/arm64/v8", "linux/arm64" },
		{ "linux/arm64/8", "linux/arm64" },
		{ "linux/arm", "linux/arm/v7" },
		{ "linux/arm/6", "linux/arm/v6" },
		{ "armhf", "linux/arm/v7" },
		{ "arm64", "linux/arm64" },
		{ "windows", "windows/amd64" },
		{ "linux/amd64/v3", "linux/amd64/v3" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(platform) struct platform p = { 0 };
		assert_int_equal(platform_parse(cases[i].text, &amd64, &p, NULL), 0);
		AUTO(mem) char *text = platform_print(&p);
		assert_string_equal(text, cases[i].prints);
	}
}

static void bad_platforms_are_refused(void **state)
{
	static const char *const bad[] = { "",		"/",
					   "linux/",	"/amd64",
					   "a/b/c/d",	"linux/am d64",
					   "linux//v7", "linux/\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(platform) struct platform p = { 0 };
		if (platform_parse(bad[i], &amd64, &p, NULL) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static int rank(const char *have, const char *want)
{
	AUTO(platform) struct platform h = { 0 }, w = { 0 };

	assert_int_equal(platform_parse(have, &amd64, &h, NULL), 0);
	assert_int_equal(platform_parse(want, &amd64, &w, NULL), 0);
	return platform_rank(&h, &w);
}

static void older_variants_run_newer_ones_do_not(void **state)
{
	(void)state;
	assert_true(rank("linux/arm/v6", "linux/arm/v7") > 0);
	assert_true(rank("linux/arm/v6", "linux/arm/v7") > rank("linux/arm/v5", "linux/arm/v7"));
	assert_int_equal(rank("linux/arm/v7", "linux/arm/v6"), 0);
	assert_int_equal(rank("linux/arm/v7", "linux/arm64"), 0);
	assert_true(rank("linux/amd64", "linux/amd64/v3") > 0);
	assert_int_equal(rank("linux/amd64/v3", "linux/amd64"), 0);
	assert_int_equal(rank("windows/amd64", "linux/amd64"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_spellings_become_ours),
		cmocka_unit_test(bad_platforms_are_refused),
		cmocka_unit_test(older_variants_run_newer_ones_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
