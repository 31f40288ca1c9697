/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * storageopts_test - what --storage-opt and --runtime take, and what they refuse
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/runtimename.h"
#include "engine/storageopts.h"

/* Parses a NULL-ended list. */
static int parse(const char *const *typed, const char *driver, struct storage_options *out,
		 struct err *err)
{
	AUTO(strv) struct strv list = { 0 };

	for (; *typed; typed++)
		strv_add(&list, *typed);
	*out = (struct storage_options){ 0 };
	return storage_options_parse(&list, driver, out, err);
}

static void the_drivers_name_may_stand_in_front(unused_arg void **state)
{
	static const char *const typed[] = { "overlay.mountopt=nodev, index=off",
					     "ignore_chown_errors=1", ".skip_mount_home=true",
					     NULL };
	struct storage_options options;

	assert_int_equal(parse(typed, NULL, &options, NULL), 0);
	assert_int_equal(options.mountopt.count, 2);
	assert_string_equal(options.mountopt.items[1], "index=off");
	assert_true(options.ignore_chown_errors);
	storage_options_clear(&options);
}

static void a_later_option_counts(unused_arg void **state)
{
	static const char *const typed[] = { "overlay.mountopt=nodev,noatime",
					     "overlay2.mountopt=noexec", "mount_program=/bin/sh",
					     "mount_program=", NULL };
	struct storage_options options;

	assert_int_equal(parse(typed, NULL, &options, NULL), 0);
	assert_int_equal(options.mountopt.count, 1);
	assert_string_equal(options.mountopt.items[0], "noexec");
	assert_null(options.mount_program);
	storage_options_clear(&options);
}

static void what_cannot_be_is_refused(unused_arg void **state)
{
	static const struct {
		const char *typed;
		int code;
	} cases[] = {
		{ "size=1G", -EOPNOTSUPP },
		{ "overlay.inodes=5", -EOPNOTSUPP },
		{ "overlay.mount_program=relative", -EINVAL },
		{ "overlay.mount_program=/no/such/program", -ENOENT },
		{ "overlay.ignore_chown_errors=perhaps", -EINVAL },
		{ "overlay.mountopt=a\\,b", -EINVAL },
		{ "overlay.unheard=1", -EINVAL },
		{ "noequals", -EINVAL },
		{ "=x", -EINVAL },
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		const char *const typed[] = { cases[i].typed, NULL };
		AUTO(err) struct err err = { 0 };
		struct storage_options options;
		assert_int_equal(parse(typed, NULL, &options, &err), cases[i].code);
		assert_non_null(err.text);
		storage_options_clear(&options);
	}
}

static void options_of_mounting_fit_the_driver(unused_arg void **state)
{
	AUTO(strv) struct strv list = { 0 };
	AUTO(err) struct err err = { 0 };

	strv_add(&list, "nodev");
	strv_add(&list, "xino=off");
	assert_int_equal(storage_options_fit(&list, "overlay", NULL), 0);
	strv_add(&list, "timeout=5");
	assert_int_equal(storage_options_fit(&list, "overlay", &err), -EINVAL);
	assert_int_equal(storage_options_fit(&list, "fuse-overlayfs", NULL), 0);
	strv_clear(&list);
	err_clear(&err);
	strv_add(&list, "redirect_dir=on");
	assert_int_equal(storage_options_fit(&list, "overlay", &err), -EOPNOTSUPP);
}

static void a_runtime_is_known_by_its_name_or_path(unused_arg void **state)
{
	assert_int_equal(runtime_name_check("cubby", NULL), 0);
	assert_int_equal(runtime_name_check("/usr/sbin/runc", NULL), 0);
	static const char *const others[] = { "kata", "/crun/", "", "cubby2" };
	for (size_t i = 0; i < array_len(others); i++) {
		AUTO(err) struct err err = { 0 };
		assert_int_equal(runtime_name_check(others[i], &err), -EOPNOTSUPP);
		assert_non_null(err.hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_drivers_name_may_stand_in_front),
		cmocka_unit_test(a_later_option_counts),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(options_of_mounting_fit_the_driver),
		cmocka_unit_test(a_runtime_is_known_by_its_name_or_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
