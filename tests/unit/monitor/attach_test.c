/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attach_test - a command line that carries streams; the test is its monitor and its terminal's other
 * side. Numbers are those of monitor/attach.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "monitor/attach.h"
#include "monitor/wire.h"

struct fixture {
	pid_t pid;
	int sock;
	int ends[3]; /* of its stdin, stdout, stderr */
	struct wire in;
};

static no_return void client_main(int sock, const int *fds, const struct attach_options *options)
{
	AUTO(err) struct err err = { 0 };

	(void)signal(SIGPIPE, SIG_DFL);
	int r = fd_stdio(fds[0], fds[1], fds[2]);
	if (r == 0)
		r = fd_close_from(sock + 1); /* the socket is below all pipes */
	if (r == 0)
		r = attach_run(sock, options, false, &err);
	_exit(r < 0 ? 200 : r == ATTACH_DETACHED ? 201 : r);
}

static struct fixture *begin(const struct attach_options *options)
{
	struct fixture *f = mem_new(struct fixture);
	int pair[2], pipes[3][2], theirs[3];

	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
		theirs[i] = pipes[i][i != 0];
		f->ends[i] = pipes[i][i == 0];
	}
	f->sock = pair[0];
	f->pid = fork();
	if (f->pid == 0) {
		fd_close(f->sock);
		client_main(pair[1], theirs, options);
	}
	fd_close(pair[1]);
	for (int i = 0; i < 3; i++)
		fd_close(theirs[i]);
	return f;
}

static int finish(struct fixture *f)
{
	int status = -1;

	fd_close(f->sock);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	for (int i = 0; i < 3; i++)
		fd_close(f->ends[i]);
	free(f);
	return status;
}

static void hear(struct fixture *f, uint32_t type)
{
	assert_int_equal(wire_recv(f->sock, &f->in, NULL, NULL), 1);
	assert_int_equal(f->in.head.type, type);
}

static const struct attach_options everything = { .in = true, .out = true, .errout = true };

static void it_asks_for_its_streams_and_ends_with_the_status(void **state)
{
	struct fixture *f = begin(&everything);
	char text[8] = "";

	(void)state;
	hear(f, MONITOR_ATTACH);
	assert_int_equal(wire_number(&f->in),
			 MONITOR_WANT_OUT | MONITOR_WANT_ERR | MONITOR_GIVE_IN);
	assert_int_equal(wire_send(f->sock, MONITOR_OUT, "out", 3), 0);
	assert_int_equal(wire_send(f->sock, MONITOR_ERR, "err", 3), 0);
	assert_int_equal(read(f->ends[1], text, sizeof text), 3);
	assert_string_equal(text, "out");
	assert_int_equal(read(f->ends[2], text, sizeof text), 3);
	assert_string_equal(text, "err");
	assert_int_equal(wire_send_number(f->sock, MONITOR_EXIT, 7), 0);
	assert_int_equal(finish(f), 7 << 8);
}

static void input_waits_for_the_monitor_and_is_followed_by_its_end(void **state)
{
	struct fixture *f = begin(&everything);

	(void)state;
	hear(f, MONITOR_ATTACH);
	assert_int_equal(write(f->ends[0], "a\x10\x11\0b", 5), 5); /* (2): no keys in a pipe */
	hear(f, MONITOR_IN);
	assert_int_equal(f->in.head.size, 5);
	assert_memory_equal(f->in.bytes, "a\x10\x11\0b", 5);
	assert_int_equal(write(f->ends[0], "c", 1), 1);
	fd_close(take_fd(f->ends[0]));
	assert_int_equal(recv(f->sock, &f->in, sizeof f->in, MSG_DONTWAIT), -1);
	assert_int_equal(wire_send_number(f->sock, MONITOR_TAKEN, 0), 0);
	hear(f, MONITOR_IN);
	assert_string_equal(f->in.bytes, "c");
	assert_int_equal(wire_send_number(f->sock, MONITOR_TAKEN, 0), 0);
	hear(f, MONITOR_IN_END);
	assert_int_equal(wire_send_number(f->sock, MONITOR_EXIT, 0), 0);
	assert_int_equal(finish(f), 0);
}

static void when_nobody_reads_the_monitor_hears_it_and_sigpipe_ends_us(void **state)
{
	struct fixture *f = begin(&everything);

	(void)state;
	hear(f, MONITOR_ATTACH);
	fd_close(take_fd(f->ends[1]));
	assert_int_equal(wire_send(f->sock, MONITOR_OUT, "out", 3), 0);
	hear(f, MONITOR_OUT_END); /* (3) */
	assert_int_equal(wire_number(&f->in), 1);
	int status = finish(f);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

static void signals_are_forwarded_also_while_our_output_is_stuck(void **state)
{
	const struct attach_options options = { .out = true, .forward_signals = true };
	struct fixture *f = begin(&options);
	static const char zeros[MONITOR_PAYLOAD];

	(void)state;
	hear(f, MONITOR_ATTACH);
	for (int i = 0; i < 4; i++) /* more than a pipe holds */
		assert_int_equal(wire_send(f->sock, MONITOR_OUT, zeros, sizeof zeros), 0);
	assert_int_equal(kill(f->pid, SIGTERM), 0);
	hear(f, MONITOR_SIGNAL);
	assert_int_equal(wire_number(&f->in), SIGTERM);
	fd_close(take_fd(f->ends[1]));
	hear(f, MONITOR_OUT_END);
	(void)finish(f);
}

static void a_monitor_that_is_lost_is_an_error(void **state)
{
	struct fixture *f = begin(&everything);

	(void)state;
	hear(f, MONITOR_ATTACH);
	assert_int_equal(finish(f), 200 << 8);
}

static void what_was_said_before_the_monitor_closed_is_heard(void **state)
{
	struct fixture *f = begin(&everything);
	char text[8] = "";

	(void)state;
	/* Its ATTACH is never read: closing then tells the other side of a reset connection. */
	assert_int_equal(wire_send(f->sock, MONITOR_OUT, "last", 4), 0);
	assert_int_equal(wire_send_number(f->sock, MONITOR_EXIT, 9), 0);
	assert_int_equal(read(f->ends[1], text, sizeof text), 4);
	assert_string_equal(text, "last");
	assert_int_equal(finish(f), 9 << 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_asks_for_its_streams_and_ends_with_the_status),
		cmocka_unit_test(input_waits_for_the_monitor_and_is_followed_by_its_end),
		cmocka_unit_test(when_nobody_reads_the_monitor_hears_it_and_sigpipe_ends_us),
		cmocka_unit_test(signals_are_forwarded_also_while_our_output_is_stuck),
		cmocka_unit_test(a_monitor_that_is_lost_is_an_error),
		cmocka_unit_test(what_was_said_before_the_monitor_closed_is_heard),
	};

	return cmocka_run_group_tests_name("attach", tests, NULL, NULL);
}
