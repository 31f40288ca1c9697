/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user_test - who a process is, by files that strangers wrote
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "spec/user.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "damaged\n"
			     "evil:x::0::/:/bin/sh\n"
			     "over:x:4294967295:0::/:/bin/sh\n"
			     "app:x:1000:1001::/home/app:/bin/sh\n"
			     "rel:x:7:7::relative:/bin/sh\n"
			     "1234:x:55:55::/home/number:/bin/sh\n"
			     "last:x:9:9::/last:/bin/sh";
static const char group[] = "root:x:0:root\n"
			    "audio:x:29:app,other\n"
			    "bad:x:x29:app\n"
			    "wheel:x:10:other,app\n"
			    "again:x:29:app\n"
			    "own:x:1001:app\n";

static void malformed_users_are_refused(void **state)
{
	static const char *const bad[] = { "1x",   "+1",   "-1",   "4294967295",  "4294967296",
					   "1:",   ":1",   ":",	   "1:x",	  "1:-1",
					   "1:+1", " 1",   "1 ",   "nobody-here", "root:none",
					   "0x0",  "app:", "evil", "over" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(err) struct err err = { 0 };
		AUTO(user) struct user user = { .uid = 77 };
		int r = user_find(bad[i], passwd, group, NULL, &user, &err);
		if (r >= 0)
			fail_msg("'%s' became %u", bad[i], user.uid);
		assert_int_equal(user.uid, 77);
		assert_non_null(err.text);
	}
}

static void numbers_are_read_whole(void **state)
{
	static const struct {
		const char *text;
		uint32_t uid, gid;
	} good[] = { { "1", 1, 0 },
		     { "01", 1, 0 },
		     { "4294967294", 4294967294, 0 },
		     { "5:6", 5, 6 },
		     { "app", 1000, 1001 },
		     { "app:10", 1000, 10 },
		     { "app:wheel", 1000, 10 },
		     { "1000", 1000, 1001 },
		     { "", 0, 0 },
		     { NULL, 0, 0 },
		     { "1234", 55, 55 },
		     { "last", 9, 9 } };

	(void)state;
	for (size_t i = 0; i < array_len(good); i++) {
		AUTO(user) struct user user = { 0 };
		assert_int_equal(user_find(good[i].text, passwd, group, NULL, &user, NULL), 0);
		assert_int_equal(user.uid, good[i].uid);
		assert_int_equal(user.gid, good[i].gid);
	}
}

static void groups_are_those_of_the_image_and_no_other(void **state)
{
	AUTO(user) struct user user = { 0 };

	(void)state;
	assert_int_equal(user_find("app", passwd, group, NULL, &user, NULL), 0);
	assert_int_equal(user.groups.count, 2);
	assert_int_equal(user.groups.items[0], 29);
	assert_int_equal(user.groups.items[1], 10);
}

static void a_group_that_is_named_leaves_out_the_memberships(void **state)
{
	AUTO(user) struct user user = { 0 };

	(void)state;
	assert_int_equal(user_find("app:1001", passwd, group, NULL, &user, NULL), 0);
	assert_int_equal(user.groups.count, 0);
}

static void groups_that_are_asked_for_are_added(void **state)
{
	AUTO(strv) struct strv add = { 0 };
	AUTO(user) struct user user = { 0 };

	(void)state;
	strv_add(&add, "wheel");
	strv_add(&add, "4000");
	strv_add(&add, "keep-groups");
	assert_int_equal(user_find("7", passwd, group, &add, &user, NULL), 0);
	assert_int_equal(user.groups.count, 2);
	assert_int_equal(user.groups.items[1], 4000);
	strv_add(&add, "nowhere");
	AUTO(user) struct user other = { 0 };
	assert_int_equal(user_find("7", passwd, group, &add, &other, NULL), -ENOENT);
}

static void home_is_passwds_or_the_root(void **state)
{
	static const struct {
		const char *text, *home;
	} cases[] = { { "app", "/home/app" },
		      { "rel", "/" },
		      { "4711", "/" },
		      { "0", "/root" },
		      { "last", "/last" } };

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(user) struct user user = { 0 };
		assert_int_equal(user_find(cases[i].text, passwd, group, NULL, &user, NULL), 0);
		assert_string_equal(user.home, cases[i].home);
	}
}

static int open_tree_with(char *dir)
{
	assert_non_null(mkdtemp(dir));
	int root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	assert_int_equal(mkdirat(root, "etc", 0755), 0);
	return root;
}

static void a_passwd_that_is_no_file_counts_as_absent(void **state)
{
	char dir[] = "/tmp/cubby-user-XXXXXX";
	int root = open_tree_with(dir);
	AUTO(user) struct user user = { 0 };
	AUTO(user) struct user none = { 0 };

	(void)state;
	assert_int_equal(mkfifoat(root, "etc/passwd", 0644), 0);
	assert_int_equal(symlinkat("/dev/zero", root, "etc/group"), 0);
	assert_int_equal(user_load(root, "12", NULL, &user, NULL), 0);
	assert_int_equal(user.uid, 12);
	assert_int_equal(user_load(root, "root", NULL, &none, NULL), -ENOENT);
	assert_int_equal(file_tree_remove(AT_FDCWD, dir), 0);
	close(root);
}

static void a_link_leads_inside_the_image_not_to_the_host(void **state)
{
	char dir[] = "/tmp/cubby-user-XXXXXX";
	int root = open_tree_with(dir);
	AUTO(user) struct user user = { 0 };

	(void)state;
	assert_int_equal(symlinkat("../../../../../etc/real", root, "etc/passwd"), 0);
	assert_int_equal(file_write(root, "etc/real", 0644, "inside:x:5:6::/i:/s\n", 20), 0);
	assert_int_equal(user_load(root, "inside", NULL, &user, NULL), 0);
	assert_int_equal(user.gid, 6);
	assert_int_equal(file_tree_remove(AT_FDCWD, dir), 0);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_users_are_refused),
		cmocka_unit_test(numbers_are_read_whole),
		cmocka_unit_test(groups_are_those_of_the_image_and_no_other),
		cmocka_unit_test(a_group_that_is_named_leaves_out_the_memberships),
		cmocka_unit_test(groups_that_are_asked_for_are_added),
		cmocka_unit_test(home_is_passwds_or_the_root),
		cmocka_unit_test(a_passwd_that_is_no_file_counts_as_absent),
		cmocka_unit_test(a_link_leads_inside_the_image_not_to_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
