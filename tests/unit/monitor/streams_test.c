/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * streams_test - a container's streams and the clients that listen; numbers are those of clients.h
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "monitor/clients.h"
#include "monitor/gather.h"
#include "monitor/streams.h"

enum { PLENTY = 2 << 20 };

/* A monitor without a container: the test is the container, and the clients. */
struct fixture {
	struct loop *loop;
	struct streams *streams;
	struct clients *clients;
	struct client *first;
	int ends[3]; /* of the container */
	int sock;    /* of the first client */
	size_t total;
	char heard[8192]; /* of what came, by stream: 'o' and 'e' */
	size_t heard_size;
	bool stepwise; /* stop after each piece */
	int gone;
	struct wire in;
};

static bool on_output(void *data, enum stream stream, const char *bytes, size_t size)
{
	struct fixture *f = data;

	f->total += size;
	for (size_t i = 0; i < size && f->heard_size < sizeof f->heard; i++)
		f->heard[f->heard_size++] = stream == STREAM_OUT ? 'o' : 'e';
	if (f->stepwise)
		loop_stop(f->loop, 4);
	return clients_output(f->clients, stream, bytes, size);
}

static void on_room(void *data)
{
	(void)data;
}

static bool on_awaited(void *data, enum stream stream)
{
	struct fixture *f = data;

	return clients_want(f->clients, stream);
}

static void on_request(void *data, struct client *c, const struct wire *in, const int *fds,
		       size_t count)
{
	struct fixture *f = data;

	(void)fds;
	(void)count;
	if (in->head.type == MONITOR_ATTACH) {
		c->streams = MONITOR_WANT_OUT | MONITOR_WANT_ERR;
		c->waits = CLIENT_WAITS_EXIT;
		loop_stop(f->loop, 1);
	}
}

static void on_gone(void *data, struct client *c)
{
	struct fixture *f = data;

	(void)c;
	f->gone++;
	loop_stop(f->loop, 2);
}

static void on_resume(void *data, enum stream stream)
{
	struct fixture *f = data;

	streams_resume(f->streams, stream);
}

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);
	struct streams_hooks s = { f, on_output, on_room, on_awaited };
	struct clients_hooks c = { f, on_request, on_gone, on_resume };
	int pair[2], ends[3];

	*state = f;
	if (loop_new(&f->loop) < 0 || clients_new(f->loop, &c, &f->clients) < 0 ||
	    fd_pair(SOCK_SEQPACKET, pair) < 0)
		return -1;
	f->streams = streams_new(f->loop, &s);
	f->sock = pair[0];
	if (clients_adopt(f->clients, pair[1], &f->first) < 0 ||
	    streams_pipes(f->streams, true, ends, NULL) < 0)
		return -1;
	f->first->foreground = true;
	for (int i = 0; i < 3; i++) {
		f->ends[i] = fd_dup(ends[i]);
		if (f->ends[i] < 0 || fd_nonblock(f->ends[i], true) < 0)
			return -1;
	}
	return streams_begin(f->streams, false, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	clients_free(f->clients);
	streams_free(f->streams);
	loop_free(f->loop);
	for (int i = 0; i < 3; i++)
		fd_close(f->ends[i]);
	fd_close(f->sock);
	free(f);
	return 0;
}

static void attach(struct fixture *f, int sock)
{
	assert_int_equal(wire_send(sock, MONITOR_ATTACH, NULL, 0), 0);
	assert_int_equal(loop_run(f->loop), 1);
}

/* Serves what is there and returns. */
static void stop_now(void *data)
{
	struct fixture *f = data;

	loop_stop(f->loop, 3);
}

static void serve(struct fixture *f)
{
	struct source *timer;

	assert_int_equal(loop_timer(f->loop, stop_now, f, &timer), 0);
	assert_int_equal(loop_timer_set(timer, 20000000), 0);
	(void)loop_run(f->loop);
	loop_remove(timer);
}

static size_t fill(struct fixture *f, size_t at)
{
	char bytes[4096];
	ssize_t n;

	for (;;) {
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)((at + i) % 251);
		n = write(f->ends[1], bytes, sizeof bytes);
		if (n < 0)
			return at;
		at += (size_t)n;
	}
}

/* Reads what the first client got, checking every byte. */
static size_t take(struct fixture *f, size_t at)
{
	while (wire_recv(f->sock, &f->in, NULL, NULL) == 1)
		for (size_t i = 0; f->in.head.type == MONITOR_OUT && i < f->in.head.size; i++)
			assert_int_equal((unsigned char)f->in.bytes[i], at++ % 251);
	return at;
}

static void output_reaches_clients_and_streams_stay_apart(void **state)
{
	struct fixture *f = *state;

	attach(f, f->sock);
	assert_int_equal(write(f->ends[1], "out", 3), 3);
	assert_int_equal(write(f->ends[2], "err", 3), 3);
	serve(f);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(wire_recv(f->sock, &f->in, NULL, NULL), 1);
		assert_string_equal(f->in.bytes, f->in.head.type == MONITOR_OUT ? "out" : "err");
	}
}

static void a_slow_first_client_makes_the_container_wait_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	size_t written = 0, taken = 0;

	attach(f, f->sock);
	assert_int_equal(fd_nonblock(f->sock, true), 0);
	for (int i = 0; i < 50; i++) {
		written = fill(f, written);
		serve(f);
	}
	/* Nobody reads: no more than socket and pipe hold was written. */
	assert_true(written < PLENTY);
	while (taken < written) {
		taken = take(f, taken);
		serve(f);
	}
	assert_int_equal(taken, written);
	size_t more = fill(f, written);
	serve(f);
	assert_true(take(f, taken) > written && more > written);
}

static void at_the_end_everything_is_logged_at_once_and_still_delivered(void **state)
{
	struct fixture *f = *state;
	size_t written = 0, taken = 0;

	attach(f, f->sock);
	assert_int_equal(fd_nonblock(f->sock, true), 0);
	for (int i = 0; i < 50; i++) {
		written = fill(f, written);
		serve(f);
	}
	streams_drain(f->streams);
	assert_int_equal(f->total, written);
	clients_ended(f->clients, 7);
	clients_dismiss(f->clients);
	assert_int_equal(f->gone, 0);
	while (!f->gone) {
		taken = take(f, taken);
		serve(f);
	}
	taken = take(f, taken);
	assert_int_equal(taken, written);
	assert_int_equal(f->in.head.type, MONITOR_EXIT);
	assert_int_equal(wire_number(&f->in), 7);
	assert_int_equal(loop_run(f->loop), 0); /* nothing is left to serve */
}

static void a_client_that_dies_frees_the_container(void **state)
{
	struct fixture *f = *state;
	size_t written = 0;

	attach(f, f->sock);
	for (int i = 0; i < 50; i++) {
		written = fill(f, written);
		serve(f);
	}
	fd_close(take_fd(f->sock));
	for (int i = 0; i < 50; i++) {
		written = fill(f, written);
		serve(f);
	}
	assert_int_equal(f->gone, 1);
	assert_int_equal(f->total, written);
}

static void input_that_the_container_does_not_read_is_not_taken(void **state)
{
	struct fixture *f = *state;
	static const char zeros[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = streams_input(f->streams, zeros, sizeof zeros)) == (ssize_t)sizeof zeros)
		total += (size_t)n;
	assert_true(n >= 0 && total < PLENTY);
	fd_close(take_fd(f->ends[0]));
	assert_int_equal(streams_input(f->streams, zeros, 1), -EPIPE);
	assert_int_equal(streams_input(f->streams, zeros, 1), -EPIPE);
}

static void an_ended_output_is_seen_by_its_writer(void **state)
{
	struct fixture *f = *state;

	streams_output_end(f->streams, STREAM_OUT);
	assert_int_equal(write(f->ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(write(f->ends[2], "x", 1), 1);
}

static void an_escaped_descriptor_does_not_keep_the_end_waiting(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write(f->ends[1], "last", 4), 4);
	streams_drain(f->streams); /* our write ends are open still */
	assert_int_equal(f->total, 4);
}

/* Piece by piece, as quickly as they are heard: after a row of these it rests. */
static void write_row(struct fixture *f)
{
	for (int i = 0; i < 2 * GATHER_ROW; i++) {
		assert_int_equal(write(f->ends[1], "o", 1), 1);
		assert_int_equal(loop_run(f->loop), 4);
	}
}

static void what_is_gathered_keeps_its_place(void **state)
{
	struct fixture *f = *state;

	f->stepwise = true;
	for (size_t i = 1; i <= 20; i++) {
		write_row(f);
		assert_int_equal(write(f->ends[1], "o", 1), 1);
		assert_int_equal(write(f->ends[2], "e", 1), 1);
		while (f->heard_size < i * (2 * GATHER_ROW + 2))
			assert_int_equal(loop_run(f->loop), 4);
		assert_int_equal(f->heard[f->heard_size - 1], 'e');
	}
}

static void what_is_gathered_comes_with_the_end(void **state)
{
	struct fixture *f = *state;

	f->stepwise = true;
	write_row(f);
	assert_int_equal(write(f->ends[1], "last", 4), 4);
	streams_drain(f->streams);
	assert_int_equal(f->heard_size, 2 * GATHER_ROW + 4);
	clients_dismiss(f->clients);
	assert_int_equal(loop_run(f->loop), 0); /* nothing is left to serve */
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(output_reaches_clients_and_streams_stay_apart),
		CASE(a_slow_first_client_makes_the_container_wait_and_loses_nothing),
		CASE(at_the_end_everything_is_logged_at_once_and_still_delivered),
		CASE(a_client_that_dies_frees_the_container),
		CASE(input_that_the_container_does_not_read_is_not_taken),
		CASE(an_ended_output_is_seen_by_its_writer),
		CASE(an_escaped_descriptor_does_not_keep_the_end_waiting),
		CASE(what_is_gathered_keeps_its_place),
		CASE(what_is_gathered_comes_with_the_end),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
