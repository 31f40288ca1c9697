/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dialer_test - which frames are calls, and how calls are refused
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "cubby-net/dialer.h"
#include "cubby-net/refusal.h"

enum { HEAD = 14, ROOM = 2048, SEQUENCE = 0xfffffffe, SPORT = 40000, DPORT = 443 };

static const uint8_t container_mac[ETH_ALEN] = { 2, 0, 10, 0, 2, 100 };

/* What egress_target() says; 0: the listener's address. */
static int verdict;
static struct sockaddr_in listener_at;

int egress_target(const struct egress *egress, int fd, const struct sockaddr *wanted,
		  socklen_t size, struct sockaddr_storage *out)
{
	(void)egress;
	(void)wanted;
	(void)size;
	if (verdict)
		return verdict;
	/* A call of IPv6 shall be met as well. */
	int other = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(other >= 0 && dup3(other, fd, O_CLOEXEC) >= 0);
	close(other);
	memcpy(out, &listener_at, sizeof listener_at);
	return sizeof listener_at;
}

struct world {
	struct dialer *dialer;
	struct tap tap;
	struct transit transit;
	struct net_config config;
	int far;      /* of the tap */
	int calls[2]; /* a pipe */
	int listener;
};

static int set_up(void **state)
{
	static struct world w;
	socklen_t size = sizeof listener_at;
	int pair[2];

	w = (struct world){ .transit = { -1, -1, -1, -1 } };
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	w.tap.fd = pair[0];
	w.far = pair[1];
	assert_int_equal(pipe2(w.calls, O_NONBLOCK | O_CLOEXEC), 0);
	w.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	listener_at = (struct sockaddr_in){ .sin_family = AF_INET,
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(w.listener, (struct sockaddr *)&listener_at, sizeof listener_at), 0);
	assert_int_equal(listen(w.listener, 8), 0);
	assert_int_equal(getsockname(w.listener, (struct sockaddr *)&listener_at, &size), 0);
	const struct dialer_args args = { .config = &w.config,
					  .transit = &w.transit,
					  .out = w.calls[1] };
	assert_int_equal(dialer_new(&args, &w.dialer), 0); /* lives as long as the process */
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	close(w->tap.fd);
	close(w->far);
	close(w->calls[0]);
	close(w->calls[1]);
	close(w->listener);
	return 0;
}

/* --- frames ----------------------------------------------------------------------------------- */

static uint32_t add_words(uint32_t sum, const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return sum;
}

static bool sums_up(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static size_t call4(uint8_t *out, uint8_t flags)
{
	const struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof ip + sizeof(struct tcphdr)),
		.protocol = IPPROTO_TCP,
		.ttl = 64,
		.saddr = inet_addr("10.0.2.100"),
		.daddr = inet_addr("198.51.100.7"),
	};
	const struct tcphdr tcp = { .th_sport = htons(SPORT),
				    .th_dport = htons(DPORT),
				    .th_seq = htonl(SEQUENCE),
				    .th_off = 5,
				    .th_flags = flags };

	memset(out, 0, HEAD);
	memcpy(out + ETH_ALEN, container_mac, ETH_ALEN);
	out[12] = 8;
	memcpy(out + HEAD, &ip, sizeof ip);
	memcpy(out + HEAD + sizeof ip, &tcp, sizeof tcp);
	return HEAD + sizeof ip + sizeof tcp;
}

static size_t call6(uint8_t *out, uint8_t flags)
{
	struct ip6_hdr ip = { 0 };
	const struct tcphdr tcp = { .th_sport = htons(SPORT),
				    .th_dport = htons(DPORT),
				    .th_seq = htonl(SEQUENCE),
				    .th_off = 5,
				    .th_flags = flags };

	ip.ip6_flow = htonl(6U << 28);
	ip.ip6_plen = htons(sizeof tcp);
	ip.ip6_nxt = IPPROTO_TCP;
	ip.ip6_hlim = 64;
	assert_int_equal(inet_pton(AF_INET6, "fd00::100", &ip.ip6_src), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::7", &ip.ip6_dst), 1);
	memset(out, 0, HEAD);
	memcpy(out + ETH_ALEN, container_mac, ETH_ALEN);
	out[12] = 0x86;
	out[13] = 0xdd;
	memcpy(out + HEAD, &ip, sizeof ip);
	memcpy(out + HEAD + sizeof ip, &tcp, sizeof tcp);
	return HEAD + sizeof ip + sizeof tcp;
}

static bool take(struct world *w, const uint8_t *frame, size_t size)
{
	/* Of just that size: reading on is seen. */
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, frame, size);
	bool taken = dialer_frame(w->dialer, &w->tap, copy, size);
	free(copy);
	return taken;
}

static size_t answer(struct world *w, uint8_t *out)
{
	ssize_t n = recv(w->far, out, ROOM, MSG_DONTWAIT);

	return n < 0 ? 0 : (size_t)n;
}

static struct dial *handed(struct world *w)
{
	struct dial *dial;

	return read(w->calls[0], &dial, sizeof dial) == (ssize_t)sizeof dial ? dial : NULL;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_call_is_connected_and_handed_over(void **state)
{
	struct world *w = *state;
	uint8_t frame[ROOM];

	verdict = 0;
	for (int i = 0; i < 2; i++) {
		size_t size = i ? call6(frame, TH_SYN) : call4(frame, TH_SYN);
		assert_true(take(w, frame, size));
		int met = accept(w->listener, NULL, NULL);
		assert_true(met >= 0);
		dialer_serve(w->dialer, &w->tap);
		struct dial *dial = handed(w);
		assert_non_null(dial);
		assert_int_equal(atomic_load(&dial->state), DIAL_HANDED);
		assert_int_equal(dial->size, size - HEAD);
		assert_memory_equal(dial->packet, frame + HEAD, size - HEAD);
		assert_memory_equal(dial->mac, container_mac, ETH_ALEN);
		assert_int_equal(dial->to.in4.sin_port, htons(DPORT));
		/* The same again is the same call, until it is done. */
		assert_true(take(w, frame, size));
		assert_null(handed(w));
		close(dial->fd);
		close(met);
		atomic_store(&dial->state, DIAL_DONE);
	}
	verdict = -ETIMEDOUT; /* both are swept by the next call */
	assert_true(take(w, frame, call4(frame, TH_SYN)));
	assert_int_equal(answer(w, frame), 0);
}

static void only_what_opens_a_connection_is_a_call(void **state)
{
	struct world *w = *state;
	static const uint8_t others[] = { TH_ACK,	   TH_SYN | TH_ACK, TH_RST, TH_SYN | TH_RST,
					  TH_SYN | TH_FIN, TH_FIN,	    0 };
	uint8_t frame[ROOM];

	verdict = -ECONNREFUSED;
	for (size_t i = 0; i < sizeof others; i++) {
		assert_true(take(w, frame, call4(frame, others[i])));
		assert_true(take(w, frame, call6(frame, others[i])));
	}
	assert_int_equal(answer(w, frame), 0);
}

static void what_is_cut_short_or_lies_about_its_size_is_none(void **state)
{
	struct world *w = *state;
	uint8_t frame[ROOM];

	verdict = -ECONNREFUSED;
	for (size_t n = 0; n < call4(frame, TH_SYN); n++)
		(void)take(w, frame, n);
	for (size_t n = 0; n < call6(frame, TH_SYN); n++)
		(void)take(w, frame, n);
	size_t size = call4(frame, TH_SYN);
	frame[HEAD] = 0x4f; /* a head longer than the packet */
	(void)take(w, frame, size);
	size = call4(frame, TH_SYN);
	frame[HEAD + 20 + 12] = 0xf0; /* the same of TCP */
	assert_true(take(w, frame, size));
	size = call4(frame, TH_SYN);
	frame[HEAD + 6] = 0x20; /* more fragments follow */
	(void)take(w, frame, size);
	size = call4(frame, TH_SYN);
	frame[HEAD + 9] = IPPROTO_UDP;
	assert_false(take(w, frame, size));
	assert_int_equal(answer(w, frame), 0);
}

static void a_refusal_is_a_reset(void **state)
{
	struct world *w = *state;
	uint8_t frame[ROOM];
	struct tcphdr tcp;

	verdict = -ECONNREFUSED;
	assert_true(take(w, frame, call4(frame, TH_SYN)));
	assert_int_equal(answer(w, frame), HEAD + 20 + 20);
	assert_memory_equal(frame, container_mac, ETH_ALEN);
	assert_true(sums_up(add_words(0, frame + HEAD, 20)));
	assert_true(sums_up(add_words(IPPROTO_TCP + 20, frame + HEAD + 12, 8 + 20)));
	memcpy(&tcp, frame + HEAD + 20, sizeof tcp);
	assert_int_equal(tcp.th_flags, TH_RST | TH_ACK);
	assert_int_equal(ntohl(tcp.th_ack), SEQUENCE + 1);
	assert_int_equal(ntohs(tcp.th_sport), DPORT);
	assert_int_equal(ntohs(tcp.th_dport), SPORT);

	assert_true(take(w, frame, call6(frame, TH_SYN)));
	assert_int_equal(answer(w, frame), HEAD + 40 + 20);
	assert_true(sums_up(add_words(IPPROTO_TCP + 20, frame + HEAD + 8, 32 + 20)));
}

static void what_is_not_reached_is_told_as_a_router_does(void **state)
{
	static const struct {
		int code;
		uint8_t code4, code6;
	} cases[] = {
		{ -ENETUNREACH, ICMP_NET_UNREACH, ICMP6_DST_UNREACH_NOROUTE },
		{ -EHOSTUNREACH, ICMP_HOST_UNREACH, ICMP6_DST_UNREACH_ADDR },
		{ -EACCES, ICMP_PKT_FILTERED, ICMP6_DST_UNREACH_ADMIN },
	};
	struct world *w = *state;
	uint8_t frame[ROOM], call[ROOM];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		verdict = cases[i].code;
		size_t size = call4(call, TH_SYN), icmp = 8 + size - HEAD;
		assert_true(take(w, call, size));
		assert_int_equal(answer(w, frame), HEAD + 20 + icmp);
		assert_int_equal(frame[HEAD + 20], ICMP_DEST_UNREACH);
		assert_int_equal(frame[HEAD + 21], cases[i].code4);
		assert_true(sums_up(add_words(0, frame + HEAD, 20)));
		assert_true(sums_up(add_words(0, frame + HEAD + 20, icmp)));
		assert_memory_equal(frame + HEAD + 28, call + HEAD, size - HEAD);

		size = call6(call, TH_SYN);
		icmp = 8 + size - HEAD;
		assert_true(take(w, call, size));
		assert_int_equal(answer(w, frame), HEAD + 40 + icmp);
		assert_int_equal(frame[HEAD + 40], ICMP6_DST_UNREACH);
		assert_int_equal(frame[HEAD + 41], cases[i].code6);
		assert_true(sums_up(
			add_words(IPPROTO_ICMPV6 + (uint32_t)icmp, frame + HEAD + 8, 32 + icmp)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_connected_and_handed_over),
		cmocka_unit_test(only_what_opens_a_connection_is_a_call),
		cmocka_unit_test(what_is_cut_short_or_lies_about_its_size_is_none),
		cmocka_unit_test(a_refusal_is_a_reset),
		cmocka_unit_test(what_is_not_reached_is_told_as_a_router_does),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
