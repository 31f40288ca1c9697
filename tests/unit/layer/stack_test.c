/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stack_test - layers upon each other give the answers that overlayfs gives
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "layer/attr.h"
#include "layer/stack.h"

enum { LAYERS = 3 };

/* base/{0,1,2}: layers, the uppermost first. */
struct place {
	char path[32];
	int base;
	struct stack stack;
};

static int make_place(void **state)
{
	static const char *const names[LAYERS] = { "0", "1", "2" };
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/stack_test.XXXXXX", 23);
	assert_non_null(mkdtemp(p->path));
	p->base = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < LAYERS; i++) {
		assert_int_equal(mkdirat(p->base, names[i], 0755), 0);
		p->stack.items = mem_push(p->stack.items, &p->stack.count, sizeof(int));
		p->stack.items[i] = openat(p->base, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	stack_clear(&p->stack);
	fd_close(p->base);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

/* Makes folders; each path begins with the number of its layer. */
static void folders(const struct place *p, const char *const *paths)
{
	for (; *paths; paths++)
		assert_int_equal(mkdirat(p->base, *paths, 0755), 0);
}

static void file(const struct place *p, const char *path)
{
	assert_int_equal(file_write(p->base, path, 0644, "x", 1), 0);
}

static void whiteout(const struct place *p, const char *path)
{
	assert_int_equal(mknodat(p->base, path, S_IFCHR, makedev(0, 0)), 0);
}

static void opaque(const struct place *p, const char *path)
{
	AUTO(fd) int fd = openat(p->base, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(attr_set_opaque(fd), 0);
}

/* Return: index of the layer that gives the answer, or a negative errno. */
static int find(struct place *p, size_t from, const char *path)
{
	AUTO(stack_found) struct stack_found found = { .fd = -1 };

	int r = stack_find(&p->stack, from, path, &found);
	return r < 0 ? r : (int)found.layer;
}

static void expect_resolved(struct place *p, const char *path, bool last, const char *want)
{
	AUTO(mem) char *got = NULL;

	assert_int_equal(stack_resolve(&p->stack, path, last, &got), 0);
	assert_string_equal(got, want);
}

static void the_uppermost_layer_that_has_a_name_counts(void **state)
{
	struct place *p = *state;

	folders(p, (const char *const[]){ "0/a", "1/a", "1/a/b", "2/a", "2/a/b", NULL });
	file(p, "1/a/b/one");
	file(p, "2/a/b/one");
	file(p, "2/a/b/two");
	assert_int_equal(find(p, 0, "a"), 0);
	assert_int_equal(find(p, 0, "a/b"), 1);
	assert_int_equal(find(p, 0, "a/b/one"), 1);
	assert_int_equal(find(p, 0, "a/b/two"), 2);
	assert_int_equal(find(p, 1, "a"), 1);
	assert_int_equal(find(p, 2, "a/b"), 2);
	assert_int_equal(find(p, 0, "a/b/three"), -ENOENT);
	assert_int_equal(find(p, 0, "a/c/d/e"), -ENOENT);
	/* From deep down back to the top, where more than one folder is left. */
	assert_int_equal(find(p, 0, "a/b/two"), 2);
	assert_int_equal(find(p, 0, "ab"), -ENOENT);
	assert_int_equal(find(p, 0, "a/b/two"), 2);
}

static void whiteouts_and_opaque_folders_hide_what_is_below(void **state)
{
	struct place *p = *state;

	folders(p,
		(const char *const[]){ "0/o", "0/o/in", "1/o", "1/o/in", "1/w", "1/w/in", NULL });
	whiteout(p, "0/w");
	opaque(p, "0/o");
	file(p, "0/o/in/mine");
	file(p, "1/o/in/hidden");
	file(p, "1/w/in/hidden");
	assert_int_equal(find(p, 0, "w"), -ENOENT);
	assert_int_equal(find(p, 0, "w/in/hidden"), -ENOENT);
	assert_int_equal(find(p, 0, "o/in/hidden"), -ENOENT);
	assert_int_equal(find(p, 0, "o/in/mine"), 0);
	/* It hides them also from who asks for the lower layers alone. */
	assert_int_equal(find(p, 1, "w"), -ENOENT);
	assert_int_equal(find(p, 1, "o"), -ENOENT);
	assert_int_equal(find(p, 1, "o/in"), -ENOENT);
	assert_int_equal(find(p, 1, "o/in/mine"), -ENOENT);
}

static void a_file_hides_a_folder_below_and_is_none(void **state)
{
	struct place *p = *state;

	folders(p, (const char *const[]){ "0/d", "1/d", "2/d", "2/d/f", "2/l", NULL });
	file(p, "1/d/f");
	file(p, "2/d/f/x");
	assert_int_equal(symlinkat("d", p->base, "1/l"), 0);
	assert_int_equal(find(p, 0, "d/f"), 1);
	assert_int_equal(find(p, 0, "d/f/x"), -ENOTDIR);
	assert_int_equal(find(p, 0, "d/f/x/y"), -ENOTDIR);
	assert_int_equal(find(p, 0, "l"), 1);
	assert_int_equal(find(p, 0, "l/f"), -ELOOP);
	assert_int_equal(find(p, 2, "d/f"), -ENOENT);
}

static void an_opaque_root_hides_all(void **state)
{
	struct place *p = *state;

	folders(p, (const char *const[]){ "0/a", "1/b", "2/c", NULL });
	opaque(p, "1");
	assert_int_equal(find(p, 0, "a"), 0);
	assert_int_equal(find(p, 0, "b"), 1);
	assert_int_equal(find(p, 0, "c"), -ENOENT);
}

static void links_are_followed_over_all_layers(void **state)
{
	struct place *p = *state;

	folders(p, (const char *const[]){ "1/real", "1/real/in", "2/deep", "0/top", NULL });
	assert_int_equal(symlinkat("/real/in", p->base, "2/deep/link"), 0);
	assert_int_equal(symlinkat("../..", p->base, "0/top/up"), 0);
	assert_int_equal(symlinkat("round", p->base, "0/round"), 0);
	expect_resolved(p, "deep/link/file", false, "real/in/file");
	expect_resolved(p, "deep/link", false, "deep/link");
	expect_resolved(p, "deep/link", true, "real/in");
	expect_resolved(p, "/top/./up/deep/link/..", false, "real");
	expect_resolved(p, "nothing/there", true, "nothing/there");
	assert_int_equal(stack_resolve(&p->stack, "round/x", false, &(char *){ NULL }), -ELOOP);
}

static void what_changed_is_seen_when_it_was_told(void **state)
{
	struct place *p = *state;

	folders(p, (const char *const[]){ "0/a", "1/a", "1/a/b", NULL });
	file(p, "1/a/b/f");
	assert_int_equal(find(p, 0, "a/b/f"), 1);
	whiteout(p, "0/a/b");
	stack_forget(&p->stack);
	assert_int_equal(find(p, 0, "a/b/f"), -ENOENT);
	assert_int_equal(unlinkat(p->base, "0/a/b", 0), 0);
	stack_forget(&p->stack);
	assert_int_equal(find(p, 0, "a/b/f"), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_uppermost_layer_that_has_a_name_counts),
		CASE(whiteouts_and_opaque_folders_hide_what_is_below),
		CASE(a_file_hides_a_folder_below_and_is_none),
		CASE(an_opaque_root_hides_all),
		CASE(links_are_followed_over_all_layers),
		CASE(what_changed_is_seen_when_it_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
