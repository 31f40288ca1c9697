/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gpg_test - which of gpgv's findings let a message count
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "engine/gpg.h"

#define G "[GNUPG:] "
#define TEXT G "PLAINTEXT 62 1 p\n" G "PLAINTEXT_LENGTH 16\n"
#define GOOD                                                                                       \
	G "NEWSIG\n" G "GOODSIG 63F4 A <a@b>\n" G "VALIDSIG 8E98 2026-11-27 1 0 4 0 22 8 00 8E98\n"

static void one_message_with_one_good_signature_counts(void **state)
{
	(void)state;
	assert_int_equal(gpg_judge(TEXT GOOD, NULL), 0);
	assert_int_equal(gpg_judge("gpgv: talks\n" TEXT "\n" GOOD G "SOMETHING NEW\n", NULL), 0);
}

static void everything_else_does_not(void **state)
{
	static const struct {
		const char *status, *why;
	} bad[] = {
		{ "", "one message" },
		{ TEXT, "one message" },
		{ GOOD, "one message" },
		{ TEXT TEXT GOOD, "one message" },
		{ TEXT GOOD GOOD, "one message" },
		{ TEXT G "GOODSIG 63F4 A\n", "one message" },
		{ TEXT " " G "GOODSIG 63F4 A\n" G "VALIDSIG 8E\n", "one message" },
		{ TEXT G "EXPKEYSIG 1 A\n" G "VALIDSIG 8E\n", "its key has expired" },
		{ TEXT GOOD G "EXPKEYSIG 1 A\n", "its key has expired" },
		{ TEXT G "EXPSIG 1 A\n" G "VALIDSIG 8E\n", "the signature has expired" },
		{ TEXT G "REVKEYSIG 1 A\n" G "VALIDSIG 8E\n", "revoked" },
		{ TEXT G "BADSIG 1 A\n", "the signature is wrong" },
		{ TEXT G "ERRSIG 1 1 8 00 1 9 1\n" G "NO_PUBKEY 1\n", "of none of the keys" },
		{ TEXT GOOD G "ERRSIG 1 1 8 00 1 4 1\n", "cannot be checked" },
		{ G "NODATA 1\n", "no message of GPG" },
		{ TEXT GOOD G "UNEXPECTED 0\n", "no message of GPG" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		AUTO(err) struct err err = { 0 };
		assert_int_equal(gpg_judge(bad[i].status, &err), -EKEYREJECTED);
		assert_non_null(strstr(err.text, bad[i].why));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_message_with_one_good_signature_counts),
		cmocka_unit_test(everything_else_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
