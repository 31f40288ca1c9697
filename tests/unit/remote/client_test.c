/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client_test - the registry helper itself, asked through its client: what takes for ever ends
 *
 * The registry is a thread of this program on the loopback. What it does is the repository's name. Times
 * are those of the settings, which are short here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <libgen.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "remote/client.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { DRIP_MS = 50, REQUEST_MAX = 4096, TLS_HELLO = 0x16 };

struct place {
	pthread_t thread;
	int listener;
	int port;
	int asked; /* requests */
	struct loop *loop;
	struct remote *remote;
	struct err err; /* of the last job */
};

/* Until the other side goes, or for a moment. */
static bool gone(int sock, int ms)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	char byte;

	return poll(&p, 1, ms) > 0 && recv(sock, &byte, 1, 0) <= 0;
}

static void say(int sock, const char *text)
{
	(void)!send(sock, text, strlen(text), MSG_NOSIGNAL); /* it is gone: that is seen later */
}

static void answer(int sock, const char *request)
{
	if (strstr(request, "/busy/")) {
		say(sock, BUSY);
		return;
	}
	if (!strstr(request, "/silent/"))
		say(sock, HEAD);
	while (!gone(sock, strstr(request, "/drip/") ? DRIP_MS : -1))
		if (strstr(request, "/drip/"))
			say(sock, "x");
}

static void *serve_one(void *data)
{
	AUTO(fd) int sock = (int)(intptr_t)data;
	char request[REQUEST_MAX + 1] = { 0 };
	size_t have = 0;

	while (have < REQUEST_MAX && !strstr(request, "\r\n\r\n")) {
		ssize_t n = recv(sock, request + have, REQUEST_MAX - have, 0);
		if (n <= 0)
			return NULL;
		have += (size_t)n;
		if (*request == TLS_HELLO) {
			say(sock, BUSY);
			return NULL;
		}
	}
	answer(sock, request);
	return NULL;
}

static void *serve(void *data)
{
	struct place *p = data;
	pthread_t thread;
	int sock;

	while ((sock = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		/* One connection brings one request here. */
		__atomic_add_fetch(&p->asked, 1, __ATOMIC_RELAXED);
		if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)sock) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

static void listen_there(struct place *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;

	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (void *)&at, sizeof at), 0);
	assert_int_equal(listen(p->listener, 16), 0);
	assert_int_equal(getsockname(p->listener, (void *)&at, &size), 0);
	p->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	listen_there(p);
	assert_int_equal(loop_new(&p->loop), 0);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;

	remote_close(p->remote);
	loop_free(p->loop);
	err_clear(&p->err);
	(void)shutdown(p->listener, SHUT_RDWR); /* so that the thread ends */
	pthread_join(p->thread, NULL);
	fd_close(p->listener);
	free(p);
	return 0;
}

/* The helpers lie at the top of the build. */
static void open_remote(struct place *p, int attempts)
{
	char self[4096] = { 0 };
	AUTO(err) struct err err = { 0 };

	assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
	const struct host host = { .libexec = dirname(dirname(dirname(dirname(self)))) };
	const struct remote_settings settings = {
		.insecure = true, .stall_seconds = 1, .retry_ms = 1, .attempts = attempts
	};
	assert_int_equal(remote_open(&host, &settings, p->loop, &p->remote, &err), 0);
}

static void over(void *data, const struct remote_answer *answer, struct err *err)
{
	struct place *p = data;

	(void)err_move(&p->err, err);
	loop_stop(p->loop, answer ? 0 : p->err.code);
}

static int ask(struct place *p, const char *path)
{
	AUTO(mem) char *domain = str_fmt("127.0.0.1:%d", p->port);
	const struct remote_manifest_request request = {
		.domain = domain, .path = path, .tag = "1", .done = over, .data = p
	};

	assert_int_equal(remote_manifest(p->remote, &request, NULL, NULL), 0);
	return loop_run(p->loop);
}

static int ask_blob(struct place *p, const char *path)
{
	AUTO(mem) char *domain = str_fmt("127.0.0.1:%d", p->port);
	AUTO(fd) int file = memfd_create("blob", MFD_CLOEXEC);
	const struct remote_blob_request request = { .domain = domain,
						     .path = path,
						     .digest = DIGEST,
						     .size = 1000,
						     .file = file,
						     .more = -1,
						     .done = over,
						     .data = p };

	assert_int_equal(remote_blob(p->remote, &request, NULL, NULL), 0);
	return loop_run(p->loop);
}

static void a_registry_that_says_nothing_is_given_up(void **state)
{
	struct place *p = *state;

	open_remote(p, 2);
	assert_int_equal(ask(p, "silent/x"), -ETIMEDOUT);
}

static void a_body_that_does_not_go_on_is_given_up(void **state)
{
	struct place *p = *state;

	open_remote(p, 1);
	assert_int_equal(ask(p, "stall/x"), -ETIMEDOUT);
	assert_int_equal(ask_blob(p, "stall/x"), -ETIMEDOUT);
}

static void a_document_that_comes_drop_by_drop_is_given_up(void **state)
{
	struct place *p = *state;

	open_remote(p, 1);
	assert_int_equal(ask(p, "drip/x"), -ETIMEDOUT);
}

static void failures_that_pass_are_asked_again_as_often_as_the_settings_say(void **state)
{
	struct place *p = *state;

	open_remote(p, 5);
	assert_int_equal(ask(p, "busy/x"), -EREMOTEIO);
	assert_non_null(strstr(p->err.text, "503"));
	/* The first connection found no TLS. */
	assert_int_equal(__atomic_load_n(&p->asked, __ATOMIC_RELAXED), 1 + 5);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(a_registry_that_says_nothing_is_given_up),
		PLACED(a_body_that_does_not_go_on_is_given_up),
		PLACED(a_document_that_comes_drop_by_drop_is_given_up),
		PLACED(failures_that_pass_are_asked_again_as_often_as_the_settings_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
