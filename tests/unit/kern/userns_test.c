/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * userns_test - children that are root of a namespace, made and joined
 *
 * Started as real root, each case runs as the user 'cubby-test' in a process of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/userns.h"

enum { SKIPPED = 77 };

struct place {
	struct host host;
	struct identity_plan plan;
	struct err err;
};

static int drop_to_user(void)
{
	const struct passwd *user = getpwnam("cubby-test");

	if (geteuid() != 0)
		return 0;
	if (!user || initgroups(user->pw_name, user->pw_gid) < 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1) < 0)
		return -1;
	return setenv("HOME", user->pw_dir, 1);
}

/* Runs a case as the user and gives its verdict: 0, or the line that failed. */
static void as_user(int (*body)(struct place *place))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct place place = { 0 };
		if (drop_to_user() < 0 || host_measure(&place.host, &place.err) < 0 ||
		    identity_choose(&place.host, &place.plan, &place.err) < 0)
			_exit(SKIPPED);
		int line = body(&place);
		if (place.err.text)
			(void)fprintf(stderr, "%s\n", place.err.text);
		if (line > 0)
			(void)fprintf(stderr, "line %d\n", line);
		_exit(line < 0 ? SKIPPED : line != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			return __LINE__;                                                           \
	} while (0)

static int root_there(void)
{
	return getuid() == 0 && geteuid() == 0 && getgid() == 0 && sethostname("inside", 6) == (0);
}

static int fresh(struct place *p)
{
	AUTO(fd) int pidfd = -1;
	pid_t pid = userns_fork(&p->plan, -1, CLONE_NEWPID | CLONE_NEWUTS, &pidfd, &p->err);

	if (pid == 0)
		_exit(root_there() && getpid() == 1 ? 42 : 1);
	CHECK(pid > 0);
	CHECK(proc_wait(pidfd) == 42);
	return 0;
}

static void a_child_of_a_fresh_namespace_is_root_and_pid_1(void **state)
{
	(void)state;
	as_user(fresh);
}

static int ranges(struct place *p)
{
	AUTO(fd) int pidfd = -1;
	if (p->plan.kind != IDENTITY_RANGES)
		return -1;
	pid_t pid = userns_fork(&p->plan, -1, 0, &pidfd, &p->err);

	if (pid == 0) {
		int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		_exit(fd >= 0 && fchown(fd, 70, 65536) == 0 && setgroups(0, NULL) == 0 ? 0 : 1);
	}
	CHECK(pid > 0);
	CHECK(proc_wait(pidfd) == 0);
	return 0;
}

static void with_ranges_files_can_belong_to_any_id(void **state)
{
	(void)state;
	as_user(ranges);
}

static int one_id(struct place *p)
{
	AUTO(fd) int pidfd = -1;
	AUTO(identity) struct identity_plan plan = { .kind = IDENTITY_ONE_ID };

	CHECK(idmap_add(&plan.uids, 0, p->host.uid, 1) == 0);
	CHECK(idmap_add(&plan.gids, 0, p->host.gid, 1) == 0);
	pid_t pid = userns_fork(&plan, -1, CLONE_NEWUTS, &pidfd, &p->err);
	if (pid == 0)
		_exit(root_there() && setuid(1) < 0 ? 0 : 1);
	CHECK(pid > 0);
	CHECK(proc_wait(pidfd) == 0);
	return 0;
}

static void one_id_needs_no_program_and_no_sub_ids(void **state)
{
	(void)state;
	as_user(one_id);
}

static uint64_t userns_number(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 ? st.st_ino : 0;
}

/* A child that stays in a fresh namespace until its pipe is closed. */
static pid_t holder(struct place *p, int *out_pipe, int *out_pidfd)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid_t pid = userns_fork(&p->plan, -1, 0, out_pidfd, &p->err);
	if (pid == 0) {
		char byte;
		fd_close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	fd_close(ends[0]);
	*out_pipe = ends[1];
	return pid;
}

static int joined(struct place *p)
{
	AUTO(fd) int held = -1;
	AUTO(fd) int pipe = -1;
	AUTO(fd) int pidfd = -1;
	pid_t owner = holder(p, &pipe, &held);

	CHECK(owner > 0);
	CHECK(userns_same(&p->plan, owner));
	CHECK(!userns_same(&p->plan, getpid()));
	AUTO(mem) char *path = str_fmt("/proc/%d/ns/user", owner);
	struct stat st;
	CHECK(stat(path, &st) == 0);
	pid_t pid = userns_fork(&p->plan, held, CLONE_NEWPID | CLONE_NEWUTS, &pidfd, &p->err);
	if (pid == 0)
		_exit(root_there() && getpid() == 1 && userns_number() == st.st_ino ? 7 : 1);
	CHECK(pid > 0);
	CHECK(proc_host_pid(pidfd) == pid);
	CHECK(proc_wait(pidfd) == 7);
	return 0;
}

static void a_joined_namespace_is_the_owners_and_the_child_is_ours(void **state)
{
	(void)state;
	as_user(joined);
}

static int joined_dead(struct place *p)
{
	AUTO(fd) int held = -1;
	AUTO(fd) int pidfd = -1;
	int pipe = -1;
	pid_t owner = holder(p, &pipe, &held);

	CHECK(owner > 0);
	fd_close(pipe);
	siginfo_t info;
	CHECK(waitid(P_PIDFD, (id_t)held, &info, WEXITED | WNOWAIT) == 0);
	CHECK(userns_fork(&p->plan, held, 0, &pidfd, NULL) == -ESRCH);
	CHECK(pidfd == -1);
	CHECK(proc_wait(held) == 0);
	CHECK(userns_fork(&p->plan, held, 0, &pidfd, NULL) == -ESRCH);
	return 0;
}

static void an_owner_that_has_ended_is_told_so(void **state)
{
	(void)state;
	as_user(joined_dead);
}

static int tool_without_rights(struct place *p)
{
	AUTO(fd) int pidfd = -1;

	str_set(&p->plan.newuidmap, "/bin/false");
	str_set(&p->plan.newgidmap, "/bin/false");
	p->plan.kind = IDENTITY_RANGES;
	CHECK(userns_fork(&p->plan, -1, 0, &pidfd, &p->err) == -EPERM);
	CHECK(strstr(p->err.text, "/bin/false"));
	err_clear(&p->err);
	return 0;
}

static void a_map_program_that_fails_is_named(void **state)
{
	(void)state;
	as_user(tool_without_rights);
}

static int no_sub_ids(struct place *p)
{
	AUTO(identity) struct identity_plan plan = { 0 };

	str_set(&p->host.user, "nobody-has-this-name");
	p->host.uid = 4000000;
	CHECK(identity_choose(&p->host, &plan, &p->err) == 0);
	CHECK(plan.kind == IDENTITY_ONE_ID);
	CHECK(strstr(plan.why, "nobody-has-this-name"));
	return 0;
}

static void without_sub_ids_one_id_is_chosen_and_says_why(void **state)
{
	(void)state;
	as_user(no_sub_ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_of_a_fresh_namespace_is_root_and_pid_1),
		cmocka_unit_test(with_ranges_files_can_belong_to_any_id),
		cmocka_unit_test(one_id_needs_no_program_and_no_sub_ids),
		cmocka_unit_test(a_joined_namespace_is_the_owners_and_the_child_is_ours),
		cmocka_unit_test(an_owner_that_has_ended_is_told_so),
		cmocka_unit_test(a_map_program_that_fails_is_named),
		cmocka_unit_test(without_sub_ids_one_id_is_chosen_and_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
