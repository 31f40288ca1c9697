/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * activated_test - which sockets serve which published ports
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "net/activated.h"

static struct activated items[] = {
	{ 10, (char *)"0.0.0.0", 80, false },	  { 11, (char *)"::", 80, false },
	{ 12, (char *)"127.0.0.1", 8080, false }, { 13, (char *)"0.0.0.0", 53, true },
	{ 14, (char *)"::1", 81, false },
};
static const struct activated_list list = { items, array_len(items) };

/* The descriptors that serve the first port of a mapping, joined. */
static void served_by(const char *publish, const char *want)
{
	AUTO(ports) struct ports ports = { 0 };
	AUTO(err) struct err err = { 0 };
	AUTO(strv) struct strv found = { 0 };

	assert_int_equal(ports_parse(publish, &ports, &err), 0);
	for (int i = -1; (i = activated_find(&list, &ports.items[0], 0, (size_t)(i + 1))) >= 0;)
		strv_addf(&found, "%d", list.items[i].fd);
	AUTO(mem) char *text = str_join(&found, " ");
	assert_string_equal(text, want);
}

static void a_socket_serves_the_mapping_that_has_its_address_port_and_protocol(void **state)
{
	(void)state;
	served_by("80:8000", "10 11");
	served_by("0.0.0.0:80:8000", "10");
	served_by("[::]:80:8000", "11");
	served_by("127.0.0.1:80:8000", "");
	served_by("127.0.0.1:8080:80", "12");
	served_by("8080:80", "");
	served_by("53:53", "");
	served_by("53:53/udp", "13");
	served_by("[::1]:81:81", "14");
	served_by("79-85:8000", "10 11");
	served_by("80", "");
}

static void what_no_socket_serves_is_left_to_be_bound(void **state)
{
	AUTO(ports) struct ports ports = { 0 }, rest = { 0 };
	AUTO(err) struct err err = { 0 };
	AUTO(strv) struct strv texts = { 0 };

	(void)state;
	assert_int_equal(ports_parse("79-81:79-81", &ports, &err), 0);
	assert_int_equal(ports_parse("127.0.0.1:8080:80", &ports, &err), 0);
	activated_rest(&list, &ports, &rest);
	ports_save(&rest, &texts);
	AUTO(mem) char *text = str_join(&texts, " ");
	assert_string_equal(text, ":79:79/tcp :81:81/tcp");
	assert_true(activated_serves(&list, 1, &ports));
	assert_true(activated_serves(&list, 2, &ports));
	assert_false(activated_serves(&list, 3, &ports));
}

static void only_bound_sockets_of_the_internet_can_serve(void **state)
{
	AUTO(activated) struct activated_list found = { 0 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	AUTO(fd) int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	AUTO(fd) int idle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	AUTO(fd) int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	AUTO(fd) int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	AUTO(fd) int unbound = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int fds[] = { listening, idle, local, udp, unbound, -1 };

	(void)state;
	assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(bind(idle, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(bind(udp, (struct sockaddr *)&at, sizeof at), 0);
	activated_read(fds, array_len(fds), &found);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.items[0].fd, listening);
	assert_string_equal(found.items[0].ip, "127.0.0.1");
	assert_false(found.items[0].udp);
	assert_int_equal(found.items[1].fd, udp);
	assert_true(found.items[1].udp);
	assert_true(found.items[1].port > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_socket_serves_the_mapping_that_has_its_address_port_and_protocol),
		cmocka_unit_test(what_no_socket_serves_is_left_to_be_bound),
		cmocka_unit_test(only_bound_sockets_of_the_internet_can_serve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
