/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * census_test - who uses what, as containers come and go
 */
#include "place.h"

#include "store/census.h"
#include "store/record.h"

/* A container with a volume, of an image, in the pid namespace of another one; gives its id. */
static char *add(struct place *p, const char *name, const char *volume, const char *image,
		 const char *other)
{
	AUTO(mem) char *mode = other ? str_fmt("container:%s", other) : NULL;
	char *layer = (char *)"layer-of-all";
	struct mount_config mount = { .type = (char *)"volume", .source = (char *)volume };
	struct container_config config = {
		.id = record_new_id(),
		.name = (char *)name,
		.image_id = (char *)image,
		.pid_mode = mode,
		.mounts = { .items = &mount, .count = 1 },
		.layers = { .items = &layer, .count = 1 },
	};

	assert_int_equal(record_create(p->store, &config, NULL, &p->err), 0);
	return config.id;
}

static size_t users(const struct census *census, const char *volume)
{
	AUTO(strv) struct strv ids = { 0 };

	census_volume_users(census, volume, &ids);
	return ids.count;
}

static void a_refresh_sees_who_came_and_who_went(void **state)
{
	struct place *p = *state;
	AUTO(census) struct census *census = census_new();
	AUTO(mem) char *one = add(p, "one", "data", "image", NULL);
	AUTO(strv) struct strv ids = { 0 };

	assert_int_equal(users(census, "data"), 0);
	assert_int_equal(census_refresh(census, p->store, &p->err), 0);
	assert_int_equal(users(census, "data"), 1);
	AUTO(mem) char *two = add(p, "two", "data", "image", NULL);
	assert_int_equal(users(census, "data"), 1);
	assert_int_equal(census_refresh(census, p->store, &p->err), 0);
	assert_int_equal(users(census, "data"), 2);
	assert_int_equal(users(census, "other"), 0);
	assert_int_equal(record_remove(p->store, one, &p->err), 0);
	assert_int_equal(census_refresh(census, p->store, &p->err), 0);
	census_image_users(census, "image", &ids);
	assert_int_equal(ids.count, 1);
	assert_string_equal(ids.items[0], two);
}

/* Invariant 3. */
static void a_torn_state_uses_what_its_configuration_says(void **state)
{
	struct place *p = *state;
	AUTO(census) struct census *census = census_new();
	AUTO(mem) char *one = add(p, "one", "data", "image", NULL);
	AUTO(mem) char *path = str_fmt("containers/%s/state.json", one);
	AUTO(strv) struct strv ids = { 0 };

	assert_int_equal(file_write(p->store->dir, path, 0600, "{", 1), 0);
	assert_int_equal(census_refresh(census, p->store, &p->err), 0);
	assert_int_equal(users(census, "data"), 1);
	census_image_users(census, "image", &ids);
	assert_int_equal(ids.count, 1);
}

/* Invariant 3. */
static void a_damaged_record_uses_nothing_until_it_is_whole(void **state)
{
	struct place *p = *state;
	AUTO(census) struct census *census = census_new();
	AUTO(mem) char *one = add(p, "one", "data", "image", NULL);
	AUTO(mem) char *path = str_fmt("containers/%s/config.json", one);
	AUTO(mem) char *state_path = str_fmt("containers/%s/state.json", one);
	AUTO(mem) char *text = NULL;
	size_t size;

	assert_int_equal(file_read(p->store->dir, path, 1 << 16, &text, &size), 0);
	assert_int_equal(file_write(p->store->dir, state_path, 0600, "{", 1), 0);
	assert_int_equal(file_write(p->store->dir, path, 0600, text, size / 2), 0);
	assert_int_equal(census_refresh(census, p->store, &p->err), 0);
	assert_int_equal(users(census, "data"), 0);
	assert_int_equal(file_write(p->store->dir, path, 0600, text, size), 0);
	assert_int_equal(census_refresh(census, p->store, &p->err), 0);
	assert_int_equal(users(census, "data"), 1);
}

static void layers_are_told_once_and_dependents_are_known(void **state)
{
	struct place *p = *state;
	AUTO(census) struct census *census = census_new();
	AUTO(mem) char *one = add(p, "one", "data", "image", NULL);
	AUTO(mem) char *two = add(p, "two", "data", "image", one);
	AUTO(strv) struct strv layers = { 0 }, ids = { 0 };

	assert_int_equal(census_refresh(census, p->store, &p->err), 0);
	census_layers(census, p->store, &layers);
	assert_int_equal(layers.count, 1);
	census_dependents(census, p->store, one, &ids);
	census_dependents(census, p->store, two, &ids);
	assert_int_equal(ids.count, 1);
	assert_string_equal(ids.items[0], two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_refresh_sees_who_came_and_who_went),
		PLACE_TEST(a_torn_state_uses_what_its_configuration_says),
		PLACE_TEST(a_damaged_record_uses_nothing_until_it_is_whole),
		PLACE_TEST(layers_are_told_once_and_dependents_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
