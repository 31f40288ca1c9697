/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolv - resolv.conf: reading the host's, building the container's
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/file.h"
#include "net/resolv.h"

static void the_last_search_line_counts(void **state)
{
	AUTO(resolv) struct resolv r = { 0 };

	(void)state;
	resolv_parse("# hello\nnameserver 10.1.1.1 ; x\nnameserver fe80::1%eth0\n"
		     "domain a\nsearch b c\noptions ndots:2 edns0\nsortlist x\nnameserver\n",
		     &r);
	assert_int_equal(r.servers.count, 2);
	assert_string_equal(r.servers.items[1], "fe80::1%eth0");
	assert_int_equal(r.search.count, 2);
	assert_string_equal(r.search.items[0], "b");
	assert_int_equal(r.options.count, 2);
}

static void put(int root, const char *path, const char *text)
{
	assert_int_equal(file_write(root, path, 0644, text, strlen(text)), 0);
}

static void a_stub_is_replaced_by_what_stands_behind_it(void **state)
{
	char dir[] = "/tmp/cubby-resolv-XXXXXX";
	AUTO(resolv) struct resolv r = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	AUTO(mem) char *etc = str_fmt("%s/etc", dir);
	AUTO(mem) char *run = str_fmt("%s/run/systemd/resolve", dir);
	assert_int_equal(file_tree_make(etc, 0755), 0);
	assert_int_equal(file_tree_make(run, 0755), 0);
	AUTO(fd) int root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	put(root, "etc/resolv.conf", "nameserver 127.0.0.53\nsearch corp.example\noptions edns0\n");
	put(root, "run/systemd/resolve/resolv.conf", "nameserver 192.0.2.1\nsearch other\n");
	resolv_load(root, &r);
	assert_int_equal(r.servers.count, 1);
	assert_string_equal(r.servers.items[0], "192.0.2.1");
	assert_string_equal(r.search.items[0], "corp.example");
	assert_int_equal(file_tree_remove(AT_FDCWD, dir), 0);
}

static void the_containers_file_keeps_search_domains(void **state)
{
	AUTO(resolv) struct resolv host = { 0 };

	(void)state;
	resolv_parse("nameserver 192.0.2.1\nsearch a b\noptions ndots:1\n", &host);
	AUTO(mem)
	char *text = resolv_build(&(struct resolv_config){ .host = &host, .server = "10.0.2.3" });
	assert_string_equal(text, "search a b\nnameserver 10.0.2.3\noptions ndots:1\n");
	AUTO(mem) char *plain = resolv_build(&(struct resolv_config){ .host = &host });
	assert_string_equal(plain, "search a b\nnameserver 192.0.2.1\noptions ndots:1\n");
}

static void what_the_user_gives_replaces_the_hosts(void **state)
{
	AUTO(resolv) struct resolv host = { 0 };
	AUTO(strv) struct strv servers = { 0 }, search = { 0 }, options = { 0 };

	(void)state;
	resolv_parse("nameserver 192.0.2.1\nsearch a b\noptions ndots:1\n", &host);
	strv_add(&servers, "1.1.1.1");
	strv_add(&search, ".");
	strv_add(&options, "timeout:1");
	AUTO(mem)
	char *text = resolv_build(&(struct resolv_config){
		.host = &host,
		.server = "10.0.2.3",
		.servers = &servers,
		.search = &search,
		.options = &options,
	});
	assert_string_equal(text, "nameserver 1.1.1.1\noptions timeout:1\n");
}

static void a_networks_own_domain_is_searched_first(void **state)
{
	AUTO(resolv) struct resolv host = { 0 };
	AUTO(strv) struct strv none = { 0 };
	struct resolv_config config = { .host = &host, .server = "169.254.1.1", .domain = "own" };

	(void)state;
	AUTO(mem) char *alone = resolv_build(&config);
	assert_string_equal(alone, "search own\nnameserver 169.254.1.1\n");
	resolv_parse("search a b\n", &host);
	AUTO(mem) char *text = resolv_build(&config);
	assert_string_equal(text, "search own a b\nnameserver 169.254.1.1\n");
	strv_add(&none, ".");
	config.search = &none;
	AUTO(mem) char *without = resolv_build(&config);
	assert_string_equal(without, "nameserver 169.254.1.1\n");
}

static int check(const char *server, const char *search, const char *option)
{
	AUTO(strv) struct strv servers = { 0 }, domains = { 0 }, options = { 0 };
	AUTO(err) struct err err = { 0 };
	const struct resolv_config config = { .servers = &servers,
					      .search = &domains,
					      .options = &options };

	strv_split(&servers, server, ',');
	strv_split(&domains, search, ',');
	strv_split(&options, option, ',');
	int r = resolv_check(&config, &err);
	assert_int_equal(r < 0, err.text != NULL);
	return r;
}

static void what_the_user_gives_has_to_be_a_word_of_its_kind(void **state)
{
	(void)state;
	assert_int_equal(check("10.1.1.1,fd00::1,fe80::1%eth0", "a.example,.,b_c", "ndots:2,edns0"),
			 0);
	assert_int_equal(check("none", ".", "rotate"), 0);
	assert_int_equal(check("none,10.1.1.1", "a", "rotate"), -EINVAL);
	assert_int_equal(check("10.1.1", "a", "rotate"), -EINVAL);
	assert_int_equal(check("10.1.1.1%eth0", "a", "rotate"), -EINVAL);
	assert_int_equal(check("fe80::1%", "a", "rotate"), -EINVAL);
	assert_int_equal(check("fe80::1%a b", "a", "rotate"), -EINVAL);
	assert_int_equal(check("10.1.1.1", "a b", "rotate"), -EINVAL);
	assert_int_equal(check("10.1.1.1", "a\nnameserver 10.1.1.2", "rotate"), -EINVAL);
	assert_int_equal(check("10.1.1.1", "a", "ndots:1 rotate"), -EINVAL);
	assert_int_equal(check("10.1.1.1", "a", "rotate#"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_user_gives_has_to_be_a_word_of_its_kind),
		cmocka_unit_test(the_last_search_line_counts),
		cmocka_unit_test(a_stub_is_replaced_by_what_stands_behind_it),
		cmocka_unit_test(the_containers_file_keeps_search_domains),
		cmocka_unit_test(what_the_user_gives_replaces_the_hosts),
		cmocka_unit_test(a_networks_own_domain_is_searched_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
