/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recipe_test - what is made by a recipe is the tar, bit by bit
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asroot.h"
#include "base/fd.h"
#include "base/file.h"
#include "layer/apply.h"
#include "layer/client.h"
#include "layer/recipe.h"
#include "tarmake.h"

enum { LARGE = 700000, SKIPPED = 77 };

struct place {
	char *path;
	int diff;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	p->path = str_dup("/tmp/recipe_test.XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->diff = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	fd_close(p->diff);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p->path);
	free(p);
	return 0;
}

static int memory(const void *data, size_t size)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, data, size), 0);
	return fd;
}

static void unpack(const struct place *p, int tar)
{
	const struct layer_apply apply = { .blob = tar,
					   .more = -1,
					   .diff = p->diff,
					   .journal = -1,
					   .flags = LAYER_LOWEST | LAYER_ONE_ID };
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	AUTO(err) struct err err = { 0 };

	if (apply_layer(&apply, &applied, &err) < 0)
		fail_msg("%s", err.text);
}

/* Return: the size of the recipe. */
static off_t comes_back(const struct place *p, const struct tarmake *t)
{
	AUTO(fd) int tar = memory(t->data, t->size);
	AUTO(fd) int recipe = memory("", 0);
	AUTO(fd) int again = memory("", 0);
	AUTO(layer_digest) struct layer_digest was = { 0 }, is = { 0 };
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *found = mem_alloc(t->size + 1, 1);
	struct stat st;

	if (recipe_make(tar, p->diff, recipe, &was, &err) < 0 ||
	    recipe_follow(recipe, p->diff, again, &is, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(was.digest, is.digest);
	assert_int_equal(is.size, t->size);
	assert_int_equal(pread(again, found, t->size + 1, 0), t->size);
	assert_memory_equal(found, t->data, t->size);
	assert_int_equal(fstat(recipe, &st), 0);
	return st.st_size;
}

static void add(struct tarmake *t, const char *name, char type, const char *link, const char *data)
{
	const struct made m = { .name = name, .type = type, .link = link, .data = data };

	made_entry(t, &m);
}

static char *large_text(void)
{
	char *text = mem_alloc(LARGE + 1, 1);

	for (size_t i = 0; i < LARGE; i++)
		text[i] = (char)('a' + (i * 7 + i / 251) % 26);
	return text;
}

static void contents_come_from_the_files(void **state)
{
	struct tarmake t = { 0 };
	AUTO(mem) char *large = large_text();

	add(&t, "etc/", '5', NULL, NULL);
	add(&t, "etc/large", 0, NULL, large);
	add(&t, "etc/small", 0, NULL, "a few bytes\n");
	add(&t, "etc/hard", '1', "etc/large", NULL);
	add(&t, "link", '2', "etc", NULL);
	add(&t, "link/inside", 0, NULL, "through a link\n");
	made_end(&t);
	AUTO(fd) int tar = memory(t.data, t.size);
	unpack(*state, tar);
	assert_true(comes_back(*state, &t) < 2000);
	free(t.data);
}

static void what_no_file_holds_is_in_the_recipe(void **state)
{
	struct tarmake t = { 0 };

	add(&t, "twice", 0, NULL, "the first, which is replaced\n");
	add(&t, "twice", 0, NULL, "the second\n");
	add(&t, "folder", 0, NULL, "a file first\n");
	add(&t, "folder/", '5', NULL, NULL);
	add(&t, ".wh.gone", 0, NULL, "bytes in a whiteout\n");
	add(&t, "device", '3', NULL, NULL);
	made_end(&t);
	/* Behind the end tars are filled up to whole records. */
	for (int i = 0; i < 4; i++)
		made_end(&t);
	AUTO(fd) int tar = memory(t.data, t.size);
	unpack(*state, tar);
	(void)comes_back(*state, &t);
	free(t.data);
}

static void a_layer_that_was_never_unpacked_is_whole_in_it(void **state)
{
	struct tarmake t = { 0 };
	AUTO(mem) char *large = large_text();

	add(&t, "etc/large", 0, NULL, large);
	made_end(&t);
	(void)comes_back(*state, &t);
	free(t.data);
}

static void a_file_that_was_changed_or_has_gone_shows(void **state)
{
	const struct place *p = *state;
	struct tarmake t = { 0 };
	AUTO(fd) int recipe = memory("", 0);
	AUTO(fd) int again = memory("", 0);
	AUTO(layer_digest) struct layer_digest was = { 0 }, is = { 0 }, none = { 0 };
	AUTO(err) struct err err = { 0 };

	add(&t, "file", 0, NULL, "some content\n");
	made_end(&t);
	AUTO(fd) int tar = memory(t.data, t.size);
	unpack(p, tar);
	assert_int_equal(recipe_make(tar, p->diff, recipe, &was, &err), 0);
	AUTO(fd) int file = openat(p->diff, "file", O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(file, "S", 1, 0), 1);
	assert_int_equal(recipe_follow(recipe, p->diff, again, &is, &err), 0);
	assert_string_not_equal(is.digest, was.digest);
	assert_int_equal(ftruncate(file, 3), 0);
	assert_int_equal(recipe_follow(recipe, p->diff, again, &none, &err), -EBADMSG);
	assert_int_equal(unlinkat(p->diff, "file", 0), 0);
	assert_int_equal(recipe_follow(recipe, p->diff, again, &none, &err), -ENOENT);
	assert_non_null(strstr(err.text, "'file'"));
	free(t.data);
}

static void a_damaged_recipe_is_refused(void **state)
{
	const struct place *p = *state;
	static const char *const texts[] = { "",
					     "cubby recipe 1\n",
					     "cubby recipe 2\nr",
					     "cubby recipe 1\nq",
					     "cubby recipe 1\nc1234567812345678",
					     "cubby recipe 1\nf\377\377\377\377" };
	AUTO(fd) int to = memory("", 0);

	for (size_t i = 0; i < array_len(texts); i++) {
		AUTO(fd) int recipe = memory(texts[i], strlen(texts[i]));
		AUTO(layer_digest) struct layer_digest none = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_int_equal(recipe_follow(recipe, p->diff, to, &none, &err), -EBADMSG);
		assert_non_null(err.text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(contents_come_from_the_files, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(what_no_file_holds_is_in_the_recipe, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(a_layer_that_was_never_unpacked_is_whole_in_it,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(a_file_that_was_changed_or_has_gone_shows,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(a_damaged_recipe_is_refused, make_place,
						drop_place),
	};

	if (become_root() < 0) {
		puts("1..0 # SKIP no user namespace can be made here");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
