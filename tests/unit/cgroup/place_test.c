/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place_test - where a process stands, by made-up folders
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "cgroup/place.h"
#include "kern/at.h"

static char root[] = "/tmp/cubby-place-XXXXXX";

static int begin(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return file_tree_remove(AT_FDCWD, root);
}

static void put(const char *folder, const char *name, const char *text)
{
	AUTO(fd) int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int dir = at_mkdir_p_in_root(top, folder, 0755);

	assert_true(dir >= 0);
	assert_int_equal(file_write(dir, name, 0644, text, strlen(text)), 0);
}

static void without_anything_there_is_none(void **state)
{
	AUTO(cgroup_place) struct cgroup_place place = { 0 };

	(void)state;
	cgroup_place_read(root, 0, &place);
	assert_int_equal(place.kind, CGROUP_NONE);
	assert_null(place.path);
}

static void a_hybrid_machine_is_told_from_a_unified_one(void **state)
{
	AUTO(cgroup_place) struct cgroup_place hybrid = { 0 };
	AUTO(cgroup_place) struct cgroup_place unified = { 0 };

	(void)state;
	put("proc/self", "cgroup", "4:memory:/x\n1:name=systemd:/y\n0::/z\n");
	put("sys/fs/cgroup/unified", "cgroup.controllers", "\n");
	cgroup_place_read(root, 0, &hybrid);
	assert_int_equal(hybrid.kind, CGROUP_HYBRID);
	assert_string_equal(hybrid.path, "/z");
	put("sys/fs/cgroup", "cgroup.controllers", "cpu memory pids\n");
	cgroup_place_read(root, 0, &unified);
	assert_int_equal(unified.kind, CGROUP_UNIFIED);
}

static void a_path_outside_of_the_namespace_is_none(void **state)
{
	AUTO(cgroup_place) struct cgroup_place place = { 0 };

	(void)state;
	put("proc/7", "cgroup", "0::/../../other\n");
	cgroup_place_read(root, 7, &place);
	assert_null(place.path);
}

static void controllers_are_read_by_name(void **state)
{
	AUTO(cgroup_place) struct cgroup_place place = { 0 };

	(void)state;
	put("sys/fs/cgroup/a", "cgroup.controllers", "cpu io hugetlb pids\n");
	cgroup_place_read(root, 0, &place);
	AUTO(fd) int dir = cgroup_open(&place, "/a");
	unsigned int set = cgroup_controllers(dir, "cgroup.controllers");
	assert_int_equal(set, CONTROLLER_BIT(CONTROLLER_CPU) | CONTROLLER_BIT(CONTROLLER_IO) |
				      CONTROLLER_BIT(CONTROLLER_PIDS) |
				      CONTROLLER_BIT(CONTROLLER_OTHER));
	AUTO(mem) char *text = cgroup_print_controllers(set);
	assert_string_equal(text, "cpu io pids");
	assert_int_equal(cgroup_controllers(dir, "cgroup.subtree_control"), 0);
	assert_int_equal(cgroup_open(&place, "/b"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_anything_there_is_none),
		cmocka_unit_test(a_hybrid_machine_is_told_from_a_unified_one),
		cmocka_unit_test(a_path_outside_of_the_namespace_is_none),
		cmocka_unit_test(controllers_are_read_by_name),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
