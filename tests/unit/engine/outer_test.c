/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outer_test - one outer user namespace for all monitors, as long as one of them lives
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "engine/outer.h"
#include "store/outer.h"

struct place {
	char dir[32];
	struct host host;
	struct engine *engine;
	struct err err;
	int born[2]; /* a pipe: each member says that it can be joined */
};

/* A process that lives until it is ended, as a monitor does. */
struct member {
	pid_t pid;
	int pidfd;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->dir, "/tmp/outer_test.XXXXXX", 23);
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(host_measure(&p->host, &p->err), 0);
	const struct engine_options options = { .root = p->dir };
	assert_int_equal(engine_open(&p->host, &options, &p->engine, &p->err), 0);
	assert_int_equal(pipe2(p->born, O_CLOEXEC), 0);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	fd_close(p->born[0]);
	fd_close(p->born[1]);
	engine_free(p->engine);
	host_clear(&p->host);
	err_clear(&p->err);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->dir), 0);
	free(p);
	return 0;
}

static struct member born(struct place *p, bool joinable)
{
	struct member m = { .pidfd = -1 };

	m.pid = outer_fork(p->engine, CLONE_NEWPID, joinable, &m.pidfd, &p->err);
	if (m.pid == 0) {
		/* It ends with the test, however that ends. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
		    (!joinable || outer_hold(p->engine->store) == 0) &&
		    write(p->born[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	char byte;
	if (m.pid > 0)
		assert_int_equal(read(p->born[0], &byte, 1), 1);
	if (m.pid == -EPERM || m.pid == -ENOSPC)
		skip(); /* no user namespaces on this machine */
	assert_true(m.pid > 0);
	return m;
}

static void end(struct member *m)
{
	assert_int_equal(syscall(SYS_pidfd_send_signal, m->pidfd, SIGKILL, NULL, 0), 0);
	assert_int_equal(proc_wait(m->pidfd), 128 + SIGKILL);
	fd_close(m->pidfd);
}

static uint64_t namespace_of(pid_t pid)
{
	AUTO(mem) char *path = str_fmt("/proc/%d/ns/user", pid);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void the_second_joins_the_first(void **state)
{
	struct place *p = *state;
	struct member first = born(p, true), second = born(p, true);

	assert_int_equal(namespace_of(first.pid), namespace_of(second.pid));
	assert_int_not_equal(namespace_of(first.pid), namespace_of(getpid()));
	end(&first);
	end(&second);
}

static void when_the_recorded_one_has_ended_a_fresh_one_is_made(void **state)
{
	struct place *p = *state;
	struct member first = born(p, true);
	AUTO(outer_record) struct outer_record before = { 0 };
	AUTO(outer_record) struct outer_record after = { 0 };

	assert_int_equal(outer_load(p->engine->store, &before), 0);
	assert_int_equal(before.pid, first.pid);
	end(&first);
	struct member second = born(p, true);
	assert_int_equal(outer_load(p->engine->store, &after), 0);
	assert_int_equal(after.pid, second.pid);
	end(&second);
}

static void when_the_recorded_one_has_ended_any_other_is_joined(void **state)
{
	struct place *p = *state;
	struct member first = born(p, true), second = born(p, true);
	uint64_t number = namespace_of(first.pid);
	pid_t pid;

	end(&second);
	struct member third = born(p, false);
	assert_int_equal(namespace_of(third.pid), number);
	end(&first);
	end(&third);
	assert_int_equal(outer_holder(p->engine->store, &pid), -ENOENT);
	struct member last = born(p, true);
	assert_int_equal(outer_holder(p->engine->store, &pid) < 0, false);
	assert_int_equal(pid, last.pid);
	end(&last);
}

static void a_process_of_a_recorded_number_that_is_another_is_not_joined(void **state)
{
	struct place *p = *state;
	struct member first = born(p, false);
	uint64_t start;

	assert_int_equal(proc_start_time(first.pid, &start), 0);
	assert_int_equal(outer_save(p->engine->store, first.pid, start + 1), 0);
	struct member second = born(p, false);
	assert_int_not_equal(namespace_of(first.pid), namespace_of(second.pid));
	assert_int_equal(outer_save(p->engine->store, getpid(), start), 0);
	struct member third = born(p, false);
	assert_int_not_equal(namespace_of(getpid()), namespace_of(third.pid));
	end(&first);
	end(&second);
	end(&third);
}

static void one_that_is_not_joinable_is_not_recorded(void **state)
{
	struct place *p = *state;
	struct member first = born(p, false);
	AUTO(outer_record) struct outer_record record = { 0 };

	assert_int_equal(outer_load(p->engine->store, &record), -ENOENT);
	end(&first);
}

/* Many at once: all end up in one namespace. */
static void of_many_at_once_all_are_in_one_namespace(void **state)
{
	enum { MANY = 8 };
	struct place *p = *state;
	pid_t children[MANY];
	int told[2];
	uint64_t first = 0;

	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	for (int i = 0; i < MANY; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct member m = born(p, true);
			uint64_t number = namespace_of(m.pid);
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
			    write(told[1], &number, sizeof number) == sizeof number)
				pause(); /* keeps its member alive */
			_exit(1);
		}
	}
	for (int i = 0; i < MANY; i++) {
		uint64_t number = 0;
		assert_int_equal(read(told[0], &number, sizeof number), sizeof number);
		first = first ? first : number;
		assert_int_equal(number, first);
	}
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(kill(children[i], SIGKILL), 0);
		assert_int_equal(waitpid(children[i], NULL, 0), children[i]);
	}
	fd_close(told[0]);
	fd_close(told[1]);
}

static int refuse(void *data, struct err *err)
{
	err_set(err, -EBUSY, "busy with %s", (const char *)data);
	return err_hint(err, "wait");
}

static int answer(unused_arg void *data, unused_arg struct err *err)
{
	return getuid() == 0 ? 7 : -EPERM;
}

static void what_is_done_inside_tells_its_result_and_its_error(void **state)
{
	struct place *p = *state;

	int r = outer_run(p->engine, 0, answer, NULL, &p->err);
	if (r == -EPERM || r == -ENOSPC)
		skip();
	assert_int_equal(r, 7);
	assert_int_equal(outer_run(p->engine, 0, refuse, (void *)"work", &p->err), -EBUSY);
	assert_string_equal(p->err.text, "busy with work");
	assert_string_equal(p->err.hint, "wait");
}

/* Pipes: the first is held by whoever lives, the second can be read when they do. */
static int stay(void *data, unused_arg struct err *err)
{
	const int *pipes = data;

	if (fork() == 0)
		pause();
	if (write(pipes[3], "", 1) == 1)
		pause();
	return 0;
}

static void what_is_ended_on_the_way_leaves_nobody(void **state)
{
	struct place *p = *state;
	int pipes[4];
	char byte;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(pipe2(pipes + 2, O_CLOEXEC), 0);
	int r = outer_run_until(p->engine, 0, stay, pipes, pipes[2], &p->err);
	if (r == -EPERM || r == -ENOSPC)
		skip();
	assert_int_equal(r, -EINTR);
	assert_string_equal(p->err.text, "interrupted");
	fd_close(pipes[1]);
	assert_int_equal(fcntl(pipes[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(pipes[0], &byte, 1), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	fd_close(pipes[0]);
	fd_close(pipes[2]);
	fd_close(pipes[3]);
}

static void what_could_be_ended_and_is_not_tells_its_result(void **state)
{
	struct place *p = *state;
	int never[2];

	assert_int_equal(pipe2(never, O_CLOEXEC), 0);
	int r = outer_run_until(p->engine, 0, answer, NULL, never[0], &p->err);
	if (r == -EPERM || r == -ENOSPC)
		skip();
	assert_int_equal(r, 7);
	assert_int_equal(outer_run_until(p->engine, 0, refuse, (void *)"work", never[0], &p->err),
			 -EBUSY);
	assert_string_equal(p->err.text, "busy with work");
	fd_close(never[0]);
	fd_close(never[1]);
}

int main(void)
{
#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)
	const struct CMUnitTest tests[] = {
		PLACE_TEST(the_second_joins_the_first),
		PLACE_TEST(when_the_recorded_one_has_ended_a_fresh_one_is_made),
		PLACE_TEST(when_the_recorded_one_has_ended_any_other_is_joined),
		PLACE_TEST(a_process_of_a_recorded_number_that_is_another_is_not_joined),
		PLACE_TEST(one_that_is_not_joinable_is_not_recorded),
		PLACE_TEST(of_many_at_once_all_are_in_one_namespace),
		PLACE_TEST(what_is_done_inside_tells_its_result_and_its_error),
		PLACE_TEST(what_is_ended_on_the_way_leaves_nobody),
		PLACE_TEST(what_could_be_ended_and_is_not_tells_its_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
