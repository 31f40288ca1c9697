/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volume_test - volumes are filled once and kept while somebody uses them
 */
#include "place.h"

#include <errno.h>

#include "base/fd.h"
#include "store/volume.h"

static void make(struct place *p, const char *name)
{
	struct volume volume = { .name = (char *)name };

	assert_int_equal(volume_create(p->store, &volume, NULL, &p->err), 0);
}

static void a_volume_is_made_once(void **state)
{
	struct place *p = *state;
	AUTO(volume) struct volume *volume = NULL;
	struct volume again = { .name = (char *)"data" };
	AUTO(mem) char *name = NULL;

	make(p, "data");
	assert_int_equal(volume_create(p->store, &again, &name, &p->err), -EEXIST);
	assert_string_equal(name, "data");
	assert_int_equal(volume_load(p->store, "data", &volume, &p->err), 0);
	assert_true(str_ends(volume->path, "/volumes/data/_data"));
	assert_true(volume->created > 0);
	assert_false(volume->filled);
}

static void an_anonymous_one_has_a_random_name(void **state)
{
	struct place *p = *state;
	struct volume volume = { .anonymous = true };
	AUTO(mem) char *name = NULL;

	assert_int_equal(volume_create(p->store, &volume, &name, &p->err), 0);
	assert_true(str_hex(name, 64));
}

static void names_lead_nowhere_else(void **state)
{
	static const char *const bad[] = { "", "..", "a/b", ".x", "-x" };
	struct place *p = *state;

	for (size_t i = 0; i < array_len(bad); i++) {
		struct volume volume = { .name = (char *)bad[i] };
		AUTO(volume) struct volume *found = NULL;
		AUTO(census) struct census *census = census_new();
		struct temps gone = { 0 };
		assert_int_equal(volume_create(p->store, &volume, NULL, &p->err), -EINVAL);
		assert_int_equal(volume_load(p->store, bad[i], &found, &p->err), -ENOENT);
		assert_int_equal(volume_remove(p->store, census, bad[i], &gone, &p->err), -ENOENT);
	}
}

/* Invariant 2. */
static void an_empty_volume_is_filled_exactly_once(void **state)
{
	enum { STARTERS = 20 };
	struct place *p = *state;
	int fillers = 0;

	make(p, "data");
	for (int i = 0; i < STARTERS; i++) {
		if (fork() == 0) {
			int lock = -1;
			int r = volume_fill_begin(p->store, "data", &lock, NULL);
			if (r == 1 && volume_fill_done(p->store, "data", NULL) < 0)
				r = 2;
			_exit(r < 0 ? 2 : r);
		}
	}
	for (int i = 0; i < STARTERS; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		fillers += WEXITSTATUS(status);
	}
	assert_int_equal(fillers, 1);
}

static void one_that_holds_files_is_never_filled(void **state)
{
	struct place *p = *state;
	AUTO(fd) int lock = -1;

	make(p, "data");
	assert_int_equal(file_write(p->store->dir, "volumes/data/_data/f", 0600, "", 0), 0);
	assert_int_equal(volume_fill_begin(p->store, "data", &lock, &p->err), 0);
	assert_int_equal(lock, -1);
	assert_int_equal(unlinkat(p->store->dir, "volumes/data/_data/f", 0), 0);
	assert_int_equal(volume_fill_begin(p->store, "data", &lock, &p->err), 0);
}

static void one_in_use_is_kept_and_names_its_users(void **state)
{
	struct place *p = *state;
	AUTO(census) struct census *census = census_new();
	struct temps gone = { 0 };
	struct container_config config = { .id = record_new_id(), .name = (char *)"user" };
	struct mount_config mount = { .type = (char *)"volume", .source = (char *)"data" };

	make(p, "data");
	config.mounts = (struct mount_list){ .items = &mount, .count = 1 };
	assert_int_equal(record_create(p->store, &config, NULL, &p->err), 0);
	assert_int_equal(volume_remove(p->store, census, "data", &gone, &p->err), -EBUSY);
	AUTO(mem) char *shown = str_ndup(config.id, 12);
	assert_non_null(strstr(p->err.text, shown));
	assert_int_equal(record_remove(p->store, config.id, &p->err), 0);
	assert_int_equal(volume_remove(p->store, census, "data", &gone, &p->err), 0);
	assert_int_equal(temps_remove(p->store, &gone), 0);
	free(config.id);
}

static void the_beginning_of_a_name_is_enough_when_it_is_one_volumes(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *name = NULL;

	make(p, "data1");
	make(p, "data2");
	make(p, "logs");
	assert_int_equal(volume_resolve(p->store, "data", &name, &p->err), -ENOTUNIQ);
	assert_int_equal(volume_resolve(p->store, "lo", &name, &p->err), 0);
	assert_string_equal(name, "logs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_volume_is_made_once),
		PLACE_TEST(an_anonymous_one_has_a_random_name),
		PLACE_TEST(names_lead_nowhere_else),
		PLACE_TEST(an_empty_volume_is_filled_exactly_once),
		PLACE_TEST(one_that_holds_files_is_never_filled),
		PLACE_TEST(one_in_use_is_kept_and_names_its_users),
		PLACE_TEST(the_beginning_of_a_name_is_enough_when_it_is_one_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
