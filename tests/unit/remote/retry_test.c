/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * retry_test - how long to wait before a registry is asked again
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/clock.h"
#include "remote/retry.h"

static void waiting_doubles_up_to_a_cap(void **state)
{
	(void)state;
	assert_int_equal(retry_delay(1, CLOCK_SECOND, 0), CLOCK_SECOND);
	assert_int_equal(retry_delay(3, CLOCK_SECOND, 0), 4 * CLOCK_SECOND);
	assert_int_equal(retry_delay(1000, CLOCK_SECOND, 0), RETRY_CAP_SECONDS * CLOCK_SECOND);
}

static void chance_shortens_it_by_up_to_half(void **state)
{
	(void)state;
	assert_int_equal(retry_delay(2, CLOCK_SECOND, UINT32_MAX), CLOCK_SECOND);
	assert_true(retry_delay(2, CLOCK_SECOND, UINT32_MAX / 2) > CLOCK_SECOND);
	assert_true(retry_delay(2, CLOCK_SECOND, UINT32_MAX / 2) < 2 * CLOCK_SECOND);
}

static void retry_after_is_seconds_or_a_date(void **state)
{
	/* 2015-10-21 07:28:00 */
	const int64_t now = INT64_C(1445412480) * CLOCK_SECOND;

	(void)state;
	assert_int_equal(retry_after("120", now), 120);
	assert_int_equal(retry_after("0", now), 0);
	assert_int_equal(retry_after("Wed, 21 Oct 2015 07:28:30 GMT", now), 30);
	assert_int_equal(retry_after("Wed, 21 Oct 2015 07:27:00 GMT", now), 0);
	assert_int_equal(retry_after("soon", now), -EINVAL);
	assert_int_equal(retry_after("-1", now), -EINVAL);
	assert_int_equal(retry_after("", now), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_doubles_up_to_a_cap),
		cmocka_unit_test(chance_shortens_it_by_up_to_half),
		cmocka_unit_test(retry_after_is_seconds_or_a_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
