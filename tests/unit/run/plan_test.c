/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan_test - specs become the steps written down in tests/data/plan
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "../spec/example.h"
#include "run/plan.h"

static void plan_is(struct example *e, const char *name)
{
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	AUTO(plan) struct plan plan = { 0 };
	AUTO(err) struct err err = { 0 };

	if (spec_make(&e->config, &e->facts, &spec, &err) < 0 || plan_make(spec, &plan, &err) < 0)
		fail_msg("%s", err.text);
	AUTO(mem) char *text = plan_print(&plan);
	assert_true(example_is(name, text));
	example_clear(e);
}

static void a_plain_container(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	plan_is(&e, "plan/plain.txt");
}

static void a_read_only_root_keeps_its_scratch_places(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.config.read_only = e.config.read_only_tmpfs = true;
	example_mount(&e, "tmpfs", NULL, "/run", "size=1m,noexec");
	plan_is(&e, "plan/read-only.txt");
}

static void shared_namespaces_show_the_hosts_file_systems(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.config.network_mode = str_dup("host");
	e.config.pid_mode = str_dup("host");
	e.config.ipc_mode = str_dup("host");
	e.facts.cgroup2 = true;
	plan_is(&e, "plan/shared.txt");
}

static void volumes_and_binds_with_their_options(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	example_mount(&e, "bind", "/deep", "/a/b/c", "");
	example_mount(&e, "bind", "/src", "/a", "ro,z,rslave");
	example_mount(&e, "volume", "data", "/a/b", "U,exec,dev,nocopy");
	example_mount(&e, "bind", "/over", "/o", "O");
	example_mount(&e, "tmpfs", NULL, "/t", "size=64m,mode=1777,notmpcopyup");
	example_mount(&e, "bind", "/own/resolv", "/etc/resolv.conf", "Z");
	plan_is(&e, "plan/volumes.txt");
}

static void a_user_namespace_of_its_own(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.config.userns_mode = str_dup("keep-id");
	plan_is(&e, "plan/keep-id.txt");
}

static void with_one_id_apt_is_told_to_stay_root(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.facts.identity = IDENTITY_ONE_ID;
	e.facts.ids = e.facts.gids = 1;
	plan_is(&e, "plan/one-id.txt");
}

static void privileges_unmask_and_bring_devices(void **state)
{
	struct example e;
	AUTO(strv) struct strv devices = { 0 };

	(void)state;
	example_init(&e);
	strv_add(&devices, "/dev/fuse");
	strv_add(&devices, "/dev/net/tun");
	e.facts.host_devices = &devices;
	e.config.privileged = true;
	plan_is(&e, "plan/privileged.txt");
}

static void options_that_are_not_known_are_refused(void **state)
{
	static const struct {
		const char *type, *options;
	} bad[] = { { "bind", "size=1m" },     { "bind", "rprivat" }, { "tmpfs", "fast" },
		    { "bind", "tmpcopyup" },   { "tmpfs", "O" },      { "bind", "lowerdir=/" },
		    { "bind", "upperdir=/u" }, { "bind", "idmap" } };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		struct example e;
		AUTO(runtime_spec) struct runtime_spec *spec = NULL;
		AUTO(plan) struct plan plan = { 0 };
		AUTO(err) struct err err = { 0 };

		example_init(&e);
		example_mount(&e, bad[i].type, "/x", "/y", bad[i].options);
		assert_int_equal(spec_make(&e.config, &e.facts, &spec, &err), 0);
		if (plan_make(spec, &plan, &err) != -EINVAL)
			fail_msg("%s: '%s' was taken", bad[i].type, bad[i].options);
		assert_non_null(strstr(err.text, "/y"));
		example_clear(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_container),
		cmocka_unit_test(a_read_only_root_keeps_its_scratch_places),
		cmocka_unit_test(shared_namespaces_show_the_hosts_file_systems),
		cmocka_unit_test(volumes_and_binds_with_their_options),
		cmocka_unit_test(a_user_namespace_of_its_own),
		cmocka_unit_test(with_one_id_apt_is_told_to_stay_root),
		cmocka_unit_test(privileges_unmask_and_bring_devices),
		cmocka_unit_test(options_that_are_not_known_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
