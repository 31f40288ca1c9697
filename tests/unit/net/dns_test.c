/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dns - the container's name server: frames in, frames out
 */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cubby-net/dns.h"
#include "fake_resolver.h"

enum { HEADERS = 14 + 20 + 8, QUESTION = 29, MTU = 1500, FRAMES = 8, FRAME = 4096 };

/* "example.com", type A, asked with id 0x1234. */
static const uint8_t question[QUESTION] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
					  "\x07"
					  "example\x03"
					  "com\x00\x00\x01\x00\x01";

struct sent {
	size_t count;
	size_t size;
	uint8_t frame[FRAME]; /* the last */
};

static void keep_frame(void *data, const void *frame, size_t size)
{
	struct sent *s = data;

	s->count++;
	s->size = size;
	memcpy(s->frame, frame, size < FRAME ? size : FRAME);
}

static struct dns *name_server(struct resolver *resolver, struct sent *sent)
{
	struct in_addr address = { inet_addr("10.0.2.3") };
	struct dns *dns;

	assert_int_equal(dns_new(address, MTU, resolver, keep_frame, sent, &dns), 0);
	return dns;
}

/* The frame of a question to 10.0.2.3; returns its size. */
static size_t frame_of(uint8_t *frame, const uint8_t *message, size_t size)
{
	static const uint8_t head[HEADERS] = {
		0x52, 0x55, 10, 0, 2,	 3,    2, 0,  10, 0,  2, 100, 8,  0, /* Ethernet */
		0x45, 0,    0,	0, 0,	 0,    0, 0,  64, 17, 0, 0,   10, 0,
		2,    100,					    /* IPv4 from 10.0.2.100 */
		10,   0,    2,	3, 0x30, 0x39, 0, 53, 0,  0,  0, 0, /* UDP from port 12345 */
	};

	memcpy(frame, head, HEADERS);
	memcpy(frame + HEADERS, message, size);
	frame[16] = (uint8_t)((28 + size) >> 8);
	frame[17] = (uint8_t)(28 + size);
	frame[38] = (uint8_t)((8 + size) >> 8);
	frame[39] = (uint8_t)(8 + size);
	return HEADERS + size;
}

static void wait_and_serve(struct dns *dns)
{
	struct pollfd p = { .fd = dns_fd(dns), .events = POLLIN };
	int timeout = dns_timeout(dns);

	assert_in_range(timeout, 0, 1001);
	assert_true(poll(&p, 1, timeout) > 0);
	dns_serve(dns);
}

/* The server's side: takes the question, answers with so many bytes. */
static void answer(int fd, size_t size)
{
	uint8_t message[2048] = { 0 };
	struct sockaddr_in from;
	socklen_t from_size = sizeof from;

	assert_int_equal(recvfrom(fd, message, sizeof message, 0, (struct sockaddr *)&from,
				  &from_size),
			 QUESTION);
	assert_memory_equal(message + 2, question + 2, QUESTION - 2);
	message[2] |= 0x80;
	assert_int_equal(sendto(fd, message, size, 0, (struct sockaddr *)&from, from_size), size);
}

static void without_a_server_the_answer_is_servfail_at_once(void **state)
{
	struct resolver resolver = { 0 };
	struct sent sent = { 0 };
	AUTO(dns) struct dns *dns = name_server(&resolver, &sent);
	uint8_t frame[FRAME];

	(void)state;
	assert_true(dns_frame(dns, frame, frame_of(frame, question, QUESTION)));
	assert_int_equal(sent.count, 1);
	assert_int_equal(sent.size, HEADERS + QUESTION);
	assert_memory_equal(sent.frame + HEADERS, "\x12\x34\x81\x82", 4);
	assert_memory_equal(sent.frame + 26, "\x0a\x00\x02\x03\x0a\x00\x02\x64\x00\x35\x30\x39",
			    12);
}

static void an_answer_comes_back_with_the_id_of_the_question(void **state)
{
	struct resolver resolver = { 0 };
	struct sent sent = { 0 };
	AUTO(dns) struct dns *dns = name_server(&resolver, &sent);
	uint8_t frame[FRAME];
	int server = fake_server(&resolver, SOCK_DGRAM);

	(void)state;
	assert_true(dns_frame(dns, frame, frame_of(frame, question, QUESTION)));
	assert_int_equal(sent.count, 0);
	answer(server, 100);
	wait_and_serve(dns);
	assert_int_equal(sent.size, HEADERS + 100);
	assert_memory_equal(sent.frame + HEADERS, "\x12\x34\x81", 3);
	close(server);
}

static void what_does_not_fit_is_cut_behind_the_question(void **state)
{
	struct resolver resolver = { 0 };
	struct sent sent = { 0 };
	AUTO(dns) struct dns *dns = name_server(&resolver, &sent);
	uint8_t frame[FRAME];
	int server = fake_server(&resolver, SOCK_DGRAM);

	(void)state;
	assert_true(dns_frame(dns, frame, frame_of(frame, question, QUESTION)));
	answer(server, 1600);
	wait_and_serve(dns);
	assert_int_equal(sent.size, HEADERS + QUESTION);
	assert_int_equal(sent.frame[HEADERS + 2] & 0x02, 0x02);
	close(server);
}

static void a_server_that_refuses_passes_the_question_on(void **state)
{
	struct resolver resolver = { 0 };
	struct sent sent = { 0 };
	AUTO(dns) struct dns *dns = name_server(&resolver, &sent);
	uint8_t frame[FRAME];

	(void)state;
	close(fake_server(&resolver, SOCK_DGRAM)); /* nobody listens there */
	int server = fake_server(&resolver, SOCK_DGRAM);
	assert_true(dns_frame(dns, frame, frame_of(frame, question, QUESTION)));
	wait_and_serve(dns);
	answer(server, 60);
	wait_and_serve(dns);
	assert_int_equal(sent.count, 1);
	close(server);
}

static void an_answer_to_another_question_is_not_taken(void **state)
{
	struct resolver resolver = { 0 };
	struct sent sent = { 0 };
	AUTO(dns) struct dns *dns = name_server(&resolver, &sent);
	uint8_t frame[FRAME], message[QUESTION];
	int server = fake_server(&resolver, SOCK_DGRAM);
	struct sockaddr_in from;
	socklen_t size = sizeof from;

	(void)state;
	assert_true(dns_frame(dns, frame, frame_of(frame, question, QUESTION)));
	assert_int_equal(recvfrom(server, message, QUESTION, 0, (struct sockaddr *)&from, &size),
			 QUESTION);
	message[2] |= 0x80;
	message[13] ^= 1; /* fxample.com */
	assert_int_equal(sendto(server, message, QUESTION, 0, (struct sockaddr *)&from, size),
			 QUESTION);
	wait_and_serve(dns);
	assert_int_equal(sent.count, 0);
	message[13] ^= 1 ^ 0x20; /* Example.com is the same */
	assert_int_equal(sendto(server, message, QUESTION, 0, (struct sockaddr *)&from, size),
			 QUESTION);
	wait_and_serve(dns);
	assert_int_equal(sent.count, 1);
	close(server);
}

static void strange_frames_are_dropped_and_others_left_alone(void **state)
{
	struct resolver resolver = { 0 };
	struct sent sent = { 0 };
	AUTO(dns) struct dns *dns = name_server(&resolver, &sent);
	uint8_t frame[FRAME];
	size_t size = frame_of(frame, question, QUESTION);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		/* Of exactly this size, so that the sanitizer sees a byte too far. */
		AUTO(mem) uint8_t *part = mem_copy(frame, cut);
		part = mem_resize(part, cut ? cut : 1, 1);
		(void)dns_frame(dns, part, cut);
	}
	assert_int_equal(sent.count, 0);
	for (size_t at = 0; at < HEADERS; at++)
		for (unsigned value = 0; value < 256; value++) {
			uint8_t changed[FRAME];
			memcpy(changed, frame, size);
			changed[at] = (uint8_t)value;
			(void)dns_frame(dns, changed, size);
		}
	frame[33] = 4; /* another host */
	assert_false(dns_frame(dns, frame, size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_server_the_answer_is_servfail_at_once),
		cmocka_unit_test(an_answer_comes_back_with_the_id_of_the_question),
		cmocka_unit_test(what_does_not_fit_is_cut_behind_the_question),
		cmocka_unit_test(a_server_that_refuses_passes_the_question_on),
		cmocka_unit_test(an_answer_to_another_question_is_not_taken),
		cmocka_unit_test(strange_frames_are_dropped_and_others_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
