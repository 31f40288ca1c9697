/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source_test - which files a COPY takes, and that none is from elsewhere
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "build/source.h"
#include "trees.h"

struct setting {
	const struct source_rules *rules, *excludes;
	bool parents;
};

/* Return: what source_select says; @out gets "part: path path ...; " of what it took. */
static int take(const struct trees *t, const char *words, const struct setting *setting, char **out,
		struct err *err)
{
	const struct source source = {
		.dir = t->from,
		.name = "the build context",
		.ignore_name = ".dockerignore",
		.rules = setting ? setting->rules : NULL,
	};
	const struct source_options options = {
		.parents = setting && setting->parents,
		.excludes = setting ? setting->excludes : NULL,
	};
	AUTO(selection) struct selection s = { 0 };
	AUTO(strv) struct strv patterns = { 0 };
	AUTO(strv) struct strv text = { 0 };

	strv_split(&patterns, words, ' ');
	int r = source_select(&source, &patterns, &options, &s, err);
	for (size_t p = 0; r == 0 && p < s.parts.count; p++) {
		const struct part *part = &s.parts.items[p];
		strv_addf(&text, "%s:", part->from);
		for (size_t i = 1; i < part->count; i++)
			strv_add(&text, s.items[part->first + i].path);
	}
	for (size_t i = 0; r == 0 && i < s.unmatched.count; i++)
		strv_addf(&text, "!%s", s.unmatched.items[i]);
	for (size_t i = 0; r == 0 && i < s.skipped.count; i++)
		strv_addf(&text, "(%s)", s.skipped.items[i]);
	free(*out);
	*out = str_join(&text, " ");
	return r;
}

static void takes(const struct trees *t, const char *words, const struct setting *setting,
		  const char *want)
{
	AUTO(mem) char *out = NULL;
	AUTO(err) struct err err = { 0 };

	if (take(t, words, setting, &out, &err) < 0)
		fail_msg("%s: %s", words, err.text);
	assert_string_equal(out, want);
}

static void refuses(const struct trees *t, const char *words, const struct setting *setting,
		    int code, const char *said)
{
	AUTO(mem) char *out = NULL;
	AUTO(err) struct err err = { 0 };

	assert_int_equal(take(t, words, setting, &out, &err), code);
	if (!strstr(err.text, said))
		fail_msg("%s", err.text);
}

static void a_folder_gives_its_content_sorted_by_bytes(void **state)
{
	const struct trees *t = *state;

	put(t->from, "d/b", "");
	put(t->from, "d/B", "");
	put(t->from, "d/a/x\ny", "");
	put(t->from, "d/a/\xff", "");
	put(t->from, "d/a.b", "");
	put_symlink(t->from, "d/link", "/etc/passwd");
	takes(t, "d", NULL, "d: B a a/x\ny a/\xff a.b b link");
	takes(t, "/d/../d/./a/", NULL, "d/a: x\ny \xff");
	takes(t, "d/b d/B", NULL, "d/b: d/B:");
	takes(t, ".", NULL, ": d d/B d/a d/a/x\ny d/a/\xff d/a.b d/b d/link");
}

static void wildcards_are_of_one_component(void **state)
{
	const struct trees *t = *state;

	put(t->from, "a.txt", "");
	put(t->from, "b.txt", "");
	put(t->from, "d/c.txt", "");
	put(t->from, "e/c.txt/f", "");
	put(t->from, "arr[0]", "");
	takes(t, "*.txt", NULL, "a.txt: b.txt:");
	takes(t, "*/c.txt", NULL, "d/c.txt: e/c.txt: f");
	takes(t, "arr[[]0]", NULL, "arr[0]:");
	takes(t, "*.no a.txt x/*", NULL, "a.txt: !*.no !x/*");
	refuses(t, "[", NULL, -EINVAL, "'['");
	refuses(t, "a.txt none", NULL, -ENOENT, "'none'");
	refuses(t, "a.txt/b", NULL, -ENOENT, "'a.txt/b'");
}

static void links_are_followed_inside_the_tree_only(void **state)
{
	const struct trees *t = *state;

	put(t->dir, "secret", "");
	put(t->from, "real/f", "");
	put(t->from, "secret", "");
	put_symlink(t->from, "folder", "real");
	put_symlink(t->from, "absolute", "/real/f");
	put_symlink(t->from, "up", "../../../../secret");
	put_symlink(t->from, "host", "/etc/hostname");
	put_symlink(t->from, "loop", "loop");
	put_symlink(t->from, "self", "/proc/self/root");
	takes(t, "folder", NULL, "real: f");
	takes(t, "folder/f", NULL, "real/f:");
	takes(t, "fold*/f*", NULL, "!fold*/f*");
	takes(t, "folder/*", NULL, "real/f:");
	takes(t, "absolute up", NULL, "real/f: secret:");
	takes(t, "../../secret", NULL, "secret:");
	refuses(t, "host", NULL, -ENOENT, "'host'");
	refuses(t, "self/etc", NULL, -ENOENT, "'self/etc'");
	refuses(t, "loop", NULL, -ELOOP, "'loop'");
}

static void what_is_no_file_is_left_out_and_named(void **state)
{
	const struct trees *t = *state;

	put(t->from, "d/f", "");
	assert_int_equal(mkfifoat(t->from, "d/pipe", 0644), 0);
	takes(t, "d", NULL, "d: f ('d/pipe' of the build context is a named pipe and is left out)");
	refuses(t, "d/pipe", NULL, -EINVAL, "'d/pipe'");
}

static enum source_word rules(const void *data, const char *path, bool folder)
{
	(void)data;
	(void)folder;
	if (str_eq(path, "docs/README"))
		return SOURCE_TAKE;
	if (str_eq(path, "docs") || str_eq(path, "empty"))
		return SOURCE_LEAVE;
	if (str_starts(path, "docs/") || str_eq(path, "modules") || str_ends(path, ".tmp"))
		return SOURCE_PRUNE;
	return SOURCE_TAKE;
}

static void what_rules_leave_out_is_not_there(void **state)
{
	static const struct source_rules by_name = { rules, NULL };
	static const struct setting ignoring = { .rules = &by_name };
	static const struct setting excluding = { .excludes = &by_name };
	const struct trees *t = *state;

	put(t->from, "docs/README", "");
	put(t->from, "docs/x", "");
	put(t->from, "empty/y.tmp", "");
	put(t->from, "modules/m/n", "");
	put(t->from, "a.tmp", "");
	put(t->from, "b", "");
	/* Nobody may look into what is pruned. */
	assert_int_equal(fchmodat(t->from, "modules", 0, 0), 0);
	takes(t, ".", &ignoring, ": b docs docs/README");
	takes(t, "*", &ignoring, "b: docs: README");
	takes(t, "d*/*", &ignoring, "docs/README:");
	takes(t, "*.tmp", &ignoring, "!*.tmp");
	refuses(t, "a.tmp", &ignoring, -ENOENT, "left out");
	refuses(t, "empty", &ignoring, -ENOENT, ".dockerignore");
	takes(t, ".", &excluding, ": b docs docs/README");
	takes(t, "a.tmp b", &excluding, "b:");
	assert_int_equal(fchmodat(t->from, "modules", 0755, 0), 0);
}

static void parents_keep_their_names(void **state)
{
	static const struct setting parents = { .parents = true };
	const struct trees *t = *state;

	put(t->from, "a/b/c/f.c", "");
	put(t->from, "a/b/g.h", "");
	put(t->from, "a/x/y.c", "");
	put(t->from, "z.c", "");
	takes(t, "a/b/c", &parents, ": a a/b a/b/c a/b/c/f.c");
	takes(t, "a/./b/*.h", &parents, "a: b b/g.h");
	takes(t, "**/*.c", &parents, ": a a/b a/b/c a/b/c/f.c a/x a/x/y.c z.c");
	takes(t, "a/*/y.c", &parents, ": a a/x a/x/y.c");
	takes(t, "*.no", &parents, "!*.no");
	refuses(t, "a/none", &parents, -ENOENT, "'a/none'");
}

/* Puts a link in the place of a folder between its look and its opening. */
static enum source_word swap(const void *data, const char *path, bool folder)
{
	const struct trees *t = data;

	(void)folder;
	if (str_eq(path, "d/victim") && renameat(t->from, "d/victim", t->from, "away") == 0)
		assert_int_equal(symlinkat("/etc", t->from, "d/victim"), 0);
	return SOURCE_TAKE;
}

static void a_folder_swapped_for_a_link_is_not_entered(void **state)
{
	const struct trees *t = *state;
	const struct source_rules swapping = { swap, t };
	const struct setting setting = { .rules = &swapping };

	put(t->from, "d/victim/f", "");
	put(t->from, "away/x", "");
	assert_int_equal(file_tree_remove(t->from, "away"), 0);
	AUTO(mem) char *out = NULL;
	/* Seen as the link that it is by now, or refused. */
	if (take(t, "d", &setting, &out, NULL) == 0)
		assert_string_equal(out, "d: victim");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, trees_make, trees_clear)
	const struct CMUnitTest tests[] = {
		CASE(a_folder_gives_its_content_sorted_by_bytes),
		CASE(wildcards_are_of_one_component),
		CASE(links_are_followed_inside_the_tree_only),
		CASE(what_is_no_file_is_left_out_and_named),
		CASE(what_rules_leave_out_is_not_there),
		CASE(parents_keep_their_names),
		CASE(a_folder_swapped_for_a_link_is_not_entered),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
