/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_test - copies of directory trees
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
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "kern/tree.h"

struct place {
	char dir[64];
	int from;
	int to;
};

static void begin(struct place *p)
{
	*p = (struct place){ .dir = "/tmp/cubby-tree-XXXXXX" };
	assert_non_null(mkdtemp(p->dir));
	AUTO(fd) int dir = open(p->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(dir, "from", 0755), 0);
	assert_int_equal(mkdirat(dir, "to", 0755), 0);
	p->from = openat(dir, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->to = openat(dir, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void end(struct place *p)
{
	close(p->from);
	close(p->to);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->dir), 0);
}

static void put(int dir, const char *name, const char *text)
{
	assert_int_equal(file_write(dir, name, 0644, text, strlen(text)), 0);
}

static void has(int dir, const char *name, const char *text)
{
	AUTO(mem) char *found = NULL;

	assert_int_equal(file_read(dir, name, 1000, &found, NULL), 0);
	assert_string_equal(found, text);
}

static void modes_times_and_links_are_kept(void **state)
{
	const struct timespec times[2] = { { 5, 0 }, { 1000000000, 7 } };
	struct stat a, b;
	struct place p;
	char text[20] = "";

	(void)state;
	begin(&p);
	assert_int_equal(mkdirat(p.from, "d", 0700), 0);
	put(p.from, "d/file", "text");
	assert_int_equal(fchmodat(p.from, "d/file", 04711, 0), 0);
	assert_int_equal(utimensat(p.from, "d/file", times, 0), 0);
	assert_int_equal(linkat(p.from, "d/file", p.from, "second", 0), 0);
	assert_int_equal(symlinkat("/nowhere", p.from, "link"), 0);
	assert_int_equal(mkfifoat(p.from, "fifo", 0600), 0);
	assert_int_equal(tree_copy(p.from, p.to, 0), 0);
	has(p.to, "second", "text");
	assert_int_equal(fstatat(p.to, "second", &a, 0), 0);
	assert_int_equal(fstatat(p.to, "d/file", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(a.st_mode & 07777, 04711);
	assert_int_equal(a.st_mtim.tv_sec, 1000000000);
	assert_int_equal(a.st_mtim.tv_nsec, 7);
	assert_int_equal(readlinkat(p.to, "link", text, sizeof text - 1), 8);
	assert_int_equal(fstatat(p.to, "fifo", &b, 0), 0);
	assert_true(S_ISFIFO(b.st_mode));
	assert_int_equal(fstatat(p.to, "d", &b, 0), 0);
	assert_int_equal(b.st_mode & 07777, 0700);
	end(&p);
}

static void a_link_in_the_way_is_replaced_not_followed(void **state)
{
	struct place p;

	(void)state;
	begin(&p);
	put(p.from, "file", "new");
	put(p.to, "victim", "old");
	assert_int_equal(symlinkat("victim", p.to, "file"), 0);
	assert_int_equal(tree_copy(p.from, p.to, 0), 0);
	has(p.to, "victim", "old");
	has(p.to, "file", "new");
	end(&p);
}

static void a_layer_takes_away_and_covers(void **state)
{
	struct place p;

	(void)state;
	begin(&p);
	assert_int_equal(mkdirat(p.to, "gone", 0755), 0);
	put(p.to, "gone/file", "x");
	assert_int_equal(mkdirat(p.to, "opaque", 0755), 0);
	put(p.to, "opaque/lower", "x");
	assert_int_equal(mkdirat(p.to, "kind", 0755), 0);
	if (mknodat(p.from, "gone", S_IFCHR, 0) < 0) {
		end(&p);
		skip();
	}
	assert_int_equal(mkdirat(p.from, "opaque", 0755), 0);
	put(p.from, "opaque/upper", "y");
	AUTO(fd) int opaque = openat(p.from, "opaque", O_RDONLY | O_CLOEXEC);
	if (fsetxattr(opaque, "user.overlay.opaque", "y", 1, 0) < 0) {
		end(&p);
		skip();
	}
	put(p.from, "kind", "a file now");
	assert_int_equal(tree_copy(p.from, p.to, TREE_LAYER), 0);
	assert_int_equal(faccessat(p.to, "gone", F_OK, 0), -1);
	assert_int_equal(faccessat(p.to, "opaque/lower", F_OK, 0), -1);
	has(p.to, "opaque/upper", "y");
	has(p.to, "kind", "a file now");
	end(&p);
}

static void a_directory_gives_way_only_to_a_layer(void **state)
{
	struct place p;

	(void)state;
	begin(&p);
	put(p.from, "name", "x");
	assert_int_equal(mkdirat(p.to, "name", 0755), 0);
	assert_int_equal(tree_copy(p.from, p.to, 0), -EISDIR);
	end(&p);
}

static void giving_away_follows_no_link(void **state)
{
	struct place p;

	(void)state;
	begin(&p);
	assert_int_equal(symlinkat("/etc/passwd", p.from, "link"), 0);
	put(p.from, "file", "x");
	/* to who has it already: nothing is refused, nothing is touched */
	assert_int_equal(tree_chown(p.from, getuid(), getgid()), 0);
	end(&p);
}

static void one_entry_gets_a_new_name_and_what_was_there_is_replaced(void **state)
{
	struct tree_order order = { .flags = TREE_STRICT };
	struct place p;

	(void)state;
	begin(&p);
	put(p.from, "a", "new");
	put(p.to, "b", "old");
	assert_int_equal(linkat(p.to, "b", p.to, "other", 0), 0);
	assert_int_equal(tree_copy_entry(p.from, "a", p.to, "b", &order), 0);
	has(p.to, "b", "new");
	has(p.to, "other", "old");
	end(&p);
}

static void an_entry_that_is_to_be_no_link_is_none(void **state)
{
	struct tree_order order = { .flags = TREE_NO_LINK };
	struct place p;
	struct stat st;

	(void)state;
	begin(&p);
	put(p.from, "a", "new");
	assert_int_equal(symlinkat("a", p.from, "link"), 0);
	assert_int_equal(tree_copy_entry(p.from, "link", p.to, "b", &order), -ELOOP);
	assert_int_equal(fstatat(p.to, "b", &st, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(tree_copy_entry(p.from, "a", p.to, "b", &order), 0);
	has(p.to, "b", "new");
	order.flags = 0;
	assert_int_equal(tree_copy_entry(p.from, "link", p.to, "c", &order), 0);
	assert_int_equal(fstatat(p.to, "c", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISLNK(st.st_mode));
	end(&p);
}

static void strictly_kinds_do_not_replace_each_other(void **state)
{
	struct tree_order order = { .flags = TREE_STRICT };
	struct place p;

	(void)state;
	begin(&p);
	assert_int_equal(mkdirat(p.from, "x", 0755), 0);
	assert_int_equal(mkdirat(p.from, "x/d", 0755), 0);
	assert_int_equal(mkdirat(p.to, "x", 0755), 0);
	put(p.to, "x/d", "file");
	assert_int_equal(tree_copy_below(p.from, p.to, &order), -ENOTDIR);
	assert_string_equal(order.where, "x/d");
	free(order.where);
	order.flags = TREE_REPLACE;
	assert_int_equal(tree_copy_below(p.from, p.to, &order), 0);
	assert_int_equal(unlinkat(p.from, "x/d", AT_REMOVEDIR), 0);
	put(p.from, "x/d", "file");
	order.flags = TREE_STRICT;
	assert_int_equal(tree_copy_below(p.from, p.to, &order), -EISDIR);
	free(order.where);
	order.flags = TREE_REPLACE;
	assert_int_equal(tree_copy_below(p.from, p.to, &order), 0);
	has(p.to, "x/d", "file");
	end(&p);
}

static void a_link_in_the_way_is_not_followed(void **state)
{
	struct tree_order order = { 0 };
	struct stat st;
	struct place p;

	(void)state;
	begin(&p);
	put(p.to, "outside", "safe");
	assert_int_equal(fchmodat(p.to, "outside", 0600, 0), 0);
	assert_int_equal(mkdirat(p.to, "d", 0755), 0);
	assert_int_equal(symlinkat("../outside", p.to, "d/f"), 0);
	assert_int_equal(mkdirat(p.from, "d", 0755), 0);
	put(p.from, "d/f", "text");
	assert_int_equal(tree_copy_below(p.from, p.to, &order), 0);
	has(p.to, "outside", "safe");
	has(p.to, "d/f", "text");
	assert_int_equal(fstatat(p.to, "outside", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_times_and_links_are_kept),
		cmocka_unit_test(a_link_in_the_way_is_replaced_not_followed),
		cmocka_unit_test(a_layer_takes_away_and_covers),
		cmocka_unit_test(a_directory_gives_way_only_to_a_layer),
		cmocka_unit_test(giving_away_follows_no_link),
		cmocka_unit_test(one_entry_gets_a_new_name_and_what_was_there_is_replaced),
		cmocka_unit_test(an_entry_that_is_to_be_no_link_is_none),
		cmocka_unit_test(strictly_kinds_do_not_replace_each_other),
		cmocka_unit_test(a_link_in_the_way_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
