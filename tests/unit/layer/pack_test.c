/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pack_test - what is packed and applied again is the same
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "layer/apply.h"
#include "layer/attr.h"
#include "layer/client.h"
#include "layer/pack.h"
#include "layer/tree.h"

enum { SKIPPED = 77 };

/* base/{from/,to/} */
struct place {
	char path[32];
	int base;
	int from;
	int to;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/pack_test.XXXXXX", 22);
	assert_non_null(mkdtemp(p->path));
	p->base = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(p->base, "from", 0751), 0);
	assert_int_equal(mkdirat(p->base, "to", 0755), 0);
	p->from = openat(p->base, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->to = openat(p->base, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	fd_close(p->from);
	fd_close(p->to);
	fd_close(p->base);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static int pack(const struct place *p, int kind, struct layer_digest *out)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);
	char *lower[] = { (char *)"below" };
	bool upper = kind == LAYER_PACK_UPPER;
	const struct layer_pack req = { .dir = p->from,
					.out = fd,
					.kind = kind,
					.store = p->base,
					.lower = { .items = lower, .count = upper } };
	AUTO(err) struct err err = { 0 };

	if (pack_dir(&req, out, &err) < 0)
		fail_msg("%s", err.text);
	return fd;
}

static void apply(const struct place *p, int tar, const char *diff_id)
{
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	AUTO(err) struct err err = { 0 };
	AUTO(fd) int journal = memfd_create("journal", MFD_CLOEXEC);
	const struct layer_apply req = {
		.blob = tar, .more = -1, .diff = p->to, .journal = journal
	};

	if (apply_layer(&req, &applied, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(applied.diff_id, diff_id);
	assert_int_equal(applied.deferred, 0);
	assert_true(applied.has_root);
}

static void a_tree_comes_back_as_it_was(void **state)
{
	static const struct timespec times[] = { { 1, 0 }, { 5, 500000000 } };
	struct place *p = *state;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(layer_digest) struct layer_digest again = { 0 };
	AUTO(mem) char *text = NULL;
	struct stat one, other;
	char name[251] = { 0 }, value[8];

	memset(name, 'n', 250);
	assert_int_equal(mkdirat(p->from, "d", 01770), 0);
	assert_int_equal(file_write(p->from, "d/b", 04711, "bytes", 5), 0);
	assert_int_equal(file_write(p->from, name, 0644, "long", 4), 0);
	assert_int_equal(file_write(p->from, "e\314\201-\377", 0600, "", 0), 0);
	assert_int_equal(linkat(p->from, "d/b", p->from, "a", 0), 0);
	assert_int_equal(symlinkat("../else", p->from, "d/l"), 0);
	assert_int_equal(mkfifoat(p->from, "f", 0620), 0);
	assert_int_equal(fchmodat(p->from, "d/b", 04711, 0), 0);
	assert_int_equal(utimensat(p->from, "d/b", times, 0), 0);
	AUTO(fd) int file = openat(p->from, "d/b", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsetxattr(file, "user.a", "v\0w", 3, 0), 0);
	AUTO(fd) int tar = pack(p, LAYER_PACK_TREE, &digest);
	AUTO(fd) int second = pack(p, LAYER_PACK_TREE, &again);
	assert_true(second >= 0);
	assert_string_equal(digest.digest, again.digest);
	apply(p, tar, digest.digest);
	assert_int_equal(fstatat(p->to, "a", &one, 0), 0);
	assert_int_equal(fstatat(p->to, "d/b", &other, 0), 0);
	assert_int_equal(one.st_ino, other.st_ino);
	assert_int_equal(one.st_mode & 07777, 04711);
	assert_int_equal(one.st_mtim.tv_sec, 5);
	assert_int_equal(one.st_mtim.tv_nsec, 500000000);
	AUTO(fd) int back = openat(p->to, "a", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fgetxattr(back, "user.a", value, sizeof value), 3);
	assert_int_equal(file_read(p->to, name, 100, &text, NULL), 0);
	assert_string_equal(text, "long");
	assert_int_equal(fstatat(p->to, "e\314\201-\377", &one, 0), 0);
	assert_int_equal(fstatat(p->to, "f", &one, 0), 0);
	assert_true(S_ISFIFO(one.st_mode));
	assert_int_equal(fstat(p->to, &one), 0);
	assert_int_equal(one.st_mode & 07777, 0751);
}

static void marks_of_overlay_become_those_of_images_and_come_back(void **state)
{
	struct place *p = *state;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	struct stat st;

	assert_int_equal(mkdirat(p->base, "below", 0755), 0);
	assert_int_equal(mkdirat(p->base, "below/o", 0755), 0);
	assert_int_equal(mkdirat(p->base, "below/gone", 0755), 0);
	assert_int_equal(mknodat(p->from, "never", S_IFCHR, makedev(0, 0)), 0);
	assert_int_equal(mkdirat(p->from, "o", 0755), 0);
	AUTO(fd) int o = openat(p->from, "o", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(attr_set_opaque(o), 0);
	assert_int_equal(mknodat(p->from, "gone", S_IFCHR, makedev(0, 0)), 0);
	AUTO(fd) int tar = pack(p, LAYER_PACK_UPPER, &digest);
	apply(p, tar, digest.digest);
	assert_int_equal(fstatat(p->to, "gone", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(attr_is_whiteout(&st));
	AUTO(fd) int back = openat(p->to, "o", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(attr_is_opaque(back));
	assert_int_equal(fstatat(p->to, "never", &st, AT_SYMLINK_NOFOLLOW), -1);
}

/* What a start of a container made, and what means nothing, goes; the tar is that of the layer alone. */
static void a_tidied_upper_folder_is_a_layer_of_its_own(void **state)
{
	struct place *p = *state;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(layer_digest) struct layer_digest alone = { 0 };
	AUTO(layer_digest) struct layer_digest stamped = { 0 };
	AUTO(fd) int base = openat(p->base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct timespec old[2] = { { 7, 0 }, { 7, 0 } };
	struct stat st;

	assert_int_equal(mkdirat(p->base, "below", 0755), 0);
	assert_int_equal(mkdirat(p->base, "below/o", 0755), 0);
	assert_int_equal(mkdirat(p->base, "below/gone", 0755), 0);
	assert_int_equal(mknodat(p->from, "never", S_IFCHR, makedev(0, 0)), 0);
	assert_int_equal(mknodat(p->from, "gone", S_IFCHR, makedev(0, 0)), 0);
	assert_int_equal(mknodat(p->from, "socket", S_IFSOCK | 0600, 0), 0);
	assert_int_equal(mkdirat(p->from, "o", 0755), 0);
	assert_int_equal(mkdirat(p->from, "new", 0755), 0);
	assert_int_equal(mkdirat(p->from, "mnt", 0755), 0);
	assert_int_equal(mkdirat(p->from, "mnt/cache", 0755), 0);
	assert_int_equal(file_write(p->from, "new/file", 0644, "x", 1), 0);
	AUTO(fd) int o = openat(p->from, "o", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int new = openat(p->from, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(attr_set_opaque(o), 0);
	assert_int_equal(attr_set_opaque(new), 0);
	assert_int_equal(utimensat(p->from, "new/file", old, 0), 0);

	struct layer_pack req = { .dir = p->from,
				  .out = -1,
				  .kind = LAYER_PACK_UPPER,
				  .flags = LAYER_TIDY,
				  .store = base };
	strv_add(&req.lower, "below");
	strv_add(&req.mounted, "mnt/cache");
	assert_int_equal(pack_dir(&req, &digest, NULL), 0);
	assert_int_equal(fstatat(p->from, "never", &st, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(fstatat(p->from, "socket", &st, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(fstatat(p->from, "mnt", &st, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(fstatat(p->from, "gone", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(attr_is_opaque(o));
	assert_false(attr_is_opaque(new));

	const struct layer_pack again = {
		.dir = p->from, .out = -1, .kind = LAYER_PACK_LAYER, .store = -1
	};
	assert_int_equal(pack_dir(&again, &alone, NULL), 0);
	assert_string_equal(alone.digest, digest.digest);
	assert_int_equal(alone.size, digest.size);

	req.flags |= LAYER_CLAMP;
	req.time = 9;
	assert_int_equal(pack_dir(&req, &stamped, NULL), 0);
	assert_int_equal(fstat(new, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 9);
	assert_int_equal(fstatat(p->from, "new/file", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_sec, 7);
	assert_int_equal(fstat(p->from, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 9);
	strv_clear(&req.lower);
	strv_clear(&req.mounted);
}

static void what_takes_long_is_tidied_and_hashed_later(void **state)
{
	struct place *p = *state;
	AUTO(layer_digest) struct layer_digest little = { 0 };
	AUTO(layer_digest) struct layer_digest put_off = { 0 };
	AUTO(layer_digest) struct layer_digest later = { 0 };
	AUTO(layer_digest) struct layer_digest at_once = { 0 };
	struct layer_pack req = { .dir = p->from,
				  .out = -1,
				  .kind = LAYER_PACK_UPPER,
				  .flags = LAYER_TIDY | LAYER_DEFER,
				  .store = -1 };
	struct stat st;

	assert_int_equal(file_write(p->from, "a", 0644, "x", 1), 0);
	assert_int_equal(pack_dir(&req, &little, NULL), 0);
	assert_non_null(little.digest);
	assert_int_equal(file_write(p->from, "big", 0644, "x", 1), 0);
	AUTO(fd) int big = openat(p->from, "big", O_RDWR | O_CLOEXEC);
	assert_int_equal(ftruncate(big, 9 << 20), 0);
	assert_int_equal(mknodat(p->from, "socket", S_IFSOCK | 0600, 0), 0);
	assert_int_equal(pack_dir(&req, &put_off, NULL), 0);
	assert_null(put_off.digest);
	assert_int_equal(fstatat(p->from, "socket", &st, AT_SYMLINK_NOFOLLOW), -1);

	const struct layer_pack again = {
		.dir = p->from, .out = -1, .kind = LAYER_PACK_LAYER, .store = -1
	};
	assert_int_equal(pack_dir(&again, &later, NULL), 0);
	req.flags = LAYER_TIDY;
	assert_int_equal(pack_dir(&req, &at_once, NULL), 0);
	assert_string_equal(later.digest, at_once.digest);
	assert_int_equal(later.size, at_once.size);
	assert_int_equal(put_off.inside_size, at_once.inside_size);
}

/* Return: 0 as root of a user namespace, else why not. */
static int become_root(void)
{
	AUTO(mem) char *uids = str_fmt("0 %u 1\n", getuid());
	AUTO(mem) char *gids = str_fmt("0 %u 1\n", getgid());

	if (unshare(CLONE_NEWUSER) < 0)
		return -1;
	int r = file_write(AT_FDCWD, "/proc/self/setgroups", 0, "deny", 4);
	if (r == 0)
		r = file_write(AT_FDCWD, "/proc/self/uid_map", 0, uids, strlen(uids));
	if (r == 0)
		r = file_write(AT_FDCWD, "/proc/self/gid_map", 0, gids, strlen(gids));
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_takes_long_is_tidied_and_hashed_later,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(a_tree_comes_back_as_it_was, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(
			marks_of_overlay_become_those_of_images_and_come_back, make_place,
			drop_place),
		cmocka_unit_test_setup_teardown(a_tidied_upper_folder_is_a_layer_of_its_own,
						make_place, drop_place),
	};

	umask(0);
	if (become_root() < 0) {
		puts("1..0 # SKIP no user namespace can be made here");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
