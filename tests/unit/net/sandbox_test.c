/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what cubby-net can still do once it reads the container's frames
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "cubby-net/sandbox.h"

enum { NO_USERNS = 77, NO_SANDBOX = 78, PAGE = 4096 };

static pid_t neighbour; /* of the same user */

typedef int attempt(int dir, const char *name);

/* Runs an attempt in a sandboxed child. Its result: 0, or the errno. */
static int sandboxed(attempt *fn)
{
	static const char name[] = "null";
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int dir = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(NO_USERNS);
		if (sandbox_files(NULL, NULL) < 0 || sandbox_seal(false, dir, name, NULL) < 0)
			_exit(NO_SANDBOX);
		_exit(fn(dir, name) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_USERNS)
		skip();
	assert_int_not_equal(WEXITSTATUS(status), NO_SANDBOX);
	return WEXITSTATUS(status);
}

static int open_allowed(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_CLOEXEC);
}

static int open_other_name(int dir, const char *name)
{
	(void)name;
	return openat(dir, "zero", O_RDONLY | O_CLOEXEC);
}

static int open_same_text_elsewhere(int dir, const char *name)
{
	char copy[8] = { 0 };

	for (size_t i = 0; name[i]; i++)
		copy[i] = name[i];
	return openat(dir, copy, O_RDONLY | O_CLOEXEC);
}

static int open_for_writing(int dir, const char *name)
{
	return openat(dir, name, O_WRONLY | O_CLOEXEC);
}

static int open_absolute(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int make_unix_socket(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_inet_socket(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_process(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return (int)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, 0UL);
}

static int execute(int dir, const char *name)
{
	char *const argv[] = { (char *)name, NULL };

	(void)dir;
	return execve("/proc/self/exe", argv, argv + 1);
}

static int trace(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int unshare_again(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return unshare(CLONE_NEWUSER);
}

static int place_itself(int dir, const char *name)
{
	cpu_set_t set;

	(void)dir;
	(void)name;
	return sched_getaffinity(0, sizeof set, &set) < 0 ? -1
							  : sched_setaffinity(0, sizeof set, &set);
}

static int place_another(int dir, const char *name)
{
	cpu_set_t set;

	(void)dir;
	(void)name;
	return sched_getaffinity(0, sizeof set, &set) < 0
		       ? 0
		       : sched_setaffinity(neighbour, sizeof set, &set);
}

static int map_code(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			       MAP_FAILED
		       ? -1
		       : 0;
}

static int make_writable(int dir, const char *name)
{
	(void)dir;
	return mprotect((void *)((uintptr_t)name & ~(uintptr_t)(PAGE - 1)), PAGE,
			PROT_READ | PROT_WRITE);
}

static void the_one_file_is_read_and_no_other(void **state)
{
	(void)state;
	assert_int_equal(sandboxed(open_allowed), 0);
	assert_int_equal(sandboxed(open_other_name), EPERM);
	assert_int_equal(sandboxed(open_same_text_elsewhere), EPERM);
	assert_int_equal(sandboxed(open_for_writing), EPERM);
	assert_int_equal(sandboxed(open_absolute), EPERM);
}

static void sockets_are_of_the_internet_alone(void **state)
{
	(void)state;
	assert_int_equal(sandboxed(make_inet_socket), 0);
	assert_int_equal(sandboxed(make_unix_socket), EPERM);
}

static void no_process_program_or_namespace_can_be_made(void **state)
{
	(void)state;
	assert_int_equal(sandboxed(make_process), EPERM);
	assert_int_equal(sandboxed(execute), EPERM);
	assert_int_equal(sandboxed(trace), EPERM);
	assert_int_equal(sandboxed(unshare_again), EPERM);
}

static void only_the_caller_is_placed(void **state)
{
	(void)state;
	assert_int_equal(sandboxed(place_itself), 0);
	neighbour = getpid();
	assert_int_equal(sandboxed(place_another), EPERM);
}

static void memory_does_not_become_code(void **state)
{
	(void)state;
	assert_int_equal(sandboxed(map_code), EPERM);
	assert_int_equal(sandboxed(make_writable), EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_one_file_is_read_and_no_other),
		cmocka_unit_test(sockets_are_of_the_internet_alone),
		cmocka_unit_test(no_process_program_or_namespace_can_be_made),
		cmocka_unit_test(only_the_caller_is_placed),
		cmocka_unit_test(memory_does_not_become_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
