/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place_test - where the paths of a copy lead
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

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/place.h"

struct root {
	char dir[64];
	int fd;
};

static void begin(struct root *r)
{
	*r = (struct root){ .dir = "/tmp/cubby-place-XXXXXX" };
	assert_non_null(mkdtemp(r->dir));
	r->fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(r->fd, "d", 0755), 0);
	assert_int_equal(file_write(r->fd, "d/f", 0644, "x", 1), 0);
	assert_int_equal(symlinkat("d", r->fd, "way"), 0);
	assert_int_equal(symlinkat("/d/f", r->fd, "abs"), 0);
	assert_int_equal(symlinkat("../../../new", r->fd, "d/dangling"), 0);
	assert_int_equal(symlinkat("loop", r->fd, "loop"), 0);
}

static void end(struct root *r)
{
	close(r->fd);
	assert_int_equal(file_tree_remove(AT_FDCWD, r->dir), 0);
}

static void is(const struct root *r, const char *path, bool follow, enum place_kind kind,
	       const char *name, const char *as, bool contents)
{
	AUTO(place) struct place p = { .dir = -1 };

	assert_int_equal(place_source(r->fd, path, follow, &p), 0);
	assert_int_equal(p.kind, kind);
	assert_string_equal(p.name, name);
	assert_string_equal(p.as, as);
	assert_int_equal(p.contents, contents);
}

static void a_source_is_what_its_last_name_says(void **state)
{
	struct root r;

	(void)state;
	begin(&r);
	is(&r, "/d/f", false, PLACE_FILE, "f", "f", false);
	is(&r, "d", false, PLACE_FOLDER, "d", "d", false);
	is(&r, "/d/", false, PLACE_FOLDER, "d", "d", false);
	is(&r, "/d/.", false, PLACE_FOLDER, ".", "", true);
	is(&r, "/", false, PLACE_FOLDER, ".", "", true);
	is(&r, "way", false, PLACE_FILE, "way", "way", false);
	is(&r, "way/", false, PLACE_FOLDER, "d", "way", false);
	is(&r, "way", true, PLACE_FOLDER, "d", "way", false);
	is(&r, "abs", true, PLACE_FILE, "f", "abs", false);
	is(&r, "/way/f", false, PLACE_FILE, "f", "f", false);
	is(&r, "/../../d/f", false, PLACE_FILE, "f", "f", false);
	end(&r);
}

static void what_is_no_source_is_refused(void **state)
{
	AUTO(place) struct place p = { .dir = -1 };
	struct root r;

	(void)state;
	begin(&r);
	assert_int_equal(place_source(r.fd, "/no", false, &p), -ENOENT);
	assert_int_equal(place_source(r.fd, "/no/no", false, &p), -ENOENT);
	assert_int_equal(place_source(r.fd, "/d/f/", false, &p), -ENOTDIR);
	assert_int_equal(place_source(r.fd, "/loop", true, &p), -ELOOP);
	end(&r);
}

static void a_target_may_be_missing_and_its_links_are_followed_inside(void **state)
{
	AUTO(place) struct place p = { .dir = -1 };
	struct stat top, dir;
	struct root r;

	(void)state;
	begin(&r);
	assert_int_equal(place_target(r.fd, "/d/dangling", &p), 0);
	assert_int_equal(p.kind, PLACE_MISSING);
	assert_string_equal(p.name, "new");
	assert_int_equal(fstat(r.fd, &top), 0);
	assert_int_equal(fstat(p.dir, &dir), 0);
	assert_true(top.st_ino == dir.st_ino);
	place_clear(&p);
	assert_int_equal(place_target(r.fd, "/no/no", &p), -ENOENT);
	assert_int_equal(place_target(r.fd, "/no/", &p), 0);
	assert_int_equal(p.kind, PLACE_MISSING);
	assert_true(p.slash);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_is_what_its_last_name_says),
		cmocka_unit_test(what_is_no_source_is_refused),
		cmocka_unit_test(a_target_may_be_missing_and_its_links_are_followed_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
