/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reown_test - a tree is given to other owners, in a user namespace of a child's own
 *
 * Where there is no such namespace with several ids nothing is tried.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/host.h"
#include "kern/reown.h"
#include "kern/userns.h"

enum { IDS = 10, ACL_BYTES = 44 };

/* 1 is shown for 0 and so on up to 4; 0 for 5; the others are what they are. */
static void make_map(struct idmap *map)
{
	bug_unless(idmap_add(map, 0, 1, 5) == 0 && idmap_add(map, 5, 0, 1) == 0 &&
		   idmap_add(map, 6, 6, IDS - 6) == 0);
}

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			(void)fprintf(stderr, "# not so: %s (%s)\n", #what, strerror(errno));      \
			return 1;                                                                  \
		}                                                                                  \
	} while (0)

static int reown(const char *dir, const struct strv *lower)
{
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	make_map(&map);
	return fd < 0 ? -errno : reown_tree(fd, &map, &map, lower);
}

static bool is(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	struct stat st;

	return lstat(name, &st) == 0 && st.st_uid == uid && st.st_gid == gid && st.st_mode == mode;
}

static bool put(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	return file_write(AT_FDCWD, name, 0600, "x", 1) == 0 && chown(name, uid, gid) == 0 &&
	       chmod(name, mode) == 0;
}

static int owners(void)
{
	static const struct strv none;

	CHECK(mkdir("t", 0755) == 0 && chown("t", 1, 1) == 0);
	CHECK(put("t/a", 3, 4, 06755) && link("t/a", "t/b") == 0);
	CHECK(mkdir("t/d", 0755) == 0 && chown("t/d", 2, 0) == 0 && chmod("t/d", 02750) == 0);
	CHECK(link("t/a", "t/d/c") == 0 && symlink("x", "t/d/l") == 0 &&
	      lchown("t/d/l", 5, 7) == 0);
	CHECK(put("t/d/f", 0, 9, 0644) && mkfifo("t/p", 0600) == 0 && chown("t/p", 4, 1) == 0);
	CHECK(reown("t", &none) == 0);
	CHECK(is("t", 0, 0, S_IFDIR | 0755));
	CHECK(is("t/a", 2, 3, S_IFREG | 06755) && is("t/b", 2, 3, S_IFREG | 06755));
	CHECK(is("t/d/c", 2, 3, S_IFREG | 06755) && is("t/d", 1, 5, S_IFDIR | 02750));
	CHECK(is("t/d/l", 4, 7, S_IFLNK | 0777) && is("t/d/f", 5, 9, S_IFREG | 0644));
	CHECK(is("t/p", 3, 0, S_IFIFO | 0600));
	return 0;
}

/* As deep as names go, with descriptors for one each. */
static int depth(void)
{
	enum { DEEP = 900, FILES = 1000 };
	static const struct strv none;
	struct rlimit usual, few;
	AUTO(fd) int at = AT_FDCWD;
	struct stat st;

	CHECK(getrlimit(RLIMIT_NOFILE, &usual) == 0);
	few = usual;
	few.rlim_cur = FILES;
	for (size_t i = 0; i < DEEP; i++) {
		CHECK(mkdirat(at, "n", 0755) == 0 && fchownat(at, "n", 3, 4, 0) == 0);
		const int next = openat(at, "n", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(next >= 0);
		if (at >= 0)
			fd_close(at);
		at = next;
	}
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	CHECK(reown("n", &none) == 0);
	CHECK(setrlimit(RLIMIT_NOFILE, &usual) == 0);
	CHECK(fstat(at, &st) == 0 && st.st_uid == 2 && st.st_gid == 3);
	return 0;
}

/* Of the root that is shown as 1, of the namespace's own, and of one that the map does not have. */
static int capabilities(void)
{
	static const struct strv none;
	static const struct {
		const char *name;
		uint32_t root;
		ssize_t before, after;
	} files[] = {
		{ "c/shown", 1, XATTR_CAPS_SZ_3, XATTR_CAPS_SZ_2 },
		{ "c/own", 0, XATTR_CAPS_SZ_2, XATTR_CAPS_SZ_2 },
		{ "c/other", 8, XATTR_CAPS_SZ_3, XATTR_CAPS_SZ_3 },
	};
	struct vfs_ns_cap_data caps = { 0 };

	CHECK(mkdir("c", 0755) == 0);
	for (size_t i = 0; i < array_len(files); i++) {
		caps.magic_etc = VFS_CAP_REVISION_3 | VFS_CAP_FLAGS_EFFECTIVE;
		caps.data[0].permitted = 1 << CAP_NET_RAW;
		caps.rootid = files[i].root;
		CHECK(put(files[i].name, 1, 1, 0755));
		CHECK(setxattr(files[i].name, "security.capability", &caps, sizeof caps, 0) == 0);
		CHECK(getxattr(files[i].name, "security.capability", &caps, sizeof caps) ==
		      files[i].before);
	}
	CHECK(reown("c", &none) == 0);
	for (size_t i = 0; i < array_len(files); i++) {
		CHECK(getxattr(files[i].name, "security.capability", &caps, sizeof caps) ==
		      files[i].after);
		CHECK(caps.data[0].permitted == 1 << CAP_NET_RAW &&
		      is(files[i].name, 0, 0, S_IFREG | 0755));
	}
	return 0;
}

/* user::rw-, user:ID:r--, group::r--, mask::rw-, other::r-- */
static void make_acl(char *out, unsigned char user)
{
	static const char form[ACL_BYTES] = {
		2, 0, 0,  0,  1,  0,  6,  0, -1, -1, -1, -1, 2,	 0,  4,	 0, 0, 0, 0,  0,  4,  0,
		4, 0, -1, -1, -1, -1, 16, 0, 6,	 0,  -1, -1, -1, -1, 32, 0, 4, 0, -1, -1, -1, -1,
	};

	memcpy(out, form, sizeof form);
	out[16] = (char)user;
}

static bool set_acl(const char *name, const char *attr, unsigned char user)
{
	char acl[ACL_BYTES];

	make_acl(acl, user);
	return setxattr(name, attr, acl, sizeof acl, 0) == 0;
}

static bool has_acl(const char *name, const char *attr, unsigned char user)
{
	char acl[ACL_BYTES], found[ACL_BYTES];

	make_acl(acl, user);
	return getxattr(name, attr, found, sizeof found) == sizeof found &&
	       memcmp(acl, found, sizeof acl) == 0;
}

static int acls(void)
{
	static const char access[] = "system.posix_acl_access",
			  inherited[] = "system.posix_acl_default";
	AUTO(strv) struct strv lower = { 0 };

	CHECK(mkdir("below", 0755) == 0 && mkdir("upper", 0755) == 0 &&
	      mkdir("upper/d", 0755) == 0);
	CHECK(put("below/old", 0, 0, 0644) && put("upper/old", 1, 1, 0644) &&
	      put("upper/new", 1, 1, 0644));
	CHECK(mkdir("below/h", 0755) == 0 && mkdir("upper/h", 0755) == 0);
	CHECK(mkdir("upper/h/i", 0755) == 0);
	if (!set_acl("below/old", access, 3) && errno == EOPNOTSUPP)
		return 0;
	CHECK(set_acl("upper/old", access, 3) && set_acl("upper/new", access, 3));
	CHECK(set_acl("upper/d", inherited, 4) && set_acl("below/h", inherited, 2));
	CHECK(set_acl("upper/h", inherited, 2) && set_acl("upper/h/i", access, 2));
	CHECK(set_acl("upper/h/i", inherited, 4));
	CHECK(put("upper/renamed", 1, 1, 0644) && set_acl("upper/renamed", access, 3));
	CHECK(setxattr("upper/renamed", "user.overlay.origin", "", 0, 0) == 0);
	strv_add(&lower, "nowhere");
	strv_add(&lower, "below");
	CHECK(reown("upper", &lower) == 0);
	CHECK(has_acl("upper/old", access, 3) && has_acl("upper/new", access, 2));
	CHECK(has_acl("upper/h", inherited, 2) && has_acl("upper/h/i", access, 2));
	CHECK(has_acl("upper/h/i", inherited, 3));
	CHECK(has_acl("upper/renamed", access, 3) && is("upper/renamed", 0, 0, S_IFREG | 0664));
	CHECK(has_acl("upper/d", inherited, 3) && is("upper/new", 0, 0, S_IFREG | 0664));
	return 0;
}

/* What has been made is root's of the namespace, and is removed there. Return: the status; -1 without such a namespace. */
static int run_inside(const struct identity_plan *identity, int (*test)(void))
{
	char dir[] = "/tmp/cubby-reown-XXXXXX";
	int pidfd;

	if (idmap_size(&identity->uids) < IDS)
		return -1;
	assert_non_null(mkdtemp(dir));
	pid_t pid = userns_fork(identity, -1, CLONE_NEWNS, &pidfd, NULL);
	if (pid == 0) {
		int r = chdir(dir) < 0 ? 1 : test();
		_exit(chdir("/") < 0 || file_tree_remove(AT_FDCWD, dir) < 0 ? 1 : r);
	}
	if (pid < 0) {
		(void)rmdir(dir);
		return -1;
	}
	int status = proc_wait(pidfd);
	fd_close(pidfd);
	return status;
}

static void in_namespace(int (*test)(void))
{
	struct identity_plan identity = { 0 };
	struct host host = { 0 };
	int status = -1;

	if (host_measure(&host, NULL) == 0 && identity_choose(&host, &identity, NULL) == 0)
		status = run_inside(&identity, test);
	host_clear(&host);
	identity_clear(&identity);
	if (status >= 0)
		assert_int_equal(status, 0);
}

static void owners_become_others_once_and_modes_stay(void **state)
{
	(void)state;
	in_namespace(owners);
}

static void a_deep_tree_takes_one_descriptor_for_each_folder(void **state)
{
	(void)state;
	in_namespace(depth);
}

static void capabilities_stay_and_are_the_roots_own(void **state)
{
	(void)state;
	in_namespace(capabilities);
}

static void who_is_named_in_an_acl_becomes_another_but_for_those_of_below(void **state)
{
	(void)state;
	in_namespace(acls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_become_others_once_and_modes_stay),
		cmocka_unit_test(a_deep_tree_takes_one_descriptor_for_each_folder),
		cmocka_unit_test(capabilities_stay_and_are_the_roots_own),
		cmocka_unit_test(who_is_named_in_an_acl_becomes_another_but_for_those_of_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
