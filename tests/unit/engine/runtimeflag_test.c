/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtimeflag_test - what --runtime-flag may say
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/runtimeflag.h"

/* What came of the words (parted by spaces), as a text: the fields that are set, or the code. */
static char *ask(const char *words, const char *manager)
{
	AUTO(runtime_flags) struct runtime_flags flags = { 0 };
	AUTO(strv) struct strv list = { 0 };
	AUTO(err) struct err err = { 0 };

	strv_split(&list, words, ' ');
	int r = runtime_flags_parse(&list, manager, &flags, &err);
	if (r < 0) {
		assert_non_null(err.text);
		return str_fmt("%d", r);
	}
	return str_fmt("%s%s%s%s", flags.debug ? "debug " : "",
		       flags.format == LOG_FORMAT_JSON ? "json " : "", str_or(flags.log, "-"),
		       flags.cgroup_manager ? flags.cgroup_manager : "");
}

static void expect(const char *words, const char *manager, const char *want)
{
	AUTO(mem) char *got = ask(words, manager);

	assert_string_equal(got, want);
}

static void fails(const char *words, const char *manager, int code)
{
	AUTO(mem) char *want = str_fmt("%d", code);

	expect(words, manager, want);
}

static void test_words(unused_arg void **state)
{
	expect("debug", NULL, "debug -");
	expect("debug=true debug=false", NULL, "-");
	expect("log-level=debug", NULL, "debug -");
	expect("debug log-level=error", NULL, "-");
	expect("log=/tmp/a log-format=json", NULL, "json /tmp/a");
	expect("log=file:/tmp/a log-format=json log-format=text", NULL, "/tmp/a");
	expect("log=a=b", NULL, "a=b");
	expect("systemd-cgroup", NULL, "-systemd");
	expect("systemd-cgroup=false", NULL, "-cgroupfs");
	expect("cgroup-manager=cgroupfs", "cgroupfs", "-cgroupfs");
	expect("rootless=true rootless=auto", NULL, "-");
}

static void test_bad(unused_arg void **state)
{
	fails("debug=perhaps", NULL, -EINVAL);
	fails("log", NULL, -EINVAL);
	fails("log=", NULL, -EINVAL);
	fails("log=file:", NULL, -EINVAL);
	fails("log=journald:x", NULL, -EINVAL);
	fails("log=syslog:x", NULL, -EINVAL);
	fails("log-format", NULL, -EINVAL);
	fails("log-format=xml", NULL, -EINVAL);
	fails("log-level=loud", NULL, -EINVAL);
	fails("log-level", NULL, -EINVAL);
	fails("cgroup-manager=disabled", NULL, -EINVAL);
	fails("cgroup-manager", NULL, -EINVAL);
	fails("systemd-cgroup", "cgroupfs", -EINVAL);
	fails("rootless=false", NULL, -EINVAL);
	fails("rootless", NULL, -EINVAL);
	fails("root=/x", NULL, -EOPNOTSUPP);
	fails("no-pivot", NULL, -EOPNOTSUPP);
	fails("criu=/x", NULL, -EOPNOTSUPP);
	fails("--debug", NULL, -EINVAL);
	fails("fly", NULL, -EINVAL);
	fails("=", NULL, -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
