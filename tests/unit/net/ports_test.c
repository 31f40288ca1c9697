/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ports - published ports: what is typed, stored and shown
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/ports.h"

/* What is typed, and what is stored of it. */
static void stored_as(const char *typed, const char *stored)
{
	AUTO(ports) struct ports ports = { 0 };
	AUTO(strv) struct strv list = { 0 };
	AUTO(err) struct err err = { 0 };

	assert_int_equal(ports_parse(typed, &ports, &err), 0);
	ports_save(&ports, &list);
	AUTO(mem) char *text = str_join(&list, " ");
	assert_string_equal(text, stored);
	AUTO(ports) struct ports again = { 0 };
	AUTO(strv) struct strv twice = { 0 };
	assert_int_equal(ports_load(&list, &again, &err), 0);
	ports_save(&again, &twice);
	AUTO(mem) char *same = str_join(&twice, " ");
	assert_string_equal(same, stored);
}

static void every_form_of_publish_is_read_and_stored(void **state)
{
	(void)state;
	stored_as("8080:80", ":8080:80/tcp");
	stored_as("80", "::80/tcp");
	stored_as("53:53/udp", ":53:53/udp");
	stored_as("127.0.0.1:8080:80", "127.0.0.1:8080:80/tcp");
	stored_as("127.0.0.2::80", "127.0.0.2::80/tcp");
	stored_as("[::1]:8080:80", "[::1]:8080:80/tcp");
	stored_as("[0:0:0:0:0:0:0:1]::80/udp", "[::1]::80/udp");
	stored_as("8000-8002:80-82", ":8000-8002:80-82/tcp");
	stored_as("80-81", "::80/tcp ::81/tcp");
	stored_as("8000-8010:80", ":8000-8010:80/tcp");
	stored_as(":80", "::80/tcp");
	stored_as("0:80", "::80/tcp");
	stored_as("127.0.0.1:0:80-81/udp", "127.0.0.1::80/udp 127.0.0.1::81/udp");
}

static void a_published_port_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"0-2:80",
		"80:0",
		"80:65536",
		"+80:80",
		"a:80",
		"80:",
		"80:80/",
		"80:80/icmp",
		"1.2.3:8080:80",
		"::1:80:80",
		"[::1:80:80",
		"[::1]80",
		"[::1]",
		"80-79:80-79",
		"80-82:80-81",
		"1.2.3.4:80:80:80",
		" 80:80",
		"-80:80",
		"80-:80",
		"fe80::1:80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		AUTO(ports) struct ports ports = { 0 };
		AUTO(err) struct err err = { 0 };
		if (ports_parse(bad[i], &ports, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(strstr(err.text, bad[i]));
		assert_int_equal(ports.count, 0);
	}
}

static void sctp_is_refused_by_name(void **state)
{
	AUTO(ports) struct ports ports = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(ports_parse("80:80/sctp", &ports, &err), -EPROTONOSUPPORT);
}

static void shown_as(const char *const *typed, const char *const *exposed, const char *column)
{
	AUTO(ports) struct ports ports = { 0 };
	AUTO(strv) struct strv expose = { 0 };
	AUTO(err) struct err err = { 0 };

	for (; *typed; typed++)
		assert_int_equal(ports_parse(*typed, &ports, &err), 0);
	for (; exposed && *exposed; exposed++)
		assert_int_equal(ports_expose(*exposed, &expose, &err), 0);
	AUTO(mem) char *text = ports_print(&ports, &expose);
	assert_string_equal(text, column);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void the_column_is_dockers(void **state)
{
	(void)state;
	shown_as(LIST("8080:80"), NULL, "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp");
	shown_as(LIST("127.0.0.1:8080:80"), NULL, "127.0.0.1:8080->80/tcp");
	shown_as(LIST("0.0.0.0:8001:81", "0.0.0.0:8000:80"), NULL, "0.0.0.0:8000-8001->80-81/tcp");
	shown_as(LIST("0.0.0.0:8001:80", "0.0.0.0:8000:81"), NULL,
		 "0.0.0.0:8001->80/tcp, 0.0.0.0:8000->81/tcp");
	shown_as(LIST("0.0.0.0:8080:80"), LIST("443/tcp", "80/tcp"),
		 "0.0.0.0:8080->80/tcp, 443/tcp");
	shown_as(LIST("0.0.0.0:80:80/udp", "0.0.0.0:80:80"), NULL,
		 "0.0.0.0:80->80/tcp, 0.0.0.0:80->80/udp");
}

static void port_prints_the_host_side_of_one_port(void **state)
{
	AUTO(ports) struct ports ports = { 0 };
	AUTO(strv) struct strv lines = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(ports_parse("8000-8001:80-81", &ports, &err), 0);
	assert_int_equal(ports_lines(&ports, "81", &lines, &err), 0);
	assert_int_equal(lines.count, 2);
	assert_string_equal(lines.items[0], "0.0.0.0:8001");
	assert_string_equal(lines.items[1], "[::]:8001");
	assert_int_equal(ports_lines(&ports, "81/udp", &lines, &err), -ENOENT);
	assert_int_equal(ports_lines(&ports, "x", &lines, &err), -EINVAL);
	strv_clear(&lines);
	assert_int_equal(ports_lines(&ports, NULL, &lines, &err), 0);
	assert_string_equal(lines.items[0], "80/tcp -> 0.0.0.0:8000");
	assert_int_equal(lines.count, 4);
}

static int checked(const char *a, const char *b, int first, struct err *err)
{
	AUTO(ports) struct ports ports = { 0 };

	assert_int_equal(ports_parse(a, &ports, err), 0);
	if (b)
		assert_int_equal(ports_parse(b, &ports, err), 0);
	return ports_check(&ports, first, err);
}

static void a_privileged_port_names_the_sysctl_and_another_port(void **state)
{
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(checked("80:80", NULL, 1024, &err), -EACCES);
	assert_non_null(strstr(err.hint, "-p 8080:80"));
	assert_non_null(strstr(err.hint, "net.ipv4.ip_unprivileged_port_start=80"));
	assert_int_equal(checked("80:80", NULL, 80, &err), 0);
	assert_int_equal(checked("80", NULL, 1024, &err), 0);
}

static void one_host_port_cannot_be_published_twice(void **state)
{
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(checked("8080:80", "8080:81", 1024, &err), -EEXIST);
	assert_int_equal(checked("8080-8090:80-90", "8085:1", 1024, &err), -EEXIST);
	assert_int_equal(checked("0.0.0.0:8080:80", "127.0.0.1:8080:80", 1024, &err), -EEXIST);
	assert_int_equal(checked("127.0.0.2:8080:80", "127.0.0.1:8080:80", 1024, &err), 0);
	assert_int_equal(checked("8080:80", "8080:80/udp", 1024, &err), 0);
	assert_int_equal(checked("[::1]:8080:80", "127.0.0.1:8080:80", 1024, &err), 0);
	assert_int_equal(checked("80", "80", 1024, &err), 0);
}

static void all_ports_are_exposed_once(void **state)
{
	AUTO(strv) struct strv expose = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(ports_expose("1000-2000", &expose, &err), 0);
	assert_int_equal(ports_expose("1-65535/udp", &expose, &err), 0);
	assert_int_equal(ports_expose("1-65535", &expose, &err), 0);
	assert_int_equal(ports_expose("1-65535/tcp", &expose, &err), 0);
	assert_int_equal(expose.count, 2 * 65535);
	assert_string_equal(expose.items[0], "1000/tcp");
	assert_string_equal(expose.items[1001], "1/udp");
}

static void publish_all_takes_what_is_exposed_and_not_published(void **state)
{
	AUTO(ports) struct ports ports = { 0 };
	AUTO(strv) struct strv expose = { 0 }, list = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(ports_expose("80", &expose, &err), 0);
	assert_int_equal(ports_expose("80/tcp", &expose, &err), 0);
	assert_int_equal(ports_expose("53-54/udp", &expose, &err), 0);
	assert_int_equal(expose.count, 3);
	assert_int_equal(ports_expose("80/tcp/udp", &expose, &err), -EINVAL);
	assert_int_equal(ports_parse("8080:80", &ports, &err), 0);
	ports_publish_all(&expose, &ports);
	ports_save(&ports, &list);
	AUTO(mem) char *text = str_join(&list, " ");
	assert_string_equal(text, ":8080:80/tcp ::53/udp ::54/udp");
	strv_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ports_are_exposed_once),
		cmocka_unit_test(every_form_of_publish_is_read_and_stored),
		cmocka_unit_test(a_published_port_that_is_none_is_refused),
		cmocka_unit_test(sctp_is_refused_by_name),
		cmocka_unit_test(the_column_is_dockers),
		cmocka_unit_test(port_prints_the_host_side_of_one_port),
		cmocka_unit_test(a_privileged_port_names_the_sysctl_and_another_port),
		cmocka_unit_test(one_host_port_cannot_be_published_twice),
		cmocka_unit_test(publish_all_takes_what_is_exposed_and_not_published),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
