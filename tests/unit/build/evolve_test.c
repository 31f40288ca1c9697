/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * evolve_test - what instructions make of an image's config
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "build/evolve.h"

/* Each line of a Dockerfile is applied. */
static int apply(struct image_config *config, struct evolve_state *state, const char *text)
{
	AUTO(dockerfile) struct dockerfile *file = NULL;
	int r = dockerfile_parse(text, strlen(text), "Dockerfile", &file, NULL);

	for (size_t i = 0; r == 0 && i < file->lines.count; i++) {
		AUTO(instruction) struct instruction in = { 0 };
		const struct expand_scope scope = { .lookup = expand_env,
						    .data = &config->config.env };
		r = instruction_parse(file, &file->lines.items[i], &scope, 0, &in, NULL);
		if (r == 0)
			r = evolve_apply(config, state, &in, NULL);
	}
	return r;
}

static void check_list(const struct strv *list, const char *joined)
{
	AUTO(mem) char *text = str_join(list, "|");

	assert_string_equal(text, joined);
}

static void an_entrypoint_drops_the_command_of_the_base_alone(void **unused)
{
	AUTO(image_config) struct image_config *config = image_config_new();
	struct evolve_state state = { 0 };

	(void)unused;
	strv_add(&config->config.cmd, "of-the-base");
	assert_int_equal(apply(config, &state, "ENTRYPOINT [\"/e\"]\n"), 0);
	check_list(&config->config.cmd, "");
	assert_int_equal(apply(config, &state, "CMD own\nENTRYPOINT run it\n"), 0);
	check_list(&config->config.cmd, "/bin/sh|-c|own");
	check_list(&config->config.entrypoint, "/bin/sh|-c|run it");
}

static void the_shell_is_that_of_the_stage(void **unused)
{
	AUTO(image_config) struct image_config *config = image_config_new();
	AUTO(strv) struct strv words = { 0 };
	struct evolve_state state = { 0 };

	(void)unused;
	assert_int_equal(apply(config, &state, "SHELL [\"/bin/ash\", \"-ec\"]\nCMD x\n"), 0);
	check_list(&config->config.cmd, "/bin/ash|-ec|x");
	evolve_shell(config, "y", &words);
	check_list(&words, "/bin/ash|-ec|y");
}

static void folders_are_joined_and_clean(void **unused)
{
	static const struct {
		const char *lines, *path, *want;
	} table[] = {
		{ "WORKDIR /a\nWORKDIR b\n", "c", "/a/b/c" },
		{ "WORKDIR /a/\n", "../x/./y//z/", "/x/y/z/" },
		{ "WORKDIR a\n", "", "/a" },
		{ "WORKDIR /\n", "../../..", "/" },
		{ "ENV D=/d\nWORKDIR $D/e\n", "/f/.", "/f/" },
	};

	(void)unused;
	for (size_t i = 0; i < array_len(table); i++) {
		AUTO(image_config) struct image_config *config = image_config_new();
		struct evolve_state state = { 0 };
		assert_int_equal(apply(config, &state, table[i].lines), 0);
		AUTO(mem) char *path = evolve_folder(config, table[i].path);
		assert_string_equal(path, table[i].want);
	}
}

static void sets_are_sorted_and_pairs_replaced(void **unused)
{
	AUTO(image_config) struct image_config *config = image_config_new();
	struct evolve_state state = { 0 };

	(void)unused;
	assert_int_equal(apply(config, &state,
			       "EXPOSE 80 443/tcp 80/tcp\nVOLUME [\"/b\", \"/a\"]\nLABEL z=1 a=2\n"
			       "LABEL z=3\nENV A=1 B=2\nENV A=4\nUSER 5:6\nSTOPSIGNAL SIGQUIT\n"),
			 0);
	check_list(&config->config.exposed_ports, "443/tcp|80/tcp");
	check_list(&config->config.volumes, "/a|/b");
	check_list(&config->config.labels, "a=2|z=3");
	check_list(&config->config.env, "A=4|B=2");
	assert_string_equal(config->config.user, "5:6");
	assert_string_equal(config->config.stop_signal, "SIGQUIT");
	assert_true(apply(config, &state, "STOPSIGNAL SIGNONE\n") < 0);
	assert_string_equal(config->config.stop_signal, "SIGQUIT");
}

static void a_health_check_is_a_command_a_line_or_none(void **unused)
{
	AUTO(image_config) struct image_config *config = image_config_new();
	struct evolve_state state = { 0 };
	const struct image_healthcheck *h = &config->config.healthcheck;

	(void)unused;
	assert_int_equal(apply(config, &state, "HEALTHCHECK --interval=5s --retries=2 CMD a b\n"),
			 0);
	check_list(&h->test, "CMD-SHELL|a b");
	assert_int_equal(h->interval, INT64_C(5000000000));
	assert_int_equal(h->retries, 2);
	assert_int_equal(apply(config, &state, "HEALTHCHECK CMD [\"a\", \"b\"]\n"), 0);
	check_list(&h->test, "CMD|a|b");
	assert_int_equal(h->interval, 0);
	assert_int_equal(apply(config, &state, "HEALTHCHECK NONE\n"), 0);
	check_list(&h->test, "NONE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entrypoint_drops_the_command_of_the_base_alone),
		cmocka_unit_test(the_shell_is_that_of_the_stage),
		cmocka_unit_test(folders_are_joined_and_clean),
		cmocka_unit_test(sets_are_sorted_and_pairs_replaced),
		cmocka_unit_test(a_health_check_is_a_command_a_line_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
