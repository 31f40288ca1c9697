/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * networks_test - who is on a network, and what that means for removing it
 */
#include "../store/place.h"

#include <errno.h>

#include "engine/networks.h"

static struct engine engine_of(struct place *p, bool docker)
{
	return (struct engine){ .host = &p->host, .store = p->store, .docker = docker };
}

static void make(struct engine *engine, const char *name)
{
	const struct networks_wish wish = { .name = name };
	AUTO(network_record) struct network_record *record = NULL;
	AUTO(err) struct err err = { 0 };

	assert_int_equal(networks_make(engine, &wish, &record, &err), 0);
}

/* A container that has never run, on one network or two. */
static char *put_on(struct place *p, const char *name, const char *mode, const char *one,
		    const char *two)
{
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);

	config->id = record_new_id();
	config->name = str_dup(name);
	config->network_mode = str_dup(mode);
	if (one)
		vec_push(&config->endpoints)->network = str_dup(one);
	if (two)
		vec_push(&config->endpoints)->network = str_dup(two);
	assert_int_equal(record_create(p->store, config, NULL, &p->err), 0);
	return str_dup(config->id);
}

static size_t users_of(struct engine *engine, const char *name)
{
	AUTO(networks_users) struct networks_users users = { 0 };

	assert_int_equal(networks_users(engine, name, &users, NULL), 0);
	return users.count;
}

static void containers_are_on_the_networks_of_their_records(void **state)
{
	struct place *p = *state;
	struct engine podman = engine_of(p, false), docker = engine_of(p, true);
	AUTO(mem) char *a = put_on(p, "a", "bridge", "web", "db");
	AUTO(mem) char *b = put_on(p, "b", "bridge", "web", ENDPOINT_DEFAULT);
	AUTO(mem) char *c = put_on(p, "c", "slirp", NULL, NULL);
	AUTO(mem) char *d = put_on(p, "d", "none", NULL, NULL);
	AUTO(mem) char *e = put_on(p, "e", "host", NULL, NULL);

	assert_int_equal(users_of(&podman, "web"), 2);
	assert_int_equal(users_of(&podman, "db"), 1);
	assert_int_equal(users_of(&podman, "podman"), 2);
	assert_int_equal(users_of(&docker, "bridge"), 2);
	assert_int_equal(users_of(&docker, "none"), 1);
	assert_int_equal(users_of(&docker, "host"), 1);
	assert_int_equal(users_of(&podman, "nowhere"), 0);
}

static void a_network_in_use_is_kept_and_names_its_containers(void **state)
{
	struct place *p = *state;
	struct engine engine = engine_of(p, false);
	AUTO(mem) char *id = NULL;

	make(&engine, "web");
	id = put_on(p, "a", "bridge", "web", NULL);
	assert_int_equal(networks_delete(&engine, "web", NULL, 0, &p->err), -EBUSY);
	assert_string_equal(p->err.text, "the network 'web' is used by the container a");
	/* One that does not run is not in the way of who says so. */
	assert_int_equal(networks_delete(&engine, "web", NULL, NETWORKS_IF_RUNNING, &p->err), 0);
}

static void those_that_are_there_anyway_cannot_be_removed(void **state)
{
	struct place *p = *state;
	struct engine engine = engine_of(p, false);
	AUTO(strv) struct strv none = { 0 };

	assert_int_equal(networks_delete(&engine, "podman", NULL, 0, &p->err), -EPERM);
	assert_int_equal(networks_update_dns(&engine, "podman", &none, &none, NULL), -EPERM);
	assert_true(networks_builtin(&engine, "podman"));
	assert_false(networks_builtin(&engine, "web"));
}

static void a_list_has_those_of_both_kinds_by_name(void **state)
{
	struct place *p = *state;
	struct engine engine = engine_of(p, false);
	AUTO(networks) struct networks list = { 0 };

	make(&engine, "web");
	make(&engine, "app");
	assert_int_equal(networks_list(&engine, &list, &p->err), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0]->name, "app");
	assert_string_equal(list.items[1]->name, "podman");
	assert_string_equal(list.items[2]->name, "web");
}

static void no_two_networks_have_the_same_subnet(void **state)
{
	struct place *p = *state;
	struct engine engine = engine_of(p, false);
	AUTO(networks) struct networks list = { 0 };

	for (size_t i = 0; i < 5; i++)
		make(&engine, NULL);
	assert_int_equal(networks_list(&engine, &list, &p->err), 0);
	for (size_t i = 0; i < list.count; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(list.items[i]->subnets.items[0].subnet,
						list.items[k]->subnets.items[0].subnet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(containers_are_on_the_networks_of_their_records),
		PLACE_TEST(a_network_in_use_is_kept_and_names_its_containers),
		PLACE_TEST(those_that_are_there_anyway_cannot_be_removed),
		PLACE_TEST(a_list_has_those_of_both_kinds_by_name),
		PLACE_TEST(no_two_networks_have_the_same_subnet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
