/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fd_test - messages with descriptors
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

static void last_words_come_before_the_end(void **state)
{
	char text[8];
	int pair[2];

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	AUTO(fd) int ours = pair[0];
	assert_int_equal(fd_send(pair[1], "why", 3, NULL, 0), 3);
	/* It goes without having read this. */
	assert_int_equal(fd_send(ours, "ask", 3, NULL, 0), 3);
	fd_close(pair[1]);
	assert_int_equal(fd_recv(ours, text, sizeof text, NULL, NULL), 3);
	assert_memory_equal(text, "why", 3);
	assert_int_equal(fd_recv(ours, text, sizeof text, NULL, NULL), 0);
}

static void descriptors_nobody_wants_are_closed(void **state)
{
	char text[8];
	int pair[2], pipes[2];

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	AUTO(fd) int reader = pipes[0];
	assert_int_equal(fd_send(theirs, "x", 1, &pipes[1], 1), 1);
	fd_close(pipes[1]);
	assert_int_equal(fd_recv(ours, text, sizeof text, NULL, NULL), 1);
	assert_int_equal(read(reader, text, sizeof text), 0);
}

static void a_file_in_memory_is_read_from_its_beginning(void **state)
{
	AUTO(mem) char *text = NULL;
	size_t size = 0;

	(void)state;
	AUTO(fd) int file = fd_memory("test", "a\0b", 3);
	assert_true(file >= 0);
	assert_int_equal(fcntl(file, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fd_read_all(file, 100, &text, &size), 0);
	assert_int_equal(size, 3);
	assert_memory_equal(text, "a\0b", 3);
	AUTO(fd) int empty = fd_memory("test", NULL, 0);
	assert_true(empty >= 0);
	assert_int_equal(read(empty, text, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_words_come_before_the_end),
		cmocka_unit_test(descriptors_nobody_wants_are_closed),
		cmocka_unit_test(a_file_in_memory_is_read_from_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
