/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * endpoint - a container's place on a network
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/container.h"

static void fill(struct container_config *config)
{
	static const char *const names[] = { "a", "b", "c" };

	for (size_t i = 0; i < array_len(names); i++) {
		struct endpoint *e = vec_push(&config->endpoints);
		e->network = str_dup(names[i]);
		e->priority = (int)i;
		strv_addf(&e->aliases, "alias-%s", names[i]);
	}
}

static void endpoints_are_kept_in_the_configuration(void **state)
{
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);
	AUTO(container_config) struct container_config *read = mem_new(struct container_config);

	(void)state;
	fill(config);
	AUTO(json) cJSON *json = jfield_save(container_config_fields, config);
	assert_int_equal(jfield_load(container_config_fields, json, read, NULL), 0);
	assert_int_equal(read->endpoints.count, 3);
	assert_string_equal(read->endpoints.items[2].aliases.items[0], "alias-c");
	assert_int_equal(read->endpoints.items[2].priority, 2);
}

static void one_that_is_dropped_leaves_the_others_in_order(void **state)
{
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);

	(void)state;
	fill(config);
	endpoints_drop(&config->endpoints, "b");
	endpoints_drop(&config->endpoints, "nosuch");
	assert_int_equal(config->endpoints.count, 2);
	assert_null(endpoints_find(&config->endpoints, "b"));
	assert_ptr_equal(endpoints_find(&config->endpoints, "c"), &config->endpoints.items[1]);
	struct endpoint *e = vec_push(&config->endpoints);
	e->network = str_dup("d");
	assert_string_equal(config->endpoints.items[1].network, "c");
}

static void a_state_repeats_the_names_of_the_networks(void **state)
{
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);
	AUTO(container_state) struct container_state *s = mem_new(struct container_state);

	(void)state;
	fill(config);
	config->network_mode = str_dup("bridge");
	strv_add(&s->networks, "of before");
	container_state_networks(s, config);
	AUTO(mem) char *names = str_join(&s->networks, ",");
	assert_string_equal(names, "a,b,c");
	assert_string_equal(s->network, "bridge");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_are_kept_in_the_configuration),
		cmocka_unit_test(one_that_is_dropped_leaves_the_others_in_order),
		cmocka_unit_test(a_state_repeats_the_names_of_the_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
