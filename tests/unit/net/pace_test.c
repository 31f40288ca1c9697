/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pace_test - which sockets of the host send without pauses
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/tcp.h>

#include "base/fd.h"
#include "cubby-net/address.h"
#include "cubby-net/pace.h"

enum { NAME_BYTES = 16 };

static void congestion(int fd, char name[NAME_BYTES])
{
	socklen_t size = NAME_BYTES;

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
}

/* A listener at @to; a socket at @from is connected to it. */
static void connect_to(const char *to, const char *from, int *out_listener, int *out_fd)
{
	union address at = address_parse(to), as = address_parse(from);
	socklen_t size = address_size(&at);

	*out_listener = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*out_fd = socket(as.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*out_listener, &at.any, size), 0);
	assert_int_equal(listen(*out_listener, 1), 0);
	assert_int_equal(getsockname(*out_listener, &at.any, &size), 0);
	assert_int_equal(bind(*out_fd, &as.any, size), 0);
	assert_int_equal(address_connect(*out_fd, &at, size), 0);
}

static void within_the_host_none_pauses(void **state)
{
	(void)state;
	AUTO(fd) int listener = -1, fd = -1, accepted = -1;
	char name[NAME_BYTES] = "";

	connect_to("127.0.0.1", "127.0.0.1", &listener, &fd);
	accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	congestion(fd, name);
	assert_int_equal(pace_is_kept(fd), strncmp(name, "bbr", 3) == 0);
	assert_true(pace_drop_nearby(fd));
	congestion(fd, name);
	assert_string_equal(name, "reno");
	assert_false(pace_is_kept(fd));
	assert_true(pace_drop_nearby(accepted));
	congestion(accepted, name);
	assert_string_equal(name, "reno");
}

static void what_leads_elsewhere_stays_as_it_is(void **state)
{
	(void)state;
	AUTO(fd) int listener = -1, fd = -1;
	char before[NAME_BYTES] = "", after[NAME_BYTES] = "";

	connect_to("127.0.0.1", "127.0.0.2", &listener, &fd);
	congestion(fd, before);
	assert_false(pace_drop_nearby(fd));
	congestion(fd, after);
	assert_string_equal(after, before);
}

static void assert_begins(const char *end, bool unpaced)
{
	const union address at = address_parse(end);
	AUTO(fd) int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char before[NAME_BYTES] = "", after[NAME_BYTES] = "";

	if (fd < 0)
		return; /* a machine without IPv6 */
	congestion(fd, before);
	pace_drop_loopback(fd, &at);
	congestion(fd, after);
	assert_string_equal(after, unpaced ? "reno" : before);
}

static void what_is_of_the_host_alone_begins_without_pauses(void **state)
{
	(void)state;
	assert_begins("127.0.0.1", true);
	assert_begins("127.9.9.9", true);
	assert_begins("::1", true);
	assert_begins("::ffff:127.0.0.1", true);
	for (const char *const *far =
		     (const char *const[]){ "0.0.0.0", "::", "192.0.2.1", "2001:db8::1",
					    "::ffff:192.0.2.1", NULL };
	     *far; far++)
		assert_begins(*far, false);
}

static void over_ipv6_it_is_the_same(void **state)
{
	(void)state;
	AUTO(fd) int listener = -1, fd = -1, six = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const union address at = address_parse("::1");
	char name[NAME_BYTES] = "";

	if (six < 0 || bind(six, &at.any, address_size(&at)) < 0)
		skip();
	connect_to("::1", "::1", &listener, &fd);
	assert_true(pace_drop_nearby(fd));
	congestion(fd, name);
	assert_string_equal(name, "reno");
}

static bool is_here(const char *address)
{
	union address to = address_parse(address), own = { 0 };
	socklen_t size = sizeof own;
	AUTO(fd) int probe = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to.in4.sin_port = htons(9);
	assert_true(probe >= 0);
	const bool here = pace_is_here(probe, &to);
	assert_int_equal(getsockname(probe, &own.any, &size), 0);
	assert_int_equal(own.in4.sin_port, 0);
	return here;
}

static void what_is_on_this_host_is_known_before(void **state)
{
	(void)state;
	assert_true(is_here("127.0.0.1"));
	assert_false(is_here("203.0.113.9"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_ipv6_it_is_the_same),
		cmocka_unit_test(what_is_on_this_host_is_known_before),
		cmocka_unit_test(what_is_of_the_host_alone_begins_without_pauses),
		cmocka_unit_test(within_the_host_none_pauses),
		cmocka_unit_test(what_leads_elsewhere_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
