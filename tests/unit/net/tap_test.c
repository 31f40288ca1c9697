/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap - what is missing in a frame is made, and what does not fit is dropped
 */
#include <errno.h>
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
#include "cubby-net/tap.h"

enum { ETHERNET = 14, IP = 20, TCP = 20, TCP_SUM = 16, START = ETHERNET + IP };

/* A tap of either kind, and the container's end of it. */
struct ends {
	struct tap tap;
	int far;
};

static struct ends ends_new(bool headers)
{
	int pair[2];

	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(fd_nonblock(pair[0], true), 0);
	return (struct ends){ { pair[0], headers }, pair[1] };
}

static void ends_close(struct ends *e)
{
	close(e->tap.fd);
	close(e->far);
}

/* The sum as RFC 1071 tells it. */
static uint16_t sum_of(const uint8_t *at, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* A frame of that size as the container's kernel leaves it; the bytes differ with the seed. */
static void hand_over(const struct ends *e, size_t size, uint16_t start, uint16_t offset,
		      uint8_t seed)
{
	struct virtio_net_hdr head = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				       .csum_start = start,
				       .csum_offset = offset };
	uint8_t *bytes = mem_alloc(sizeof head + size, 1);

	memcpy(bytes, &head, sizeof head);
	for (size_t i = 0; i < size; i++)
		bytes[sizeof head + i] = (uint8_t)(seed + i * 7 + i / 251);
	assert_int_equal(send(e->far, bytes, sizeof head + size, 0), sizeof head + size);
	free(bytes);
}

static void test_sum(void **state unused_arg)
{
	struct ends e = ends_new(true);
	uint8_t *buffer = mem_alloc(TAP_BUFFER, 1), *frame;

	for (size_t payload = 0; payload < 200; payload++) {
		size_t size = START + TCP + payload;
		hand_over(&e, size, START, TCP_SUM, (uint8_t)payload);
		assert_int_equal(tap_receive(&e.tap, buffer, &frame), size);
		/* The field was part of the sum: what is added up now lacks it. */
		uint8_t was[2] = { (uint8_t)(payload + (START + TCP_SUM) * 7),
				   (uint8_t)(payload + (START + TCP_SUM + 1) * 7) };
		uint32_t all =
			(uint32_t)sum_of(frame + START, size - START) + (was[0] << 8 | was[1]);
		all = (all & 0xffff) + (all >> 16);
		assert_int_equal(all, 0xffff);
	}
	free(buffer);
	ends_close(&e);
}

static void test_large(void **state unused_arg)
{
	struct ends e = ends_new(true);
	uint8_t *buffer = mem_alloc(TAP_BUFFER, 1), *frame;
	int room = 1 << 20;

	assert_int_equal(setsockopt(e.far, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
	hand_over(&e, 65535 + ETHERNET, START, TCP_SUM, 3);
	assert_int_equal(tap_receive(&e.tap, buffer, &frame), 65535 + ETHERNET);
	free(buffer);
	ends_close(&e);
}

static void test_beyond(void **state unused_arg)
{
	struct ends e = ends_new(true);
	uint8_t *buffer = mem_alloc(TAP_BUFFER, 1), *frame;
	static const struct {
		uint16_t start, offset;
	} wrong[] = { { 100, 0 }, { 65535, 65535 }, { 34, 65 }, { 34, 66 }, { 99, 0 }, { 0, 99 } };

	for (size_t i = 0; i < array_len(wrong); i++) {
		hand_over(&e, 100, wrong[i].start, wrong[i].offset, 1);
		assert_int_equal(tap_receive(&e.tap, buffer, &frame), 0);
	}
	hand_over(&e, 100, 34, 64, 1);
	assert_int_equal(tap_receive(&e.tap, buffer, &frame), 100);
	assert_int_equal(send(e.far, "short", 5, 0), 5);
	assert_int_equal(tap_receive(&e.tap, buffer, &frame), 0);
	assert_int_equal(tap_receive(&e.tap, buffer, &frame), -EAGAIN);
	free(buffer);
	ends_close(&e);
}

static void test_plain(void **state unused_arg)
{
	struct ends e = ends_new(false);
	uint8_t *buffer = mem_alloc(TAP_BUFFER, 1), *frame;
	char got[100];

	assert_int_equal(send(e.far, "a frame", 7, 0), 7);
	assert_int_equal(tap_receive(&e.tap, buffer, &frame), 7);
	assert_memory_equal(frame, "a frame", 7);
	tap_send(&e.tap, "an answer", 9);
	assert_int_equal(recv(e.far, got, sizeof got, 0), 9);
	free(buffer);
	ends_close(&e);
}

static void test_send(void **state unused_arg)
{
	struct ends e = ends_new(true);
	char got[100];

	tap_send(&e.tap, "an answer", 9);
	assert_int_equal(recv(e.far, got, sizeof got, 0), TAP_HEADER + 9);
	assert_int_equal(got[0], 0);
	assert_memory_equal(got + TAP_HEADER, "an answer", 9);
	ends_close(&e);
}

static void test_kind(void **state unused_arg)
{
	struct tap tap;
	int pair[2];

	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	tap_init(&tap, pair[0]);
	assert_int_equal(tap.fd, pair[0]);
	assert_false(tap.headers);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "tap: a checksum that is missing is made, whatever the length", test_sum, NULL,
		  NULL, NULL },
		{ "tap: the largest packet fits", test_large, NULL, NULL, NULL },
		{ "tap: a header that points outside its frame drops it", test_beyond, NULL, NULL,
		  NULL },
		{ "tap: without headers frames are as they are", test_plain, NULL, NULL, NULL },
		{ "tap: what is sent has a header that asks for nothing", test_send, NULL, NULL,
		  NULL },
		{ "tap: what is not known to have headers has none", test_kind, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
