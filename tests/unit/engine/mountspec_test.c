/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountspec_test - the texts of -v, --mount and --tmpfs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "engine/mountspec.h"

static const struct mountspec_paths paths = { "/home/u", "/here/dir" };

static void sources_are_told_apart_by_their_look(void **state)
{
	static const struct {
		const char *text, *type, *source, *target;
	} good[] = {
		{ "/a:/b", "bind", "/a", "/b" },
		{ "./rel:/b/", "bind", "/here/dir/rel", "/b" },
		{ "../up:/b", "bind", "/here/up", "/b" },
		{ ".:/src:ro", "bind", "/here/dir", "/src" },
		{ "~:/h", "bind", "/home/u", "/h" },
		{ "~/x:/h", "bind", "/home/u/x", "/h" },
		{ "data:/var//lib/./d", "volume", "data", "/var/lib/d" },
		{ "/only", "volume", NULL, "/only" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(good); i++) {
		struct mount_list list = { 0 };
		assert_int_equal(mountspec_volume(good[i].text, &paths, &list, NULL), 0);
		assert_string_equal(list.items[0].type, good[i].type);
		assert_true(str_eq(list.items[0].source, good[i].source));
		assert_string_equal(list.items[0].target, good[i].target);
		mountspec_list_clear(&list);
	}
}

static void what_cannot_be_mounted_is_refused(void **state)
{
	static const char *const bad[] = { "",		":/x",	       "/a:rel",  "/a:/b:what",
					   "/a:/",	"a:b:c:d",     "-bad:/x", "/a:/b:size=1",
					   "sp ace:/x", "/a:/b:nocopy" };
	AUTO(err) struct err err = { 0 };
	struct mount_list list = { 0 };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++)
		assert_int_equal(mountspec_volume(bad[i], &paths, &list, &err), -EINVAL);
	assert_int_equal(list.count, 0);
}

static void an_unreadable_working_folder_matters_only_to_relative_sources(void **state)
{
	const struct mountspec_paths none = { "/home/u", NULL };
	AUTO(err) struct err err = { 0 };
	struct mount_list list = { 0 };

	(void)state;
	assert_int_equal(mountspec_volume("./x:/y", &none, &list, &err), -EINVAL);
	assert_int_equal(mountspec_volume("/x:/y", &none, &list, NULL), 0);
	mountspec_list_clear(&list);
}

static void the_long_form_says_the_same(void **state)
{
	AUTO(err) struct err err = { 0 };
	struct mount_list list = { 0 };

	(void)state;
	assert_int_equal(mountspec_mount("type=bind,src=/a,dst=/b,readonly", &paths, &list, NULL),
			 0);
	assert_int_equal(mountspec_mount("type=tmpfs,destination=/t,tmpfs-size=64m,tmpfs-mode=1770",
					 &paths, &list, NULL),
			 0);
	assert_int_equal(
		mountspec_mount("target=/v,source=data,volume-nocopy", &paths, &list, NULL), 0);
	assert_string_equal(list.items[0].options.items[0], "ro");
	assert_string_equal(list.items[1].options.items[0], "size=64m");
	assert_string_equal(list.items[1].options.items[1], "mode=1770");
	assert_string_equal(list.items[2].type, "volume");
	assert_string_equal(list.items[2].options.items[0], "nocopy");
	assert_int_equal(mountspec_mount("type=image,src=i:1,\"dst=/a,b\",subpath=/x", &paths,
					 &list, NULL),
			 0);
	assert_string_equal(list.items[3].target, "/a,b");
	assert_string_equal(list.items[3].subpath, "/x");
	assert_string_equal(list.items[3].options.items[0], "ro");
	assert_int_equal(
		mountspec_mount("type=volume,src=v,dst=/w,volume-label=k", &paths, &list, NULL), 0);
	assert_string_equal(list.items[4].labels.items[0], "k=");
	assert_int_equal(mountspec_mount("type=image,src=i,dst=/x,subpath=a/../..", &paths, &list,
					 &err),
			 -EINVAL);
	assert_int_equal(mountspec_mount("type=bind,src=/a,dst=/b,idmap", &paths, &list, &err),
			 -EOPNOTSUPP);
	assert_int_equal(mountspec_mount("type=nfs,target=/x", &paths, &list, &err), -EOPNOTSUPP);
	assert_int_equal(mountspec_mount("type=bind,target=/x", &paths, &list, &err), -EINVAL);
	assert_int_equal(mountspec_mount("type=tmpfs,target=/x,suid=what,foo=1", &paths, &list,
					 &err),
			 -EINVAL);
	mountspec_list_clear(&list);
}

static void a_tmpfs_takes_its_own_options_alone(void **state)
{
	AUTO(err) struct err err = { 0 };
	struct mount_list list = { 0 };

	(void)state;
	assert_int_equal(mountspec_tmpfs("/run:size=1m,mode=755,noexec", &list, NULL), 0);
	assert_int_equal(list.items[0].options.count, 3);
	assert_int_equal(mountspec_tmpfs("/a:size=1.5mb", &list, NULL), 0);
	assert_string_equal(list.items[1].options.items[0], "size=1572864");
	assert_int_equal(mountspec_tmpfs("/a:size=1x", &list, &err), -EINVAL);
	assert_int_equal(mountspec_tmpfs("/a:mode=9", &list, &err), -EINVAL);
	assert_int_equal(mountspec_tmpfs("/run:rbind", &list, &err), -EINVAL);
	assert_int_equal(mountspec_tmpfs("run", &list, &err), -EINVAL);
	mountspec_list_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_told_apart_by_their_look),
		cmocka_unit_test(what_cannot_be_mounted_is_refused),
		cmocka_unit_test(an_unreadable_working_folder_matters_only_to_relative_sources),
		cmocka_unit_test(the_long_form_says_the_same),
		cmocka_unit_test(a_tmpfs_takes_its_own_options_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
