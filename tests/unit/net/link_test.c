/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * link_test - a client's next message, passed on before there is an event of it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/waiter.h"

enum { FAR = 60000, MANY = 200 };

/* Time stands still: what waits awake does so for as long as it has to. */
int64_t clock_mono(void)
{
	return CLOCK_SECOND;
}

/* The test is the client and the server of one link. */
struct fixture {
	struct links links;
	struct waiter waiter;
	struct bucket bucket;
	_Atomic int64_t limit;
	int epoll, client, server;
};

static void serve(struct fixture *f)
{
	struct epoll_event events[WAITER_EVENTS];
	int n = epoll_wait(f->epoll, events, WAITER_EVENTS, 0);

	for (int i = 0; i < n; i++)
		link_event(&f->links, events[i].data.ptr, events[i].events);
	(void)links_work(&f->links);
}

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);
	int client[2], server[2];

	*state = f;
	f->bucket.limit = &f->limit;
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f->epoll < 0 || fd_pair(SOCK_STREAM, client) < 0 || fd_pair(SOCK_STREAM, server) < 0 ||
	    fd_nonblock(client[1], true) < 0 || fd_nonblock(server[1], true) < 0)
		return -1;
	f->client = client[0];
	f->server = server[0];
	links_init(&f->links, f->epoll, NULL, (struct gate[]){ { &f->bucket, NULL }, { 0 } });
	f->waiter = (struct waiter){ .epoll = f->epoll, .links = &f->links };
	links_join(&f->links, client[1], server[1]);
	serve(f);
	return f->links.count == 1 ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fd_close(f->client);
	fd_close(f->server);
	while (f->links.count)
		serve(f);
	serve(f);
	fd_close(f->epoll);
	free(f);
	return 0;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void assert_hears(int fd, const char *text)
{
	char heard[64] = "";

	assert_int_equal(recv(fd, heard, sizeof heard - 1, MSG_DONTWAIT), strlen(text));
	assert_string_equal(heard, text);
}

static void assert_hears_nothing(int fd)
{
	char heard[64];

	assert_int_equal(recv(fd, heard, sizeof heard, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

/* A question and its answer, both by their events. */
static void talk(struct fixture *f)
{
	say(f->client, "question");
	serve(f);
	assert_hears(f->server, "question");
	say(f->server, "answer");
	serve(f);
	assert_hears(f->client, "answer");
	assert_int_equal(f->links.step, LINK_OUT);
	f->links.step = -1;
}

static void what_the_client_has_said_needs_no_event(void **state)
{
	struct fixture *f = *state;

	talk(f);
	say(f->client, "next");
	assert_true(links_look(&f->links));
	assert_int_equal(f->links.step, LINK_IN);
	assert_hears(f->server, "next");
	f->links.step = -1;
	serve(f); /* its event is about nothing */
	assert_int_equal(f->links.step, -1);
	assert_hears_nothing(f->server);
	talk(f);
}

static void after_a_look_for_nothing_some_are_left_out(void **state)
{
	struct fixture *f = *state;
	int left_out = 0;

	talk(f);
	assert_false(links_look(&f->links));
	say(f->client, "late");
	while (!links_look(&f->links))
		assert_in_range(++left_out, 1, MANY);
	assert_true(left_out > 1);
	assert_hears(f->server, "late");
}

static void an_end_is_seen(void **state)
{
	struct fixture *f = *state;

	talk(f);
	assert_int_equal(shutdown(f->client, SHUT_WR), 0);
	assert_true(links_look(&f->links));
	assert_hears(f->server, "");
	say(f->server, "last"); /* the other direction goes on */
	serve(f);
	assert_hears(f->client, "last");
}

static void a_client_that_is_gone_is_released(void **state)
{
	struct fixture *f = *state;

	talk(f);
	say(f->server, "unread");
	serve(f);
	fd_close(take_fd(f->client));
	assert_true(links_look(&f->links));
	(void)links_work(&f->links);
	assert_int_equal(f->links.count, 0);
	assert_false(links_look(&f->links));
}

static void a_limit_is_kept(void **state)
{
	struct fixture *f = *state;

	talk(f);
	f->limit = 1000;
	f->bucket.due = clock_mono() + 3600 * CLOCK_SECOND;
	say(f->client, "next");
	assert_true(links_look(&f->links));
	assert_hears_nothing(f->server);
	assert_int_not_equal(links_work(&f->links), -1); /* it has its turn later */
	f->limit = 0;
	(void)links_work(&f->links);
	assert_hears(f->server, "next");
}

/* Until waiting awake has been worth it for a while. */
static void warm(struct fixture *f)
{
	for (int i = 0; i < LINK_STEPS; i++)
		for (int k = 0; k < MANY; k++)
			vigil_kept(&f->waiter.vigils[i]);
}

static int wait_once(struct fixture *f)
{
	struct epoll_event events[WAITER_EVENTS];
	int n = waiter_wait(&f->waiter, events, FAR);

	for (int i = 0; i < n; i++)
		link_event(&f->links, events[i].data.ptr, events[i].events);
	(void)links_work(&f->links);
	return n;
}

static void the_waiter_looks_and_then_waits_on(void **state)
{
	struct fixture *f = *state;

	warm(f);
	talk(f);
	f->links.step = LINK_OUT;
	say(f->client, "next");
	assert_int_equal(wait_once(f), 0);
	assert_hears(f->server, "next");
	assert_true(wait_once(f) > 0); /* about nothing */
	assert_int_equal(f->links.step, -1);
	say(f->server, "answer");
	assert_true(wait_once(f) > 0);
	assert_hears(f->client, "answer");
	assert_int_equal(f->links.step, LINK_OUT);
	assert_true(f->waiter.awake); /* it was waited for all the time */
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_the_client_has_said_needs_no_event),
		CASE(after_a_look_for_nothing_some_are_left_out),
		CASE(an_end_is_seen),
		CASE(a_client_that_is_gone_is_released),
		CASE(a_limit_is_kept),
		CASE(the_waiter_looks_and_then_waits_on),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
