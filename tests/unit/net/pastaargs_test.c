/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pastaargs - which options of pasta a container may have, and all words it is started with
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/pastaargs.h"

static void options_are(const char *text, const char *want)
{
	AUTO(strv) struct strv options = { 0 };
	AUTO(err) struct err err = { 0 };

	assert_int_equal(pastaargs_check(text, &options, &err), 0);
	AUTO(mem) char *got = str_join(&options, " ");
	assert_string_equal(got, want);
}

static void refused(const char *text, const char *says)
{
	AUTO(strv) struct strv options = { 0 };
	AUTO(err) struct err err = { 0 };

	assert_int_equal(pastaargs_check(text, &options, &err), -EINVAL);
	assert_non_null(strstr(err.text, says));
	assert_int_equal(options.count, 0);
}

static void options_are_taken_in_each_of_their_forms(void **state)
{
	(void)state;
	options_are(NULL, "");
	options_are("--mtu,1500,-T,5432", "--mtu 1500 --tcp-ns 5432");
	options_are("--mtu=1500,-T5432,-4", "--mtu 1500 --tcp-ns 5432 --ipv4-only");
	options_are("--map-gw", "--map-gw");
	options_are("-D,,-t,auto", "--dns  --tcp-ports auto");
	options_are("-t,-P", "--tcp-ports -P"); /* a value, whatever it looks like */
}

static void what_would_write_files_or_leave_the_container_is_refused(void **state)
{
	static const char *const all[] = {
		"--pid,/x", "--pid=/x",	    "-P,/x",	  "-P/x",	 "--log-file,/x",
		"-l,/x",    "--log-size,1", "--pcap,/x",  "-p,/x",	 "--runas,0",
		"--fd,3",   "-F,3",	    "--netns,/x", "--userns,/x", "--netns-only",
		"-f",	    "--foreground", "--trace",
	};

	(void)state;
	for (size_t i = 0; i < array_len(all); i++)
		refused(all[i], "cannot be given to a container");
}

static void what_is_unknown_is_refused(void **state)
{
	(void)state;
	refused("--nosuch", "'--nosuch'");
	refused("-Z", "'-Z'");
	refused("-4,sh", "'sh'");  /* a command */
	refused("1234", "'1234'"); /* a process */
	refused("", "''");
	refused("-", "'-'");
	refused("--mtu", "needs a value");
	refused("-4x", "takes no value");
}

static void words_are(const char *options, const char *port, bool maps_guest, const char *want)
{
	AUTO(strv) struct strv list = { 0 }, words = { 0 };
	AUTO(ports) struct ports ports = { 0 };
	const struct pastaargs args = { &list, &ports, maps_guest, "/n", "/r" };

	assert_int_equal(pastaargs_check(options, &list, NULL), 0);
	if (port)
		assert_int_equal(ports_parse(port, &ports, NULL), 0);
	pastaargs_build(&args, &words);
	AUTO(mem) char *got = str_join(&words, " ");
	assert_string_equal(got, want);
}

static void no_door_is_open_that_was_not_asked_for(void **state)
{
	(void)state;
	words_are(NULL, NULL, false,
		  "pasta --config-net --quiet --tcp-ports none --udp-ports none --tcp-ns none "
		  "--udp-ns none --no-map-gw --dns-forward 169.254.1.1 --foreground "
		  "--no-netns-quit --pid /r --netns /n");
	words_are(
		NULL, "127.0.0.1:8080:80", true,
		"pasta --config-net --quiet --tcp-ports 127.0.0.1/8080-8080:80-80 --udp-ports none "
		"--tcp-ns none --udp-ns none --no-map-gw --dns-forward 169.254.1.1 "
		"--map-guest-addr 169.254.1.2 --foreground --no-netns-quit --pid /r --netns /n");
	words_are(
		"--map-gw,-T,5432,-u,auto,--dns-forward,10.0.0.9", NULL, false,
		"pasta --tcp-ns 5432 --udp-ports auto --dns-forward 10.0.0.9 --config-net --quiet "
		"--tcp-ports none --udp-ns none --foreground --no-netns-quit --pid /r --netns /n");
}

static void values_are_found_by_their_options_alone(void **state)
{
	AUTO(strv) struct strv list = { 0 };

	(void)state;
	assert_int_equal(pastaargs_check("-S,--ipv6-only,--dns-forward,1.2.3.4", &list, NULL), 0);
	assert_false(pastaargs_has(&list, "--ipv6-only"));
	assert_string_equal(pastaargs_value(&list, "--dns-forward"), "1.2.3.4");
	assert_null(pastaargs_value(&list, "--mtu"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_taken_in_each_of_their_forms),
		cmocka_unit_test(what_would_write_files_or_leave_the_container_is_refused),
		cmocka_unit_test(what_is_unknown_is_refused),
		cmocka_unit_test(no_door_is_open_that_was_not_asked_for),
		cmocka_unit_test(values_are_found_by_their_options_alone),
	};

	return cmocka_run_group_tests_name("pastaargs", tests, NULL, NULL);
}
