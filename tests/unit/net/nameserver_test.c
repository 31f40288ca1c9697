/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nameserver - questions on loopback: who asks is 127.0.0.2 or 127.0.0.3, and so are the containers
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/callers.h"
#include "cubby-net/message.h"
#include "cubby-net/nameserver.h"
#include "fake_resolver.h"

enum { TURNS = 200, WEB = 2, DB = 3, STRANGER = 4 };

struct world {
	struct resolver resolver;
	struct names *names;
	struct nameserver *ns;
	struct sockaddr_in udp, tcp; /* where it answers */
};

static struct sockaddr_in name_of(int fd)
{
	struct sockaddr_in at;
	socklen_t size = sizeof at;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	return at;
}

static void join(struct names *n, const struct names_entry *e)
{
	struct names_member *m;
	struct err err = { 0 };

	assert_int_equal(names_add(n, e, &m, &err), 0);
}

static void world_init(struct world *w, bool internal)
{
	static const struct names_entry web = { .container = "aaaaaaaaaaaa",
						.name = "web",
						.ip = "127.0.0.2" };
	static const struct names_entry db = { .container = "bbbbbbbbbbbb",
					       .name = "db",
					       .ip = "127.0.0.3" };
	static char *subnets[] = { (char *)"127.0.0.0/29", (char *)"fd00:1::/64", NULL };
	static char *search[] = { (char *)"corp.example", NULL };
	const struct strv list = { subnets, 2 };
	const struct nameserver_config config = { .internal = internal, .subnets = &list };
	struct err err = { 0 };
	struct doors doors;

	*w = (struct world){ .resolver.search = { search, 1 } };
	assert_int_equal(names_new("net", false, &w->names, &err), 0);
	join(w->names, &web);
	join(w->names, &db);
	assert_int_equal(doors_open("127.0.0.1", NULL, 0, -1, &doors, &err), 0);
	assert_int_equal(doors.count, DOORS_QUEUES + 1);
	w->tcp = name_of(doors.items[0].fd);
	w->udp = name_of(doors.items[1].fd);
	assert_int_equal(nameserver_new(&config, &doors, w->names, &w->resolver, &w->ns, &err), 0);
}

static void world_clear(struct world *w)
{
	nameserver_free(w->ns);
	names_free(w->names);
}

/* A socket of a container, connected to the name server. */
static int client(const struct world *w, int who, int type)
{
	const struct sockaddr_in *to = type == SOCK_STREAM ? &w->tcp : &w->udp;
	struct sockaddr_in from = { .sin_family = AF_INET,
				    .sin_addr = { htonl(INADDR_LOOPBACK - 1 + (unsigned)who) } };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
	(void)!connect(fd, (const struct sockaddr *)to, sizeof *to); /* one of TCP is on its way */
	return fd;
}

static size_t question(uint8_t *out, const char *name, unsigned type)
{
	static const uint8_t head[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	uint8_t *p = out + sizeof head;

	memcpy(out, head, sizeof head);
	while (*name) {
		size_t length = strcspn(name, ".");
		*p++ = (uint8_t)length;
		memcpy(p, name, length);
		p += length;
		name += length + (name[length] == '.');
	}
	const uint8_t tail[] = { 0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1 };
	memcpy(p, tail, sizeof tail);
	return (size_t)(p - out) + sizeof tail;
}

static void ask(int fd, const char *name, unsigned type)
{
	uint8_t m[512];
	size_t size = question(m, name, type);

	assert_int_equal(send(fd, m, size, 0), size);
}

static void ask_stream(int fd, const char *name, unsigned type)
{
	uint8_t m[514] = { 0 };
	size_t size = question(m + 2, name, type);

	m[1] = (uint8_t)size;
	assert_int_equal(send(fd, m, size + 2, MSG_NOSIGNAL), size + 2);
}

static bool ready(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout) > 0;
}

/* Lets the name server work until a descriptor can be read, or it waits for others. */
static bool serve_until(struct world *w, int fd)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			      { .fd = nameserver_fd(w->ns), .events = POLLIN } };

	for (int i = 0; i < TURNS; i++) {
		assert_true(poll(p, 2, 5000) > 0);
		if (p[0].revents)
			return true;
		nameserver_serve(w->ns);
	}
	return false;
}

/* Serves what is there now. */
static void serve(struct world *w)
{
	for (int i = 0; i < TURNS && ready(nameserver_fd(w->ns), 0); i++)
		nameserver_serve(w->ns);
}

static size_t hear(struct world *w, int fd, uint8_t m[MESSAGE_MAX])
{
	assert_true(serve_until(w, fd));
	ssize_t n = recv(fd, m, MESSAGE_MAX, 0);
	assert_true(n >= MESSAGE_HEADER);
	assert_memory_equal(m, "\x12\x34", 2);
	return (size_t)n;
}

static void a_name_is_answered_and_lives_for_no_time(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(fd, "Web", MESSAGE_A);
	size_t n = hear(&w, fd, m);
	assert_memory_equal(m + 2, "\x85\x80\0\1\0\1\0\0\0\0", 10);
	assert_memory_equal(m + 13, "Web", 3);
	assert_memory_equal(m + n - 10, "\0\0\0\0\0\4\x7f\0\0\2", 10);
	world_clear(&w);
}

static void the_other_family_is_no_data_and_nobody_is_no_name(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(fd, "web", MESSAGE_AAAA);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_NOERROR);
	assert_memory_equal(m + 6, "\0\0\0\1", 4);
	ask(fd, "web.dns.podman", 15);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_NOERROR);
	ask(fd, "nobody", MESSAGE_A);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_NXDOMAIN);
	assert_memory_equal(m + 6, "\0\0\0\1", 4);
	world_clear(&w);
}

static void an_address_is_answered_with_the_name(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(fd, "2.0.0.127.in-addr.arpa", MESSAGE_PTR);
	size_t n = hear(&w, fd, m);
	assert_memory_equal(m + n - 7, "\0\5\3web\0", 7);
	/* Nobody's, but of the network: the world is not told. */
	ask(fd, "6.0.0.127.in-addr.arpa", MESSAGE_PTR);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_NXDOMAIN);
	world_clear(&w);
}

static void who_is_no_member_is_refused(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, STRANGER, SOCK_DGRAM);
	ask(fd, "web", MESSAGE_A);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_REFUSED);
	AUTO(fd) int caller = client(&w, STRANGER, SOCK_STREAM);
	assert_true(serve_until(&w, caller));
	assert_int_equal(recv(caller, m, 1, 0), 0);
	world_clear(&w);
}

static void what_is_broken_is_said_to_be(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	assert_int_equal(send(fd, "\x12\x34\0\0\0\1\0\0\0\0\0\0\xff", 13, 0), 13);
	assert_int_equal(hear(&w, fd, m), MESSAGE_HEADER);
	assert_int_equal(message_code(m), MESSAGE_FORMERR);
	assert_int_equal(send(fd, "\x12\x34\x28\0\0\1\0\0\0\0\0\0", 12, 0), 12);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_NOTIMP);
	world_clear(&w);
}

/* The server outside: takes a question and says whose it is to be answered. */
static size_t outside_hears(int server, uint8_t m[MESSAGE_MAX], struct sockaddr_in *from)
{
	socklen_t size = sizeof *from;
	ssize_t n = recvfrom(server, m, MESSAGE_MAX, 0, (struct sockaddr *)from, &size);

	assert_true(n > MESSAGE_HEADER);
	return (size_t)n;
}

static void outside_says(int server, uint8_t *m, size_t size, const struct sockaddr_in *to)
{
	m[2] |= 0x80;
	assert_int_equal(sendto(server, m, size, 0, (const struct sockaddr *)to, sizeof *to), size);
}

static void what_is_the_worlds_is_passed_on(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX] = { 0 };
	struct sockaddr_in from;

	(void)state;
	world_init(&w, false);
	AUTO(fd) int server = fake_server(&w.resolver, SOCK_DGRAM);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(fd, "example.com", MESSAGE_A);
	assert_true(serve_until(&w, server));
	size_t n = outside_hears(server, m, &from);
	outside_says(server, m, n, &from);
	assert_int_equal(hear(&w, fd, m), n);
	/* 512 bytes are the most that one takes who does not say otherwise. */
	ask(fd, "example.com", MESSAGE_A);
	assert_true(serve_until(&w, server));
	n = outside_hears(server, m, &from);
	outside_says(server, m, 900, &from);
	assert_int_equal(hear(&w, fd, m), n);
	assert_int_equal(m[2] & 2, 2);
	world_clear(&w);
}

static void no_name_of_a_container_reaches_the_world(void **state)
{
	static const char *const names[] = {
		"web",
		"gone",
		"web.dns.podman",
		"gone.dns.podman",
		"web.corp.example",
		"bbbbbbbbbbbb.corp.example",
		"web.net",
		"web.dns.podman.corp.example",
	};
	static const unsigned types[] = { MESSAGE_A, MESSAGE_AAAA, MESSAGE_ANY, 15, 16, 33, 65 };
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int server = fake_server(&w.resolver, SOCK_DGRAM);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	for (size_t i = 0; i < array_len(names) * array_len(types); i++) {
		ask(fd, names[i / array_len(types)], types[i % array_len(types)]);
		hear(&w, fd, m);
		assert_false(ready(server, 0));
	}
	world_clear(&w);
}

static void an_internal_network_asks_nobody(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, true);
	AUTO(fd) int server = fake_server(&w.resolver, SOCK_DGRAM);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(fd, "example.com", MESSAGE_A);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_NXDOMAIN);
	assert_false(ready(server, 0));
	ask(fd, "web", MESSAGE_A);
	hear(&w, fd, m);
	assert_int_equal(m[7], 1);
	world_clear(&w);
}

/* 127.0.0.4, with a server of its own where nobody is, and a way out. */
static void a_member_may_have_servers_of_its_own_and_a_way_out(void **state)
{
	static char *own[] = { (char *)"127.0.0.1", NULL };
	static const struct strv servers = { own, 1 };
	const struct names_entry e = { .container = "cccccccccccc",
				       .name = "own",
				       .ip = "127.0.0.4",
				       .servers = &servers,
				       .outside = true };
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, true);
	join(w.names, &e);
	AUTO(fd) int server = fake_server(&w.resolver, SOCK_DGRAM);
	AUTO(fd) int fd = client(&w, STRANGER, SOCK_DGRAM);
	ask(fd, "example.com", MESSAGE_A);
	hear(&w, fd, m);
	/* Its own server is not there; that of the network is not asked. */
	assert_int_equal(message_code(m), MESSAGE_SERVFAIL);
	assert_false(ready(server, 0));
	world_clear(&w);
}

static void without_anybody_to_ask_the_answer_is_servfail_at_once(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(fd, "example.com", MESSAGE_A);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_SERVFAIL);
	assert_int_equal(nameserver_timeout(w.ns), -1);
	world_clear(&w);
}

static void a_server_that_will_not_passes_the_question_on(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];
	struct sockaddr_in from;

	(void)state;
	world_init(&w, false);
	AUTO(fd) int first = fake_server(&w.resolver, SOCK_DGRAM);
	AUTO(fd) int second = fake_server(&w.resolver, SOCK_DGRAM);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(fd, "example.com", MESSAGE_A);
	assert_true(serve_until(&w, first));
	size_t n = outside_hears(first, m, &from);
	m[3] = MESSAGE_REFUSED;
	outside_says(first, m, n, &from);
	assert_true(serve_until(&w, second));
	n = outside_hears(second, m, &from);
	m[3] = MESSAGE_REFUSED;
	outside_says(second, m, n, &from);
	hear(&w, fd, m);
	assert_int_equal(message_code(m), MESSAGE_REFUSED);
	world_clear(&w);
}

/* --- TCP -------------------------------------------------------------------------------------- */

/* The answer on a stream, without its length. */
static size_t hear_stream(struct world *w, int fd, uint8_t m[MESSAGE_MAX])
{
	uint8_t length[2];
	size_t got = 0;

	assert_true(serve_until(w, fd));
	assert_int_equal(recv(fd, length, 2, 0), 2);
	size_t size = (size_t)length[0] << 8 | length[1];
	while (got < size) {
		assert_true(serve_until(w, fd));
		ssize_t n = recv(fd, m + got, size - got, 0);
		assert_true(n > 0);
		got += (size_t)n;
	}
	return size;
}

static void a_caller_asks_one_question_after_the_other(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, DB, SOCK_STREAM);
	assert_true(ready(nameserver_fd(w.ns), 5000));
	ask_stream(fd, "web", MESSAGE_A);
	ask_stream(fd, "db", MESSAGE_A);
	size_t n = hear_stream(&w, fd, m);
	assert_int_equal(m[n - 1], WEB);
	n = hear_stream(&w, fd, m);
	assert_int_equal(m[n - 1], DB);
	world_clear(&w);
}

static void a_long_answer_goes_over_tcp_on_both_sides(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX + 2];
	uint8_t length[2];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int server = fake_server(&w.resolver, SOCK_STREAM);
	AUTO(fd) int fd = client(&w, DB, SOCK_STREAM);
	assert_true(ready(nameserver_fd(w.ns), 5000));
	ask_stream(fd, "example.com", MESSAGE_A);
	assert_true(serve_until(&w, server));
	AUTO(fd) int line = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	assert_true(serve_until(&w, line));
	assert_int_equal(recv(line, length, 2, MSG_WAITALL), 2);
	assert_int_equal(recv(line, m + 2, length[1], MSG_WAITALL), length[1]);
	m[0] = m[1] = 0xff;
	m[4] |= 0x80;
	memset(m + 2 + length[1], 7, MESSAGE_MAX - length[1]);
	/* In two parts, the first of which ends within the length. */
	assert_int_equal(send(line, m, 1, MSG_NOSIGNAL), 1);
	serve(&w);
	assert_int_equal(send(line, m + 1, 1, MSG_NOSIGNAL), 1);
	serve(&w);
	assert_int_equal(fd_nonblock(line, true), 0);
	for (size_t at = 2; at < sizeof m;) {
		ssize_t n = send(line, m + at, sizeof m - at, MSG_NOSIGNAL);
		at += n > 0 ? (size_t)n : 0;
		serve(&w);
	}
	assert_int_equal(hear_stream(&w, fd, m), MESSAGE_MAX);
	assert_memory_equal(m, "\x12\x34", 2);
	assert_int_equal(m[MESSAGE_MAX - 1], 7);
	world_clear(&w);
}

static void a_slow_caller_holds_nobody_up(void **state)
{
	int slow[CALLERS_EACH];
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	for (size_t i = 0; i < array_len(slow); i++) {
		slow[i] = client(&w, DB, SOCK_STREAM);
		assert_true(ready(nameserver_fd(w.ns), 5000));
		serve(&w);
		assert_int_equal(send(slow[i], "", 1, MSG_NOSIGNAL), 1); /* half a length */
		serve(&w);
	}
	/* It has ten seconds, and is waited for without holding up others. */
	assert_in_range(nameserver_timeout(w.ns), 5000, 10001);
	AUTO(fd) int fd = client(&w, WEB, SOCK_STREAM);
	ask(fd, "", 0); /* 0x1234 is no length that is heard out */
	assert_true(serve_until(&w, fd));
	assert_true(recv(fd, m, 1, 0) <= 0);
	AUTO(fd) int udp = client(&w, DB, SOCK_DGRAM);
	ask(udp, "web", MESSAGE_A);
	hear(&w, udp, m);
	/* One more of the same address closes its first. */
	assert_false(ready(slow[0], 0));
	AUTO(fd) int more = client(&w, DB, SOCK_STREAM);
	ask_stream(more, "web", MESSAGE_A);
	hear_stream(&w, more, m);
	assert_true(ready(slow[0], 0));
	assert_false(ready(slow[1], 0));
	for (size_t i = 0; i < array_len(slow); i++)
		close(slow[i]);
	world_clear(&w);
}

static void a_caller_that_hangs_up_is_forgotten_with_its_question(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];
	struct linger reset = { .l_onoff = 1 };

	(void)state;
	world_init(&w, false);
	AUTO(fd) int server = fake_server(&w.resolver, SOCK_STREAM);
	int fd = client(&w, DB, SOCK_STREAM);
	assert_true(ready(nameserver_fd(w.ns), 5000));
	ask_stream(fd, "example.com", MESSAGE_A);
	assert_true(serve_until(&w, server));
	AUTO(fd) int line = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	assert_true(serve_until(&w, line));
	assert_true(recv(line, m, sizeof m, 0) > 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
	close(fd);
	assert_true(serve_until(&w, line));
	assert_int_equal(recv(line, m, sizeof m, 0), 0);
	assert_int_equal(nameserver_timeout(w.ns), -1);
	world_clear(&w);
}

/* --- floods ----------------------------------------------------------------------------------- */

static void a_flood_takes_the_place_of_its_own_questions_alone(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];
	struct sockaddr_in from, first;

	(void)state;
	world_init(&w, false);
	AUTO(fd) int server = fake_server(&w.resolver, SOCK_DGRAM);
	AUTO(fd) int other = client(&w, WEB, SOCK_DGRAM);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	ask(other, "first.example.com", MESSAGE_A);
	assert_true(serve_until(&w, server));
	size_t size = outside_hears(server, m, &first);
	AUTO(mem) uint8_t *kept = mem_copy(m, size);
	for (int i = 0; i < NAMESERVER_EACH * 3; i++) {
		ask(fd, "example.com", MESSAGE_A);
		assert_true(serve_until(&w, server));
		outside_hears(server, m, &from);
	}
	outside_says(server, kept, size, &first);
	assert_int_equal(hear(&w, other, m), size);
	assert_in_range(nameserver_timeout(w.ns), 0, 1001);
	world_clear(&w);
}

static void a_flood_fills_no_queue_but_its_own(void **state)
{
	struct world w;
	uint8_t m[MESSAGE_MAX];

	(void)state;
	world_init(&w, false);
	AUTO(fd) int fd = client(&w, DB, SOCK_DGRAM);
	AUTO(fd) int other = client(&w, WEB, SOCK_DGRAM);
	for (int i = 0; i < 4000; i++)
		ask(fd, "db", MESSAGE_A);
	ask(other, "web", MESSAGE_A);
	/* Before a hundredth of the flood is answered. */
	nameserver_serve(w.ns);
	assert_true(ready(other, 0));
	size_t n = hear(&w, other, m);
	assert_int_equal(m[n - 1], WEB);
	world_clear(&w);
}

static void questions_wait_for_who_serves_next_also_when_that_one_is_gone_at_once(void **state)
{
	struct err err = { 0 };
	struct doors doors;
	int keeper = -1;
	char word[8];

	assert_int_equal(doors_open("127.0.0.1", NULL, 0, -1, &doors, &err), 0);
	const struct sockaddr_in at = name_of(doors.items[1].fd);
	assert_int_equal(doors_keep(&doors, &keeper), 0);
	doors_close(&doors);
	AUTO(fd) int asker = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(asker, (const struct sockaddr *)&at, sizeof at), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(send(asker, "who", 3, 0), 3);
		assert_int_equal(
			doors_open("127.0.0.1", NULL, ntohs(at.sin_port), keeper, &doors, &err), 0);
		assert_int_equal(recv(doors.items[1].fd, word, sizeof word, MSG_DONTWAIT), 3);
		doors_close(&doors);
	}
	fd_close(keeper);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_answered_and_lives_for_no_time),
		cmocka_unit_test(the_other_family_is_no_data_and_nobody_is_no_name),
		cmocka_unit_test(an_address_is_answered_with_the_name),
		cmocka_unit_test(who_is_no_member_is_refused),
		cmocka_unit_test(what_is_broken_is_said_to_be),
		cmocka_unit_test(what_is_the_worlds_is_passed_on),
		cmocka_unit_test(no_name_of_a_container_reaches_the_world),
		cmocka_unit_test(an_internal_network_asks_nobody),
		cmocka_unit_test(a_member_may_have_servers_of_its_own_and_a_way_out),
		cmocka_unit_test(without_anybody_to_ask_the_answer_is_servfail_at_once),
		cmocka_unit_test(a_server_that_will_not_passes_the_question_on),
		cmocka_unit_test(a_caller_asks_one_question_after_the_other),
		cmocka_unit_test(a_long_answer_goes_over_tcp_on_both_sides),
		cmocka_unit_test(a_slow_caller_holds_nobody_up),
		cmocka_unit_test(a_caller_that_hangs_up_is_forgotten_with_its_question),
		cmocka_unit_test(a_flood_takes_the_place_of_its_own_questions_alone),
		cmocka_unit_test(a_flood_fills_no_queue_but_its_own),
		cmocka_unit_test(
			questions_wait_for_who_serves_next_also_when_that_one_is_gone_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
