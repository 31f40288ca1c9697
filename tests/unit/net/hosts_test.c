/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hosts - the text of a container's /etc/hosts
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/hosts.h"

static void it_has_both_localhosts_the_own_name_and_the_host(void **state)
{
	AUTO(strv) struct strv add = { 0 }, own = { 0 };
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *text = NULL;
	const struct hosts_config config = {
		.hostname = "0123456789ab",
		.name = "web",
		.addresses = &own,
		.host_ip = "10.0.2.2",
		.add = &add,
	};

	(void)state;
	strv_add(&own, "10.0.2.100");
	strv_add(&own, "fd00::100");
	strv_add(&add, "db:10.1.1.1");
	strv_add(&add, "h;k:host-gateway");
	strv_add(&add, "six:[2001:db8::1]");
	assert_int_equal(hosts_build(&config, &text, &err), 0);
	assert_string_equal(text, "10.1.1.1\tdb\n"
				  "10.0.2.2\th k\n"
				  "2001:db8::1\tsix\n"
				  "127.0.0.1\tlocalhost\n"
				  "::1\tlocalhost ip6-localhost ip6-loopback\n"
				  "10.0.2.100\t0123456789ab web\n"
				  "fd00::100\t0123456789ab web\n"
				  "10.0.2.2\thost.containers.internal host.docker.internal\n");
}

static void under_the_hosts_network_the_hosts_file_is_kept(void **state)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *text = NULL;
	const struct hosts_config config = { .base = "127.0.0.1 localhost box\n",
					     .host_ip = "127.0.0.1" };

	(void)state;
	assert_int_equal(hosts_build(&config, &text, &err), 0);
	assert_string_equal(text, "127.0.0.1 localhost box\n\n"
				  "127.0.0.1\thost.containers.internal host.docker.internal\n");
}

static void an_own_name_without_network_is_still_known(void **state)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *text = NULL;
	const struct hosts_config config = { .hostname = "box", .domainname = "lan" };

	(void)state;
	assert_int_equal(hosts_build(&config, &text, &err), 0);
	assert_non_null(strstr(text, "127.0.1.1\tbox.lan box\n"));
	assert_null(strstr(text, "host.containers.internal"));
}

static void a_bad_entry_is_refused(void **state)
{
	static const char *const bad[] = { "x",	      "x:",	     ":1.2.3.4",
					   "x:1.2.3", "x y:1.2.3.4", "x:1.2.3.4\n6.6.6.6 y",
					   "x:[1" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(err) struct err err = { 0 };
		assert_int_equal(hosts_check(bad[i], &err), -EINVAL);
	}
	assert_int_equal(hosts_check("x:1.2.3.4", NULL), 0);
	assert_int_equal(hosts_check("x=::1", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_both_localhosts_the_own_name_and_the_host),
		cmocka_unit_test(under_the_hosts_network_the_hosts_file_is_kept),
		cmocka_unit_test(an_own_name_without_network_is_still_known),
		cmocka_unit_test(a_bad_entry_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
