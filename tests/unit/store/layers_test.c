/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layers_test - a layer is used when it is surely whole, and never replaced
 */
#include "place.h"

#include <errno.h>
#include <sys/stat.h>

#include "store/layers.h"

#define KEY "1111111111111111111111111111111111111111111111111111111111111111"

static void commit(struct place *p, const char *map, bool durable, int expected)
{
	AUTO(temp) struct temp *temp = NULL;
	struct layer layer = { .key = (char *)KEY,
			       .diff_id = (char *)KEY,
			       .size = 7,
			       .tar_size = 9,
			       .map = (char *)map };

	assert_int_equal(layer_tmp_create(p->store, &temp, &p->err), 0);
	assert_int_equal(layer_commit(p->store, temp, &layer, durable, &p->err), expected);
	if (expected < 0)
		assert_int_equal(temp_remove(p->store, temp), 0);
}

/* As after a power cut: the same store, another boot. */
static void reboot(struct place *p)
{
	str_set(&p->store->boot_id, "another boot");
}

static void a_layer_of_this_boot_is_used(void **state)
{
	struct place *p = *state;
	AUTO(layer) struct layer *layer = NULL;

	assert_int_equal(layer_find(p->store, KEY, NULL, NULL), -ENOENT);
	commit(p, "m", false, 0);
	assert_int_equal(layer_find(p->store, KEY, "m", &layer), 0);
	assert_true(str_ends(layer->path, KEY "/diff"));
	assert_int_equal(layer->size, 7);
	assert_int_equal(layer->tar_size, 9);
	assert_false(layer->durable);
}

/* Invariants 3 and 4. */
static void one_that_may_be_torn_is_applied_again_beside_it(void **state)
{
	struct place *p = *state;
	AUTO(layer) struct layer *layer = NULL;
	struct stat st;

	commit(p, "m", false, 0);
	reboot(p);
	assert_int_equal(layer_find(p->store, KEY, "m", NULL), -ENOENT);
	commit(p, "m", false, 0);
	assert_int_equal(layer_find(p->store, KEY, "m", &layer), 0);
	assert_true(str_ends(layer->path, KEY ".1/diff"));
	assert_int_equal(fstatat(p->store->dir, "layers/" KEY "/diff", &st, 0), 0);
}

static void a_durable_one_is_used_after_every_boot(void **state)
{
	struct place *p = *state;

	commit(p, "m", false, 0);
	assert_int_equal(layer_mark_durable(p->store, KEY, &p->err), 0);
	reboot(p);
	assert_int_equal(layer_find(p->store, KEY, "m", NULL), 0);
	commit(p, "m", true, -EEXIST);
}

static void several_are_made_durable_at_once(void **state)
{
	struct place *p = *state;
	AUTO(strv) struct strv keys = { 0 };

	commit(p, "m", false, 0);
	strv_add(&keys, KEY);
	strv_add(&keys, "2222222222222222222222222222222222222222222222222222222222222222");
	assert_int_equal(layers_make_durable(p->store, &keys, &p->err), 0);
	reboot(p);
	assert_int_equal(layer_find(p->store, KEY, "m", NULL), 0);
}

static void owners_of_another_map_are_of_no_use(void **state)
{
	struct place *p = *state;

	commit(p, "one", true, 0);
	assert_int_equal(layer_find(p->store, KEY, "two", NULL), -ENOENT);
	commit(p, "two", true, 0);
	assert_int_equal(layer_find(p->store, KEY, "one", NULL), 0);
	assert_int_equal(layer_find(p->store, KEY, "two", NULL), 0);
}

static void a_lost_or_damaged_layer_is_just_not_there(void **state)
{
	struct place *p = *state;

	commit(p, "m", true, 0);
	assert_int_equal(
		file_replace(p->store->dir, "layers/" KEY "/meta.json", 0600, "{", 1, false), 0);
	assert_int_equal(layer_find(p->store, KEY, "m", NULL), -ENOENT);
	commit(p, "m", true, 0);
	assert_int_equal(layer_find(p->store, KEY, "m", NULL), 0);
}

static void removing_takes_every_generation(void **state)
{
	struct place *p = *state;
	AUTO(strv) struct strv keys = { 0 };
	struct temps gone = { 0 };

	commit(p, "one", true, 0);
	commit(p, "two", true, 0);
	assert_int_equal(layer_list(p->store, &keys, &p->err), 0);
	assert_int_equal(keys.count, 1);
	assert_int_equal(layer_remove(p->store, KEY, &gone, &p->err), 0);
	assert_int_equal(gone.count, 2);
	assert_int_equal(temps_remove(p->store, &gone), 0);
	strv_clear(&keys);
	assert_int_equal(layer_list(p->store, &keys, &p->err), 0);
	assert_int_equal(keys.count, 0);
}

static void a_copy_for_another_map_is_kept_with_its_layer(void **state)
{
	struct place *p = *state;
	AUTO(layer) struct layer *layer = NULL;
	AUTO(layer) struct layer *again = NULL;
	AUTO(temp) struct temp *temp = NULL;

	commit(p, "m", true, 0);
	assert_int_equal(layer_find(p->store, KEY, "m", &layer), 0);
	assert_int_equal(temp_dir(p->store, 0755, &temp, &p->err), 0);
	assert_int_equal(layer_copy_add(p->store, layer, "keep-1000", temp, &p->err), 0);
	assert_int_equal(layer_find(p->store, KEY, "m", &again), 0);
	assert_string_equal(again->copies.items[0], "keep-1000");
}

static void a_map_is_one_line(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };

	(void)state;
	assert_int_equal(idmap_add(&map, 0, 1000, 1), 0);
	assert_int_equal(idmap_add(&map, 1, 100000, 65536), 0);
	AUTO(mem) char *text = layer_map(&map, &map);
	assert_string_equal(text, "0:1000:1,1:100000:65536,/,0:1000:1,1:100000:65536");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_layer_of_this_boot_is_used),
		PLACE_TEST(one_that_may_be_torn_is_applied_again_beside_it),
		PLACE_TEST(a_durable_one_is_used_after_every_boot),
		PLACE_TEST(several_are_made_durable_at_once),
		PLACE_TEST(owners_of_another_map_are_of_no_use),
		PLACE_TEST(a_lost_or_damaged_layer_is_just_not_there),
		PLACE_TEST(removing_takes_every_generation),
		PLACE_TEST(a_copy_for_another_map_is_kept_with_its_layer),
		cmocka_unit_test(a_map_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
