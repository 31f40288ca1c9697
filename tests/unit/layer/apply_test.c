/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apply_test - layers on disk: replacing, deleting, linking, and attacks that must stay inside
 *
 * Runs as root of a user namespace of its own with one id, which every user may make.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "asroot.h"
#include "base/fd.h"
#include "base/file.h"
#include "layer/apply.h"
#include "layer/attr.h"
#include "layer/client.h"
#include "layer/fixup.h"
#include "layer/tree.h"
#include "tarmake.h"

enum { SKIPPED = 77, ENTRIES = 8 };

/* base/{canary, diff/, lower/}: only diff may change. */
struct place {
	char path[32];
	int base;
	int diff;
	int journal;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/apply_test.XXXXXX", 23);
	assert_non_null(mkdtemp(p->path));
	p->base = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(file_write(p->base, "canary", 0644, "sings", 5), 0);
	assert_int_equal(mkdirat(p->base, "diff", 0755), 0);
	assert_int_equal(mkdirat(p->base, "lower", 0755), 0);
	p->diff = openat(p->base, "diff", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->journal = memfd_create("journal", MFD_CLOEXEC);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	fd_close(p->journal);
	fd_close(p->diff);
	fd_close(p->base);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static int apply(struct place *p, const struct tarmake *t, int flags, struct layer_applied *out)
{
	AUTO(fd) int blob = memfd_create("blob", MFD_CLOEXEC);
	AUTO(err) struct err err = { 0 };
	const struct layer_apply req = {
		.blob = blob, .more = -1, .diff = p->diff, .journal = p->journal, .flags = flags
	};

	assert_int_equal(fd_write_all(blob, t->data, t->size), 0);
	int r = apply_layer(&req, out, &err);
	assert_int_equal(err.code, r);
	if (r < 0)
		assert_non_null(err.text);
	return r;
}

/* Applies entries, ended by one without a name. */
static int apply_entries(struct place *p, const struct made *entries, int flags)
{
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(layer_applied) struct layer_applied applied = { 0 };

	for (const struct made *m = entries; m->name; m++)
		made_entry(&t, m);
	made_end(&t);
	int r = apply(p, &t, flags, &applied);
	return r < 0 ? r : (int)applied.deferred;
}

static struct stat look(const struct place *p, const char *path)
{
	struct stat st = { 0 };

	if (fstatat(p->diff, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		assert_int_equal(errno, ENOENT);
	return st;
}

static bool is_white(const struct place *p, const char *path)
{
	struct stat st = look(p, path);

	return attr_is_whiteout(&st);
}

static bool is_opaque(const struct place *p, const char *path)
{
	AUTO(fd) int fd = openat(p->diff, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return attr_is_opaque(fd);
}

static void expect_text(const struct place *p, const char *path, const char *text)
{
	AUTO(mem) char *found = NULL;

	assert_int_equal(file_read(p->diff, path, 1 << 20, &found, NULL), 0);
	assert_string_equal(found, text);
}

/* --- attacks --------------------------------------------------------------------------- */

struct attack {
	const char *about;
	int want; /* negative errno, or 1: it may come in */
	struct made entries[ENTRIES];
};

#define DIR(n)                                                                                     \
	{                                                                                          \
		n, .type = '5', .mode = 0755                                                       \
	}
#define FILE_(n, text)                                                                             \
	{                                                                                          \
		n, .data = text                                                                    \
	}
#define SYM(n, to)                                                                                 \
	{                                                                                          \
		n, .type = '2', .link = to                                                         \
	}
#define HARD(n, to)                                                                                \
	{                                                                                          \
		n, .type = '1', .link = to                                                         \
	}

static const struct attack attacks[] = {
	{ "dots lead out", -EBADMSG, { FILE_("../canary", "evil") } },
	{ "dots behind a folder lead out", -EBADMSG, { DIR("a"), FILE_("a/../../canary", "evil") } },
	{ "dots at the end lead out", -EBADMSG, { DIR("a/../..") } },
	{ "dots stay inside", 1, { DIR("a"), FILE_("a/../ok", "fine") } },
	{ "an absolute name is below the root", 1, { FILE_("/canary", "inside") } },
	{ "a link leads out and is written through",
	  1,
	  { SYM("l", ".."), FILE_("l/canary", "evil") } },
	{ "an absolute link leads out and is written through",
	  1,
	  { SYM("l", "/tmp"), FILE_("l/canary", "evil") } },
	{ "a link to a link leads out",
	  1,
	  { SYM("a", "../.."), SYM("b", "a/.."), FILE_("b/canary", "evil") } },
	{ "a folder is made through a link", 1, { SYM("l", "../lower"), DIR("l/evil") } },
	{ "a link is replaced, not written through",
	  1,
	  { SYM("canary", "../canary"), FILE_("canary", "evil") } },
	{ "a folder replaces a link", 1, { SYM("l", ".."), DIR("l"), FILE_("l/canary", "evil") } },
	{ "a link replaces a folder", 1, { DIR("l"), SYM("l", ".."), FILE_("l/canary", "evil") } },
	{ "a looping link on the way", -EBADMSG, { SYM("l", "l"), FILE_("l/x", "evil") } },
	{ "a hard link leads out", -EBADMSG, { HARD("h", "../canary"), FILE_("h", "evil") } },
	{ "an absolute hard link", -EBADMSG, { HARD("h", "/canary"), FILE_("h", "evil") } },
	{ "a hard link through a link",
	  -EBADMSG,
	  { SYM("l", ".."), HARD("h", "l/canary"), FILE_("h", "evil") } },
	{ "a hard link to a link, then written",
	  1,
	  { SYM("l", "../canary"), HARD("h", "l"), FILE_("h", "evil") } },
	{ "a hard link to a folder", -EBADMSG, { DIR("d"), HARD("h", "d") } },
	{ "a hard link to the root", -EBADMSG, { HARD("h", "/") } },
	{ "a hard link to itself", -EBADMSG, { HARD("h", "h") } },
	{ "a file below a file", -EBADMSG, { FILE_("f", "1"), FILE_("f/x", "2") } },
	{ "the root is a link", -EBADMSG, { SYM("./", "..") } },
	{ "the root is a file", -EBADMSG, { FILE_(".", "evil") } },
	{ "deletion of the folder", -EBADMSG, { FILE_(".wh..", "") } },
	{ "deletion above", -EBADMSG, { FILE_("a/.wh...", "") } },
	{ "deletion of nothing", -EBADMSG, { FILE_(".wh.", "") } },
	{ "deletion out of the root", -EBADMSG, { FILE_("../.wh.canary", "") } },
	{ "deletion through a link", 1, { SYM("l", ".."), FILE_("l/.wh.canary", "") } },
	{ "opaque through a link", 1, { SYM("l", ".."), FILE_("l/.wh..wh..opq", "") } },
	{ "a file below a deleted name's mark", -EBADMSG, { FILE_(".wh.a/b", "evil") } },
	{ "devices are left out", 1, { { "sda", .type = '4' }, { "mem", .type = '3' } } },
	{ "an unknown type", -EBADMSG, { { "x", .type = 'Q' } } },
	{ "an empty name", -EBADMSG, { FILE_("", "evil") } },
	{ "a link to nothing", -EBADMSG, { SYM("l", "") } },
	{ "a wrong check sum", -EBADMSG, { FILE_("a", "1"), { "x", .bad_sum = true } } },
	{ "a size that the tar does not have", -EBADMSG, { { "x", .size = "77777777777" } } },
	{ "an owner that no user has", -EOVERFLOW, { { "x", .uid = "7777777" } } },
	{ "a name that is announced with a huge length",
	  -EFBIG,
	  { { "././@LongLink", .type = 'L', .size = "10000000000" } } },
	{ "one name many times",
	  1,
	  { FILE_("d", "1"), DIR("d"), FILE_("d/in", "x"), SYM("d", ".."), FILE_("d", "last") } },
};

static void expect_untouched(const struct place *p, const char *about)
{
	AUTO(mem) char *canary = NULL;
	struct stat st;

	assert_int_equal(file_read(p->base, "canary", 100, &canary, NULL), 0);
	if (strcmp(canary, "sings") != 0)
		fail_msg("%s: the canary is dead", about);
	assert_int_equal(fstatat(p->base, "lower/evil", &st, AT_SYMLINK_NOFOLLOW), -1);
}

static void attacks_are_refused_or_stay_inside(void **state)
{
	for (size_t i = 0; i < array_len(attacks); i++) {
		const struct attack *a = &attacks[i];
		(void)make_place(state);
		int r = apply_entries(*state, a->entries, LAYER_LOWEST);
		if (a->want < 0 ? r != a->want : r < 0)
			fail_msg("%s: %d", a->about, r);
		expect_untouched(*state, a->about);
		(void)drop_place(state);
	}
}

/* --- what a layer may do ------------------------------------------------------------------- */

static void later_entries_replace_earlier_ones(void **state)
{
	static const struct made entries[] = {
		FILE_("a", "first"), FILE_("a", "second"), DIR("b"), FILE_("b/x", "x"),
		FILE_("b", "file"),  FILE_("c", "file"),   DIR("c"), { 0 },
	};
	struct place *p = *state;

	assert_int_equal(apply_entries(p, entries, LAYER_LOWEST), 0);
	expect_text(p, "a", "second");
	expect_text(p, "b", "file");
	assert_true(S_ISDIR(look(p, "c").st_mode));
}

static void a_folder_again_keeps_its_content(void **state)
{
	static const struct made entries[] = {
		DIR("d"),
		FILE_("d/x", "x"),
		{ "d", .type = '5', .mode = 01711 },
		{ 0 },
	};
	struct place *p = *state;

	assert_int_equal(apply_entries(p, entries, LAYER_LOWEST), 0);
	expect_text(p, "d/x", "x");
	assert_int_equal(look(p, "d").st_mode & 07777, 01711);
}

static void set_id_bits_and_times_of_folders_last(void **state)
{
	static const struct made entries[] = {
		{ "d", .type = '5', .mode = 02750 },
		{ "d/s", .data = "x", .mode = 06755 },
		{ 0 },
	};
	struct place *p = *state;

	assert_int_equal(apply_entries(p, entries, LAYER_LOWEST), 0);
	assert_int_equal(look(p, "d/s").st_mode & 07777, 06755);
	assert_int_equal(look(p, "d").st_mode & 07777, 02750);
	assert_int_equal(look(p, "d").st_mtime, 014712345670);
}

static void deletions_become_whiteouts_and_marks(void **state)
{
	static const struct made entries[] = {
		FILE_(".wh.gone", ""),
		DIR("o"),
		FILE_("o/.wh..wh..opq", ""),
		FILE_("o/.wh.x", ""),
		DIR("kept"),
		FILE_(".wh.kept", ""),
		{ 0 },
	};
	struct place *p = *state;

	assert_int_equal(apply_entries(p, entries, 0), 0);
	assert_true(is_white(p, "gone"));
	assert_true(is_opaque(p, "o"));
	assert_false(is_white(p, "o/x"));
	assert_true(is_opaque(p, "kept"));
}

static void what_is_deleted_and_comes_back_hides_the_old(void **state)
{
	static const struct made entries[] = {
		FILE_(".wh.d", ""),
		DIR("d"),
		FILE_(".wh.e", ""),
		FILE_("e/in", "x"),
		FILE_(".wh.f", ""),
		FILE_("f", "new"),
		{ 0 },
	};
	struct place *p = *state;

	assert_int_equal(apply_entries(p, entries, 0), 0);
	assert_true(is_opaque(p, "d"));
	assert_true(is_opaque(p, "e"));
	expect_text(p, "e/in", "x");
	expect_text(p, "f", "new");
}

static void the_lowest_layer_has_nothing_to_delete(void **state)
{
	static const struct made entries[] = {
		FILE_(".wh.gone", ""),
		FILE_("no/.wh.x", ""),
		FILE_("d/.wh..wh..opq", ""),
		{ 0 },
	};
	struct place *p = *state;

	/* But above another layer it would, so it is counted. */
	assert_int_equal(apply_entries(p, entries, LAYER_LOWEST), 3);
	assert_int_equal(look(p, "gone").st_mode, 0);
	assert_int_equal(look(p, "no").st_mode, 0);
}

static void overlay_attributes_of_a_tar_are_left_out(void **state)
{
	static const char *const names[] = {
		"user.overlay.redirect",  "user.overlay.opaque", "user.fuseoverlayfs.opaque",
		"trusted.overlay.opaque", "security.selinux",	 "user.containers.override_stat"
	};
	struct place *p = *state;
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(layer_applied) struct layer_applied applied = { 0 };

	for (size_t i = 0; i < array_len(names); i++) {
		AUTO(mem) char *record = str_fmt("SCHILY.xattr.%s=y", names[i]);
		made_pax(&t, record);
		AUTO(mem) char *name = str_fmt("d%zu", i);
		made_entry(&t, &(struct made){ name, .type = '5', .mode = 0755 });
	}
	made_end(&t);
	assert_int_equal(apply(p, &t, LAYER_LOWEST, &applied), 0);
	for (size_t i = 0; i < array_len(names); i++) {
		AUTO(mem) char *name = str_fmt("d%zu", i);
		AUTO(fd) int fd = openat(p->diff, name, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(fgetxattr(fd, names[i], NULL, 0), -1);
	}
}

static void long_names_of_both_kinds_are_taken(void **state)
{
	struct place *p = *state;
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	char gnu[241] = { 0 }, pax[256] = { 0 };

	memset(gnu, 'g', 240);
	memset(pax, 'p', 255);
	AUTO(mem) char *record = str_fmt("path=%s", pax);
	made_entry(&t, &(struct made){ "././@LongLink", .type = 'L', .data = gnu });
	made_entry(&t, &(struct made){ "short", .data = "gnu" });
	made_pax(&t, record);
	made_entry(&t, &(struct made){ "short", .data = "pax" });
	made_pax(&t, "path=e\314\201-decomposed");
	made_entry(&t, &(struct made){ .name = "short" });
	made_pax(&t, "path=latin1-\344");
	made_entry(&t, &(struct made){ .name = "short" });
	made_end(&t);
	assert_int_equal(apply(p, &t, LAYER_LOWEST, &applied), 0);
	expect_text(p, gnu, "gnu");
	expect_text(p, pax, "pax");
	expect_text(p, "e\314\201-decomposed", "");
	expect_text(p, "latin1-\344", "");
}

static void holes_stay_holes(void **state)
{
	struct place *p = *state;
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	AUTO(mem) char *found = NULL;
	size_t size;

	made_pax(&t, "GNU.sparse.major=0");
	made_entry(&t, &(struct made){ .name = "ignored" });
	AUTO(mem) char *record = str_dup("GNU.sparse.map=4096,4,100000,2");
	made_pax(&t, record);
	made_entry(&t, &(struct made){ "wrong", .data = "abcdef" });
	made_end(&t);
	/* Without the real size the parts lie behind the end. */
	assert_int_equal(apply(p, &t, LAYER_LOWEST, &applied), -EBADMSG);
	free(t.data);
	t = (struct tarmake){ 0 };
	/* Two records in one header. */
	made_entry(&t, &(struct made){ "x", .type = 'x',
				       .data = "26 GNU.sparse.size=200000\n"
					       "34 GNU.sparse.map=4096,4,100000,2\n" });
	made_entry(&t, &(struct made){ "holes", .data = "abcdef" });
	made_entry(&t, &(struct made){ "after", .data = "in step" });
	made_end(&t);
	assert_int_equal(apply(p, &t, LAYER_LOWEST, &applied), 0);
	assert_int_equal(file_read(p->diff, "holes", 1 << 20, &found, &size), 0);
	assert_int_equal(size, 200000);
	assert_memory_equal(found + 4096, "abcd", 4);
	assert_memory_equal(found + 100000, "ef\0", 3);
	expect_text(p, "after", "in step");
}

static void a_tar_without_an_end_is_taken_one_with_a_tail_not(void **state)
{
	struct place *p = *state;
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	AUTO(layer_applied) struct layer_applied more = { 0 };

	made_entry(&t, &(struct made){ "a", .data = "a" });
	assert_int_equal(apply(p, &t, LAYER_LOWEST, &applied), 0);
	made_bytes(&t, "", 0);
	t.data = mem_resize(t.data, t.size + MADE_BLOCK, 1);
	memset(t.data + t.size, 0, MADE_BLOCK);
	t.size += MADE_BLOCK;
	made_entry(&t, &(struct made){ "b", .data = "b" });
	assert_int_equal(apply(p, &t, LAYER_LOWEST, &more), -EBADMSG);
}

static void a_layer_without_a_byte_has_no_entries(void **state)
{
	struct place *p = *state;
	AUTO(layer_applied) struct layer_applied applied = { 0 };

	assert_int_equal(apply(p, &(struct tarmake){ .data = (char *)"" }, LAYER_LOWEST, &applied),
			 0);
	assert_int_equal(applied.entries, 0);
}

/* --- over other layers ------------------------------------------------------------------------ */

static int fix(struct place *p)
{
	AUTO(strv) struct strv lower = { 0 };
	AUTO(err) struct err err = { 0 };

	strv_add(&lower, "lower");
	const struct layer_fixup req = {
		.diff = p->diff, .journal = p->journal, .store = p->base, .lower = lower
	};
	return fixup_layer(&req, &err);
}

static void a_folder_without_an_entry_is_as_below(void **state)
{
	static const struct made entries[] = { FILE_("secret/b", "b"),
					       FILE_("fresh/c", "c"),
					       { 0 } };
	struct place *p = *state;

	assert_int_equal(mkdirat(p->base, "lower/secret", 0700), 0);
	assert_int_equal(apply_entries(p, entries, 0), 2);
	assert_int_equal(fix(p), 0);
	assert_int_equal(look(p, "secret").st_mode & 07777, 0700);
	assert_int_equal(look(p, "fresh").st_mode & 07777, 0755);
}

static void a_folder_that_is_a_link_below_is_followed_inside(void **state)
{
	static const struct made entries[] = { FILE_("alias/b", "b"),
					       FILE_("out/canary", "evil"),
					       { 0 } };
	struct place *p = *state;

	assert_int_equal(mkdirat(p->base, "lower/real", 0750), 0);
	assert_int_equal(symlinkat("real", p->base, "lower/alias"), 0);
	assert_int_equal(symlinkat("../../..", p->base, "lower/out"), 0);
	assert_int_equal(apply_entries(p, entries, 0), 2);
	assert_int_equal(fix(p), 0);
	expect_text(p, "real/b", "b");
	assert_int_equal(look(p, "alias").st_mode, 0);
	assert_int_equal(look(p, "real").st_mode & 07777, 0750);
	expect_text(p, "canary", "evil");
	expect_untouched(p, "link below");
}

static void a_hard_link_to_a_file_below_brings_it_up(void **state)
{
	static const struct made entries[] = { HARD("real/b", "real/a"), { 0 } };
	struct place *p = *state;

	assert_int_equal(mkdirat(p->base, "lower/real", 0750), 0);
	assert_int_equal(file_write(p->base, "lower/real/a", 0640, "a", 1), 0);
	assert_int_equal(apply_entries(p, entries, 0), 1);
	assert_int_equal(fix(p), 0);
	expect_text(p, "real/b", "a");
	assert_int_equal(look(p, "real/a").st_ino, look(p, "real/b").st_ino);
	assert_int_equal(look(p, "real/a").st_mode & 07777, 0640);
	assert_int_equal(look(p, "real").st_mode & 07777, 0750);
}

static void a_hard_link_to_nothing_is_refused_in_the_end(void **state)
{
	static const struct made entries[] = { HARD("b", "a"), { 0 } };
	struct place *p = *state;

	assert_int_equal(apply_entries(p, entries, 0), 1);
	assert_int_equal(fix(p), -ENOENT);
}

static void deletions_where_nothing_is_leave_no_trace(void **state)
{
	static const struct made entries[] = { FILE_("no/such/.wh.dir", ""), { 0 } };
	struct place *p = *state;

	assert_int_equal(apply_entries(p, entries, 0), 2);
	assert_int_equal(fix(p), 0);
	assert_int_equal(look(p, "no").st_mode, 0);
}

static void a_deleted_link_below_is_not_followed(void **state)
{
	static const struct made entries[] = { FILE_(".wh.alias", ""),
					       FILE_("alias/b", "b"),
					       { 0 } };
	struct place *p = *state;

	assert_int_equal(mkdirat(p->base, "lower/real", 0750), 0);
	assert_int_equal(symlinkat("real", p->base, "lower/alias"), 0);
	assert_true(apply_entries(p, entries, 0) >= 0);
	assert_int_equal(fix(p), 0);
	expect_text(p, "alias/b", "b");
	assert_int_equal(look(p, "real").st_mode, 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_place, drop_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attacks_are_refused_or_stay_inside),
		CASE(later_entries_replace_earlier_ones),
		CASE(a_folder_again_keeps_its_content),
		CASE(set_id_bits_and_times_of_folders_last),
		CASE(deletions_become_whiteouts_and_marks),
		CASE(what_is_deleted_and_comes_back_hides_the_old),
		CASE(the_lowest_layer_has_nothing_to_delete),
		CASE(overlay_attributes_of_a_tar_are_left_out),
		CASE(long_names_of_both_kinds_are_taken),
		CASE(holes_stay_holes),
		CASE(a_tar_without_an_end_is_taken_one_with_a_tail_not),
		CASE(a_layer_without_a_byte_has_no_entries),
		CASE(a_folder_without_an_entry_is_as_below),
		CASE(a_folder_that_is_a_link_below_is_followed_inside),
		CASE(a_hard_link_to_a_file_below_brings_it_up),
		CASE(a_hard_link_to_nothing_is_refused_in_the_end),
		CASE(deletions_where_nothing_is_leave_no_trace),
		CASE(a_deleted_link_below_is_not_followed),
	};

	umask(0);
	if (become_root() < 0) {
		puts("1..0 # SKIP no user namespace can be made here");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
