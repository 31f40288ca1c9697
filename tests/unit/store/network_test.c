/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_test - a network is kept whole, found by name and id, and damage is told
 */
#include "place.h"

#include <errno.h>

#include "base/file.h"
#include "store/network.h"

static struct network_record *make(struct place *p, const char *name)
{
	struct network_subnet subnets[] = {
		{ .subnet = (char *)"10.89.0.0/24", .gateway = (char *)"10.89.0.1" },
		{ .subnet = (char *)"fd12::/64",
		  .first = (char *)"fd12::10",
		  .last = (char *)"fd12::20" },
	};
	struct network_route route = { (char *)"10.9.0.0/16", (char *)"10.89.0.7", 3 };
	char *labels[] = { (char *)"a=b=c", (char *)"d=" };
	struct network_record record = {
		.name = (char *)name,
		.driver = (char *)"bridge",
		.labels = { labels, array_len(labels) },
		.subnets = { subnets, array_len(subnets) },
		.routes = { &route, 1 },
		.internal = true,
	};
	struct network_record *out = NULL;

	assert_int_equal(network_record_create(p->store, &record, &out, &p->err), 0);
	return out;
}

static void a_network_is_read_as_it_was_made(void **state)
{
	struct place *p = *state;
	AUTO(network_record) struct network_record *made = make(p, "web");
	AUTO(network_record) struct network_record *found = NULL;

	assert_int_equal(network_record_load(p->store, "web", &found, &p->err), 0);
	assert_string_equal(found->id, made->id);
	assert_true(str_hex(found->id, NETWORK_ID_HEX));
	assert_true(found->created > 0);
	assert_string_equal(found->labels.items[0], "a=b=c");
	assert_int_equal(found->subnets.count, 2);
	assert_string_equal(found->subnets.items[1].last, "fd12::20");
	assert_null(found->subnets.items[1].gateway);
	assert_int_equal(found->routes.items[0].metric, 3);
	assert_true(found->internal);
	assert_false(found->no_dns);
}

static void a_name_is_given_once(void **state)
{
	struct place *p = *state;
	AUTO(network_record) struct network_record *made = make(p, "web");
	struct network_record again = { .name = (char *)"web", .driver = (char *)"bridge" };
	AUTO(network_record) struct network_record *found = NULL;

	assert_int_equal(network_record_create(p->store, &again, NULL, &p->err), -EEXIST);
	assert_string_equal(p->err.text, "a network named 'web' is there already");
	assert_int_equal(network_record_load(p->store, "web", &found, NULL), 0);
	assert_string_equal(found->id, made->id);
}

enum { AT_ONCE = 8 };

static void of_many_at_once_with_one_name_exactly_one_is_made(void **state)
{
	struct place *p = *state;
	struct network_record record = { .name = (char *)"web", .driver = (char *)"bridge" };
	int status, made = 0;

	for (size_t i = 0; i < AT_ONCE; i++)
		if (fork() == 0)
			_exit(network_record_create(p->store, &record, NULL, NULL) == 0 ? 7 : 8);
	while (wait(&status) > 0)
		made += WIFEXITED(status) && WEXITSTATUS(status) == 7;
	assert_int_equal(made, 1);
}

static void names_lead_nowhere_else(void **state)
{
	static const char *const bad[] = { "", "..", "a/b", ".x", "-x", "a b", "../secrets/x" };
	struct place *p = *state;

	for (size_t i = 0; i < array_len(bad); i++) {
		struct network_record record = { .name = (char *)bad[i],
						 .driver = (char *)"bridge" };
		AUTO(network_record) struct network_record *found = NULL;
		AUTO(mem) char *name = NULL;
		assert_int_equal(network_record_create(p->store, &record, NULL, &p->err), -EINVAL);
		assert_int_equal(network_record_load(p->store, bad[i], &found, NULL), -ENOENT);
		assert_int_equal(network_record_resolve(p->store, bad[i], &name, NULL), -ENOENT);
		assert_int_equal(network_record_remove(p->store, bad[i], NULL), -ENOENT);
	}
}

static void what_is_there_anyway_is_no_name(void **state)
{
	static const char *const taken[] = { "podman", "bridge", "host", "none", "container" };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < array_len(taken); i++) {
		assert_int_equal(network_record_check_name(taken[i], &err), -EINVAL);
		assert_non_null(strstr(err.text, "there without being made"));
		err_clear(&err);
	}
	assert_int_equal(network_record_check_name("podman1", NULL), 0);
	assert_int_equal(network_record_check_name("my_app.net-1", NULL), 0);
}

static void the_beginning_of_an_id_is_enough_when_it_is_one_networks(void **state)
{
	struct place *p = *state;
	AUTO(network_record) struct network_record *web = make(p, "web");
	AUTO(network_record) struct network_record *db = make(p, "db");
	AUTO(mem) char *some = str_ndup(web->id, 16);
	AUTO(mem) char *by_id = NULL;
	AUTO(mem) char *by_name = NULL;

	assert_int_equal(network_record_resolve(p->store, some, &by_id, &p->err), 0);
	assert_string_equal(by_id, "web");
	assert_int_equal(network_record_resolve(p->store, "db", &by_name, &p->err), 0);
	assert_string_equal(by_name, "db");
	assert_int_equal(network_record_resolve(p->store, "w", &by_name, NULL), -ENOENT);
	assert_int_equal(network_record_resolve(p->store, "", &by_name, NULL), -ENOENT);
}

static void a_name_wins_over_an_id(void **state)
{
	struct place *p = *state;
	AUTO(network_record) struct network_record *web = make(p, "web");
	AUTO(mem) char *some = str_ndup(web->id, 12);
	AUTO(network_record) struct network_record *other = make(p, some);
	AUTO(mem) char *found = NULL;

	assert_int_equal(network_record_resolve(p->store, some, &found, &p->err), 0);
	assert_string_equal(found, some);
}

static void what_is_saved_is_read(void **state)
{
	struct place *p = *state;
	AUTO(network_record) struct network_record *web = make(p, "web");
	AUTO(network_record) struct network_record *found = NULL;

	strv_add(&web->dns, "9.9.9.9");
	assert_int_equal(network_record_save(p->store, web, &p->err), 0);
	assert_int_equal(network_record_load(p->store, "web", &found, &p->err), 0);
	assert_string_equal(found->dns.items[0], "9.9.9.9");
	assert_string_equal(found->id, web->id);
}

static void a_damaged_one_is_told_listed_and_removed(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"id\":\"ab\",\"driver\":\"bridge\"}",
					     "{\"id\":7}" };
	struct place *p = *state;

	for (size_t i = 0; i < array_len(texts); i++) {
		AUTO(network_record) struct network_record *web = make(p, "web");
		AUTO(network_record) struct network_record *found = NULL;
		AUTO(strv) struct strv names = { 0 };
		assert_int_equal(file_replace(p->store->dir, "networks/web.json", 0600, texts[i],
					      strlen(texts[i]), false),
				 0);
		assert_int_equal(network_record_load(p->store, "web", &found, &p->err), -EBADMSG);
		assert_non_null(strstr(p->err.text, "'web' is damaged"));
		assert_int_equal(network_record_list(p->store, &names, NULL), 0);
		assert_int_equal(names.count, 1);
		assert_int_equal(network_record_remove(p->store, "web", NULL), 0);
		err_clear(&p->err);
	}
}

static void what_is_removed_is_gone(void **state)
{
	struct place *p = *state;
	AUTO(network_record) struct network_record *web = make(p, "web");
	AUTO(network_record) struct network_record *found = NULL;

	assert_int_equal(network_record_remove(p->store, "web", &p->err), 0);
	assert_int_equal(network_record_load(p->store, "web", &found, NULL), -ENOENT);
	assert_int_equal(network_record_remove(p->store, "web", NULL), -ENOENT);
}

static void networks_are_listed_by_name(void **state)
{
	struct place *p = *state;
	AUTO(strv) struct strv names = { 0 };

	network_record_free(make(p, "web"));
	network_record_free(make(p, "db"));
	assert_int_equal(network_record_list(p->store, &names, &p->err), 0);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.items[0], "db");
	assert_string_equal(names.items[1], "web");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_network_is_read_as_it_was_made),
		PLACE_TEST(a_name_is_given_once),
		PLACE_TEST(of_many_at_once_with_one_name_exactly_one_is_made),
		PLACE_TEST(names_lead_nowhere_else),
		PLACE_TEST(what_is_there_anyway_is_no_name),
		PLACE_TEST(the_beginning_of_an_id_is_enough_when_it_is_one_networks),
		PLACE_TEST(a_name_wins_over_an_id),
		PLACE_TEST(what_is_saved_is_read),
		PLACE_TEST(a_damaged_one_is_told_listed_and_removed),
		PLACE_TEST(what_is_removed_is_gone),
		PLACE_TEST(networks_are_listed_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
