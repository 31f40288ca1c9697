/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootfs_test - root file systems by each driver
 *
 * Mounts happen in a namespace of a child's own; skipped where there are no user namespaces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/userns.h"
#include "rootfs/rootfs.h"

enum { MANY = 130, DIFFERENT = 9, REFUSED = 8 };

struct stage {
	struct host host;
	struct identity_plan identity;
	bool works;
};

static int setup(void **state)
{
	struct stage *s = mem_new(struct stage);
	int pidfd;

	*state = s;
	if (host_measure(&s->host, NULL) < 0 || identity_choose(&s->host, &s->identity, NULL) < 0)
		return 0;
	pid_t pid = userns_fork(&s->identity, -1, CLONE_NEWNS | CLONE_NEWPID, &pidfd, NULL);
	if (pid == 0)
		_exit(0);
	s->works = pid > 0 && proc_wait(pidfd) == 0;
	if (pid > 0)
		fd_close(pidfd);
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	host_clear(&s->host);
	identity_clear(&s->identity);
	free(s);
	return 0;
}

static void put(const char *dir, const char *name, const char *text)
{
	AUTO(mem) char *path = str_fmt("%s/%s", dir, name);

	assert_int_equal(file_write(AT_FDCWD, path, 0644, text, strlen(text)), 0);
}

static char *folder(const char *dir, const char *name)
{
	char *path = str_fmt("%s/%s", dir, name);

	assert_int_equal(file_tree_make(path, 0755), 0);
	return path;
}

/* The layers lie in folders whose names need care; number i has the file "i" and a "top". */
static void make_plan(const char *dir, const char *driver, size_t layers, struct rootfs_plan *plan)
{
	*plan = (struct rootfs_plan){ .driver = str_dup(driver) };
	bool colons = !str_eq(driver, "fuse-overlayfs");
	plan->upper = folder(dir, colons ? "up,per:\\" : "up,per\\");
	plan->work = folder(dir, colons ? "wo,rk:\\" : "wo,rk\\");
	plan->target = folder(dir, "root");
	for (size_t i = layers; i-- > 0;) {
		AUTO(mem) char *name = str_fmt("layer,%zu%swith\\signs", i, colons ? ":" : ",");
		AUTO(mem) char *number = str_fmt("%zu", i);
		char *layer = folder(dir, name);
		put(layer, number, number);
		put(layer, "top", number);
		strv_take(&plan->lower, layer);
	}
}

static bool shows(int root, const char *name, const char *text)
{
	AUTO(mem) char *found = NULL;

	return file_read(root, name, 100, &found, NULL) == 0 && str_eq(found, text);
}

static int look(const struct stage *s, const struct rootfs_plan *plan, size_t layers)
{
	AUTO(mem) char *highest = str_fmt("%zu", layers - 1);
	AUTO(fd) int helper = -1;
	AUTO(fd) int root = rootfs_apply(plan, &s->host, &helper, NULL);

	if (root < 0)
		return REFUSED;
	if (!shows(root, "0", "0") || !shows(root, highest, highest) ||
	    !shows(root, "top", highest))
		return DIFFERENT;
	if (file_write(root, "top", 0644, "changed", 7) < 0 || !shows(root, "top", "changed"))
		return DIFFERENT;
	return shows(AT_FDCWD, plan->lower.items[0], "") ? DIFFERENT : 0;
}

static int try_driver(const struct stage *s, const char *driver, size_t layers)
{
	char dir[] = "/tmp/cubby-rootfs-XXXXXX";
	AUTO(rootfs_plan) struct rootfs_plan plan = { 0 };
	int pidfd;

	if (!s->works)
		skip();
	assert_non_null(mkdtemp(dir));
	make_plan(dir, driver, layers, &plan);
	pid_t pid = userns_fork(&s->identity, -1, CLONE_NEWNS | CLONE_NEWPID, &pidfd, NULL);
	if (pid == 0)
		_exit(look(s, &plan, layers));
	assert_true(pid > 0);
	int status = proc_wait(pidfd);
	fd_close(pidfd);
	/* the layers never change */
	for (size_t i = 0; i < layers; i++) {
		AUTO(mem) char *top = str_fmt("%s/top", plan.lower.items[i]);
		AUTO(mem) char *number = str_fmt("%zu", layers - 1 - i);
		assert_true(shows(AT_FDCWD, top, number));
	}
	(void)!file_tree_remove(AT_FDCWD, dir);
	return status;
}

static void the_kernels_overlay_takes_any_name_and_many_layers(void **state)
{
	assert_int_equal(try_driver(*state, "overlay", 1), 0);
	assert_int_equal(try_driver(*state, "overlay", MANY), 0);
}

static void fuse_overlayfs_takes_any_name_without_a_colon(void **state)
{
	int status = try_driver(*state, "fuse-overlayfs", 3);

	if (status == REFUSED) /* not installed, or no /dev/fuse */
		skip();
	assert_int_equal(status, 0);
}

static void a_copy_shows_the_uppermost(void **state)
{
	assert_int_equal(try_driver(*state, "copy", 3), 0);
}

static void an_unknown_driver_is_refused(void **state)
{
	assert_int_equal(try_driver(*state, "floppy", 1), REFUSED);
}

static void a_plan_prints_one_step_a_line(void **state)
{
	AUTO(rootfs_plan)
	struct rootfs_plan plan = { .driver = str_dup("overlay"),
				    .upper = str_dup("/u"),
				    .work = str_dup("/w"),
				    .target = str_dup("/t"),
				    .volatile_mode = true };

	(void)state;
	strv_add(&plan.lower, "/b");
	strv_add(&plan.lower, "/a");
	AUTO(mem) char *text = rootfs_print(&plan);
	assert_string_equal(text, "driver overlay\nlower /b\nlower /a\nupper /u\nwork /w\n"
				  "sync never\ntarget /t\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels_overlay_takes_any_name_and_many_layers),
		cmocka_unit_test(fuse_overlayfs_takes_any_name_without_a_colon),
		cmocka_unit_test(a_copy_shows_the_uppermost),
		cmocka_unit_test(an_unknown_driver_is_refused),
		cmocka_unit_test(a_plan_prints_one_step_a_line),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
