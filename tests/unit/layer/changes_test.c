/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * changes_test - what a tree has changed of the layers below it; numbers are those of layer/changes.h
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
#include "layer/attr.h"
#include "layer/changes.h"

/* base/{tree/,low/,top/}: top lies upon low. */
struct place {
	char path[32];
	int base;
	struct strv seen;
};

static void put(const struct place *p, const char *name, const char *text)
{
	assert_int_equal(file_write(p->base, name, 0644, text, strlen(text)), 0);
}

static void folder(const struct place *p, const char *name)
{
	assert_int_equal(mkdirat(p->base, name, 0755), 0);
}

static void begin(struct place *p)
{
	*p = (struct place){ .path = "/tmp/changes_test.XXXXXX" };
	assert_non_null(mkdtemp(p->path));
	p->base = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder(p, "tree");
	folder(p, "low");
	folder(p, "top");
	folder(p, "low/etc");
	put(p, "low/etc/a", "a");
	put(p, "low/etc/b", "b");
	folder(p, "top/etc");
	put(p, "top/etc/c", "c");
	folder(p, "low/old");
	put(p, "low/old/x", "x");
}

static void end(struct place *p)
{
	strv_clear(&p->seen);
	close(p->base);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
}

static int note(void *data, const struct change *change, struct err *err)
{
	struct place *p = data;

	(void)err;
	strv_addf(&p->seen, "%c%s%s", "CAD"[change->kind], change -> path,
		  change -> opaque ? "!" : "");
	return 0;
}

static void is(struct place *p, struct changes_plan *plan, const char *want)
{
	AUTO(stack) struct stack lower = { 0 };
	AUTO(fd) int tree = openat(p->base, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*vec_push(&lower) = openat(p->base, "top", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*vec_push(&lower) = openat(p->base, "low", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	plan->dir = tree;
	plan->lower = &lower;
	strv_clear(&p->seen);
	assert_int_equal(changes_walk(plan, note, p, NULL), 0);
	AUTO(mem) char *text = str_join(&p->seen, " ");
	assert_string_equal(text, want);
}

/* (1), (2), (3) */
static void an_upper_folder_holds_the_changes(void **state)
{
	struct changes_plan plan = { .upper = true };
	struct place p;

	(void)state;
	begin(&p);
	is(&p, &plan, "");
	folder(&p, "tree/etc");
	is(&p, &plan, "");
	put(&p, "tree/etc/.wh.a", "");
	put(&p, "tree/etc/.wh.never", "");
	put(&p, "tree/etc/c", "changed");
	folder(&p, "tree/new");
	folder(&p, "tree/new/deep");
	put(&p, "tree/.wh.old", "");
	is(&p, &plan, "Dold Cetc Detc/a Cetc/c Anew Anew/deep");
	plan.folders = true;
	folder(&p, "tree/old");
	is(&p, &plan, "Dold Cetc Detc/a Cetc/c Anew Anew/deep Cold");
	end(&p);
}

/* (3) */
static void an_opaque_folder_is_told_as_a_mark_or_by_what_it_hides(void **state)
{
	struct changes_plan plan = { .upper = true };
	struct place p;

	(void)state;
	begin(&p);
	folder(&p, "tree/etc");
	put(&p, "tree/etc/b", "new");
	AUTO(fd) int etc = openat(p.base, "tree/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(attr_set_opaque(etc), 0);
	is(&p, &plan, "Cetc Detc/a Cetc/b Detc/c");
	plan.marks = true;
	is(&p, &plan, "Cetc! Cetc/b");
	end(&p);
}

/* (2), (4) */
static void a_whole_tree_is_compared_name_by_name(void **state)
{
	const struct timespec times[2] = { { 5, 0 }, { 5, 0 } };
	struct changes_plan plan = { 0 };
	struct place p;

	(void)state;
	begin(&p);
	folder(&p, "tree/etc");
	put(&p, "tree/etc/a", "a");
	put(&p, "tree/etc/c", "c");
	folder(&p, "tree/old");
	put(&p, "tree/old/x", "x");
	const char *const same[] = { "low/etc/a", "tree/etc/a", "low/old/x", "tree/old/x",
				     "top/etc/c", "tree/etc/c", "tree/old" };
	for (size_t i = 0; i < array_len(same); i++)
		assert_int_equal(utimensat(p.base, same[i], times, 0), 0);
	is(&p, &plan, "Cetc Detc/b");
	assert_int_equal(fchmodat(p.base, "tree/old", 0700, 0), 0);
	put(&p, "tree/old/x", "y");
	is(&p, &plan, "Cetc Detc/b Cold Cold/x");
	end(&p);
}

static void what_was_made_to_be_mounted_upon_is_no_change(void **state)
{
	char *names[] = { (char *)"etc/hosts", (char *)"run/secrets", (char *)"old/x" };
	const struct strv mounted = { .items = names, .count = array_len(names) };
	struct changes_plan plan = { .upper = true, .mounted = &mounted };
	struct place p;

	(void)state;
	begin(&p);
	folder(&p, "tree/etc");
	put(&p, "tree/etc/hosts", "");
	folder(&p, "tree/run");
	folder(&p, "tree/run/secrets");
	is(&p, &plan, "");
	/* marks of fuse-overlayfs */
	put(&p, "tree/run/secrets/.wh..opq", "");
	put(&p, "tree/run/secrets/.wh..wh..opq", "");
	is(&p, &plan, "");
	put(&p, "tree/run/pid", "1");
	put(&p, "tree/etc/hosts", "127.0.0.1");
	folder(&p, "tree/old");
	put(&p, "tree/old/x", "");
	is(&p, &plan, "Cetc Aetc/hosts Cold Cold/x Arun Arun/pid");
	end(&p);
}

/* (5) */
static void what_is_undone_is_no_change_and_may_not_be_taken_away(void **state)
{
	char *names[] = { (char *)"etc/a", (char *)"old", (char *)"new/deep" };
	const struct strv undone = { .items = names, .count = array_len(names) };
	struct changes_plan plan = { .upper = true, .marks = true, .undone = &undone };
	AUTO(err) struct err err = { 0 };
	struct stack lower = { 0 };
	struct stat st, before;
	struct place p;

	(void)state;
	begin(&p);
	folder(&p, "tree/etc");
	put(&p, "tree/etc/a", "changed");
	folder(&p, "tree/old");
	put(&p, "tree/old/y", "y");
	is(&p, &plan, "");
	put(&p, "tree/etc/d", "d");
	is(&p, &plan, "Cetc Aetc/d");
	folder(&p, "tree/new");
	folder(&p, "tree/new/deep");
	is(&p, &plan, "Cetc Aetc/d Anew");
	plan.upper = plan.marks = false;
	is(&p, &plan, "Cetc Detc/b Detc/c Aetc/d Anew");

	plan.upper = plan.tidy = true;
	assert_int_equal(fstatat(p.base, "tree/etc", &before, 0), 0);
	is(&p, &plan, "Cetc Aetc/d Anew");
	assert_int_equal(fstatat(p.base, "tree/old", &st, 0), -1);
	assert_int_equal(fstatat(p.base, "tree/new/deep", &st, 0), -1);
	assert_int_equal(fstatat(p.base, "tree/etc/a", &st, 0), -1);
	assert_int_equal(fstatat(p.base, "tree/etc", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_nsec, before.st_mtim.tv_nsec);

	assert_int_equal(file_tree_remove(p.base, "tree/etc"), 0);
	put(&p, "tree/etc", "no folder any more");
	AUTO(fd) int tree = openat(p.base, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	plan.dir = tree;
	plan.lower = &lower;
	*vec_push(&lower) = openat(p.base, "low", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(changes_walk(&plan, note, &p, &err), -EOPNOTSUPP);
	assert_string_equal(
		err.text, "'/etc' was taken away, and '/etc/a' with it, where changes are undone");
	stack_clear(&lower);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upper_folder_holds_the_changes),
		cmocka_unit_test(an_opaque_folder_is_told_as_a_mark_or_by_what_it_hides),
		cmocka_unit_test(a_whole_tree_is_compared_name_by_name),
		cmocka_unit_test(what_was_made_to_be_mounted_upon_is_no_change),
		cmocka_unit_test(what_is_undone_is_no_change_and_may_not_be_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
