/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * talk - TCP between two programs: how long a connection or an answer takes, and how much is carried
 *
 * Usage: talk serve PORT                              until it is killed; a process for each connection
 *        talk connect|ask|send|fetch ADDRESS PORT SECONDS
 * Build: cc -O2 -static -o talk talk.c                so that it runs in any container
 *
 * Prints one number: the median in seconds of connect(2), or of a question and its answer of 64 bytes on one
 * connection; or the bits a second that the reader of a connection has got. The first byte tells the server what
 * is wanted.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 64, CHUNK = 128 << 10, SAMPLES = 1 << 20 };

static char chunk[CHUNK];
static double samples[SAMPLES];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void take(int fd, void *out, size_t size)
{
	for (size_t had = 0; had < size;) {
		ssize_t n = read(fd, (char *)out + had, size - had);
		if (n <= 0)
			fail("read");
		had += (size_t)n;
	}
}

/* --- the server ------------------------------------------------------------------------------- */

static void answer(int fd)
{
	char wanted;

	if (read(fd, &wanted, 1) != 1)
		return;
	if (wanted == 'a')
		for (ssize_t n;
		     (n = read(fd, chunk, MESSAGE)) > 0 && write(fd, chunk, (size_t)n) == n;)
			;
	if (wanted == 'f')
		while (write(fd, chunk, CHUNK) > 0)
			;
	if (wanted == 's') {
		const double begin = now();
		uint64_t total = 0;
		for (ssize_t n; (n = read(fd, chunk, CHUNK)) > 0;)
			total += (uint64_t)n;
		const double speed = (double)total * 8 / (now() - begin);
		(void)!write(fd, &speed, sizeof speed);
	}
}

static int serve(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096))
		fail("listen");
	for (;;) {
		char wanted;
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		/* Connections that are only made end here: a process for each would be measured as well. */
		if (recv(fd, &wanted, 1, MSG_PEEK) == 1 && fork() == 0) {
			answer(fd);
			_exit(0);
		}
		close(fd);
	}
}

/* --- the client ------------------------------------------------------------------------------- */

static int dial(const struct sockaddr_in *to)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)to, sizeof *to))
		fail("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(size_t count)
{
	qsort(samples, count, sizeof *samples, by_size);
	return samples[count / 2];
}

static double connections(const struct sockaddr_in *to, double seconds)
{
	const struct linger reset = { 1, 0 }; /* no port is left lingering */
	size_t count = 0;

	for (double end = now() + seconds; now() < end && count < SAMPLES; count++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		const double begin = now();
		if (connect(fd, (const struct sockaddr *)to, sizeof *to))
			fail("connect");
		samples[count] = now() - begin;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		close(fd);
	}
	return median(count);
}

static double answers(int fd, double seconds)
{
	size_t count = 0;

	for (double end = now() + seconds; now() < end && count < SAMPLES; count++) {
		const double begin = now();
		if (write(fd, chunk, MESSAGE) != MESSAGE)
			fail("write");
		take(fd, chunk, MESSAGE);
		samples[count] = now() - begin;
	}
	return median(count);
}

static double sent(int fd, double seconds)
{
	double speed;

	for (double end = now() + seconds; now() < end;)
		if (write(fd, chunk, CHUNK) <= 0)
			fail("write");
	shutdown(fd, SHUT_WR);
	take(fd, &speed, sizeof speed);
	return speed;
}

static double fetched(int fd, double seconds)
{
	const double begin = now();
	uint64_t total = 0;

	while (now() < begin + seconds) {
		ssize_t n = read(fd, chunk, CHUNK);
		if (n <= 0)
			fail("read");
		total += (uint64_t)n;
	}
	return (double)total * 8 / (now() - begin);
}

static double number(const char *text, double most)
{
	char *end;
	const double value = strtod(text, &end);

	if (end == text || *end || !(value > 0 && value <= most))
		exit(2);
	return value;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve((int)number(argv[2], 65535));
	struct sockaddr_in to = { .sin_family = AF_INET };
	if (argc != 5 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		return 2;
	to.sin_port = htons((uint16_t)number(argv[3], 65535));
	const double seconds = number(argv[4], 3600);
	if (argv[1][0] == 'c')
		return printf("%.9f\n", connections(&to, seconds)) < 0;
	int fd = dial(&to);
	if (write(fd, argv[1], 1) != 1)
		fail("write");
	return printf("%.9f\n", argv[1][0] == 'a'   ? answers(fd, seconds)
				: argv[1][0] == 's' ? sent(fd, seconds)
						    : fetched(fd, seconds)) < 0;
}
