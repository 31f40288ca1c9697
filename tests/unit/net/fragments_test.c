/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fragments - what is in order becomes one packet, all else nothing
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cubby-net/fragments.h"

enum { ETHER = sizeof(struct ether_header), HEAD = ETHER + sizeof(struct iphdr), ROOM = 70000 };

struct world {
	struct fragments fragments;
	uint8_t frame[ROOM];
	uint8_t *out;
};

/* One fragment of packet @id, its bytes those of a row that goes on; result: what is whole. */
static size_t give(struct world *w, uint16_t id, size_t at, size_t size, bool more)
{
	struct iphdr ip = { .version = 4,
			    .ihl = 5,
			    .id = id,
			    .protocol = IPPROTO_UDP,
			    .tot_len = htons((uint16_t)(sizeof ip + size)),
			    .frag_off = htons((uint16_t)(at / 8 | (more ? IP_MF : 0))) };

	memset(w->frame, 0, HEAD);
	w->frame[12] = 8;
	memcpy(w->frame + ETHER, &ip, sizeof ip);
	for (size_t i = 0; i < size; i++)
		w->frame[HEAD + i] = (uint8_t)((at + i) * 31 >> 3);
	return fragments_take(&w->fragments, w->frame, HEAD + size, &w->out);
}

static void is_row(const struct world *w, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(w->out[HEAD + i], (uint8_t)(i * 31 >> 3));
}

static struct world *world_new(void)
{
	return mem_new(struct world);
}

static void world_free(struct world *w)
{
	for (size_t i = 0; i < FRAGMENTS_SLOTS; i++)
		free(w->fragments.slots[i].frame);
	free(w);
}

static void test_whole(void **state unused_arg)
{
	struct world *w = world_new();
	struct iphdr ip;
	uint32_t sum = 0;

	assert_int_equal(give(w, 1, 0, 1480, true), 0);
	assert_int_equal(give(w, 2, 0, 800, true), 0);
	assert_int_equal(give(w, 1, 1480, 1480, true), 0);
	assert_int_equal(give(w, 1, 2960, 5, false), HEAD + 2965);
	is_row(w, 2965);
	memcpy(&ip, w->out + ETHER, sizeof ip);
	assert_int_equal(ip.frag_off, 0);
	assert_int_equal(ntohs(ip.tot_len), sizeof ip + 2965);
	for (size_t i = 0; i < sizeof ip; i += 2)
		sum += (uint32_t)(w->out[ETHER + i] << 8 | w->out[ETHER + i + 1]);
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	assert_int_equal(give(w, 2, 800, 1, false), HEAD + 801);
	is_row(w, 801);
	world_free(w);
}

static void test_untouched(void **state unused_arg)
{
	struct world *w = world_new();

	assert_int_equal(give(w, 1, 0, 100, false), HEAD + 100);
	assert_ptr_equal(w->out, w->frame);
	assert_int_equal(fragments_take(&w->fragments, w->frame, 20, &w->out), 20);
	w->frame[12] = 0x86;
	w->frame[ETHER + 6] = 0x20;
	assert_int_equal(fragments_take(&w->fragments, w->frame, HEAD, &w->out), HEAD);
	world_free(w);
}

static void test_disorder(void **state unused_arg)
{
	struct world *w = world_new();

	static const size_t wrong[] = { 8, 24 }; /* an overlap, a gap */

	assert_int_equal(give(w, 1, 16, 8, false), 0);
	for (size_t i = 0; i < array_len(wrong); i++) {
		assert_int_equal(give(w, 1, 0, 16, true), 0);
		assert_int_equal(give(w, 1, wrong[i], 8, true), 0);
		assert_int_equal(give(w, 1, 16, 8, false), 0);
	}
	/* the same once more: it begins anew */
	assert_int_equal(give(w, 1, 0, 16, true), 0);
	assert_int_equal(give(w, 1, 0, 8, true), 0);
	assert_int_equal(give(w, 1, 8, 8, false), HEAD + 16);
	world_free(w);
}

static void test_malformed(void **state unused_arg)
{
	struct world *w = world_new();

	assert_int_equal(give(w, 1, 0, 0, true), 0);
	assert_int_equal(give(w, 1, 0, 7, true), 0);
	assert_int_equal(give(w, 1, 7 * 8, 1, false), 0);
	/* longer than its frame, a header that is none */
	assert_int_equal(give(w, 1, 0, 16, true), 0);
	assert_int_equal(fragments_take(&w->fragments, w->frame, HEAD + 15, &w->out), 0);
	w->frame[ETHER] = 0x44;
	assert_int_equal(fragments_take(&w->fragments, w->frame, HEAD + 16, &w->out), 0);
	w->frame[ETHER] = 0x4f;
	assert_int_equal(fragments_take(&w->fragments, w->frame, HEAD + 16, &w->out), 0);
	world_free(w);
}

static void test_largest(void **state unused_arg)
{
	struct world *w = world_new();

	assert_int_equal(give(w, 1, 0, 32760, true), 0);
	assert_int_equal(give(w, 1, 32760, 32755, false), HEAD + 65515);
	is_row(w, 65515);
	assert_int_equal(give(w, 1, 0, 32760, true), 0);
	assert_int_equal(give(w, 1, 32760, 32756, false), 0);
	world_free(w);
}

static void test_many(void **state unused_arg)
{
	struct world *w = world_new();

	for (uint16_t id = 0; id < FRAGMENTS_SLOTS + 1; id++)
		assert_int_equal(give(w, id, 0, 8, true), 0);
	assert_int_equal(give(w, 0, 8, 8, false), 0); /* gave way */
	for (uint16_t id = 1; id < FRAGMENTS_SLOTS + 1; id++)
		assert_int_equal(give(w, id, 8, 8, false), HEAD + 16);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "fragments: those in order become one packet, also of two at once", test_whole,
		  NULL, NULL, NULL },
		{ "fragments: what is none stays as it is", test_untouched, NULL, NULL, NULL },
		{ "fragments: an overlap or a gap drops the packet", test_disorder, NULL, NULL,
		  NULL },
		{ "fragments: malformed ones are dropped", test_malformed, NULL, NULL, NULL },
		{ "fragments: the largest packet fits, a larger one does not", test_largest, NULL,
		  NULL, NULL },
		{ "fragments: the oldest of too many packets gives way", test_many, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
