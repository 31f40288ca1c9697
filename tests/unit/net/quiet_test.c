/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * quiet_test - whether connections are left in a network namespace
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kern/loopback.h"
#include "net/quiet.h"

enum { WELL = 0, REFUSED = 77 };

static int listen_to(int family, struct sockaddr_in *out)
{
	const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof *out;

	if (fd < 0 || listen(fd, 1) < 0)
		return -1;
	return !out || getsockname(fd, (struct sockaddr *)out, &size) == 0 ? fd : -1;
}

/* Return: 0, or the number of what was wrong. */
static int look_over(void)
{
	struct sockaddr_in address = { 0 };

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || loopback_up() < 0)
		return REFUSED;
	const int netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (!quiet_check(netns))
		return 1;
	const int six = listen_to(AF_INET6, NULL);
	if (six >= 0 && quiet_check(netns))
		return 2;
	(void)close(six);
	const int server = listen_to(AF_INET, &address);
	if (server < 0 || quiet_check(netns))
		return 3;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(client, (struct sockaddr *)&address, sizeof address) < 0)
		return 4;
	const int taken = accept(server, NULL, NULL);
	(void)close(client);
	(void)close(taken);
	(void)close(server);
	/* Who closed first waits for what may still be on its way. */
	return quiet_check(netns) ? 5 : quiet_check(-1) ? 6 : WELL;
}

static void sockets_and_what_waits_of_them_are_seen(void **state)
{
	int status;
	const pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(look_over());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == REFUSED)
		skip();
	assert_int_equal(WEXITSTATUS(status), WELL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_and_what_waits_of_them_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
