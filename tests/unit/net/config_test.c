/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * config - --network arguments, their options, and the addresses that follow
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/config.h"

static void mode_is(const char *text, const char *mode)
{
	AUTO(mem) char *got = NULL;
	AUTO(strv) struct strv options = { 0 };
	AUTO(err) struct err err = { 0 };

	assert_int_equal(net_mode_parse(text, &got, &options, &err), 0);
	assert_string_equal(got, mode);
}

static void every_name_of_the_default_network_works_before_any_create(void **state)
{
	(void)state;
	mode_is(NULL, "slirp");
	mode_is("bridge", "slirp");
	mode_is("podman", "slirp");
	mode_is("default", "slirp");
	mode_is("private", "slirp");
	mode_is("slirp4netns", "slirp");
	mode_is("host", "host");
	mode_is("none", "none");
	mode_is("container:web", "container:web");
}

static void an_unknown_network_is_refused(void **state)
{
	AUTO(mem) char *mode = NULL;
	AUTO(strv) struct strv options = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(net_mode_parse("mynet", &mode, &options, &err), -ENOENT);
	assert_int_equal(net_mode_parse("container:", &mode, &options, &err), -EINVAL);
	assert_int_equal(net_mode_parse("host:x=1", &mode, &options, &err), -EINVAL);
	assert_int_equal(net_mode_parse("slirp4netns:x=1", &mode, &options, &err), -EINVAL);
	assert_int_equal(net_mode_parse("slirp4netns:mtu=5", &mode, &options, &err), -EINVAL);
	assert_null(mode);
	assert_int_equal(options.count, 0);
}

static void options_reach_the_configuration(void **state)
{
	AUTO(mem) char *mode = NULL;
	AUTO(strv) struct strv options = { 0 }, ports = { 0 };
	AUTO(err) struct err err = { 0 };
	AUTO(net_config) struct net_config config = { 0 };
	AUTO(net_plan) struct net_plan plan = { 0 };

	(void)state;
	assert_int_equal(net_mode_parse("slirp4netns:allow_host_loopback=true,cidr=10.9.0.0/24,"
					"mtu=1500,enable_ipv6=false",
					&mode, &options, &err),
			 0);
	strv_add(&ports, ":8080:80/tcp");
	assert_int_equal(net_config_load(&options, &ports, &config, &err), 0);
	assert_true(config.allow_host_loopback);
	assert_int_equal(config.ports.count, 1);
	assert_int_equal(net_plan(&config, &plan, &err), 0);
	assert_string_equal(plan.ip, "10.9.0.100");
	assert_string_equal(plan.gateway, "10.9.0.2");
	assert_string_equal(plan.dns, "10.9.0.3");
	assert_int_equal(plan.mtu, 1500);
	assert_null(plan.ip6);
}

static void fast_is_the_default_network_with_options_of_its_own(void **state)
{
	AUTO(mem) char *mode = NULL, *plain = NULL, *wrong = NULL;
	AUTO(strv) struct strv options = { 0 }, none = { 0 }, ports = { 0 };
	AUTO(net_config) struct net_config config = { 0 };

	(void)state;
	assert_int_equal(net_mode_parse("fast:allow=10.1.0.0/16,allow=fd12::/16,mtu=1500", &mode,
					&options, NULL),
			 0);
	assert_string_equal(mode, "slirp");
	assert_true(net_is_fast(&options));
	assert_int_equal(net_config_load(&options, &ports, &config, NULL), 0);
	assert_true(config.fast);
	assert_int_equal(config.allow.count, 2);
	assert_int_equal(config.mtu, 1500);
	assert_int_equal(net_mode_parse("default", &plain, &none, NULL), 0);
	assert_false(net_is_fast(&none));
	assert_int_equal(net_mode_parse("fast:allow=10.1.0.0/33", &wrong, &none, NULL), -EINVAL);
	assert_int_equal(net_mode_parse("slirp4netns:allow=10.1.0.0/16", &wrong, &none, NULL),
			 -EINVAL);
	assert_int_equal(net_mode_parse("fast", &wrong, &none, NULL), 0);
	assert_true(net_is_fast(&none));
}

static void the_default_plan_has_the_usual_addresses(void **state)
{
	AUTO(err) struct err err = { 0 };
	AUTO(net_plan) struct net_plan plan = { 0 };

	(void)state;
	assert_int_equal(net_plan(&(struct net_config){ 0 }, &plan, &err), 0);
	assert_string_equal(plan.ip, "10.0.2.100");
	assert_string_equal(plan.mac, "02:00:0a:00:02:64");
	assert_int_equal(plan.prefix, 24);
	assert_string_equal(plan.ip6, "fd00::100");
	assert_string_equal(plan.gateway6, "fd00::2");
}

static void a_subnet_without_room_is_refused(void **state)
{
	static const char *const bad[] = { "10.0.2.0", "10.0.2.0/26", "10.0.2.0/7", "x/24",
					   "fd00::/64" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(net_plan) struct net_plan plan = { 0 };
		struct net_config config = { .subnet = (char *)bad[i] };
		assert_int_equal(net_plan(&config, &plan, NULL), -EINVAL);
	}
}

static void the_containers_address_can_be_chosen(void **state)
{
	AUTO(err) struct err err = { 0 };
	AUTO(net_plan) struct net_plan plan = { 0 };
	struct net_config config = { .ip = (char *)"10.0.2.5", .ip6 = (char *)"fd00::5" };

	(void)state;
	assert_int_equal(net_plan(&config, &plan, &err), 0);
	assert_string_equal(plan.ip, "10.0.2.5");
	assert_string_equal(plan.mac, "02:00:0a:00:02:05");
	assert_string_equal(plan.ip6, "fd00::5");
	static const char *const bad[] = { "10.0.3.5", "10.0.2.0", "10.0.2.2", "10.0.2.3",
					   "10.0.2.255" };
	for (size_t i = 0; i < array_len(bad); i++) {
		config.ip = (char *)bad[i];
		assert_int_equal(net_plan(&config, &plan, NULL), -EINVAL);
	}
	config.ip = NULL;
	config.ip6 = (char *)"fd00::2";
	assert_int_equal(net_plan(&config, &plan, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_of_the_default_network_works_before_any_create),
		cmocka_unit_test(an_unknown_network_is_refused),
		cmocka_unit_test(options_reach_the_configuration),
		cmocka_unit_test(fast_is_the_default_network_with_options_of_its_own),
		cmocka_unit_test(the_default_plan_has_the_usual_addresses),
		cmocka_unit_test(a_subnet_without_room_is_refused),
		cmocka_unit_test(the_containers_address_can_be_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
