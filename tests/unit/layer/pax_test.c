/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pax_test - records of extended headers, and numbers of headers
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "layer/limits.h"
#include "layer/pax.h"
#include "layer/tarhead.h"

static int parse(const char *text, struct pax *out)
{
	return pax_parse(text, strlen(text), out);
}

static void records_fill_what_they_name(void **state)
{
	AUTO(pax) struct pax pax = { 0 };

	(void)state;
	assert_int_equal(parse("10 path=a\n12 uid=7777\n16 linkpath=b=\n14 mtime=-1.25\n", &pax),
			 -EBADMSG);
	pax_clear(&pax);
	assert_int_equal(parse("10 path=a\n12 uid=7777\n15 linkpath=b=\n15 mtime=-1.25\n"
			       "17 comment=any x\n",
			       &pax),
			 0);
	assert_string_equal(pax.path, "a");
	assert_string_equal(pax.target, "b=");
	assert_int_equal(pax.uid, 7777);
	assert_int_equal(pax.mtime.tv_sec, -2);
	assert_int_equal(pax.mtime.tv_nsec, 750000000);
	assert_int_equal(pax.has, PAX_UID | PAX_MTIME);
}

static void an_empty_value_takes_the_earlier_one_back(void **state)
{
	AUTO(pax) struct pax pax = { 0 };

	(void)state;
	assert_int_equal(parse("10 path=a\n8 path=\n8 uid=7\n7 uid=\n", &pax), 0);
	assert_null(pax.path);
	assert_int_equal(pax.has, 0);
}

static void attributes_are_bytes(void **state)
{
	static const char text[] = "26 SCHILY.xattr.user.a=\0\n\n";
	AUTO(pax) struct pax pax = { 0 };

	(void)state;
	assert_int_equal(pax_parse(text, sizeof text - 1, &pax), 0);
	assert_int_equal(pax.xattrs.count, 1);
	assert_string_equal(pax.xattrs.items[0].name, "user.a");
	assert_int_equal(pax.xattrs.items[0].size, 2);
	assert_memory_equal(pax.xattrs.items[0].value, "\0\n", 2);
}

static void damaged_records_are_refused(void **state)
{
	static const char *const bad[] = {
		"999999999 path=evil\n",
		"10 path=ab\n",
		"x path=a\n",
		"10 path=a",
		"4 a=\n",
		"0 path=a\n",
		"11 size=-1\n",
		"11 size=1x\n",
		"8 uid= \n",
		" 10 path=a\n",
		"9 =abcde\n",
		"25 GNU.sparse.map=1,2,3x\n",
		"23 GNU.sparse.offset=1\n",
		"18446744073709551626 path=a\n",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(pax) struct pax pax = { 0 };
		if (parse(bad[i], &pax) != -EBADMSG)
			fail_msg("'%s' is taken", bad[i]);
	}
}

/* One attribute as a record; its length counts itself. */
static char *attribute(int number, size_t size)
{
	AUTO(mem) char *value = mem_alloc(size + 1, 1);
	memset(value, 'v', size);
	size_t rest = strlen(" SCHILY.xattr.user.000=\n") + size;
	size_t digits = 1;
	while (snprintf(NULL, 0, "%zu", rest + digits) > (int)digits)
		digits++;
	return str_fmt("%zu SCHILY.xattr.user.%03d=%s\n", rest + digits, number, value);
}

static void attributes_have_an_end_each_and_together(void **state)
{
	AUTO(pax) struct pax pax = { 0 };
	AUTO(mem) char *most = attribute(0, LAYER_XATTR_MAX);
	AUTO(mem) char *more = attribute(1, LAYER_XATTR_MAX + 1);

	(void)state;
	assert_int_equal(pax_parse(most, strlen(most), &pax), 0);
	assert_int_equal(pax_parse(more, strlen(more), &pax), -EFBIG);
	int r = 0;
	for (int i = 2; i <= LAYER_XATTRS_MAX / LAYER_XATTR_MAX + 2 && r == 0; i++) {
		AUTO(mem) char *next = attribute(i, LAYER_XATTR_MAX);
		r = pax_parse(next, strlen(next), &pax);
	}
	assert_int_equal(r, -EFBIG);
}

static void a_name_with_a_nul_byte_is_refused(void **state)
{
	static const char text[] = "12 path=a\0b\n";
	AUTO(pax) struct pax pax = { 0 };

	(void)state;
	assert_int_equal(pax_parse(text, sizeof text - 1, &pax), -EBADMSG);
}

static void numbers_are_octal_or_base_256(void **state)
{
	int64_t n = -5;

	(void)state;
	assert_int_equal(tarhead_number((const unsigned char *)"0000644", 8, &n), 0);
	assert_int_equal(n, 0644);
	assert_int_equal(tarhead_number((const unsigned char *)"   644 ", 8, &n), 0);
	assert_int_equal(n, 0644);
	assert_int_equal(tarhead_number((const unsigned char *)"\0\0\0\0\0\0\0", 8, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(tarhead_number((const unsigned char *)"\x80\0\0\0\0\x01\x11\x70", 8, &n),
			 0);
	assert_int_equal(n, 70000);
	assert_int_equal(tarhead_number((const unsigned char *)"\xff\xff\xff\xff\xff\xff\xff\xff",
					8, &n),
			 0);
	assert_int_equal(n, -1);
	assert_int_equal(tarhead_number((const unsigned char *)"\x80\0\0\0\x80\0\0\0\0\0\0\0", 12,
					&n),
			 -EBADMSG);
	assert_int_equal(tarhead_number((const unsigned char *)"0000648", 8, &n), -EBADMSG);
	assert_int_equal(tarhead_number((const unsigned char *)"12 4 56", 8, &n), -EBADMSG);
	assert_int_equal(tarhead_number((const unsigned char *)"-000001", 8, &n), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_fill_what_they_name),
		cmocka_unit_test(an_empty_value_takes_the_earlier_one_back),
		cmocka_unit_test(attributes_are_bytes),
		cmocka_unit_test(damaged_records_are_refused),
		cmocka_unit_test(attributes_have_an_end_each_and_together),
		cmocka_unit_test(a_name_with_a_nul_byte_is_refused),
		cmocka_unit_test(numbers_are_octal_or_base_256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
