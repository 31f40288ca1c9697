/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * change_test - instructions that change what an image runs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "oci/change.h"

static void change(struct image_process *process, const char *line)
{
	if (change_apply(process, line, NULL) < 0)
		fail_msg("'%s' is refused", line);
}

static void expect_list(const struct strv *list, const char *joined)
{
	AUTO(mem) char *text = list->count ? str_join(list, "|") : str_dup("");

	assert_string_equal(text, joined);
}

static void commands_are_lists_or_lines_for_the_shell(void **state)
{
	AUTO(image_process) struct image_process p = { 0 };

	(void)state;
	change(&p, "CMD [\"nginx\", \"-g\", \"daemon off;\"]");
	expect_list(&p.cmd, "nginx|-g|daemon off;");
	change(&p, "cmd echo  'a b'");
	expect_list(&p.cmd, "/bin/sh|-c|echo  'a b'");
	change(&p, "ENTRYPOINT=[\"/run\"]");
	expect_list(&p.entrypoint, "/run");
	change(&p, "CMD []");
	expect_list(&p.cmd, "");
	change(&p, "CMD [not json");
	expect_list(&p.cmd, "/bin/sh|-c|[not json");
}

static void pairs_are_set_and_replaced(void **state)
{
	AUTO(image_process) struct image_process p = { 0 };

	(void)state;
	change(&p, "ENV A=1 B=\"2 3\" C='4\\' D=5\\ 6");
	change(&p, "ENV A all of the rest");
	expect_list(&p.env, "A=all of the rest|B=2 3|C=4\\|D=5 6");
	change(&p, "LABEL z=1 a=2");
	expect_list(&p.labels, "a=2|z=1");
}

static void sets_hold_each_item_once(void **state)
{
	AUTO(image_process) struct image_process p = { 0 };

	(void)state;
	change(&p, "EXPOSE 80 53/udp 80/tcp");
	change(&p, "EXPOSE 9000-9002");
	expect_list(&p.exposed_ports, "53/udp|80/tcp|9000/tcp|9001/tcp|9002/tcp");
	change(&p, "VOLUME [\"/b\", \"/a\"]");
	change(&p, "VOLUME /a /c");
	expect_list(&p.volumes, "/a|/b|/c");
}

static void a_relative_folder_goes_on_from_the_last(void **state)
{
	AUTO(image_process) struct image_process p = { 0 };

	(void)state;
	change(&p, "WORKDIR a");
	assert_string_equal(p.workdir, "/a");
	change(&p, "WORKDIR b");
	assert_string_equal(p.workdir, "/a/b");
	change(&p, "WORKDIR /c");
	assert_string_equal(p.workdir, "/c");
	change(&p, "USER 1000:1000");
	assert_string_equal(p.user, "1000:1000");
	change(&p, "STOPSIGNAL RTMIN+3");
	assert_string_equal(p.stop_signal, "RTMIN+3");
}

static void what_is_wrong_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"",	      "RUN true",    "CMD",	      "ENV A",	   "ENV =1",
		"ENV A=1 B",  "LABEL 'a=1",  "EXPOSE x",      "EXPOSE 0",  "EXPOSE 70000",
		"EXPOSE 3-2", "EXPOSE 1/x",  "VOLUME a",      "VOLUME []", "USER a b",
		"FROM x",     "EXPOSE 80 x", "HEALTHCHECK x",
	};
	AUTO(image_process) struct image_process p = { 0 };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++)
		if (change_apply(&p, bad[i], NULL) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(p.env.count + p.exposed_ports.count + p.volumes.count + p.labels.count, 0);
	assert_null(p.user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_lists_or_lines_for_the_shell),
		cmocka_unit_test(pairs_are_set_and_replaced),
		cmocka_unit_test(sets_hold_each_item_once),
		cmocka_unit_test(a_relative_folder_goes_on_from_the_last),
		cmocka_unit_test(what_is_wrong_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
