/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox_test - which steps of a build one monitor may serve
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "engine/sandbox.h"

static struct container_config *step(const char *id)
{
	struct container_config *config = mem_new(struct container_config);

	config->id = str_dup(id);
	config->build = true;
	config->driver = str_dup("overlay");
	config->network_mode = str_dup("slirp");
	config->userns_mode = str_dup("host");
	return config;
}

static void a_usual_step_fits(void **state)
{
	AUTO(container_config) struct container_config *config = step("a");

	(void)state;
	assert_true(sandbox_fits(config));
	str_set(&config->network_mode, "none");
	assert_true(sandbox_fits(config));
	config->build = false;
	assert_false(sandbox_fits(config));
}

static void refused(void (*change)(struct container_config *config))
{
	AUTO(container_config) struct container_config *config = step("a");

	change(config);
	assert_false(sandbox_fits(config));
}

static void privileged(struct container_config *config)
{
	config->privileged = true;
}

static void stronger(struct container_config *config)
{
	strv_add(&config->cap_add, "CAP_NET_ADMIN");
}

static void switching(struct container_config *config)
{
	strv_add(&config->sysctls, "net.ipv4.ip_forward=1");
}

static void unmasked(struct container_config *config)
{
	strv_add(&config->unmask, "/proc/sys");
}

static void joined(struct container_config *config)
{
	str_set(&config->network_mode, "container:x");
}

static void bridged(struct container_config *config)
{
	str_set(&config->network_mode, "bridge");
}

static void sharing_processes(struct container_config *config)
{
	str_set(&config->pid_mode, "host");
}

static void published(struct container_config *config)
{
	strv_add(&config->ports, "0.0.0.0:80:80/tcp");
}

static void of_a_file(struct container_config *config)
{
	strv_add(&config->layers, "/somewhere/image.sqfs");
}

static void through_fuse(struct container_config *config)
{
	str_set(&config->driver, "fuse-overlayfs");
}

static void who_may_change_what_lives_on_does_not(void **state)
{
	(void)state;
	refused(privileged);
	refused(stronger);
	refused(switching);
	refused(unmasked);
	refused(joined);
	refused(bridged);
	refused(sharing_processes);
	refused(published);
	refused(of_a_file);
	refused(through_fuse);
}

static void what_a_step_runs_may_differ_and_what_it_runs_in_may_not(void **state)
{
	AUTO(container_config) struct container_config *one = step("a");
	AUTO(container_config) struct container_config *two = step("b");
	AUTO(mem) char *first = NULL, *second = NULL, *third = NULL;

	(void)state;
	strv_add(&two->command, "true");
	strv_add(&two->layers, "11");
	str_set(&two->user, "1000");
	first = sandbox_like(one);
	second = sandbox_like(two);
	assert_string_equal(first, second);
	strv_add(&two->dns, "10.0.0.1");
	third = sandbox_like(two);
	assert_string_not_equal(first, third);
}

static void the_next_step_is_asked_for_where_it_is_alike(void **state)
{
	AUTO(container_config)
	struct container_config *config =
		step("0123456789012345678901234567890123456789012345678901234567890123");
	struct sandbox sandbox = { 0 };
	struct sandbox_step heard;
	int nest = -1, other = -1;

	(void)state;
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &nest, NULL), 0);
	assert_true(nest >= 0);
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &other, NULL), 1);
	assert_int_equal(other, -1);
	assert_int_equal(sandbox_hear(nest, &heard), 0);
	assert_string_equal(heard.id, config->id);
	assert_true(heard.sock > 2 && heard.lock > 2);
	fd_close(heard.sock);
	fd_close(heard.lock);
	/* Who has one for itself keeps the others'. */
	assert_int_equal(sandbox_take(&sandbox, config, true, 1, 2, &other, NULL), 0);
	assert_int_equal(other, -1);
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &other, NULL), 1);
	sandbox_end(&sandbox);
	assert_int_equal(sandbox_hear(nest, &heard), 0);
	fd_close(heard.sock);
	fd_close(heard.lock);
	assert_int_equal(sandbox_hear(nest, &heard), -EPIPE);
	fd_close(nest);
}

static void one_that_has_left_unheard_is_asked_no_more(void **state)
{
	AUTO(container_config)
	struct container_config *config =
		step("0123456789012345678901234567890123456789012345678901234567890123");
	struct sandbox sandbox = { 0 };
	int nest = -1, pair[2];

	(void)state;
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &nest, NULL), 0);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(sandbox_take(&sandbox, config, false, pair[1], 2, &nest, NULL), 1);
	fd_close(pair[1]);
	assert_false(sandbox_left(pair[0]));
	fd_close(nest);
	assert_true(sandbox_left(pair[0]));
	fd_close(pair[0]);
	nest = -1;
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &nest, NULL), 0);
	assert_true(nest >= 0);
	fd_close(nest);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(send(pair[1], "x", 1, 0), 1);
	fd_close(pair[1]);
	assert_false(sandbox_left(pair[0]));
	fd_close(pair[0]);
	sandbox_end(&sandbox);
}

static void two_wait_and_a_third_replaces_the_oldest(void **state)
{
	AUTO(container_config)
	struct container_config *config =
		step("0123456789012345678901234567890123456789012345678901234567890123");
	struct sandbox sandbox = { 0 };
	struct sandbox_step heard;
	int first = -1, second = -1, third = -1, none = -1;

	(void)state;
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &first, NULL), 0);
	str_set(&config->network_mode, "none");
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &second, NULL), 0);
	str_set(&config->network_mode, "slirp");
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &none, NULL), 1);
	assert_int_equal(sandbox_hear(first, &heard), 0);
	fd_close(heard.sock);
	fd_close(heard.lock);
	str_set(&config->network_mode, "host");
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &third, NULL), 0);
	assert_int_equal(sandbox_hear(first, &heard), -EPIPE);
	str_set(&config->network_mode, "none");
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &none, NULL), 1);
	sandbox_end(&sandbox);
	fd_close(first);
	fd_close(second);
	fd_close(third);
}

static void one_that_is_gone_is_replaced(void **state)
{
	AUTO(container_config)
	struct container_config *config =
		step("0123456789012345678901234567890123456789012345678901234567890123");
	struct sandbox sandbox = { 0 };
	int nest = -1, other = -1;

	(void)state;
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &nest, NULL), 0);
	fd_close(nest);
	assert_int_equal(sandbox_take(&sandbox, config, false, 1, 2, &other, NULL), 0);
	assert_true(other >= 0);
	fd_close(other);
	sandbox_end(&sandbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_step_fits),
		cmocka_unit_test(who_may_change_what_lives_on_does_not),
		cmocka_unit_test(what_a_step_runs_may_differ_and_what_it_runs_in_may_not),
		cmocka_unit_test(the_next_step_is_asked_for_where_it_is_alike),
		cmocka_unit_test(one_that_has_left_unheard_is_asked_no_more),
		cmocka_unit_test(two_wait_and_a_third_replaces_the_oldest),
		cmocka_unit_test(one_that_is_gone_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
