/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors - which published ports a container serves itself, and where
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-fast/doors.h"
#include "net/exchange.h"

static struct doors *doors_of(const char *ports)
{
	struct doors *d = mem_new(struct doors);
	AUTO(strv) struct strv list = { 0 };

	strv_split(&list, ports, ' ');
	assert_int_equal(ports_load(&list, &d->ports, NULL), 0);
	d->relay = -1;
	return d;
}

static void doors_end(struct doors *d)
{
	ports_clear(&d->ports);
	free(d);
}

/* "IP PORT", or "-" where cubby-net keeps it. */
static char *place(const char *ports, int port, int family, bool v6only)
{
	struct doors *d = doors_of(ports);
	union address at;
	char ip[INET6_ADDRSTRLEN];
	char *text = NULL;

	if (doors_place(d, port, family, v6only, &at) < 0) {
		text = str_dup("-");
	} else {
		assert_int_equal(at.any.sa_family, family);
		const void *bytes = family == AF_INET ? (const void *)&at.in4.sin_addr
						      : (const void *)&at.in6.sin6_addr;
		text = str_fmt("%s %d", inet_ntop(family, bytes, ip, sizeof ip),
			       ntohs(at.in4.sin_port));
	}
	doors_end(d);
	return text;
}

static void a_port_has_the_place_that_one_socket_can_serve(void **state)
{
	static const char pair[] = "0.0.0.0:8080:80/tcp [::]:8080:80/tcp";
	static const struct {
		const char *ports;
		int port, family;
		bool v6only;
		const char *place;
	} table[] = {
		{ pair, 80, AF_INET, false, "0.0.0.0 8080" },
		{ pair, 80, AF_INET6, false, ":: 8080" },
		{ pair, 80, AF_INET6, true, ":: 8080" },
		{ pair, 81, AF_INET, false, "-" },
		{ pair, 8080, AF_INET, false, "-" },
		{ "127.0.0.1:8080:80/tcp", 80, AF_INET, false, "127.0.0.1 8080" },
		{ "127.0.0.1:8080:80/tcp", 80, AF_INET6, false, "::ffff:127.0.0.1 8080" },
		{ "127.0.0.1:8080:80/tcp", 80, AF_INET6, true, "-" },
		{ "[::1]:8080:80/tcp", 80, AF_INET6, false, "::1 8080" },
		{ "[::1]:8080:80/tcp", 80, AF_INET, false, "-" },
		{ "0.0.0.0:8000-8009:9000-9009/tcp", 9004, AF_INET, false, "0.0.0.0 8004" },
		{ "0.0.0.0:8000-8009:9000-9009/tcp", 9010, AF_INET, false, "-" },
		{ "0.0.0.0:5353:53/udp", 53, AF_INET, false, "-" },
		/* more than one socket could serve */
		{ "0.0.0.0:8080:80/tcp 0.0.0.0:8081:80/tcp", 80, AF_INET, false, "-" },
		{ "127.0.0.1:8080:80/tcp [::1]:8080:80/tcp", 80, AF_INET, false, "-" },
		{ "0.0.0.0:8080:80/tcp [::]:8081:80/tcp", 80, AF_INET, false, "-" },
		{ "", 0, AF_INET, false, "-" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(table); i++) {
		AUTO(mem)
		char *got = place(*table[i].ports ? table[i].ports : pair, table[i].port,
				  table[i].family, table[i].v6only);
		if (!str_eq(got, table[i].place))
			fail_msg("%s, %d: %s", table[i].ports, table[i].port, got);
	}
}

static void hidden_clients_are_served_by_cubby_net(void **state)
{
	struct doors *d = doors_of("0.0.0.0:8080:80/tcp");
	union address at;

	(void)state;
	d->hide_client = true;
	assert_int_equal(doors_place(d, 80, AF_INET, false, &at), -ENOENT);
	doors_end(d);
}

static void a_claimed_port_is_found_from_inside(void **state)
{
	struct doors *d = doors_of("0.0.0.0:8080:80/tcp [::]:8080:80/tcp 127.0.0.1:9090:90/tcp");
	union address to = { .in4 = { .sin_family = AF_INET, .sin_port = htons(80) } }, at;

	(void)state;
	assert_false(doors_inside(d, &to, &at));
	doors_claim(d, 80);
	assert_true(doors_inside(d, &to, &at));
	assert_int_equal(at.in4.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(ntohs(at.in4.sin_port), 8080);
	to.any.sa_family = AF_INET6;
	assert_true(doors_inside(d, &to, &at));
	assert_true(IN6_IS_ADDR_LOOPBACK(&at.in6.sin6_addr));
	to.in4.sin_port = htons(90);
	doors_claim(d, 90);
	assert_false(doors_inside(d, &to, &at)); /* it has no IPv6 */
	doors_end(d);
}

static void a_claim_waits_for_the_answer_about_its_own_port(void **state)
{
	struct doors *d = doors_of("0.0.0.0:8080:80/tcp");
	const struct net_door older = { 79 }, answer = { 80 };
	struct net_door asked = { 0 };
	int pair[2];

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	d->relay = pair[0];
	assert_int_equal(send(pair[1], &older, sizeof older, 0), sizeof older);
	assert_int_equal(send(pair[1], &answer, sizeof answer, 0), sizeof answer);
	doors_claim(d, 80);
	assert_int_equal(recv(pair[1], &asked, sizeof asked, 0), sizeof asked);
	assert_int_equal(asked.port, 80);
	assert_int_equal(recv(pair[0], &asked, sizeof asked, MSG_DONTWAIT), -1);
	fd_close(pair[0]);
	fd_close(pair[1]);
	doors_end(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_has_the_place_that_one_socket_can_serve),
		cmocka_unit_test(hidden_clients_are_served_by_cubby_net),
		cmocka_unit_test(a_claimed_port_is_found_from_inside),
		cmocka_unit_test(a_claim_waits_for_the_answer_about_its_own_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
