/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyin_test - where copied files go, what becomes of them, and that none goes elsewhere
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "../layer/asroot.h"
#include "../layer/tarmake.h"
#include "base/clock.h"
#include "build/copyin.h"
#include "build/source.h"
#include "trees.h"

enum { SKIPPED = 77 };

static int copy_as(const struct trees *t, const char *words, struct copyin *order,
		   struct copyin_result *result, struct err *err)
{
	const struct source source = { .dir = t->from, .name = "the build context" };
	const struct source_options options = { 0 };
	AUTO(selection) struct selection s = { 0 };
	AUTO(strv) struct strv patterns = { 0 };

	strv_split(&patterns, words, ' ');
	order->root = t->to;
	order->accounts = -1;
	int r = source_select(&source, &patterns, &options, &s, err);
	return r < 0 ? r : copyin_put(order, &s, result, err);
}

static int copy(const struct trees *t, const char *words, const char *dest)
{
	struct copyin order = { .dest = dest, .workdir = "/w", .epoch = COPYIN_NO_EPOCH };
	AUTO(copyin_result) struct copyin_result result = { 0 };

	return copy_as(t, words, &order, &result, NULL);
}

static void holds(int dir, const char *path, const char *want)
{
	AUTO(mem) char *text = NULL;

	if (file_read(dir, path, 1 << 20, &text, NULL) < 0)
		fail_msg("no %s", path);
	assert_string_equal(text, want);
}

static void a_destination_is_a_file_or_a_folder(void **state)
{
	const struct trees *t = *state;

	put(t->from, "f", "1");
	put(t->from, "d/g", "2");
	put(t->from, "d/h/i", "3");
	put(t->to, "there/x", "");
	age(t->to, "there", OLD);
	age(t->to, ".", OLD);
	assert_int_equal(copy(t, "f", "/a/b/name"), 0);
	assert_int_equal(copy(t, "f", "new/"), 0);
	assert_int_equal(copy(t, "f", "/there"), 0);
	assert_int_equal(copy(t, "d", "/tree"), 0);
	assert_int_equal(copy(t, "f d/g", "/two/"), 0);
	assert_int_equal(copy(t, "d", "/there"), 0);
	holds(t->to, "a/b/name", "1");
	holds(t->to, "w/new/f", "1");
	holds(t->to, "there/f", "1");
	holds(t->to, "tree/h/i", "3");
	holds(t->to, "two/g", "2");
	holds(t->to, "there/h/i", "3");
	assert_int_equal(copy(t, "f d/g", "/three"), -ENOTDIR);
	/* What was there keeps its time; what is made without a source has the newest. */
	assert_int_equal(time_of(t->to, "there"), OLD);
	assert_int_equal(time_of(t->to, "."), OLD);
	assert_int_equal(time_of(t->to, "a"), OLD);
	assert_int_equal(time_of(t->to, "a/b/name"), OLD);
	assert_int_equal(mode_of(t->to, "a/b"), S_IFDIR | 0755);
}

static void folders_below_get_the_source_s_mode_the_top_keeps_its_own(void **state)
{
	const struct trees *t = *state;

	put(t->from, "d/sub/f", "");
	assert_int_equal(fchmodat(t->from, "d", 0700, 0), 0);
	assert_int_equal(fchmodat(t->from, "d/sub", 01770, 0), 0);
	assert_int_equal(fchmodat(t->from, "d/sub/f", 04755, 0), 0);
	age(t->from, "d/sub", OLD + 5);
	put(t->to, "old/sub/g", "");
	assert_int_equal(copy(t, "d", "/old"), 0);
	assert_int_equal(copy(t, "d", "/new"), 0);
	assert_int_equal(mode_of(t->to, "old"), S_IFDIR | 0755);
	assert_int_equal(mode_of(t->to, "new"), S_IFDIR | 0755);
	assert_int_equal(mode_of(t->to, "old/sub"), S_IFDIR | 01770);
	assert_int_equal(mode_of(t->to, "new/sub/f"), S_IFREG | 04755);
	assert_int_equal(time_of(t->to, "old/sub"), OLD + 5);
	holds(t->to, "old/sub/g", "");
}

static void files_and_folders_do_not_replace_each_other(void **state)
{
	const struct trees *t = *state;

	put(t->from, "d/x", "new");
	put(t->from, "e/y/z", "");
	put(t->to, "d/x/file", "");
	put(t->to, "e/y", "");
	put(t->to, "f", "");
	put_symlink(t->to, "l/y", "../d");
	assert_int_equal(copy(t, "d", "/d"), -EISDIR);
	assert_int_equal(copy(t, "e", "/e"), -ENOTDIR);
	assert_int_equal(copy(t, "e", "/f"), -ENOTDIR);
	assert_int_equal(copy(t, "e", "/l"), -ENOTDIR);
	assert_int_equal(copy(t, "d/x", "/f/"), -ENOTDIR);
}

static void links_on_the_way_stay_in_the_root(void **state)
{
	const struct trees *t = *state;

	put(t->from, "f", "1");
	put(t->from, "d/link", "2");
	put(t->dir, "out/keep", "");
	put_symlink(t->to, "absolute", "/made/here");
	put_symlink(t->to, "up", "../../out");
	put_symlink(t->to, "host", "/etc");
	put_symlink(t->to, "file", "/deep/name");
	put_symlink(t->to, "d/link", "../../out/keep");
	assert_int_equal(copy(t, "f", "/absolute/"), 0);
	assert_int_equal(copy(t, "f", "/up/"), 0);
	assert_int_equal(copy(t, "f", "/host/f"), 0);
	assert_int_equal(copy(t, "f", "/file"), 0);
	assert_int_equal(copy(t, "f", "/../../x"), 0);
	assert_int_equal(copy(t, "d", "/d"), 0);
	holds(t->to, "made/here/f", "1");
	holds(t->to, "out/f", "1");
	holds(t->to, "etc/f", "1");
	holds(t->to, "deep/name", "1");
	holds(t->to, "x", "1");
	holds(t->to, "d/link", "2");
	assert_int_equal(mode_of(t->to, "d/link"), S_IFREG | 0644);
	holds(t->dir, "out/keep", "");
	assert_int_equal(mode_of(t->dir, "out/f"), 0);
}

static void a_pipe_in_the_way_is_replaced_and_never_opened(void **state)
{
	const struct trees *t = *state;
	struct copyin order = { .dest = "/", .chown = "somebody", .epoch = COPYIN_NO_EPOCH };
	AUTO(copyin_result) struct copyin_result result = { 0 };

	put(t->from, "f", "1");
	assert_int_equal(mkfifoat(t->to, "f", 0644), 0);
	assert_int_equal(copy(t, "f", "/f"), 0);
	holds(t->to, "f", "1");
	assert_int_equal(mkdirat(t->to, "etc", 0755), 0);
	assert_int_equal(mkfifoat(t->to, "etc/passwd", 0644), 0);
	assert_true(copy_as(t, "f", &order, &result, NULL) < 0);
}

static void owners_and_modes_are_those_asked_for(void **state)
{
	const struct trees *t = *state;
	struct copyin order = {
		.dest = "/d/",
		.chown = "name",
		.chmod = "u=rwX,go=",
		.flags = COPYIN_ONE_ID,
	};
	AUTO(copyin_result) struct copyin_result result = { 0 };
	AUTO(copyin_result) struct copyin_result lost = { 0 };

	order.epoch = (OLD - 5) * CLOCK_SECOND;
	put(t->from, "s/f", "1");
	put(t->to, "etc/passwd", "name:x:0:0::/:/bin/sh\n");
	assert_int_equal(copy_as(t, "s", &order, &result, NULL), 0);
	assert_false(result.owners_lost);
	assert_int_equal(mode_of(t->to, "d/f"), S_IFREG | 0600);
	assert_int_equal(time_of(t->to, "d/f"), OLD - 5);
	assert_int_equal(time_of(t->to, "d"), OLD - 5);
	order.chown = "1234";
	assert_int_equal(copy_as(t, "s", &order, &lost, NULL), 0);
	assert_true(lost.owners_lost);
	order.chown = "nobody-here";
	assert_int_equal(copy_as(t, "s", &order, &lost, NULL), -ENOENT);
	order.chown = NULL;
	order.chmod = "9";
	assert_int_equal(copy_as(t, "s", &order, &lost, NULL), -EINVAL);
}

static void holes_names_and_attributes_are_kept(void **state)
{
	enum { SIZE = 8 << 20 };
	const struct trees *t = *state;
	struct stat a, b;
	char value[8] = { 0 };

	put(t->from, "d/a/f", "1");
	assert_int_equal(linkat(t->from, "d/a/f", t->from, "d/g", 0), 0);
	put(t->from, "d/holes", "x");
	AUTO(fd) int fd = openat(t->from, "d/holes", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	bool attributes = fsetxattr(fd, "user.k", "v", 1, 0) == 0;
	put_symlink(t->from, "d/link", "/any\nwhere");
	assert_int_equal(copy(t, "d", "/"), 0);
	assert_int_equal(fstatat(t->to, "a/f", &a, 0), 0);
	assert_int_equal(fstatat(t->to, "g", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(fstatat(t->to, "holes", &a, 0), 0);
	assert_int_equal(a.st_size, SIZE);
	assert_true(a.st_blocks * 512 < SIZE / 2);
	AUTO(fd) int copied = openat(t->to, "holes", O_RDONLY | O_CLOEXEC);
	if (attributes) {
		assert_int_equal(fgetxattr(copied, "user.k", value, sizeof value), 1);
		assert_string_equal(value, "v");
	}
	char target[32] = { 0 };
	assert_true(readlinkat(t->to, "link", target, sizeof target - 1) > 0);
	assert_string_equal(target, "/any\nwhere");
	assert_int_equal(time_of(t->to, "link"), OLD);
	/* Once more, over all of it. */
	assert_int_equal(copy(t, "d", "/"), 0);
	holds(t->to, "g", "1");
}

static void what_was_swapped_since_is_not_followed(void **state)
{
	const struct trees *t = *state;
	const struct source source = { .dir = t->from, .name = "the build context" };
	const struct source_options options = { 0 };
	AUTO(selection) struct selection s = { 0 };
	AUTO(strv) struct strv patterns = { 0 };
	AUTO(copyin_result) struct copyin_result result = { 0 };
	const struct copyin order = {
		.root = t->to,
		.dest = "/",
		.accounts = -1,
		.epoch = COPYIN_NO_EPOCH,
	};

	put(t->from, "d/sub/f", "1");
	put(t->from, "d/a", "1");
	strv_add(&patterns, "d");
	assert_int_equal(source_select(&source, &patterns, &options, &s, NULL), 0);
	put(t->from, "d/a", "longer");
	assert_int_equal(copyin_put(&order, &s, &result, NULL), 0);
	assert_string_equal(result.changed, "a");
	assert_int_equal(file_tree_remove(t->from, "d/sub"), 0);
	put_symlink(t->from, "d/sub", "/etc");
	assert_int_equal(copyin_put(&order, &s, &result, NULL), -ESTALE);
	assert_int_equal(unlinkat(t->from, "d/a", 0), 0);
	put_symlink(t->from, "d/a", "/etc/passwd");
	assert_int_equal(copyin_put(&order, &s, &result, NULL), -ESTALE);
}

static void here_documents_are_files(void **state)
{
	const struct trees *t = *state;
	const struct copyin_text texts[] = { { "EOF", "one\n", 4 }, { "two", "", 0 } };
	struct copyin order = { .root = t->to, .accounts = -1, .epoch = COPYIN_NO_EPOCH };
	AUTO(copyin_result) struct copyin_result result = { 0 };

	order.dest = "/d/name";
	assert_int_equal(copyin_texts(&order, texts, 1, &result, NULL), 0);
	order.dest = "/e/";
	assert_int_equal(copyin_texts(&order, texts, 2, &result, NULL), 0);
	holds(t->to, "d/name", "one\n");
	holds(t->to, "e/EOF", "one\n");
	holds(t->to, "e/two", "");
	assert_int_equal(mode_of(t->to, "e/two"), S_IFREG | 0644);
	assert_int_equal(time_of(t->to, "e"), 0);
}

static void archives_are_unpacked_by_their_content_and_stay_inside(void **state)
{
	static const struct made entries[] = {
		{ .name = "sub/f", .data = "1" },
		{ .name = "out", .type = '2', .link = "../../.." },
		{ .name = "out/g", .data = "2" },
	};
	const struct trees *t = *state;
	AUTO(mem) char *path = str_fmt("%s/cubby-layer", str_or(getenv("CUBBY_BUILD"), "."));
	const struct layer_host host = { .program = path, .userns = -1 };
	struct copyin order = {
		.dest = "/x/there",
		.epoch = COPYIN_NO_EPOCH,
		.flags = COPYIN_UNPACK | COPYIN_ONE_ID,
	};
	AUTO(copyin_result) struct copyin_result result = { 0 };
	struct tarmake tar = { 0 };

	if (layer_helper_open(&host, &order.helper, NULL) < 0)
		skip();
	for (size_t i = 0; i < array_len(entries); i++)
		made_entry(&tar, &entries[i]);
	made_bytes(&tar, (char[2 * MADE_BLOCK]){ 0 }, 2 * (size_t)MADE_BLOCK);
	assert_int_equal(file_write(t->from, "no name", 0644, tar.data, tar.size), 0);
	put(t->from, "plain.tar", "no tar");
	put_symlink(t->to, "x", "/deep");
	AUTO(err) struct err err = { 0 };
	if (copy_as(t, "no*", &order, &result, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(copy_as(t, "plain.tar", &order, &result, NULL), 0);
	holds(t->to, "deep/there/sub/f", "1");
	holds(t->to, "g", "2");
	holds(t->to, "deep/there/plain.tar", "no tar");
	assert_int_equal(mode_of(t->dir, "g"), 0);
	layer_helper_close(order.helper);
	free(tar.data);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, trees_make, trees_clear)
	const struct CMUnitTest tests[] = {
		CASE(a_destination_is_a_file_or_a_folder),
		CASE(folders_below_get_the_source_s_mode_the_top_keeps_its_own),
		CASE(files_and_folders_do_not_replace_each_other),
		CASE(links_on_the_way_stay_in_the_root),
		CASE(a_pipe_in_the_way_is_replaced_and_never_opened),
		CASE(owners_and_modes_are_those_asked_for),
		CASE(holes_names_and_attributes_are_kept),
		CASE(what_was_swapped_since_is_not_followed),
		CASE(here_documents_are_files),
		CASE(archives_are_unpacked_by_their_content_and_stay_inside),
	};

	if (become_root() < 0) {
		printf("no user namespace can be made here\n");
		return SKIPPED;
	}
	return cmocka_run_group_tests_name("copyin", tests, NULL, NULL);
}
