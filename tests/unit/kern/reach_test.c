/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reach_test - networks are told by address and by route, in a namespace of the test's own
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/reach.h"
#include "net/netns.h"

enum { GOOD = 7, WRONG = 8, CANNOT = 9 };

static const struct reach *find(const struct reach_list *list, const char *ip, int prefix)
{
	for (size_t i = 0; i < list->count; i++) {
		char text[INET6_ADDRSTRLEN];
		const struct reach *r = &list->items[i];
		bug_unless(inet_ntop(r->addr.family, &r->addr.in6, text, sizeof text));
		if (str_eq(text, ip) && r->prefix == prefix)
			return r;
	}
	return NULL;
}

static bool add_route(void)
{
	struct netlink_route route = { .prefix = 16 };
	struct netlink_batch batch = { 0 };
	AUTO(fd) int sock = netlink_open();

	return sock >= 0 && netlink_addr_parse("10.9.0.0", &route.to) == 0 &&
	       netlink_addr_parse("10.0.2.2", &route.via) == 0 &&
	       (netlink_route_add(&batch, &route), netlink_apply(sock, &batch, NULL)) == 0;
}

static int make_network(void)
{
	AUTO(net_plan) struct net_plan plan = { 0 };
	const struct ports none = { 0 };
	AUTO(fd) int tun = open("/dev/net/tun", O_PATH | O_CLOEXEC);
	int tap = -1;

	if (tun < 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return -1;
	if (net_plan(&(struct net_config){ 0 }, &plan, NULL) < 0 || netns_bare(-1, NULL) < 0 ||
	    netns_tap(&plan, &none, tun, -1, &tap, NULL) < 0)
		return -1;
	return tap; /* the interface lives as long as it is open */
}

static int look(void)
{
	AUTO(reach_list) struct reach_list list = { 0 };
	AUTO(fd) int tap = make_network();

	if (tap < 0 || !add_route())
		return CANNOT;
	if (reach_list(&list, NULL) < 0)
		return WRONG;
	const struct reach *own = find(&list, "10.0.2.100", 24);
	const struct reach *own6 = find(&list, "fd00::100", 64);
	const struct reach *route = find(&list, "10.9.0.0", 16);
	bool good = own && own->address && str_eq(own->interface, "tap0") && own6 &&
		    own6->address && route && !route->address && str_eq(route->interface, "tap0");
	return good && !find(&list, "127.0.0.1", 8) && !find(&list, "0.0.0.0", 0) &&
			       !find(&list, "::", 0)
		       ? GOOD
		       : WRONG;
}

static void addresses_and_routes_are_told_but_no_loopback_and_no_default(void **state)
{
	int status = 0;

	(void)state;
	pid_t pid = fork();
	if (pid == 0)
		_exit(look());
	assert_true(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT)
		skip();
	assert_int_equal(WEXITSTATUS(status), GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_and_routes_are_told_but_no_loopback_and_no_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
