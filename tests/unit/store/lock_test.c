/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lock_test - one writer for each object, and a monitor's life is seen without taking anything
 */
#include "place.h"

#include <errno.h>
#include <signal.h>

#include "base/fd.h"
#include "store/lock.h"

static void a_held_lock_is_seen_by_another_descriptor(void **state)
{
	struct place *p = *state;
	AUTO(fd) int first = -1;
	AUTO(fd) int second = -1;

	assert_int_equal(lock_take(p->store, LOCK_VOLUME, "v", LOCK_EXCLUSIVE, &first, &p->err), 0);
	assert_int_equal(lock_take(p->store, LOCK_VOLUME, "v", LOCK_TRY, &second, &p->err),
			 -EAGAIN);
	assert_int_equal(second, -1);
	assert_null(p->err.text);
	fd_close(take_fd(first));
	assert_int_equal(lock_take(p->store, LOCK_VOLUME, "v", LOCK_TRY, &second, &p->err), 0);
}

static void other_objects_and_kinds_are_free(void **state)
{
	struct place *p = *state;
	AUTO(fd) int a = -1;
	AUTO(fd) int b = -1;
	AUTO(fd) int c = -1;

	assert_int_equal(lock_take(p->store, LOCK_VOLUME, "v", LOCK_TRY, &a, &p->err), 0);
	assert_int_equal(lock_take(p->store, LOCK_VOLUME, "w", LOCK_TRY, &b, &p->err), 0);
	assert_int_equal(lock_take(p->store, LOCK_NETWORK, "v", LOCK_TRY, &c, &p->err), 0);
}

static void shared_locks_go_together_and_keep_a_writer_out(void **state)
{
	struct place *p = *state;
	AUTO(fd) int a = -1;
	AUTO(fd) int b = -1;
	AUTO(fd) int c = -1;

	assert_int_equal(lock_take(p->store, LOCK_IMAGES, "", LOCK_SHARED, &a, &p->err), 0);
	assert_int_equal(lock_take(p->store, LOCK_IMAGES, "", LOCK_SHARED | LOCK_TRY, &b, &p->err),
			 0);
	assert_int_equal(lock_take(p->store, LOCK_IMAGES, "", LOCK_TRY, &c, &p->err), -EAGAIN);
}

/* A process that takes the lock, says so, and lives until it is killed. */
static pid_t monitor(struct place *p, const char *id)
{
	int ends[2];
	char byte = 0;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int fd;
		byte = liveness_take(p->store, id, &fd, NULL) == 0 ? 'y' : 'n';
		if (fork() == 0) /* a child of the monitor must not keep the lock */
			pause();
		if (write(ends[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	assert_int_equal(byte, 'y');
	return pid;
}

static void a_killed_monitor_is_gone_though_its_children_live(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");

	assert_int_equal(setpgid(0, 0), 0);
	assert_int_equal(liveness_ask(p->store, id), 0);
	pid_t pid = monitor(p, id);
	assert_int_equal(liveness_ask(p->store, id), 1);
	int fd = -1;
	assert_int_equal(liveness_take(p->store, id, &fd, &p->err), -EBUSY);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(liveness_await(p->store, id, &p->err), 0); /* while it is dying */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(liveness_ask(p->store, id), 0);
	(void)signal(SIGTERM, SIG_IGN);
	assert_int_equal(kill(0, SIGTERM), 0); /* the child's child */
}

static void asking_about_nobody_says_so(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = record_new_id();

	assert_int_equal(liveness_ask(p->store, id), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_held_lock_is_seen_by_another_descriptor),
		PLACE_TEST(other_objects_and_kinds_are_free),
		PLACE_TEST(shared_locks_go_together_and_keep_a_writer_out),
		PLACE_TEST(a_killed_monitor_is_gone_though_its_children_live),
		PLACE_TEST(asking_about_nobody_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
