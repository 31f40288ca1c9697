/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buildcache_test - what is remembered of steps (the numbers are the invariants of store/buildcache.h)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "store/buildcache.h"

#define HEX(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define KEY HEX("a1")
#define OTHER HEX("b2")
#define LAYER HEX("c3")

struct place {
	char path[40];
	struct store store;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/buildcache_test.XXXXXX", 28);
	assert_non_null(mkdtemp(p->path));
	p->store.path = p->path;
	p->store.dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->store.dir >= 0);
	*state = p;
	return 0;
}

static int clear_place(void **state)
{
	struct place *p = *state;

	fd_close(p->store.dir);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static void save(struct place *p, const char *key, const char *layer)
{
	const struct buildstep step = { .key = (char *)key,
					.layer = (char *)layer,
					.diff_id = (char *)(layer ? "sha256:" LAYER : NULL),
					.tar_size = 5,
					.created = (char *)"2026-01-01T00:00:00Z",
					.text = (char *)"RUN true" };

	assert_int_equal(buildcache_save(&p->store, &step, NULL), 0);
}

static void a_step_comes_back_as_it_went(void **state)
{
	struct place *p = *state;
	AUTO(buildstep) struct buildstep *step = NULL;

	assert_int_equal(buildcache_find(&p->store, KEY, &step), -ENOENT);
	save(p, KEY, LAYER);
	assert_int_equal(buildcache_find(&p->store, KEY, &step), 0);
	assert_string_equal(step->layer, LAYER);
	assert_string_equal(step->text, "RUN true");
	assert_int_equal(step->tar_size, 5);
	assert_null(step->below);
	assert_int_equal(buildcache_find(&p->store, "../" KEY, &step), -ENOENT);
}

static void using_a_step_makes_it_young(void **state) /* (2) */
{
	struct place *p = *state;
	AUTO(buildstep) struct buildstep *step = NULL;
	AUTO(buildsteps) struct buildsteps steps = { 0 };
	const struct timespec old[2] = { { 100, 0 }, { 100, 0 } };

	save(p, KEY, LAYER);
	assert_int_equal(utimensat(p->store.dir, "build/cache/" KEY ".json", old, 0), 0);
	assert_int_equal(buildcache_list(&p->store, &steps), 0);
	assert_int_equal(steps.count, 1);
	assert_int_equal(steps.items[0].used, INT64_C(100000000000));
	buildsteps_clear(&steps);
	assert_int_equal(buildcache_find(&p->store, KEY, &step), 0);
	assert_int_equal(buildcache_list(&p->store, &steps), 0);
	assert_true(steps.items[0].used > INT64_C(100000000000));
}

static void what_is_damaged_is_not_there(void **state)
{
	struct place *p = *state;
	AUTO(buildstep) struct buildstep *step = NULL;
	AUTO(buildsteps) struct buildsteps steps = { 0 };

	save(p, KEY, LAYER);
	save(p, OTHER, NULL);
	assert_int_equal(file_write(p->store.dir, "build/cache/" KEY ".json", 0600, "{", 1), 0);
	assert_int_equal(buildcache_find(&p->store, KEY, &step), -ENOENT);
	/* One that says it is another. */
	assert_int_equal(renameat(p->store.dir, "build/cache/" OTHER ".json", p->store.dir,
				  "build/cache/" KEY ".json"),
			 0);
	assert_int_equal(buildcache_find(&p->store, KEY, &step), -ENOENT);
	assert_int_equal(buildcache_list(&p->store, &steps), 0);
	assert_int_equal(steps.count, 0);
}

static void layers_are_named_once(void **state) /* (4) */
{
	struct place *p = *state;
	AUTO(strv) struct strv layers = { 0 };

	save(p, KEY, LAYER);
	save(p, OTHER, LAYER);
	save(p, HEX("d4"), NULL);
	buildcache_layers(&p->store, &layers);
	assert_int_equal(layers.count, 1);
	assert_int_equal(buildcache_remove(&p->store, KEY), 0);
	assert_int_equal(buildcache_remove(&p->store, KEY), 0);
	assert_int_equal(buildcache_remove(&p->store, OTHER), 0);
	strv_clear(&layers);
	buildcache_layers(&p->store, &layers);
	assert_int_equal(layers.count, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_place, clear_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_step_comes_back_as_it_went),
		TEST(using_a_step_makes_it_young),
		TEST(what_is_damaged_is_not_there),
		TEST(layers_are_named_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
