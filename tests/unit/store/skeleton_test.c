/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skeleton_test - the lowest layer of every container is made once, whole, readable to all
 */
#include "place.h"

#include <sys/stat.h>

#include "store/skeleton.h"

static mode_t mode_of(const struct place *p, const char *rel)
{
	AUTO(mem) char *path = str_fmt("skeleton/%s", rel);
	struct stat st;

	assert_int_equal(fstatat(p->store->dir, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode;
}

static void it_has_what_a_start_mounts_on_whatever_the_umask(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *path = NULL;
	mode_t before = umask(077);

	assert_int_equal(skeleton_path(p->store, &path, &p->err), 0);
	(void)umask(before);
	assert_int_equal(mode_of(p, ""), S_IFDIR | 0755);
	assert_int_equal(mode_of(p, "etc"), S_IFDIR | 0755);
	assert_int_equal(mode_of(p, "etc/hosts"), S_IFREG | 0644);
	assert_int_equal(mode_of(p, "etc/resolv.conf"), S_IFREG | 0644);
	assert_int_equal(mode_of(p, "run/.containerenv"), S_IFREG | 0644);
	assert_int_equal(mode_of(p, ".dockerenv"), S_IFREG | 0644);
	assert_true(path[0] == '/');
}

static void one_that_is_there_is_taken_as_it_is(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *first = NULL;
	AUTO(mem) char *second = NULL;
	struct stat a, b;

	assert_int_equal(skeleton_path(p->store, &first, &p->err), 0);
	assert_int_equal(stat(first, &a), 0);
	assert_int_equal(skeleton_path(p->store, &second, &p->err), 0);
	assert_int_equal(stat(second, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_string_equal(first, second);
}

static void nothing_is_left_where_it_cannot_be_made(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *path = NULL;

	if (geteuid() == 0)
		skip(); /* root may write everywhere */
	assert_int_equal(fchmod(p->store->dir, 0500), 0);
	assert_true(skeleton_path(p->store, &path, &p->err) < 0);
	assert_non_null(strstr(p->err.text, "skeleton"));
	assert_null(path);
	assert_int_equal(fchmod(p->store->dir, 0700), 0);
	AUTO(mem) char *tmp = str_fmt("tmp/%s", p->store->host_id);
	assert_int_equal(unlinkat(p->store->dir, tmp, AT_REMOVEDIR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(it_has_what_a_start_mounts_on_whatever_the_umask),
		PLACE_TEST(one_that_is_there_is_taken_as_it_is),
		PLACE_TEST(nothing_is_left_where_it_cannot_be_made),
	};

	return cmocka_run_group_tests_name("skeleton", tests, NULL, NULL);
}
