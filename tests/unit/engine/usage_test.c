/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage_test - what a control group and a network say of themselves
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/usage.h"

struct group {
	char path[64];
	int dir;
};

static int make_group(void **state)
{
	struct group *g = mem_new(struct group);

	memcpy(g->path, "/tmp/usage_test.XXXXXX", 23);
	assert_non_null(mkdtemp(g->path));
	g->dir = open(g->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = g;
	return 0;
}

static int drop_group(void **state)
{
	struct group *g = *state;

	fd_close(g->dir);
	assert_int_equal(file_tree_remove(AT_FDCWD, g->path), 0);
	free(g);
	return 0;
}

static void put(const struct group *g, const char *name, const char *text)
{
	assert_int_equal(file_write(g->dir, name, 0600, text, strlen(text)), 0);
}

static void a_control_group_is_measured_without_what_it_would_give_up(void **state)
{
	const struct group *g = *state;
	struct usage u = { .limit = 5 };

	put(g, "memory.current", "10000\n");
	put(g, "memory.stat", "anon 1\ninactive_anon 7\ninactive_file 4000\nactive_file 2\n");
	put(g, "memory.max", "64000\n");
	put(g, "cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n");
	put(g, "pids.current", "3\n");
	put(g, "io.stat",
	    "8:0 rbytes=100 wbytes=20 rios=1 wios=2 dbytes=9 dios=0\n"
	    "8:16 rbytes=1 wbytes=2 rios=1 wios=1 dbytes=0 dios=0\n");
	assert_int_equal(usage_of_cgroup(g->dir, &u), 0);
	assert_int_equal(u.memory, 6000);
	assert_int_equal(u.limit, 64000);
	assert_int_equal(u.cpu, 1500000);
	assert_int_equal(u.cpu_system, 500000);
	assert_int_equal(u.pids, 3);
	assert_int_equal(u.block_in, 101);
	assert_int_equal(u.block_out, 22);
}

static void without_a_limit_the_machine_is_the_limit(void **state)
{
	const struct group *g = *state;
	struct usage u = { .limit = 5 };

	put(g, "memory.current", "10\n");
	put(g, "memory.max", "max\n");
	put(g, "cpu.stat", "usage_usec 0\n");
	assert_int_equal(usage_of_cgroup(g->dir, &u), 0);
	assert_int_equal(u.limit, 5);
	assert_int_equal(u.memory, 10);
	assert_int_equal(u.pids, 0);
}

static void a_group_without_controllers_says_so(void **state)
{
	const struct group *g = *state;
	struct usage u = { 0 };

	put(g, "cpu.stat", "usage_usec 1\n");
	assert_int_equal(usage_of_cgroup(g->dir, &u), -ENOENT);
	assert_int_equal(u.cpu, 0);
}

static void interfaces_are_summed_but_for_the_loopback(void **state)
{
	static const char text[] =
		"Inter-|   Receive                            |  Transmit\n"
		" face |bytes packets errs drop fifo frame compressed multicast|bytes packets\n"
		"    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\n"
		"  tap0: 1000 9 0 0 0 0 0 0 50 9 0 0 0 0 0 0\n"
		"lo2:5 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0\n";
	int64_t in, out;

	(void)state;
	usage_of_net(text, &in, &out);
	assert_int_equal(in, 1005);
	assert_int_equal(out, 57);
	usage_of_net("", &in, &out);
	assert_int_equal(in + out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_control_group_is_measured_without_what_it_would_give_up, make_group,
			drop_group),
		cmocka_unit_test_setup_teardown(without_a_limit_the_machine_is_the_limit,
						make_group, drop_group),
		cmocka_unit_test_setup_teardown(a_group_without_controllers_says_so, make_group,
						drop_group),
		cmocka_unit_test(interfaces_are_summed_but_for_the_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
