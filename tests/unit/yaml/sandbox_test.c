/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox_test - what cubby-yaml can still do once it reads what strangers wrote
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cubby-yaml/sandbox.h"

enum { NO_SANDBOX = 78 };

/* Runs an attempt in a sandboxed child. Its result: 0, or the errno. */
static int sandboxed(int (*attempt)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(NULL) < 0)
			_exit(NO_SANDBOX);
		_exit(attempt() < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), NO_SANDBOX);
	return WEXITSTATUS(status);
}

static int open_file(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int start_program(void)
{
	char *const argv[] = { (char *)"true", NULL };

	return execv("/bin/true", argv);
}

static int fork_once(void)
{
	return fork();
}

static int write_nothing(void)
{
	return (int)write(STDOUT_FILENO, "", 0);
}

static void files_sockets_and_programs_are_out_of_reach(unused_arg void **state)
{
	assert_int_equal(sandboxed(open_file), EPERM);
	assert_int_equal(sandboxed(open_socket), EPERM);
	assert_int_equal(sandboxed(start_program), EPERM);
	assert_int_equal(sandboxed(fork_once), EPERM);
}

static void the_streams_stay(unused_arg void **state)
{
	assert_int_equal(sandboxed(write_nothing), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_sockets_and_programs_are_out_of_reach),
		cmocka_unit_test(the_streams_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
