/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * follow_test - when a thread goes to its client's processor
 *
 * The calls that place a thread are this program's own: a kernel that knows the set somebody gave the thread and its cpuset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "cubby-net/follow.h"

enum {
	MANY = 4000,
	QUICK = 20000,
	SOCKET = 3,
	CLIENT_AT = 2,
	THREAD_AT = 1,
	SEVERAL = 4,
	MORE = 8
};

static struct kernel {
	cpu_set_t cpuset, given;
	int at, client_at;
	int calls;	  /* of sched_setaffinity() */
	cpu_set_t theirs; /* what somebody else gives the thread, once it has been sent to one processor */
} kernel;

static cpu_set_t up_to(int count)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < count; i++)
		CPU_SET((size_t)i, &set);
	return set;
}

static cpu_set_t effective(void)
{
	cpu_set_t set;

	CPU_AND(&set, &kernel.cpuset, &kernel.given);
	return CPU_COUNT(&set) ? set : kernel.cpuset;
}

static void give(const cpu_set_t *set)
{
	kernel.given = *set;
	const cpu_set_t may = effective();
	for (int i = 0; !CPU_ISSET((size_t)kernel.at, &may); i++)
		if (CPU_ISSET((size_t)i, &may))
			kernel.at = i;
}

int sched_getcpu(void)
{
	return kernel.at;
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	assert_int_equal(pid, 0);
	assert_int_equal(size, sizeof *set);
	*set = effective();
	return 0;
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	cpu_set_t both;

	assert_int_equal(pid, 0);
	assert_int_equal(size, sizeof *set);
	CPU_AND(&both, &kernel.cpuset, set);
	if (!CPU_COUNT(&both)) {
		errno = EINVAL;
		return -1;
	}
	give(set);
	kernel.calls++;
	if (CPU_COUNT(set) == 1 && CPU_COUNT(&kernel.theirs))
		give(&kernel.theirs);
	return 0;
}

int getsockopt(int fd, int level, int name, void *out, socklen_t *size)
{
	if (fd != SOCKET || level != SOL_SOCKET || name != SO_INCOMING_CPU) {
		errno = EBADF;
		return -1;
	}
	memcpy(out, &kernel.client_at, sizeof kernel.client_at);
	*size = sizeof kernel.client_at;
	return 0;
}

/* A thread that nobody gave a set to. */
static void boot(void)
{
	kernel = (struct kernel){ .cpuset = up_to(SEVERAL),
				  .at = THREAD_AT,
				  .client_at = CLIENT_AT };
	memset(&kernel.given, 0xff, sizeof kernel.given);
}

/* A client, until the thread has been moved, or for long. Each @takes nanoseconds. */
static void serve(struct follow *f, int64_t takes)
{
	static int64_t now = CLOCK_SECOND;
	static uint32_t passed;
	const int calls = kernel.calls;

	for (int i = 0; i < MANY && kernel.calls == calls; i++)
		follow_client(f, SOCKET, passed += 2, now += takes);
}

static void assert_may(int count)
{
	const cpu_set_t may = effective(), expected = up_to(count);

	assert_true(CPU_EQUAL(&may, &expected));
}

static void it_is_where_the_client_is_and_free_to_leave(void **state)
{
	(void)state;
	struct follow f = { 0 };

	boot();
	serve(&f, QUICK);
	assert_int_equal(kernel.at, CLIENT_AT);
	assert_may(SEVERAL);
}

static void a_cpuset_that_grows_later_is_used(void **state)
{
	(void)state;
	struct follow f = { 0 };

	boot();
	serve(&f, QUICK);
	kernel.cpuset = up_to(MORE);
	assert_may(MORE);
}

static void the_set_that_somebody_gave_stays(void **state)
{
	(void)state;
	struct follow f = { 0 };
	const cpu_set_t theirs = up_to(CLIENT_AT + 1);

	boot();
	give(&theirs);
	serve(&f, QUICK);
	assert_int_equal(kernel.at, CLIENT_AT);
	assert_may(CLIENT_AT + 1);
	kernel.cpuset = up_to(MORE);
	assert_may(CLIENT_AT + 1);
}

static void the_set_that_somebody_gives_meanwhile_stays(void **state)
{
	(void)state;
	struct follow f = { 0 };

	boot();
	kernel.theirs = up_to(2);
	serve(&f, QUICK);
	assert_may(2);
}

static void where_it_may_not_be_it_does_not_go(void **state)
{
	(void)state;
	struct follow f = { 0 };

	boot();
	kernel.cpuset = up_to(CLIENT_AT);
	serve(&f, QUICK);
	assert_int_equal(kernel.at, THREAD_AT);
	assert_int_equal(kernel.calls, 0);
}

static void it_leaves_where_it_is_slower_and_is_free_to_come_back(void **state)
{
	(void)state;
	struct follow f = { 0 };

	boot();
	serve(&f, QUICK);
	assert_int_equal(kernel.at, CLIENT_AT);
	serve(&f, 2 * QUICK);
	assert_int_not_equal(kernel.at, CLIENT_AT);
	assert_may(SEVERAL);
}

static void on_its_only_processor_it_stays(void **state)
{
	(void)state;
	struct follow f = { 0 };
	cpu_set_t one;

	boot();
	serve(&f, QUICK);
	CPU_ZERO(&one);
	CPU_SET(CLIENT_AT, &one);
	give(&one);
	serve(&f, 2 * QUICK);
	assert_int_equal(kernel.at, CLIENT_AT);
}

static void where_nothing_is_told_nothing_is_done(void **state)
{
	(void)state;
	struct follow f = { 0 };

	boot();
	for (int i = 0; i < MANY; i++)
		follow_client(&f, -1, (uint32_t)i, CLOCK_SECOND);
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(f.place.next, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_where_the_client_is_and_free_to_leave),
		cmocka_unit_test(a_cpuset_that_grows_later_is_used),
		cmocka_unit_test(the_set_that_somebody_gave_stays),
		cmocka_unit_test(the_set_that_somebody_gives_meanwhile_stays),
		cmocka_unit_test(where_it_may_not_be_it_does_not_go),
		cmocka_unit_test(it_leaves_where_it_is_slower_and_is_free_to_come_back),
		cmocka_unit_test(on_its_only_processor_it_stays),
		cmocka_unit_test(where_nothing_is_told_nothing_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
