/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * message - DNS messages: read, built and cut
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cubby-net/message.h"

/* "Web.net", type AAAA, recursion wanted, id 0x1234. */
#define WEB                                                                                        \
	"\x12\x34\x01\0\0\1\0\0\0\0\0\0\3"                                                         \
	"Web\3net\0\0\x1c\0\1"
/* The same with EDNS(0): 1232 bytes. */
#define WEB_EDNS                                                                                   \
	"\x12\x34\x01\0\0\1\0\0\0\0\0\1\3"                                                         \
	"Web\3net\0\0\x1c\0\1\0\0\x29\x04\xd0\0\0\0\0\0\0"

static void a_question_is_read_in_lower_case(void **state)
{
	struct message_question q;

	(void)state;
	assert_int_equal(message_parse((const uint8_t *)WEB, sizeof WEB - 1, &q), 0);
	assert_string_equal(q.name, "web.net");
	assert_int_equal(q.labels, 2);
	assert_int_equal(q.type, MESSAGE_AAAA);
	assert_int_equal(q.end, sizeof WEB - 1);
	assert_false(q.edns);
	assert_int_equal(message_room(&q, 4096), 512);
}

static void edns_says_how_long_an_answer_may_be(void **state)
{
	struct message_question q;
	uint8_t answer[512];
	struct reply reply;

	(void)state;
	assert_int_equal(message_parse((const uint8_t *)WEB_EDNS, sizeof WEB_EDNS - 1, &q), 0);
	assert_true(q.edns);
	assert_int_equal(message_room(&q, 4096), 1232);
	assert_int_equal(message_room(&q, 1000), 1000);
	/* It is said back, and not by whoever did not ask. */
	reply_begin(&reply, answer, sizeof answer, (const uint8_t *)WEB_EDNS, &q, MESSAGE_BADVERS);
	size_t size = reply_end(&reply);
	assert_int_equal(size, sizeof WEB - 1 + 11);
	assert_int_equal(answer[11], 1);
	assert_memory_equal(answer + size - 11, "\0\0\x29\x10\0\1", 6);
}

static void what_is_no_question_is_told_apart(void **state)
{
	uint8_t m[sizeof WEB];
	struct message_question q;

	(void)state;
	memcpy(m, WEB, sizeof m);
	assert_int_equal(message_parse(m, 11, &q), -EBADMSG);
	m[2] = 0x80;
	assert_int_equal(message_parse(m, sizeof WEB - 1, &q), -EBADMSG);
	m[2] = 0x20;
	assert_int_equal(message_parse(m, sizeof WEB - 1, &q), -EOPNOTSUPP);
	m[2] = 0;
	m[5] = 2;
	assert_int_equal(message_parse(m, sizeof WEB - 1, &q), -EINVAL);
	m[5] = 1;
	m[12] = 0xc0; /* points to itself */
	assert_int_equal(message_parse(m, sizeof WEB - 1, &q), -EINVAL);
}

static void a_question_is_never_read_beyond_its_end(void **state)
{
	struct message_question q;

	(void)state;
	for (size_t cut = 0; cut < sizeof WEB_EDNS - 1; cut++) {
		/* Of exactly this size, so that the sanitizer sees a byte too far. */
		AUTO(mem) uint8_t *part = mem_resize(NULL, cut ? cut : 1, 1);
		memcpy(part, WEB_EDNS, cut);
		assert_true(message_parse(part, cut, &q) < 0);
	}
}

static void bytes_that_no_text_shows_leave_no_name(void **state)
{
	static const uint8_t dotted[] = "\0\0\0\0\0\1\0\0\0\0\0\0\3a.b\0\0\1\0\1";
	struct message_question q;

	(void)state;
	assert_int_equal(message_parse(dotted, sizeof dotted - 1, &q), 0);
	assert_false(q.plain);
	assert_string_equal(q.name, "");
	assert_int_equal(q.labels, 1);
}

static void addresses_are_added_and_what_is_too_much_marks_the_answer(void **state)
{
	const uint8_t one[16] = { 0xfd, [15] = 1 };
	struct message_question q;
	uint8_t answer[512];
	struct reply reply;

	(void)state;
	assert_int_equal(message_parse((const uint8_t *)WEB, sizeof WEB - 1, &q), 0);
	reply_begin(&reply, answer, sizeof WEB - 1 + 28 + 11, (const uint8_t *)WEB, &q, 0);
	reply_address(&reply, MESSAGE_AAAA, one);
	assert_int_equal(answer[2], 0x85);
	assert_int_equal(answer[7], 1);
	assert_memory_equal(answer + q.end, "\xc0\x0c\0\x1c\0\1\0\0\0\0\0\x10\xfd", 13);
	reply_address(&reply, MESSAGE_AAAA, one);
	assert_int_equal(answer[2], 0x87);
	assert_int_equal(answer[7], 1);
	assert_int_equal(reply_end(&reply), sizeof WEB - 1 + 28);
}

static void there_is_none_comes_with_an_soa_of_the_parent(void **state)
{
	struct message_question q;
	uint8_t answer[512];
	struct reply reply;

	(void)state;
	assert_int_equal(message_parse((const uint8_t *)WEB, sizeof WEB - 1, &q), 0);
	reply_begin(&reply, answer, sizeof answer, (const uint8_t *)WEB, &q, MESSAGE_NXDOMAIN);
	assert_int_equal(reply_end(&reply), q.end + 12 + 22);
	assert_int_equal(message_code(answer), MESSAGE_NXDOMAIN);
	assert_int_equal(answer[9], 1);
	assert_memory_equal(answer + q.end, "\xc0\x10\0\x06\0\1\0\0\0\0\0\x16", 12); /* "net" */
}

static void a_name_is_added_in_labels(void **state)
{
	struct message_question q;
	uint8_t answer[512];
	struct reply reply;

	(void)state;
	assert_int_equal(message_parse((const uint8_t *)WEB, sizeof WEB - 1, &q), 0);
	reply_begin(&reply, answer, sizeof answer, (const uint8_t *)WEB, &q, 0);
	reply_name(&reply, "my.db");
	assert_int_equal(reply_end(&reply), q.end + 12 + 7);
	assert_memory_equal(answer + q.end + 11, "\7\2my\2db\0", 8);
}

static void an_answer_must_repeat_id_and_question(void **state)
{
	const uint8_t *asked = (const uint8_t *)WEB;
	uint8_t m[sizeof WEB - 1];

	(void)state;
	memcpy(m, WEB, sizeof m);
	assert_false(message_matches(asked, sizeof m, m, sizeof m)); /* a question itself */
	m[2] |= 0x80;
	assert_true(message_matches(asked, sizeof m, m, sizeof m));
	assert_false(message_matches(asked, sizeof m, m, sizeof m - 1));
	m[13] = 'w';
	assert_true(message_matches(asked, sizeof m, m, sizeof m));
	m[13] = 'v';
	assert_false(message_matches(asked, sizeof m, m, sizeof m));
	m[13] = 'w';
	m[1]++;
	assert_false(message_matches(asked, sizeof m, m, sizeof m));
	m[1]--;
	/* A server that could not read it says so without it. */
	m[5] = 0;
	assert_false(message_matches(asked, sizeof m, m, MESSAGE_HEADER));
	m[3] = MESSAGE_FORMERR;
	assert_true(message_matches(asked, sizeof m, m, MESSAGE_HEADER));
}

static void a_cut_answer_keeps_the_question_if_it_has_one(void **state)
{
	uint8_t m[600] = WEB;

	(void)state;
	m[7] = 20;
	assert_int_equal(message_cut(m, sizeof m), sizeof WEB - 1);
	assert_int_equal(m[2] & 2, 2);
	assert_int_equal(m[7], 0);
	memset(m + 12, 1, sizeof m - 12);
	assert_int_equal(message_cut(m, sizeof m), MESSAGE_HEADER);
	assert_int_equal(m[5], 0);
}

static void reverse_names_are_addresses(void **state)
{
	struct in6_addr a;
	char text[INET6_ADDRSTRLEN];

	(void)state;
	assert_int_equal(name_reverse("2.0.89.10.in-addr.arpa", &a), AF_INET);
	assert_string_equal(inet_ntop(AF_INET, &a, text, sizeof text), "10.89.0.2");
	assert_int_equal(name_reverse("3.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.9.7.0.0.2.6.2.6.5.7.3.6."
				      "0.0.d.f.ip6.arpa",
				      &a),
			 AF_INET6);
	assert_string_equal(inet_ntop(AF_INET6, &a, text, sizeof text), "fd00:6375:6262:79::53");
	assert_int_equal(name_reverse("0.89.10.in-addr.arpa", &a), 0);
	assert_int_equal(name_reverse("256.0.89.10.in-addr.arpa", &a), 0);
	assert_int_equal(name_reverse("02.0.89.10.in-addr.arpa", &a), 0);
	assert_int_equal(name_reverse("web", &a), 0);
	assert_int_equal(name_reverse("", &a), 0);
}

static void names_have_labels_of_63_and_253_bytes_at_most(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof name);
	name[63] = 0;
	assert_true(name_valid(name));
	name[63] = 'a';
	name[64] = 0;
	assert_false(name_valid(name));
	memset(name, 'a', sizeof name);
	for (size_t i = 50; i < sizeof name; i += 50)
		name[i] = '.';
	name[254] = 0;
	assert_false(name_valid(name));
	name[253] = 0;
	assert_true(name_valid(name));
	assert_false(name_valid(""));
	assert_false(name_valid("a..b"));
	assert_false(name_valid(".a"));
	assert_false(name_valid("a."));
	assert_false(name_valid("a b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_read_in_lower_case),
		cmocka_unit_test(edns_says_how_long_an_answer_may_be),
		cmocka_unit_test(what_is_no_question_is_told_apart),
		cmocka_unit_test(a_question_is_never_read_beyond_its_end),
		cmocka_unit_test(bytes_that_no_text_shows_leave_no_name),
		cmocka_unit_test(addresses_are_added_and_what_is_too_much_marks_the_answer),
		cmocka_unit_test(there_is_none_comes_with_an_soa_of_the_parent),
		cmocka_unit_test(a_name_is_added_in_labels),
		cmocka_unit_test(an_answer_must_repeat_id_and_question),
		cmocka_unit_test(a_cut_answer_keeps_the_question_if_it_has_one),
		cmocka_unit_test(reverse_names_are_addresses),
		cmocka_unit_test(names_have_labels_of_63_and_253_bytes_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
