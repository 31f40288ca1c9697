/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registries_conf_test - which registries a name means, and how they are reached
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "oci/registries_conf.h"

static void shows_endpoints(const struct registries_conf *conf, const char *name, bool by_digest,
			    const char *expected)
{
	AUTO(reference) struct reference ref = { 0 };
	AUTO(registry_endpoints) struct registry_endpoints list = { 0 };
	AUTO(strv) struct strv shown = { 0 };

	assert_int_equal(reference_parse(name, &ref, NULL), 0);
	assert_int_equal(registries_conf_endpoints(conf, &ref, by_digest, &list, NULL), 0);
	for (size_t i = 0; i < list.count; i++)
		strv_addf(&shown, "%s/%s%s%s", list.items[i].host, list.items[i].path,
			  list.items[i].insecure ? " insecure" : "",
			  list.items[i].mirror ? " mirror" : "");
	AUTO(mem) char *text = str_join(&shown, ", ");
	assert_string_equal(text, expected);
}

static void without_files_a_name_is_its_own_place(void **state)
{
	const struct registries_conf none = { 0 };

	(void)state;
	shows_endpoints(&none, "nginx", false, "docker.io/library/nginx");
	shows_endpoints(&none, "localhost:5000/a/b", false, "localhost:5000/a/b");
}

static void the_longest_prefix_counts(void **state)
{
	static const char text[] =
		"[[registry]]\nlocation = 'quay.io'\ninsecure = true\n"
		"[[registry]]\nprefix = 'quay.io/group'\nlocation = 'other.io/x'\n"
		"[[registry]]\nprefix = '*.example.com'\ninsecure = true\n";
	AUTO(registries_conf) struct registries_conf conf = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(&conf, text, NULL), 0);
	shows_endpoints(&conf, "quay.io/a", false, "quay.io/a insecure");
	shows_endpoints(&conf, "quay.io/group/a", false, "other.io/x/a");
	shows_endpoints(&conf, "quay.io/groups/a", false, "quay.io/groups/a insecure");
	shows_endpoints(&conf, "a.example.com/b", false, "a.example.com/b insecure");
	shows_endpoints(&conf, "example.com/b", false, "example.com/b");
}

static void mirrors_are_tried_first(void **state)
{
	static const char text[] = "[[registry]]\nprefix = 'docker.io'\n"
				   "[[registry.mirror]]\nlocation = 'm.example:5000/hub'\n"
				   "insecure = true\n"
				   "[[registry.mirror]]\nlocation = 'n.example'\n"
				   "pull-from-mirror = 'digest-only'\n";
	AUTO(registries_conf) struct registries_conf conf = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(&conf, text, NULL), 0);
	shows_endpoints(
		&conf, "nginx", false,
		"m.example:5000/hub/library/nginx insecure mirror, docker.io/library/nginx");
	shows_endpoints(&conf, "nginx", true,
			"m.example:5000/hub/library/nginx insecure mirror, "
			"n.example/library/nginx mirror, docker.io/library/nginx");
}

static void a_blocked_registry_is_refused(void **state)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	AUTO(reference) struct reference ref = { 0 };
	AUTO(registry_endpoints) struct registry_endpoints list = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(
				 &conf, "[[registry]]\nlocation='docker.io'\nblocked=true", NULL),
			 0);
	assert_int_equal(reference_parse("nginx", &ref, NULL), 0);
	assert_int_equal(registries_conf_endpoints(&conf, &ref, false, &list, NULL), -EACCES);
}

static void shows_short(const struct registries_conf *conf, const char *name, const char *expected)
{
	AUTO(reference) struct reference ref = { 0 };
	AUTO(strv) struct strv list = { 0 };

	assert_int_equal(reference_parse(name, &ref, NULL), 0);
	assert_int_equal(registries_conf_short(conf, &ref, &list, NULL), 0);
	AUTO(mem) char *text = str_join(&list, ", ");
	assert_string_equal(text, expected);
}

static void short_names_have_aliases_and_search_registries(void **state)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };

	(void)state;
	shows_short(&conf, "nginx:1", "docker.io/library/nginx:1");
	assert_int_equal(
		registries_conf_add(&conf, "[aliases]\nfedora='reg.example/fedora'\n", NULL), 0);
	shows_short(&conf, "fedora:40", "reg.example/fedora:40");
	assert_int_equal(registries_conf_add(
				 &conf, "unqualified-search-registries=['a.io','docker.io']", NULL),
			 0);
	shows_short(&conf, "nginx", "a.io/nginx:latest, docker.io/library/nginx:latest");
	shows_short(&conf, "fedora", "reg.example/fedora:latest");
	/* a later file replaces */
	assert_int_equal(registries_conf_add(&conf,
					     "unqualified-search-registries=['b.io']\n"
					     "[aliases]\nfedora=''",
					     NULL),
			 0);
	shows_short(&conf, "fedora", "b.io/fedora:latest");
}

static void damaged_files_change_nothing(void **state)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(&conf, "[[registry]]\ninsecure = true", NULL),
			 -EBADMSG);
	assert_int_equal(registries_conf_add(&conf, "[[registry]]\nlocation = 7", NULL), -EBADMSG);
	assert_int_equal(registries_conf_add(&conf,
					     "[[registry]]\nlocation='a.io'\n[[registry.mirror]]\n"
					     "location='b.io'\npull-from-mirror='some'",
					     NULL),
			 -EBADMSG);
	assert_int_equal(registries_conf_add(&conf,
					     "[[registry]]\nlocation='a.io'\n"
					     "mirror-by-digest-only=true\n[[registry.mirror]]\n"
					     "location='b.io'\npull-from-mirror='all'",
					     NULL),
			 -EBADMSG);
	assert_int_equal(registries_conf_add(&conf, "short-name-mode = 'loud'", NULL), -EBADMSG);
	assert_int_equal(conf.registries.count, 0);
}

static void version_1_is_read_as_what_it_means_and_not_mixed(void **state)
{
	static const char text[] = "[registries.search]\nregistries = ['a.io', 'b.io']\n"
				   "[registries.insecure]\nregistries = ['a.io', 'bad.io']\n"
				   "[registries.block]\nregistries = ['bad.io']\n";
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	AUTO(registry_endpoints) struct registry_endpoints list = { 0 };
	AUTO(reference) struct reference ref = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(&conf, text, NULL), 0);
	shows_short(&conf, "x", "a.io/x:latest, b.io/x:latest");
	shows_endpoints(&conf, "a.io/x", false, "a.io/x insecure");
	assert_int_equal(reference_parse("bad.io/x", &ref, NULL), 0);
	assert_int_equal(registries_conf_endpoints(&conf, &ref, false, &list, NULL), -EACCES);
	assert_int_equal(registries_conf_add(&conf,
					     "unqualified-search-registries = ['c.io']\n"
					     "[registries.block]\nregistries = ['d.io']",
					     &err),
			 -EBADMSG);
	assert_non_null(strstr(err.text, "mixes"));
}

static void an_enforcing_mode_guesses_nothing(void **state)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	AUTO(reference) struct reference ref = { 0 };
	AUTO(strv) struct strv list = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(&conf,
					     "short-name-mode = 'enforcing'\n"
					     "unqualified-search-registries = ['a.io', 'b.io']\n"
					     "[aliases]\nknown = 'c.io/known'",
					     NULL),
			 0);
	assert_int_equal(reference_parse("x", &ref, NULL), 0);
	assert_int_equal(registries_conf_short(&conf, &ref, &list, &err), -EINVAL);
	assert_non_null(strstr(err.text, "a.io/x:latest, b.io/x:latest"));
	shows_short(&conf, "known", "c.io/known:latest");
	/* One is no guess. */
	assert_int_equal(
		registries_conf_add(&conf, "unqualified-search-registries = ['a.io']", NULL), 0);
	shows_short(&conf, "x", "a.io/x:latest");
	assert_int_equal(registries_conf_add(&conf,
					     "short-name-mode = 'permissive'\n"
					     "unqualified-search-registries = ['a.io', 'b.io']",
					     NULL),
			 0);
	shows_short(&conf, "x", "a.io/x:latest, b.io/x:latest");
}

static void a_registry_as_a_whole_has_one_place(void **state)
{
	static const char text[] = "[[registry]]\nprefix = 'docker.io'\nlocation = 'h.io/hub'\n"
				   "insecure = true\n[[registry.mirror]]\nlocation = 'm.io'\n"
				   "[[registry]]\nlocation = 'no.io'\nblocked = true\n";
	AUTO(registries_conf) struct registries_conf conf = { 0 };
	AUTO(registry_endpoints) struct registry_endpoints moved = { 0 }, own = { 0 }, none = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(&conf, text, NULL), 0);
	assert_int_equal(registries_conf_host(&conf, "docker.io", true, &moved, NULL), 0);
	assert_int_equal(moved.count, 1);
	assert_string_equal(moved.items[0].host, "h.io");
	assert_true(moved.items[0].insecure);
	assert_int_equal(registries_conf_host(&conf, "docker.io", false, &own, NULL), 0);
	assert_string_equal(own.items[0].host, "docker.io");
	assert_int_equal(registries_conf_host(&conf, "no.io", false, &none, NULL), -EACCES);
}

static void helpers_are_replaced_by_a_later_file(void **state)
{
	AUTO(registries_conf) struct registries_conf conf = { 0 };

	(void)state;
	assert_int_equal(registries_conf_add(&conf, "credential-helpers = ['a', 'b']", NULL), 0);
	assert_int_equal(registries_conf_add(&conf, "", NULL), 0);
	assert_int_equal(conf.helpers.count, 2);
	assert_int_equal(registries_conf_add(&conf, "credential-helpers = ['c']", NULL), 0);
	assert_int_equal(conf.helpers.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_files_a_name_is_its_own_place),
		cmocka_unit_test(the_longest_prefix_counts),
		cmocka_unit_test(mirrors_are_tried_first),
		cmocka_unit_test(a_blocked_registry_is_refused),
		cmocka_unit_test(short_names_have_aliases_and_search_registries),
		cmocka_unit_test(damaged_files_change_nothing),
		cmocka_unit_test(version_1_is_read_as_what_it_means_and_not_mixed),
		cmocka_unit_test(an_enforcing_mode_guesses_nothing),
		cmocka_unit_test(a_registry_as_a_whole_has_one_place),
		cmocka_unit_test(helpers_are_replaced_by_a_later_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
