/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netargs - the options that say which networks a container is on
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/netargs.h"

struct fixture {
	struct create_args args;
	struct container_config *config;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = mem_new(struct fixture);

	f->config = mem_new(struct container_config);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	create_args_clear(&f->args);
	container_config_free(f->config);
	err_clear(&f->err);
	free(f);
	return 0;
}

static int plan(struct fixture *f)
{
	return netargs_plan(&f->args, f->config, &f->err);
}

static const struct endpoint *endpoint(const struct fixture *f, size_t i)
{
	assert_true(i < f->config->endpoints.count);
	return &f->config->endpoints.items[i];
}

static void without_options_it_is_the_default_network(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(plan(f), 0);
	assert_string_equal(f->config->network_mode, "slirp");
	assert_int_equal(f->config->endpoints.count, 0);
}

static void one_option_may_name_several_networks(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->args.networks, "a,b");
	strv_add(&f->args.networks, "bridge");
	assert_int_equal(plan(f), 0);
	assert_string_equal(f->config->network_mode, "bridge");
	assert_int_equal(f->config->endpoints.count, 3);
	assert_string_equal(endpoint(f, 0)->network, "a");
	assert_string_equal(endpoint(f, 1)->network, "b");
	assert_string_equal(endpoint(f, 2)->network, ENDPOINT_DEFAULT);
}

static void podmans_options_follow_a_colon(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->args.networks, "a:alias=x,alias=y,ip=10.89.0.9,ip6=fd12::9,mac=2-0-0-0-0-A,"
				    "interface_name=wan0");
	assert_int_equal(plan(f), 0);
	const struct endpoint *e = endpoint(f, 0);
	assert_string_equal(e->network, "a");
	assert_int_equal(e->aliases.count, 2);
	assert_string_equal(e->aliases.items[1], "y");
	assert_string_equal(e->ip, "10.89.0.9");
	assert_string_equal(e->ip6, "fd12::9");
	assert_string_equal(e->mac, "02:00:00:00:00:0a");
	assert_string_equal(e->interface, "wan0");
}

static void dockers_options_name_the_network_among_them(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->args.networks,
		 "alias=x,name=a,ip=10.89.0.9,mac-address=02:00:00:00:00:01,gw-priority=-3,"
		 "driver-opt=com.docker.network.endpoint.ifname=lan");
	assert_int_equal(plan(f), 0);
	const struct endpoint *e = endpoint(f, 0);
	assert_string_equal(e->network, "a");
	assert_string_equal(e->aliases.items[0], "x");
	assert_string_equal(e->interface, "lan");
	assert_int_equal(e->priority, -3);
}

static void what_the_default_network_is_asked_for_becomes_its_options(void **state)
{
	struct fixture *f = *state;

	f->args.ip = "10.0.2.50";
	f->args.mac_address = "02:00:00:00:00:01";
	assert_int_equal(plan(f), 0);
	assert_string_equal(f->config->network_mode, "slirp");
	AUTO(mem) char *options = str_join(&f->config->network_options, ",");
	assert_string_equal(options, "ip=10.0.2.50,mac=02:00:00:00:00:01");
}

static void an_alias_is_given_on_each_network_that_has_names(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->args.networks, "podman");
	strv_add(&f->args.networks, "a");
	strv_add(&f->args.networks, "b:alias=own");
	strv_add(&f->args.network_aliases, "x");
	assert_int_equal(plan(f), 0);
	assert_int_equal(endpoint(f, 0)->aliases.count, 0);
	assert_int_equal(endpoint(f, 1)->aliases.count, 1);
	assert_int_equal(endpoint(f, 2)->aliases.count, 2);
}

static void modes_keep_their_meaning(void **state)
{
	struct fixture *f = *state;

	strv_add(&f->args.networks, "slirp4netns:mtu=1500");
	assert_int_equal(plan(f), 0);
	assert_string_equal(f->config->network_mode, "slirp");
	assert_string_equal(f->config->network_options.items[0], "mtu=1500");
	str_set(&f->config->network_mode, NULL);
	strv_clear(&f->args.networks);
	strv_add(&f->args.networks, "container:web");
	assert_int_equal(plan(f), 0);
	assert_string_equal(f->config->network_mode, "container:web");
}

/* Two --network, and what stands beside them. */
struct wrong {
	const char *first, *second, *ip, *alias;
	const char *says;
};

static void what_contradicts_itself_is_refused_and_named(void **state)
{
	static const struct wrong all[] = {
		{ "host", "a", NULL, NULL, "host" },
		{ "a,host", NULL, NULL, NULL, "host" },
		{ "a", "none", NULL, NULL, "none" },
		{ "a", "a", NULL, NULL, "twice" },
		{ "a,", NULL, NULL, NULL, "empty name" },
		{ "ip=10.0.0.1", NULL, NULL, NULL, "name=" },
		{ "a:nosuch=1", NULL, NULL, NULL, "nosuch=1" },
		{ "a:ip=fd00::1", NULL, NULL, NULL, "IPv4" },
		{ "a:mac=zz", NULL, NULL, NULL, "zz" },
		{ "a:mac=01:00:00:00:00:00", NULL, NULL, NULL, "many devices" },
		{ "a:alias=", NULL, NULL, NULL, "no alias" },
		{ "a:interface_name=lo", NULL, NULL, NULL, "lo" },
		{ "a:interface_name=x", "b:interface_name=x", NULL, NULL, "same interface" },
		{ "name=a,link-local-ip=169.254.8.8", NULL, NULL, NULL, "link-local" },
		{ "name=a,driver-opt=x=y", NULL, NULL, NULL, "x=y" },
		{ "a", "b", "10.0.0.1", NULL, "several networks" },
		{ "host", NULL, "10.0.0.1", NULL, "--network host" },
		{ "bridge", NULL, "10.0.3.1", NULL, "not in the subnet" },
		{ "bridge", NULL, "10.0.2.2", NULL, "not free" },
		{ "bridge", NULL, NULL, "x", "--network-alias" },
		{ "bridge:alias=x", NULL, NULL, NULL, "no names" },
		{ "bridge:interface_name=x", NULL, NULL, NULL, "tap0" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(all); i++) {
		AUTO(container_config)
		struct container_config *config = mem_new(struct container_config);
		AUTO(err) struct err err = { 0 };
		struct create_args args = { .ip = all[i].ip };
		strv_add(&args.networks, all[i].first);
		if (all[i].second)
			strv_add(&args.networks, all[i].second);
		if (all[i].alias)
			strv_add(&args.network_aliases, all[i].alias);
		assert_int_equal(netargs_plan(&args, config, &err), -EINVAL);
		if (!strstr(err.text, all[i].says))
			fail_msg("%s: %s", all[i].first, err.text);
		create_args_clear(&args);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_options_it_is_the_default_network, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(one_option_may_name_several_networks, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(podmans_options_follow_a_colon, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dockers_options_name_the_network_among_them, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			what_the_default_network_is_asked_for_becomes_its_options, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(an_alias_is_given_on_each_network_that_has_names,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(modes_keep_their_meaning, set_up, tear_down),
		cmocka_unit_test(what_contradicts_itself_is_refused_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
