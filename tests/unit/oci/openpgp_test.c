/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_test - files with public keys
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "oci/openpgp.h"

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END "-----END PGP PUBLIC KEY BLOCK-----\n"

/* A key of three bytes and its owner, in packets of the old form and of the new. */
#define OLD_KEY "\x98\x03KEY"
#define OLD_USER                                                                                   \
	"\xb4\x07"                                                                                 \
	"A <a@b>"
#define NEW_KEY "\xc6\x03KEY"
#define NEW_USER                                                                                   \
	"\xcd\x01"                                                                                 \
	"B"

static char *keys(const char *data, size_t size, size_t *out_size)
{
	char *out = NULL;

	assert_int_equal(openpgp_keys(data, size, &out, out_size, NULL), 0);
	return out;
}

static void packets_of_both_forms_are_read(void **state)
{
	static const char file[] = OLD_KEY OLD_USER NEW_KEY NEW_USER;
	AUTO(strv) struct strv owners = { 0 };
	size_t size = 0;
	AUTO(mem) char *packets = keys(file, sizeof file - 1, &size);

	(void)state;
	assert_int_equal(size, sizeof file - 1);
	assert_memory_equal(packets, file, size);
	openpgp_owners(packets, size, &owners);
	assert_int_equal(owners.count, 2);
	assert_string_equal(owners.items[0], "A <a@b>");
	assert_string_equal(owners.items[1], "B");
}

static void armor_is_undone_also_of_several_keys(void **state)
{
	/* OLD_KEY OLD_USER, with headers and a checksum; then NEW_KEY NEW_USER in two lines */
	static const char text[] = "a comment\n" BEGIN "Version: 1\nComment: = x\n\n"
				   "mANLRVm0B0EgPGFAYj4=\r\n=AbCd\n" END "\n" BEGIN
				   "\nxgNL\n  RVnNAUI=\n" END;
	AUTO(strv) struct strv owners = { 0 };
	size_t size = 0;
	AUTO(mem) char *packets = keys(text, sizeof text - 1, &size);

	(void)state;
	assert_memory_equal(packets, OLD_KEY OLD_USER NEW_KEY NEW_USER, size);
	openpgp_owners(packets, size, &owners);
	assert_int_equal(owners.count, 2);
}

static void what_is_no_public_key_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"no key",
		OLD_USER,
		"\x98\x04KEY",
		"\x9b"
		"KEY",
		BEGIN "\nmANLRVm0B0EgPGFAYj4=\n",
		BEGIN "\n****\n" END,
		BEGIN END,
		BEGIN "mANLRVm0B0EgPGFAYj4=\n" END,
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		char *out = NULL;
		size_t size;
		assert_int_equal(openpgp_keys(bad[i], strlen(bad[i]), &out, &size, NULL), -EBADMSG);
		assert_null(out);
	}
}

static void lengths_that_are_too_long_end_the_list(void **state)
{
	static const char *const cut[] = { OLD_KEY "\xb4\x7f"
						   "A",
					   OLD_KEY "\xb6\xff\xff\xff\xff",
					   OLD_KEY "\xcd\xff\xff\xff\xff\xff",
					   OLD_KEY "\xcd\xe1"
						   "A",
					   OLD_KEY "\xb4" };

	(void)state;
	for (size_t i = 0; i < array_len(cut); i++) {
		AUTO(strv) struct strv owners = { 0 };
		openpgp_owners(cut[i], strlen(cut[i]), &owners);
		assert_int_equal(owners.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_of_both_forms_are_read),
		cmocka_unit_test(armor_is_undone_also_of_several_keys),
		cmocka_unit_test(what_is_no_public_key_is_refused),
		cmocka_unit_test(lengths_that_are_too_long_end_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
