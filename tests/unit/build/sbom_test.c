/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sbom_test - what the options of a scan ask for
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "build/sbom.h"

static void assert_words(const struct sbom *sbom, size_t at, const char *want)
{
	static const struct sbom_places places = { "/r", "/c", "/o" };
	const struct strv none = { 0 };
	AUTO(strv) struct strv words = { 0 };

	sbom_command_words(&sbom->commands.items[at], &none, &places, &words);
	AUTO(mem) char *joined = str_join(&words, "|");
	assert_string_equal(joined, want);
}

static void presets_say_image_commands_and_how_to_merge(void **state)
{
	static const struct {
		const char *name, *image, *first, *second;
		enum sbom_strategy strategy;
	} cases[] = {
		{ "syft", "ghcr.io/anchore/syft", "/syft|scan|-q|dir:/r|--output|cyclonedx-json=/o",
		  "/syft|scan|-q|dir:/c|--output|cyclonedx-json=/o", SBOM_CYCLONEDX },
		{ "syft-cyclonedx", "ghcr.io/anchore/syft",
		  "/syft|scan|-q|dir:/r|--output|cyclonedx-json=/o",
		  "/syft|scan|-q|dir:/c|--output|cyclonedx-json=/o", SBOM_CYCLONEDX },
		{ "syft-spdx", "ghcr.io/anchore/syft", "/syft|scan|-q|dir:/r|--output|spdx-json=/o",
		  "/syft|scan|-q|dir:/c|--output|spdx-json=/o", SBOM_SPDX },
		{ "trivy", "ghcr.io/aquasecurity/trivy",
		  "trivy|filesystem|-q|/r|--format|cyclonedx|--output|/o",
		  "trivy|filesystem|-q|/c|--format|cyclonedx|--output|/o", SBOM_CYCLONEDX },
		{ "trivy-cyclonedx", "ghcr.io/aquasecurity/trivy",
		  "trivy|filesystem|-q|/r|--format|cyclonedx|--output|/o",
		  "trivy|filesystem|-q|/c|--format|cyclonedx|--output|/o", SBOM_CYCLONEDX },
		{ "trivy-spdx", "ghcr.io/aquasecurity/trivy",
		  "trivy|filesystem|-q|/r|--format|spdx-json|--output|/o",
		  "trivy|filesystem|-q|/c|--format|spdx-json|--output|/o", SBOM_SPDX },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(sbom) struct sbom sbom = { 0 };
		const struct sbom_typed typed = { .preset = cases[i].name, .output = "f" };
		assert_int_equal(sbom_choose(&typed, &sbom, NULL), 0);
		assert_string_equal(sbom.image, cases[i].image);
		assert_int_equal(sbom.strategy, cases[i].strategy);
		assert_int_equal(sbom.commands.count, 2);
		assert_words(&sbom, 0, cases[i].first);
		assert_words(&sbom, 1, cases[i].second);
		assert_false(sbom.commands.items[0].context);
		assert_true(sbom.commands.items[1].context);
	}
}

static void each_option_outweighs_what_the_preset_says(void **state)
{
	AUTO(sbom) struct sbom image = { 0 };
	AUTO(sbom) struct sbom command = { 0 };
	char *commands[] = { (char *)"scan {ROOTFS} {OUTPUT}" };
	const struct sbom_typed one = { .preset = "trivy", .image = "mine", .image_output = "a/b" };
	const struct sbom_typed two = { .preset = "trivy",
					.commands = { commands, 1 },
					.strategy = "cat",
					.purl_output = "f" };

	(void)state;
	assert_int_equal(sbom_choose(&one, &image, NULL), 0);
	assert_string_equal(image.image, "mine");
	assert_int_equal(image.commands.count, 2);
	assert_int_equal(image.strategy, SBOM_CYCLONEDX);
	assert_string_equal(image.image_output, "/a/b");
	assert_int_equal(sbom_choose(&two, &command, NULL), 0);
	assert_string_equal(command.image, "ghcr.io/aquasecurity/trivy");
	assert_int_equal(command.commands.count, 1);
	assert_int_equal(command.strategy, SBOM_CAT);
}

static void nothing_or_false_asks_for_nothing(void **state)
{
	static const char *const none[] = { NULL, "", "false", "0" };

	(void)state;
	for (size_t i = 0; i < array_len(none); i++) {
		AUTO(sbom) struct sbom sbom = { 0 };
		const struct sbom_typed typed = { .preset = none[i] };
		assert_int_equal(sbom_choose(&typed, &sbom, NULL), 0);
		assert_null(sbom.image);
	}
}

static void refused(const struct sbom_typed *typed, const char *why)
{
	AUTO(sbom) struct sbom sbom = { 0 };
	AUTO(err) struct err err = { 0 };

	assert_int_equal(sbom_choose(typed, &sbom, &err), -EINVAL);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void refused_command(const char *text, const char *why)
{
	char *commands[] = { (char *)text };

	refused(&(struct sbom_typed){ .image = "i", .commands = { commands, 1 }, .output = "f" },
		why);
}

static void what_is_wrong_or_missing_is_said(void **state)
{
	char *root[] = { (char *)"a {ROOTFS} {OUTPUT}" };
	char *context[] = { (char *)"a {CONTEXT} {OUTPUT}" };
	const struct strv commands = { root, 1 };

	(void)state;
	refused(&(struct sbom_typed){ .preset = "syft" }, "--sbom-output");
	refused(&(struct sbom_typed){ .preset = "sift", .output = "f" }, "no preset 'sift'");
	refused(&(struct sbom_typed){ .preset = "true" }, "only 'false'");
	refused(&(struct sbom_typed){ .preset = "generator=image" }, "only 'false'");
	refused(&(struct sbom_typed){ .output = "f" }, "--sbom-scanner-image");
	refused(&(struct sbom_typed){ .preset = "false", .output = "f" }, "--sbom-scanner-image");
	refused(&(struct sbom_typed){ .image = "i", .output = "f" }, "--sbom-scanner-command");
	refused(&(struct sbom_typed){ .image = "i", .commands = commands }, "--sbom-output");
	refused(&(struct sbom_typed){ .image = "i", .commands = commands, .purl_output = "f" },
		"--sbom-merge-strategy");
	refused(&(struct sbom_typed){ .image = "i", .commands = { context, 1 }, .output = "f" },
		"--sbom-merge-strategy");
	refused(&(struct sbom_typed){ .preset = "syft", .output = "f", .strategy = "dog" },
		"no 'dog'");
	refused(&(struct sbom_typed){ .preset = "syft", .image_output = "/a/" }, "'/a/'");
	refused(&(struct sbom_typed){ .preset = "syft", .image_output = "/a/.." }, "'/a/..'");
	refused(&(struct sbom_typed){ .preset = "syft",
				      .image_output = "/a",
				      .image_purl_output = "a" },
		"one file");
	refused(&(struct sbom_typed){ .preset = "syft", .output = "a", .purl_output = "a" },
		"one file");
	refused_command("scan {ROOTFS}", "{OUTPUT}");
	refused_command("scan {OUTPUT}", "{CONTEXT}");
	refused_command("scan '{ROOTFS} {OUTPUT}", "quote");
}

static void a_command_is_words_unless_a_shell_would_do_more(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "scan  {ROOTFS}\t{OUTPUT} ", "scan|/r|/o" },
		{ "scan 'a b' \"c d\"e \\'f '' {ROOTFS}={OUTPUT}", "scan|a b|c de|'f||/r=/o" },
		{ "s '$x|y' \"a\\\"b\\c\" {ROOTFS} {OUTPUT}", "s|$x|y|a\"b\\c|/r|/o" },
		{ "s **/x {a} {{ROOTFS} {OUTPUT}{OUTPUT}", "s|**/x|{a}|{/r|/o/o" },
		{ "s {ROOTFS} > {OUTPUT}", "/bin/sh|-c|s /r > /o" },
		{ "s {ROOTFS} && t {OUTPUT}", "/bin/sh|-c|s /r && t /o" },
		{ "s \"$HOME\" {CONTEXT} {OUTPUT}", "/bin/sh|-c|s \"$HOME\" /c /o" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(sbom) struct sbom sbom = { 0 };
		char *commands[] = { (char *)cases[i].text };
		const struct sbom_typed typed = {
			.image = "i", .commands = { commands, 1 }, .strategy = "cat", .output = "f"
		};
		assert_int_equal(sbom_choose(&typed, &sbom, NULL), 0);
		assert_words(&sbom, 0, cases[i].words);
	}
}

static void the_shell_is_the_images_own(void **state)
{
	AUTO(sbom) struct sbom sbom = { 0 };
	AUTO(strv) struct strv words = { 0 };
	char *commands[] = { (char *)"a {ROOTFS} {CONTEXT} > {OUTPUT}" };
	char *shell[] = { (char *)"/bin/bash", (char *)"-ec" };
	const struct strv own = { shell, 2 };
	const struct sbom_places places = { .rootfs = "/r", .output = "/o" };
	const struct sbom_typed typed = {
		.image = "i", .commands = { commands, 1 }, .strategy = "cat", .output = "f"
	};

	(void)state;
	assert_int_equal(sbom_choose(&typed, &sbom, NULL), 0);
	sbom_command_words(&sbom.commands.items[0], &own, &places, &words);
	AUTO(mem) char *joined = str_join(&words, "|");
	assert_string_equal(joined, "/bin/bash|-ec|a /r {CONTEXT} > /o");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_say_image_commands_and_how_to_merge),
		cmocka_unit_test(each_option_outweighs_what_the_preset_says),
		cmocka_unit_test(nothing_or_false_asks_for_nothing),
		cmocka_unit_test(what_is_wrong_or_missing_is_said),
		cmocka_unit_test(a_command_is_words_unless_a_shell_would_do_more),
		cmocka_unit_test(the_shell_is_the_images_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
