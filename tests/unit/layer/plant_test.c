/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plant_test - what layers do to a tree in memory is what unpacking and overlayfs would do
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "layer/limits.h"
#include "layer/plant.h"

static int make_plant(void **state)
{
	*state = plant_new();
	plant_layer(*state);
	return 0;
}

static int drop_plant(void **state)
{
	plant_free(*state);
	return 0;
}

static void put(struct plant *p, enum plant_type type, const char *path, uint32_t uid,
		const char *target)
{
	struct plant_file *file = plant_file(p, type, target);

	file->uid = uid;
	file->mode = 0700;
	assert_int_equal(plant_put(p, path, file, NULL), 0);
}

static void dir(struct plant *p, const char *path, uint32_t uid)
{
	put(p, PLANT_DIR, path, uid, NULL);
}

static void file(struct plant *p, const char *path, uint32_t uid)
{
	put(p, PLANT_FILE, path, uid, NULL);
}

static void print_node(FILE *out, const struct plant_node *node, const char *path)
{
	static const char kinds[] = { 'd', 'f', 'l', 'p' };

	for (const struct plant_node *n = node->child; n; n = n->next) {
		AUTO(mem) char *name = str_fmt("%s%s%s", path, *path ? "/" : "", n->name);
		fprintf(out, "%s:%c%u ", name, kinds[n->file->type], n->file->uid);
		print_node(out, n, name);
	}
}

/* Names in their order, each with its kind and owner. */
static void shows(struct plant *p, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	plant_sort(p);
	print_node(out, plant_root(p), "");
	assert_int_equal(fclose(out), 0);
	AUTO(mem) char *owned = text;
	assert_string_equal(str_trim(text), expected);
}

static void a_folder_that_has_no_entry_is_made(void **state)
{
	file(*state, "a/b/c", 7);
	shows(*state, "a:d0 a/b:d0 a/b/c:f7");
}

static void a_folder_meeting_a_folder_keeps_what_is_in_it(void **state)
{
	file(*state, "a/b", 1);
	dir(*state, "a", 2);
	plant_layer(*state);
	dir(*state, "a", 3);
	file(*state, "a/c", 3);
	shows(*state, "a:d3 a/b:f1 a/c:f3");
}

static void other_files_replace_each_other_and_folders(void **state)
{
	file(*state, "a/b", 1);
	file(*state, "c", 1);
	plant_layer(*state);
	file(*state, "a", 2);
	dir(*state, "c", 2);
	shows(*state, "a:f2 c:d2");
}

static void a_deletion_takes_what_lower_layers_have(void **state)
{
	struct plant *p = *state;

	file(p, "a/b", 1);
	file(p, "a/c", 1);
	plant_layer(p);
	file(p, "a/b", 2);
	assert_int_equal(plant_delete(p, "a/b", NULL), 0);
	assert_int_equal(plant_delete(p, "a/c", NULL), 0);
	assert_int_equal(plant_delete(p, "nothing/here", NULL), 0);
	shows(p, "a:d0 a/b:f2");
}

static void a_deleted_folder_that_is_filled_again_is_a_fresh_one(void **state)
{
	struct plant *p = *state;

	dir(p, "a", 5);
	file(p, "a/b", 5);
	plant_layer(p);
	assert_int_equal(plant_delete(p, "a", NULL), 0);
	file(p, "a/c", 6);
	shows(p, "a:d0 a/c:f6");
}

static void an_opaque_folder_hides_lower_files_wherever_its_mark_stands(void **state)
{
	struct plant *p = *state;

	file(p, "a/old", 1);
	file(p, "a/x/old", 1);
	plant_layer(p);
	file(p, "a/x/new", 2);
	assert_int_equal(plant_hide(p, "a", NULL), 0);
	file(p, "a/later", 2);
	shows(p, "a:d0 a/later:f2 a/x:d0 a/x/new:f2");
}

static void links_on_the_way_are_followed_inside_the_root(void **state)
{
	struct plant *p = *state;

	dir(p, "usr/lib", 1);
	put(p, PLANT_SYMLINK, "lib", 1, "/../../usr/lib");
	plant_layer(p);
	file(p, "lib/x", 2);
	shows(p, "lib:l1 usr:d0 usr/lib:d1 usr/lib/x:f2");
}

static void a_link_as_the_last_name_is_replaced(void **state)
{
	put(*state, PLANT_SYMLINK, "a", 1, "/etc/passwd");
	file(*state, "a", 2);
	shows(*state, "a:f2");
}

static void links_that_go_in_circles_are_refused(void **state)
{
	struct plant *p = *state;
	AUTO(err) struct err err = { 0 };

	put(p, PLANT_SYMLINK, "a", 1, "b");
	put(p, PLANT_SYMLINK, "b", 1, "a");
	assert_int_equal(plant_put(p, "a/x", plant_file(p, PLANT_FILE, NULL), &err), -EBADMSG);
	assert_non_null(strstr(err.text, "a/x"));
}

/* "d/d/.../d" */
static char *chain(size_t count)
{
	char *path = mem_alloc(2 * count, 1);

	for (size_t i = 0; i < 2 * count; i++)
		path[i] = i % 2 ? '/' : 'd';
	path[2 * count - 1] = 0;
	return path;
}

static int put_below(struct plant *p, const char *folder, const char *name)
{
	AUTO(mem) char *path = str_fmt("%s/%s", folder, name);

	return plant_put(p, path, plant_file(p, PLANT_DIR, NULL), NULL);
}

static void links_lead_no_deeper_than_names_may(void **state)
{
	struct plant *p = *state;
	AUTO(mem) char *deep = chain(LAYER_DEPTH_MAX);
	AUTO(mem) char *deeper = chain(LAYER_DEPTH_MAX + 1);

	put(p, PLANT_SYMLINK, "l", 1, deep);
	assert_int_equal(put_below(p, "l", "x"), 0); /* 6 */
	assert_int_equal(put_below(p, "l/x", "y"), -EFBIG);
	put(p, PLANT_SYMLINK, "m", 1, deeper);
	assert_int_equal(put_below(p, "m", "x"), -EFBIG);
	assert_int_equal(plant_hide(p, "m", NULL), -EFBIG);
}

static void folders_without_an_entry_are_made_so_many_times_only(void **state)
{
	struct plant *p = *state;
	AUTO(mem) char *deep = chain(LAYER_DEPTH_MAX);
	int r = 0;

	put(p, PLANT_SYMLINK, "l", 1, deep);
	for (size_t i = 0; r == 0 && i < 2 * LAYER_IMPLIED_MAX / LAYER_DEPTH_MAX; i++) {
		file(p, "d", 1);
		dir(p, "d", 1);
		r = put_below(p, "l", "x");
	}
	assert_int_equal(r, -EFBIG); /* 6 */
}

static void a_file_is_in_the_way_in_its_own_layer_only(void **state)
{
	struct plant *p = *state;

	file(p, "a", 1);
	assert_int_equal(plant_put(p, "a/x", plant_file(p, PLANT_FILE, NULL), NULL), -EBADMSG);
	plant_layer(p);
	file(p, "a/x", 2);
	shows(p, "a:d0 a/x:f2");
}

static void a_hard_link_is_one_more_name_also_across_layers(void **state)
{
	struct plant *p = *state;

	file(p, "a", 1);
	plant_layer(p);
	assert_int_equal(plant_link(p, "b", "a", NULL), 0);
	assert_int_equal(plant_delete(p, "a", NULL), 0);
	shows(p, "b:f1");
	assert_int_equal(plant_root(p)->child->file->links, 1);
}

static void a_hard_link_to_nothing_a_folder_or_itself_is_refused(void **state)
{
	struct plant *p = *state;

	dir(p, "d", 1);
	assert_int_equal(plant_link(p, "b", "a", NULL), -EBADMSG);
	assert_int_equal(plant_link(p, "b", "d", NULL), -EBADMSG);
	assert_int_equal(plant_link(p, "b", "b", NULL), -EBADMSG);
	assert_int_equal(plant_link(p, "b", "", NULL), -EBADMSG);
}

static void many_names_in_one_folder_are_found(void **state)
{
	struct plant *p = *state;

	for (int i = 0; i < 20000; i++) {
		AUTO(mem) char *name = str_fmt("d/%d", i);
		file(p, name, 1);
	}
	plant_layer(p);
	for (int i = 1; i < 20000; i++) {
		AUTO(mem) char *name = str_fmt("d/%d", i);
		assert_int_equal(plant_delete(p, name, NULL), 0);
	}
	shows(p, "d:d0 d/0:f1");
}

#define PLANT_TEST(name) cmocka_unit_test_setup_teardown(name, make_plant, drop_plant)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLANT_TEST(a_folder_that_has_no_entry_is_made),
		PLANT_TEST(a_folder_meeting_a_folder_keeps_what_is_in_it),
		PLANT_TEST(other_files_replace_each_other_and_folders),
		PLANT_TEST(a_deletion_takes_what_lower_layers_have),
		PLANT_TEST(a_deleted_folder_that_is_filled_again_is_a_fresh_one),
		PLANT_TEST(an_opaque_folder_hides_lower_files_wherever_its_mark_stands),
		PLANT_TEST(links_on_the_way_are_followed_inside_the_root),
		PLANT_TEST(a_link_as_the_last_name_is_replaced),
		PLANT_TEST(links_that_go_in_circles_are_refused),
		PLANT_TEST(links_lead_no_deeper_than_names_may),
		PLANT_TEST(folders_without_an_entry_are_made_so_many_times_only),
		PLANT_TEST(a_file_is_in_the_way_in_its_own_layer_only),
		PLANT_TEST(a_hard_link_is_one_more_name_also_across_layers),
		PLANT_TEST(a_hard_link_to_nothing_a_folder_or_itself_is_refused),
		PLANT_TEST(many_names_in_one_folder_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
