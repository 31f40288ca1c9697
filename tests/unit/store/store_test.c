/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store_test - a store is made when it is first used, and refuses what is not one
 */
#include "place.h"

#include <errno.h>
#include <sys/stat.h>

static void a_new_store_is_the_users_alone_and_an_image_layout(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(fstat(p->store->dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(faccessat(p->store->dir, "index.json", R_OK, 0), 0);
	assert_int_equal(faccessat(p->store->dir, "oci-layout", R_OK, 0), 0);
	assert_int_equal(faccessat(p->store->dir, "blobs/sha256", R_OK, 0), 0);
}

static void a_folder_with_other_files_does_not_become_a_store(void **state)
{
	struct place *p = *state;
	struct store *store = NULL;

	AUTO(mem) char *file = str_fmt("%s/letter.txt", p->dir);
	assert_int_equal(file_write(AT_FDCWD, file, 0600, "", 0), 0);
	assert_int_equal(store_open(&p->host, p->dir, &store, &p->err), -EBADMSG);
	assert_non_null(strstr(p->err.text, p->dir));
	assert_null(store);
}

static void a_file_in_the_way_is_named(void **state)
{
	struct place *p = *state;
	struct store *store = NULL;
	AUTO(mem) char *file = str_fmt("%s/file", p->dir);

	assert_int_equal(file_write(AT_FDCWD, file, 0600, "", 0), 0);
	assert_int_equal(store_open(&p->host, file, &store, &p->err), -ENOTDIR);
	assert_non_null(strstr(p->err.text, file));
}

static void the_path_is_absolute_and_holds_no_link(void **state)
{
	struct place *p = *state;
	AUTO(store) struct store *store = NULL;
	AUTO(mem) char *link = str_fmt("%s/link", p->dir);

	assert_int_equal(symlink("store", link), 0);
	assert_int_equal(store_open(&p->host, link, &store, &p->err), 0);
	assert_string_equal(store->path, p->store->path);
}

static void the_place_comes_from_xdg_data_home_only_when_that_is_absolute(void **state)
{
	struct place *p = *state;

	strv_env_set(&p->host.env, "XDG_DATA_HOME=/data");
	AUTO(mem) char *absolute = store_default_path(&p->host);
	assert_string_equal(absolute, "/data/cubby");
	strv_env_set(&p->host.env, "XDG_DATA_HOME=data");
	str_set(&p->host.home, "/home/u");
	AUTO(mem) char *relative = store_default_path(&p->host);
	assert_string_equal(relative, "/home/u/.local/share/cubby");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_new_store_is_the_users_alone_and_an_image_layout),
		PLACE_TEST(a_folder_with_other_files_does_not_become_a_store),
		PLACE_TEST(a_file_in_the_way_is_named),
		PLACE_TEST(the_path_is_absolute_and_holds_no_link),
		PLACE_TEST(the_place_comes_from_xdg_data_home_only_when_that_is_absolute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
