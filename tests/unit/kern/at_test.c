/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * at_test - paths of strangers stay inside their root, with openat2 and without
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "kern/at.h"

/* base/outside and base/root; root has d/f, links of every kind. */
struct place {
	char path[64];
	int base;
	int root;
};

static int make_place(void **state)
{
	static const char *const links[][2] = {
		{ "abs", "/d" },	  { "rel", "d" },
		{ "up", "../outside" },	  { "far", "../../../../../../../../d" },
		{ "loop", "loop" },	  { "dangling", "/new/deep" },
		{ "out", "/../outside" }, { "file", "d/f" },
		{ "d/back", "../d/f" },
	};
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/at_test.XXXXXX", 20);
	assert_non_null(mkdtemp(p->path));
	p->base = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(p->base, "root", 0755), 0);
	assert_int_equal(mkdirat(p->base, "outside", 0755), 0);
	p->root = openat(p->base, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(p->root, "d", 0755), 0);
	assert_int_equal(file_write(p->root, "d/f", 0644, "x", 1), 0);
	for (size_t i = 0; i < array_len(links); i++)
		assert_int_equal(symlinkat(links[i][1], p->root, links[i][0]), 0);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	fd_close(p->root);
	fd_close(p->base);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

/* What is open: its inode, or the negative errno. */
static int64_t what(int fd)
{
	struct stat st;

	if (fd < 0)
		return fd;
	assert_int_equal(fstat(fd, &st), 0);
	fd_close(fd);
	return (int64_t)st.st_ino;
}

static void the_walk_answers_as_the_kernel_does(void **state)
{
	static const char *const paths[] = {
		"d",	  "d/f",     "/d/f",   "abs/f",	   "rel/f",	  "up",
		"far/f",  "loop",    "loop/x", "dangling", "out",	  "file",
		"d/back", "d/..",    "../..",  "..",	   "d/../../d/f", "",
		"/",	  ".",	     "d/f/",   "d/f/..",   "missing",	  "missing/x",
		"d//f",	  "./d/./f", "abs/",   "file/",	   "abs/../d",	  "rel/../../d",
	};
	static const uint64_t how[] = {
		RESOLVE_IN_ROOT,
		RESOLVE_BENEATH,
		RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	static const int flags[] = { O_RDONLY, O_PATH, O_PATH | O_NOFOLLOW, O_RDONLY | O_DIRECTORY,
				     O_RDONLY | O_NOFOLLOW };
	struct place *p = *state;

	for (size_t i = 0; i < array_len(paths); i++)
		for (size_t h = 0; h < array_len(how); h++)
			for (size_t f = 0; f < array_len(flags); f++) {
				int64_t a = what(at_open(p->root, paths[i], flags[f], 0, how[h]));
				int64_t b = what(
					at_open_walking(p->root, paths[i], flags[f], 0, how[h]));
				if (a != b)
					fail_msg("'%s' how %zu flags %zu: %lld and %lld", paths[i],
						 h, f, (long long)a, (long long)b);
			}
}

static void directories_are_made_inside_the_root_through_dangling_links(void **state)
{
	struct place *p = *state;
	struct stat st;

	int fd = at_mkdir_p_in_root(p->root, "dangling/more", 0755);
	assert_true(fd >= 0);
	fd_close(fd);
	assert_int_equal(fstatat(p->root, "new/deep/more", &st, 0), 0);
	fd = at_mkdir_p_in_root(p->root, "up/x", 0755);
	assert_true(fd >= 0);
	fd_close(fd);
	assert_int_equal(fstatat(p->root, "outside/x", &st, 0), 0);
	assert_int_equal(fstatat(p->base, "outside/x", &st, 0), -1);
	assert_int_equal(at_mkdir_p_in_root(p->root, "d/f/x", 0755), -ENOTDIR);
	assert_int_equal(at_mkdir_p_in_root(p->root, "loop/x", 0755), -ELOOP);
}

static void note(void *data, const char *path)
{
	strv_add(data, path);
}

static void what_was_made_is_told_by_its_real_path(void **state)
{
	struct place *p = *state;
	AUTO(strv) struct strv made = { 0 };

	int fd = at_mkdir_p_noting(p->root, "/abs/one/../two/three", 0755, note, &made);
	assert_true(fd >= 0);
	fd_close(fd);
	AUTO(mem) char *all = str_join(&made, " ");
	assert_string_equal(all, "d/one d/two d/two/three");
}

static void a_file_is_made_where_a_dangling_link_leads(void **state)
{
	struct place *p = *state;
	struct stat st;

	int fd = at_mkfile_in_root(p->root, "dangling", 0644);
	assert_true(fd >= 0);
	fd_close(fd);
	assert_int_equal(fstatat(p->root, "new/deep", &st, 0), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(what(at_mkfile_in_root(p->root, "file", 0644)),
			 what(at_open_in_root(p->root, "d/f", O_PATH, 0)));
	assert_int_equal(mkfifoat(p->root, "fifo", 0644), 0);
	fd = at_mkfile_in_root(p->root, "fifo", 0644);
	assert_true(fd >= 0);
	fd_close(fd);
}

static void the_last_name_is_given_back_unlooked_at(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *name = NULL;

	int fd = at_create_parents(p->root, "a/b/loop", 0755, &name);
	assert_true(fd >= 0);
	fd_close(fd);
	assert_string_equal(name, "loop");
	assert_int_equal(what(at_open_in_root(p->root, "a/b", O_RDONLY, 0)) > 0, 1);
	assert_int_equal(at_create_parents(p->root, "/", 0755, &name), -EINVAL);
	assert_int_equal(at_create_parents(p->root, "d/..", 0755, &name), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_walk_answers_as_the_kernel_does, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(
			directories_are_made_inside_the_root_through_dangling_links, make_place,
			drop_place),
		cmocka_unit_test_setup_teardown(what_was_made_is_told_by_its_real_path, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(a_file_is_made_where_a_dangling_link_leads,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(the_last_name_is_given_back_unlooked_at, make_place,
						drop_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
