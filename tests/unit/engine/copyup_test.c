/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyup_test - filling volumes; numbers are those of engine/copyup.h
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/copyup.h"

struct fixture {
	char *path;
	int from, to;
};

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);

	*state = f;
	f->path = str_dup("/tmp/copyup_test.XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	AUTO(fd) int dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || mkdirat(dir, "from", 0755) < 0 || mkdirat(dir, "to", 0755) < 0)
		return -1;
	f->from = openat(dir, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->to = openat(dir, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->from < 0 || f->to < 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	int r = file_tree_remove(AT_FDCWD, f->path);
	fd_close(f->from);
	fd_close(f->to);
	free(f->path);
	free(f);
	return r;
}

static struct stat look(int dir, const char *name)
{
	struct stat st = { 0 };

	assert_int_equal(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

static void modes_times_and_contents_are_kept(void **state)
{
	struct fixture *f = *state;
	struct timespec times[] = { { .tv_sec = 1000 }, { .tv_sec = 2000, .tv_nsec = 5 } };
	AUTO(mem) char *text = NULL;

	assert_int_equal(mkdirat(f->from, "d", 0755), 0);
	assert_int_equal(file_write(f->from, "d/f", 0644, "text", 4), 0);
	assert_int_equal(fchmodat(f->from, "d/f", 04751, 0), 0);
	assert_int_equal(fchmodat(f->from, "d", 01511, 0), 0);
	assert_int_equal(utimensat(f->from, "d/f", times, 0), 0);
	assert_int_equal(utimensat(f->from, "d", times, 0), 0);
	assert_int_equal(fchmod(f->from, 0750), 0);
	assert_int_equal(copyup_tree(f->from, f->to, NULL), 0);
	assert_int_equal(file_read(f->to, "d/f", 100, &text, NULL), 0);
	assert_string_equal(text, "text");
	assert_int_equal(look(f->to, "d/f").st_mode & 07777, 04751);
	assert_int_equal(look(f->to, "d").st_mode & 07777, 01511);
	assert_int_equal(look(f->to, ".").st_mode & 07777, 0750);
	assert_int_equal(look(f->to, "d/f").st_mtim.tv_sec, 2000);
	assert_int_equal(look(f->to, "d").st_mtim.tv_nsec, 5);
}

static void links_stay_links(void **state)
{
	struct fixture *f = *state;
	char target[32] = "";

	assert_int_equal(mkdirat(f->from, "d", 0755), 0);
	assert_int_equal(file_write(f->from, "one", 0644, "x", 1), 0);
	assert_int_equal(linkat(f->from, "one", f->from, "d/two", 0), 0);
	assert_int_equal(symlinkat("../nowhere", f->from, "d/dangling"), 0);
	assert_int_equal(symlinkat("/etc", f->from, "out"), 0);
	assert_int_equal(mkfifoat(f->from, "fifo", 0600), 0);
	assert_int_equal(copyup_tree(f->from, f->to, NULL), 0);
	assert_int_equal(look(f->to, "one").st_ino, look(f->to, "d/two").st_ino);
	assert_int_equal(look(f->to, "one").st_nlink, 2);
	assert_int_equal(readlinkat(f->to, "d/dangling", target, sizeof target - 1), 10);
	assert_string_equal(target, "../nowhere");
	assert_true(S_ISLNK(look(f->to, "out").st_mode));
	assert_true(S_ISFIFO(look(f->to, "fifo").st_mode));
}

static void extended_attributes_are_kept(void **state)
{
	struct fixture *f = *state;
	AUTO(mem) char *from = str_fmt("%s/from/f", f->path);
	AUTO(mem) char *to = str_fmt("%s/to/f", f->path);
	char value[8] = "";

	assert_int_equal(file_write(f->from, "f", 0644, "x", 1), 0);
	if (setxattr(from, "user.test", "v", 1, 0) < 0)
		skip();
	assert_int_equal(copyup_tree(f->from, f->to, NULL), 0);
	assert_int_equal(getxattr(to, "user.test", value, sizeof value), 1);
	assert_string_equal(value, "v");
}

static void a_link_in_the_volume_is_not_written_through(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	/* (4): such a volume would count as filled; even if not, nothing is written outside. */
	assert_int_equal(file_write(f->from, "f", 0644, "x", 1), 0);
	assert_int_equal(symlinkat("../from/made", f->to, "f"), 0);
	assert_true(copyup_tree(f->from, f->to, &err) < 0);
	assert_int_not_equal(faccessat(f->from, "made", F_OK, 0), 0);
	err_clear(&err);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(modes_times_and_contents_are_kept),
		CASE(links_stay_links),
		CASE(extended_attributes_are_kept),
		CASE(a_link_in_the_volume_is_not_written_through),
	};

	return cmocka_run_group_tests_name("copyup", tests, NULL, NULL);
}
