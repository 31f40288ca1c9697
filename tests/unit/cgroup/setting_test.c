/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * setting_test - limits as the files of a control group
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "cgroup/setting.h"

static void are(const struct resources *old, const struct resources *r, const char *want)
{
	AUTO(settings) struct settings list = { 0 };

	if (old)
		settings_change(old, r, &list);
	else
		settings_plan(r, &list);
	AUTO(mem) char *text = settings_print(&list);
	assert_string_equal(text, want);
}

static void nothing_is_written_without_limits(void **state)
{
	(void)state;
	are(NULL, &(struct resources){ .scores = true, .oom_score = 5 }, "");
}

static void swap_is_what_both_have_beyond_memory(void **state)
{
	(void)state;
	are(NULL, &(struct resources){ .memory = 100 }, "memory.max: 100\nmemory.swap.max: 100");
	are(NULL, &(struct resources){ .memory = 100, .memory_swap = 150 },
	    "memory.max: 100\nmemory.swap.max: 50");
	are(NULL, &(struct resources){ .memory = 100, .memory_swap = 100 },
	    "memory.max: 100\nmemory.swap.max: 0");
	are(NULL, &(struct resources){ .memory = 100, .memory_swap = -1, .memory_reservation = 7 },
	    "memory.max: 100\nmemory.low: 7\nmemory.swap.max: max");
}

static void processors_are_a_quota_and_shares_a_weight(void **state)
{
	struct resources r = { .nano_cpus = 1500000000 };

	(void)state;
	are(NULL, &r, "cpu.max: 150000 100000");
	are(NULL, &(struct resources){ .nano_cpus = 10000000 }, "cpu.max: 1000 100000");
	are(NULL, &(struct resources){ .cpu_quota = 2000, .cpu_period = 5000 },
	    "cpu.max: 2000 5000");
	are(NULL, &(struct resources){ .cpu_period = 5000 }, "");
	are(NULL, &(struct resources){ .cpu_shares = 2 }, "cpu.weight: 1");
	are(NULL, &(struct resources){ .cpu_shares = 1024 }, "cpu.weight: 39");
	are(NULL, &(struct resources){ .cpu_shares = 262144 }, "cpu.weight: 10000");
}

static void devices_have_a_line_each(void **state)
{
	struct device_limit slow = { .node = (char *)"8:0", .value = 1048576 };
	struct device_limit few = { .node = (char *)"8:16", .value = 100 };
	const struct resources r = { .blkio_weight = 500,
				     .weights = { &few, 1 },
				     .read_bps = { &slow, 1 },
				     .write_iops = { &few, 1 } };

	(void)state;
	are(NULL, &r,
	    "io.weight: default 4950\nio.weight: 8:16 910\nio.max: 8:0 rbps=1048576\n"
	    "io.max: 8:16 wiops=100");
}

static void what_is_lifted_gets_the_kernels_default(void **state)
{
	struct device_limit slow = { .node = (char *)"8:0", .value = 10 };
	const struct resources old = { .memory = 100,
				       .pids = 5,
				       .nano_cpus = 1000000000,
				       .cpus = (char *)"0",
				       .read_bps = { &slow, 1 } };

	(void)state;
	are(&old, &(struct resources){ .memory = 200 },
	    "memory.max: 200\nmemory.swap.max: 200\ncpu.max: max 100000\ncpuset.cpus: as above\n"
	    "pids.max: max\nio.max: 8:0 rbps=max wbps=max riops=max wiops=max");
}

static void a_raw_file_is_written_as_it_is(void **state)
{
	struct resources r = { 0 };

	(void)state;
	strv_add(&r.conf, "memory.high=5=6");
	strv_add(&r.conf, "hugetlb.2MB.max=1");
	are(NULL, &r, "memory.high: 5=6\nhugetlb.2MB.max: 1");
	assert_int_equal(resources_needs(&r),
			 CONTROLLER_BIT(CONTROLLER_MEMORY) | CONTROLLER_BIT(CONTROLLER_OTHER));
	strv_clear(&r.conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_written_without_limits),
		cmocka_unit_test(swap_is_what_both_have_beyond_memory),
		cmocka_unit_test(processors_are_a_quota_and_shares_a_weight),
		cmocka_unit_test(devices_have_a_line_each),
		cmocka_unit_test(what_is_lifted_gets_the_kernels_default),
		cmocka_unit_test(a_raw_file_is_written_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
