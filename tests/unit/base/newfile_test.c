/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * newfile_test - files that appear whole or not at all
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/newfile.h"
#include "base/str.h"

struct place {
	char *dir;
	char *file;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	p->dir = str_dup("/tmp/newfile.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->file = str_fmt("%s/a.tar", p->dir);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	assert_int_equal(file_tree_remove(AT_FDCWD, p->dir), 0);
	free(p->dir);
	free(p->file);
	free(p);
	return 0;
}

static size_t count_files(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void write_old(const char *path)
{
	assert_int_equal(file_write(AT_FDCWD, path, 0600, "old", 3), 0);
}

static void has(const char *path, const char *text)
{
	AUTO(mem) char *found = NULL;
	size_t size;

	assert_int_equal(file_read(AT_FDCWD, path, 100, &found, &size), 0);
	assert_string_equal(found, text);
}

static void what_was_there_keeps_its_permissions(void **state)
{
	const struct place *p = *state;
	AUTO(newfile) struct newfile file = { .fd = -1 };
	struct stat st;

	write_old(p->file);
	assert_int_equal(chmod(p->file, 0600), 0);
	assert_int_equal(newfile_open(p->file, 0644, &file), 0);
	assert_int_equal(fstat(file.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(newfile_done(&file), 0);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void nothing_is_seen_until_it_is_done(void **state)
{
	const struct place *p = *state;
	AUTO(newfile) struct newfile file = { .fd = -1 };

	write_old(p->file);
	assert_int_equal(newfile_open(p->file, 0644, &file), 0);
	assert_int_equal(fd_write_all(file.fd, "new", 3), 0);
	has(p->file, "old");
	assert_int_equal(newfile_done(&file), 0);
	has(p->file, "new");
	assert_int_equal(count_files(p->dir), 1);
}

static void what_is_not_done_leaves_nothing(void **state)
{
	const struct place *p = *state;
	struct newfile file = { .fd = -1 };

	assert_int_equal(newfile_open(p->file, 0644, &file), 0);
	assert_int_equal(fd_write_all(file.fd, "new", 3), 0);
	newfile_close(&file);
	assert_int_equal(count_files(p->dir), 0);
}

static void a_link_stays_and_its_file_is_replaced(void **state)
{
	const struct place *p = *state;
	AUTO(newfile) struct newfile file = { .fd = -1 };
	AUTO(mem) char *link = str_fmt("%s/link", p->dir);
	struct stat st;

	write_old(p->file);
	assert_int_equal(symlink("a.tar", link), 0);
	assert_int_equal(newfile_open(link, 0644, &file), 0);
	assert_int_equal(fd_write_all(file.fd, "new", 3), 0);
	assert_int_equal(newfile_done(&file), 0);
	has(p->file, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void a_pipe_is_written_as_it_is(void **state)
{
	const struct place *p = *state;
	AUTO(newfile) struct newfile file = { .fd = -1 };
	char found[4] = "";

	assert_int_equal(mkfifo(p->file, 0600), 0);
	AUTO(fd) int reader = open(p->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(newfile_open(p->file, 0644, &file), 0);
	assert_int_equal(fd_write_all(file.fd, "new", 3), 0);
	assert_int_equal(newfile_done(&file), 0);
	assert_int_equal(read(reader, found, 3), 3);
	assert_string_equal(found, "new");
}

static void a_folder_is_refused(void **state)
{
	const struct place *p = *state;
	struct newfile file = { .fd = -1 };

	assert_int_equal(newfile_open(p->dir, 0644, &file), -EISDIR);
	assert_int_equal(newfile_open("/no/such/folder/a", 0644, &file), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_there_keeps_its_permissions, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(nothing_is_seen_until_it_is_done, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(what_is_not_done_leaves_nothing, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(a_link_stays_and_its_file_is_replaced, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(a_pipe_is_written_as_it_is, make_place, drop_place),
		cmocka_unit_test_setup_teardown(a_folder_is_refused, make_place, drop_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
