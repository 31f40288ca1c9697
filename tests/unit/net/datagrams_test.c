/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * datagrams - how long a socket of the host stands for one of the container's, by a clock that the test sets, and
 * what the container is told of who answers
 */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/datagrams.h"

#define GATEWAY "10.0.2.2"

/* The datagram's way: the container's end of the tap, and a server. */
struct world {
	struct egress egress;
	struct datagrams *datagrams;
	struct tap tap;
	int far, server;
	struct sockaddr_in at;
};

static int64_t the_time = 1000 * CLOCK_SECOND;

/* Here it has another name than the library's (Makefile.am). */
int64_t clock_mono(void)
{
	return the_time;
}

int egress_target(const struct egress *egress, int fd, const struct sockaddr *wanted,
		  socklen_t size, struct sockaddr_storage *out)
{
	struct sockaddr_in *to = (struct sockaddr_in *)out;

	memcpy(out, wanted, size);
	if (to->sin_addr.s_addr == inet_addr(GATEWAY))
		to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)egress;
	(void)fd;
	return sizeof(struct sockaddr_in);
}

static void world_init(struct world *w)
{
	const struct net_plan plan = { .mtu = 1500, .gateway = (char *)GATEWAY, .prefix = 24 };
	const struct net_config config = { 0 };
	socklen_t size = sizeof w->at;
	int pair[2];

	*w = (struct world){ .at = { .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	w->tap.fd = pair[0];
	w->far = pair[1];
	w->server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->server, (const struct sockaddr *)&w->at, size), 0);
	assert_int_equal(getsockname(w->server, (struct sockaddr *)&w->at, &size), 0);
	assert_int_equal(datagrams_new(&plan, &config, &w->egress, &w->datagrams), 0);
}

static void world_end(struct world *w)
{
	fd_close(w->tap.fd);
	fd_close(w->far);
	fd_close(w->server);
}

/* The container sends to the server by that address; the result is who the server sees. */
static struct sockaddr_in call(struct world *w, const char *host)
{
	struct {
		uint8_t ether[14];
		uint8_t ip[sizeof(struct iphdr)];
		uint8_t udp[sizeof(struct udphdr)];
		uint8_t data[4];
	} frame = { .ether = { 0x52, 0x55, 10, 0, 2, 2, 2, 0, 0, 0, 0, 1, 8, 0 } };
	const struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof frame - sizeof frame.ether),
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.saddr = inet_addr("10.0.2.100"),
		.daddr = inet_addr(host),
	};
	const struct udphdr udp = { .uh_sport = htons(4000),
				    .uh_dport = w->at.sin_port,
				    .uh_ulen = htons(sizeof frame.udp + sizeof frame.data) };
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	char data[8];

	memcpy(frame.ip, &ip, sizeof ip);
	memcpy(frame.udp, &udp, sizeof udp);
	assert_true(datagrams_frame(w->datagrams, &w->tap, (void *)&frame, sizeof frame));
	assert_int_equal(recvfrom(w->server, data, sizeof data, 0, (struct sockaddr *)&from, &size),
			 sizeof frame.data);
	return from;
}

/* Where what the server sends there comes from, as the container sees it; 0: it does not come. */
static uint32_t answer(struct world *w, const struct sockaddr_in *to)
{
	enum { FROM = 14 + 12 };
	uint8_t frame[100];
	uint32_t from = 0;
	struct pollfd p = { .fd = datagrams_fd(w->datagrams), .events = POLLIN };

	assert_int_equal(sendto(w->server, "late", 4, 0, (const void *)to, sizeof *to), 4);
	/* The loopback hands it over before sendto() is done. */
	if (poll(&p, 1, 0) == 1)
		datagrams_serve(w->datagrams, &w->tap);
	if (recv(w->far, frame, sizeof frame, MSG_DONTWAIT) > FROM)
		memcpy(&from, frame + FROM, sizeof from);
	return from;
}

static bool answers(struct world *w, const struct sockaddr_in *to)
{
	return answer(w, to) == inet_addr(GATEWAY);
}

/* A sweep looks at all of them twice a minute. */
static int pass(struct world *w, int seconds)
{
	the_time += seconds * CLOCK_SECOND;
	return datagrams_sweep(w->datagrams);
}

static void a_container_that_only_listens_is_told_on_and_on(void **state)
{
	static struct world w; /* the sockets live as long as the process */

	world_init(&w);
	const struct sockaddr_in to = call(&w, GATEWAY);
	for (int i = 0; i < 5; i++) {
		(void)pass(&w, 100);
		assert_true(answers(&w, &to));
	}
	world_end(&w);
	(void)state;
}

static void a_socket_that_is_silent_both_ways_is_closed(void **state)
{
	static struct world w; /* the sockets live as long as the process */

	world_init(&w);
	const struct sockaddr_in to = call(&w, GATEWAY);
	(void)pass(&w, 100);
	assert_true(answers(&w, &to));
	assert_int_equal(pass(&w, 200), -1);
	assert_false(answers(&w, &to));
	world_end(&w);
	(void)state;
}

static void who_is_called_by_two_names_has_the_one_that_he_was_called_by_last(void **state)
{
	static const char *const names[] = { GATEWAY, "127.0.0.1", GATEWAY, "127.0.0.1" };
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < array_len(names); i++) {
		const struct sockaddr_in to = call(&w, names[i]);
		assert_int_equal(answer(&w, &to), inet_addr(names[i]));
	}
	world_end(&w);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_that_only_listens_is_told_on_and_on),
		cmocka_unit_test(a_socket_that_is_silent_both_ways_is_closed),
		cmocka_unit_test(who_is_called_by_two_names_has_the_one_that_he_was_called_by_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
