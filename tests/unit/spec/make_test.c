/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * make_test - configuration and facts become a runtime spec
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/resource.h>

#include "../spec/example.h"
#include "base/json.h"
#include "spec/ids.h"

static struct runtime_spec *make(struct example *e)
{
	struct runtime_spec *spec = NULL;
	AUTO(err) struct err err = { 0 };

	if (spec_make(&e->config, &e->facts, &spec, &err) < 0)
		fail_msg("%s", err.text);
	return spec;
}

static int refused(struct example *e)
{
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	AUTO(err) struct err err = { 0 };
	int r = spec_make(&e->config, &e->facts, &spec, &err);

	assert_true(r >= 0 || err.text);
	return r;
}

static void a_plain_container_has_podmans_defaults(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	AUTO(json) cJSON *json = runtime_spec_json(spec);
	AUTO(mem) char *text = json_print(json, 2);
	AUTO(mem) char *lines = str_fmt("%s\n", text);
	assert_true(example_is("spec/plain.json", lines));
	example_clear(&e);
}

static void an_entry_without_a_value_never_becomes_the_hosts(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	strv_add(&e.config.env, "SECRET");
	strv_add(&e.config.env, "=x");
	strv_add(&e.config.env, "EMPTY=");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_int_equal(spec->env.count, 3);
	assert_string_equal(strv_env_get(&spec->env, "EMPTY"), "");
	assert_string_equal(strv_env_get(&spec->env, "HOME"), "/root");
	example_clear(&e);
}

static void a_user_without_root_has_no_capability_but_those_named(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.user.uid = 1000;
	AUTO(runtime_spec) struct runtime_spec *plain = make(&e);
	assert_int_equal(plain->caps.effective.count, 0);
	assert_int_equal(plain->caps.permitted.count, 0);
	assert_int_equal(plain->caps.inheritable.count, 0);
	assert_int_equal(plain->caps.bounding.count, 11);
	strv_add(&e.config.cap_add, "net_raw");
	AUTO(runtime_spec) struct runtime_spec *named = make(&e);
	assert_int_equal(named->caps.ambient.count, 1);
	assert_string_equal(named->caps.effective.items[0], "CAP_NET_RAW");
	assert_int_equal(named->caps.bounding.count, 12);
	example_clear(&e);
}

static void dropping_all_leaves_what_is_added(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	strv_add(&e.config.cap_drop, "all");
	strv_add(&e.config.cap_add, "CAP_CHOWN");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_int_equal(spec->caps.bounding.count, 1);
	strv_add(&e.config.cap_add, "CAP_FLYING");
	assert_int_equal(refused(&e), -EINVAL);
	example_clear(&e);
}

static void adding_all_and_dropping_one_leaves_the_others(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	strv_add(&e.config.cap_add, "ALL");
	strv_add(&e.config.cap_drop, "SYS_ADMIN");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_int_equal(strv_find(&spec->caps.bounding, "CAP_SYS_ADMIN"), -1);
	assert_int_equal(spec->caps.bounding.count, 40);
	example_clear(&e);
}

static void settings_of_the_host_are_refused(void **state)
{
	static const char *const bad[] = {
		"kernel.core_pattern=x", "vm.swappiness=1", "net.ipv4",
		"net./../x=1",		 "fs.file-max=9",   "kernel.semx=1"
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		struct example e;
		example_init(&e);
		strv_add(&e.config.sysctls, bad[i]);
		assert_int_equal(refused(&e), -EINVAL);
		example_clear(&e);
	}
}

static void settings_of_a_shared_namespace_are_refused(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	strv_add(&e.config.sysctls, "net.ipv4.ip_forward=1");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_int_equal(spec->sysctls.count, 1);
	e.config.network_mode = str_dup("host");
	assert_int_equal(refused(&e), -EINVAL);
	example_clear(&e);
}

static void limits_are_exact_and_the_last_of_a_name_counts(void **state)
{
	static const char *const bad[] = { "nofile",  "nofile=x",  "nofile=2:1",
					   "files=1", "nofile=1:", "nofile=-2" };
	struct example e;

	(void)state;
	example_init(&e);
	strv_add(&e.config.ulimits, "nofile=1:2");
	strv_add(&e.config.ulimits, "core=-1");
	strv_add(&e.config.ulimits, "nofile=3:4");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_int_equal(spec->rlimits.count, 2);
	assert_int_equal(spec->rlimits.items[0].resource, RLIMIT_NOFILE);
	assert_int_equal(spec->rlimits.items[0].soft, 3);
	assert_true(spec->rlimits.items[1].hard == RLIM_INFINITY);
	for (size_t i = 0; i < array_len(bad); i++) {
		strv_add(&e.config.ulimits, bad[i]);
		assert_int_equal(refused(&e), -EINVAL);
		strv_remove(&e.config.ulimits, e.config.ulimits.count - 1);
	}
	example_clear(&e);
}

static void the_callers_own_ids_swap_places_with_root_for_a_bind(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.config.user = str_dup("1000:1000");
	e.user.uid = e.user.gid = 1000;
	AUTO(runtime_spec) struct runtime_spec *alone = make(&e);
	assert_false(alone->own[RUNTIME_USER]);
	example_mount(&e, "bind", "/src", "/src", "");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_true(spec->own[RUNTIME_USER]);
	for (size_t i = 0; i < spec->uids.count; i++)
		if (spec->uids.items[i].inside == 1000)
			assert_int_equal(spec->uids.items[i].outside, 0);
	example_clear(&e);
}

static void the_callers_uid_alone_swaps_and_leaves_the_groups(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.config.user = str_dup("1000");
	e.user.uid = 1000;
	example_mount(&e, "bind", "/src", "/src", "");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_true(spec->own[RUNTIME_USER]);
	assert_int_equal(spec->uids.items[0].outside, 1000);
	assert_int_equal(spec->gids.items[0].outside, 0);
	/* in pieces: the outer namespace has two ranges */
	assert_int_equal(spec->gids.count, 2);
	example_clear(&e);
}

static void other_ids_need_no_namespace(void **state)
{
	static const char *const users[] = { "1000", "1000:0", "1001:1001", "root", NULL };

	(void)state;
	for (size_t i = 0; i < array_len(users); i++) {
		struct example e;
		example_init(&e);
		e.config.user = str_dup(users[i]);
		AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
		assert_false(spec->own[RUNTIME_USER]);
		example_clear(&e);
	}
}

static void with_one_id_any_user_becomes_it(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.facts.identity = IDENTITY_ONE_ID;
	e.facts.ids = e.facts.gids = 1;
	e.user.uid = 101;
	e.user.gid = 102;
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_true(spec->own[RUNTIME_USER] && spec->emulate_root);
	assert_int_equal(spec->uids.count, 1);
	assert_int_equal(spec->uids.items[0].inside, 101);
	assert_int_equal(spec->gids.items[0].inside, 102);
	example_clear(&e);
}

static void modes_of_user_namespaces_are_known_or_refused(void **state)
{
	static const char *const bad[] = { "auto",     "keep-id:uid=x",
					   "keep-idx", "keep-id:uid=1:gid=2",
					   "private",  "keep-id:uid=99999999" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		struct example e;
		example_init(&e);
		e.config.userns_mode = str_dup(bad[i]);
		assert_true(refused(&e) < 0);
		example_clear(&e);
	}
}

static void keep_id_without_a_user_is_the_caller(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.config.userns_mode = str_dup("keep-id:uid=5");
	AUTO(mem) char *own = spec_user(&e.config, &e.facts);
	assert_string_equal(own, "5:1000");
	e.config.user = str_dup("7");
	AUTO(mem) char *asked = spec_user(&e.config, &e.facts);
	assert_string_equal(asked, "7");
	example_clear(&e);
}

static void unmasking_takes_a_path_or_all(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	strv_add(&e.config.unmask, "/proc/kcore:/proc/sys");
	strv_add(&e.config.mask, "/etc/secret:/opt");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_int_equal(strv_find(&spec->masked, "/proc/kcore"), -1);
	assert_int_equal(strv_find(&spec->read_only_paths, "/proc/sys"), -1);
	assert_true(strv_find(&spec->masked, "/opt") >= 0);
	strv_add(&e.config.unmask, "ALL");
	AUTO(runtime_spec) struct runtime_spec *all = make(&e);
	assert_int_equal(all->masked.count, 2);
	assert_int_equal(all->read_only_paths.count, 0);
	example_clear(&e);
}

static void devices_are_absolute_paths(void **state)
{
	static const char *const bad[] = { "dev/null", "/dev/null:x", "/dev/null:/dev/x:q" };
	struct example e;

	(void)state;
	example_init(&e);
	strv_add(&e.config.devices, "/dev/fuse");
	strv_add(&e.config.devices, "/dev/fuse:rwm");
	strv_add(&e.config.devices, "/dev/fuse:/dev/other:r");
	AUTO(runtime_spec) struct runtime_spec *spec = make(&e);
	assert_int_equal(spec->devices.count, 3);
	assert_string_equal(spec->devices.items[1].path, "/dev/fuse");
	assert_string_equal(spec->devices.items[2].path, "/dev/other");
	for (size_t i = 0; i < array_len(bad); i++) {
		strv_add(&e.config.devices, bad[i]);
		assert_int_equal(refused(&e), -EINVAL);
		strv_remove(&e.config.devices, e.config.devices.count - 1);
	}
	example_clear(&e);
}

static void nothing_to_run_is_an_error(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	strv_clear(&e.config.command);
	assert_int_equal(refused(&e), -EINVAL);
	example_clear(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_container_has_podmans_defaults),
		cmocka_unit_test(an_entry_without_a_value_never_becomes_the_hosts),
		cmocka_unit_test(a_user_without_root_has_no_capability_but_those_named),
		cmocka_unit_test(dropping_all_leaves_what_is_added),
		cmocka_unit_test(adding_all_and_dropping_one_leaves_the_others),
		cmocka_unit_test(settings_of_the_host_are_refused),
		cmocka_unit_test(settings_of_a_shared_namespace_are_refused),
		cmocka_unit_test(limits_are_exact_and_the_last_of_a_name_counts),
		cmocka_unit_test(the_callers_own_ids_swap_places_with_root_for_a_bind),
		cmocka_unit_test(the_callers_uid_alone_swaps_and_leaves_the_groups),
		cmocka_unit_test(other_ids_need_no_namespace),
		cmocka_unit_test(with_one_id_any_user_becomes_it),
		cmocka_unit_test(modes_of_user_namespaces_are_known_or_refused),
		cmocka_unit_test(keep_id_without_a_user_is_the_caller),
		cmocka_unit_test(unmasking_takes_a_path_or_all),
		cmocka_unit_test(devices_are_absolute_paths),
		cmocka_unit_test(nothing_to_run_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
