/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hookfile_test - files of hooks, and for which containers they are
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oci/hookfile.h"

/* The sentence of a file that cannot be used, or "" */
static char *load(const char *text, struct hookfile *out)
{
	AUTO(err) struct err err = { 0 };
	AUTO(json) cJSON *value = NULL;

	assert_int_equal(json_parse(text, strlen(text), &value, NULL), 0);
	return hookfile_load(value, out, &err) < 0 ? str_dup(err.text) : str_dup("");
}

#define HOOK "\"version\":\"1.0.0\",\"hook\":{\"path\":\"/h\"}"
#define STAGES "\"stages\":[\"prestart\"]"
#define WHEN "\"when\":{\"always\":true}"

static void what_is_no_hook_is_told(unused_arg void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "[]", "no hook" },
		{ "\"x\"", "no hook" },
		{ "{\"version\":1}", "version ''" },
		{ "{\"version\":\"1.0\"}", "version '1.0'" },
		{ "{\"version\":\"1.0.0\",\"hook\":\"/h\"," WHEN "," STAGES "}", "no 'hook'" },
		{ "{\"version\":\"1.0.0\",\"hook\":{}," WHEN "," STAGES "}", "no path" },
		{ "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"h\"}," WHEN "," STAGES "}",
		  "'h' is no absolute path" },
		{ "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/h\",\"args\":\"x\"}," WHEN
		  "," STAGES "}",
		  "args" },
		{ "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/h\",\"env\":[\"X\"]}," WHEN
		  "," STAGES "}",
		  "'X' is no NAME=VALUE" },
		{ "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/h\",\"timeout\":-1}," WHEN
		  "," STAGES "}",
		  "timeout -1" },
		{ "{" HOOK "," STAGES "}", "no 'when'" },
		{ "{" HOOK ",\"when\":{}," STAGES "}", "no condition" },
		{ "{" HOOK ",\"when\":{\"always\":1}," STAGES "}", "neither true nor false" },
		{ "{" HOOK ",\"when\":{\"always\":true,\"always\":false}," STAGES "}", "twice" },
		{ "{" HOOK ",\"when\":{\"Always\":true}," STAGES "}", "'Always'" },
		{ "{" HOOK ",\"when\":{\"commands\":\"x\"}," STAGES "}", "'commands'" },
		{ "{" HOOK ",\"when\":{\"commands\":[\"[\"]}," STAGES "}", "'['" },
		{ "{" HOOK ",\"when\":{\"annotations\":[]}," STAGES "}", "'annotations'" },
		{ "{" HOOK ",\"when\":{\"annotations\":{\"a\":1}}," STAGES "}", "for 'a'" },
		{ "{" HOOK ",\"when\":{\"annotations\":{\"(\":\"\"}}," STAGES "}", "'('" },
		{ "{" HOOK "," WHEN "}", "no 'stages'" },
		{ "{" HOOK "," WHEN ",\"stages\":[]}", "no 'stages'" },
		{ "{" HOOK "," WHEN ",\"stage\":[\"prestart\"]}", "no 'stages'" },
		{ "{" HOOK "," WHEN ",\"stages\":[\"prestart\",\"end\"]}", "no stage 'end'" },
		{ "{\"hook\":{\"path\":\"/h\"}," STAGES "}", "no 'hook'" },
		{ "{\"hook\":\"h\"," STAGES "}", "'h' is no absolute path" },
		{ "{\"hook\":\"/h\"}", "no 'stages'" },
		{ "{\"hook\":\"/h\",\"stage\":\"prestart\"}", "'stage' is no list" },
		{ "{\"hook\":\"/h\",\"cmd\":[],\"cmds\":[]," STAGES "}", "are the same" },
		{ "{\"hook\":\"/h\",\"cmds\":[\"(\"]," STAGES "}", "'('" },
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(hookfile) struct hookfile hook = { 0 };
		AUTO(mem) char *why = load(cases[i].text, &hook);
		if (!strstr(why, cases[i].why))
			fail_msg("%s: '%s'", cases[i].text, why);
	}
}

static void both_forms_are_read(unused_arg void **state)
{
	AUTO(hookfile) struct hookfile new = { 0 }, old = { 0 };
	AUTO(mem)
	char *why_new = load(
		"{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/h\",\"args\":[\"h\",\"x\"],\"env\":"
		"[\"A=\"],\"timeout\":3}," WHEN
		",\"stages\":[\"poststop\",\"startContainer\",\"poststop\"]}",
		&new);
	AUTO(mem)
	char *why_old = load(
		"{\"hook\":\"/h\",\"arguments\":[\"x\"],\"stage\":[\"precreate\"],\"annotation\":[\"a\"]}",
		&old);

	assert_string_equal(why_new, "");
	assert_string_equal(new.path, "/h");
	assert_string_equal(new.args.items[1], "x");
	assert_string_equal(new.env.items[0], "A=");
	assert_int_equal(new.timeout, 3);
	assert_int_equal(new.stages,
			 1U << RUNTIME_HOOK_START_CONTAINER | 1U << RUNTIME_HOOK_POSTSTOP);
	assert_string_equal(why_old, "");
	assert_string_equal(old.args.items[0], "/h");
	assert_string_equal(old.args.items[1], "x");
	assert_int_equal(old.stages, 1U << HOOKFILE_PRECREATE);
}

static void conditions_say_for_which_containers(unused_arg void **state)
{
	static const struct {
		const char *when;
		bool matches;
	} cases[] = {
		{ "\"when\":{\"always\":true}", true },
		{ "\"when\":{\"always\":null,\"commands\":[\"sh\"]}", true },
		{ "\"when\":{\"always\":false}", false },
		{ "\"when\":{\"always\":false,\"commands\":[\"sh\"]}", false },
		{ "\"when\":{\"commands\":[]}", false },
		{ "\"when\":{\"commands\":[],\"always\":true}", true },
		{ "\"when\":{\"commands\":[\"x\",\"/sh$\"]}", true },
		{ "\"when\":{\"hasBindMounts\":true}", true },
		{ "\"when\":{\"hasBindMounts\":false}", false },
		{ "\"when\":{\"annotations\":{\"^a$\":\"^1$\",\"b\":\"2\"}}", true },
		{ "\"when\":{\"annotations\":{\"^a$\":\"2\"}}", false },
		{ "\"when\":{\"annotations\":{\"^[ab]$\":\"^2=\"}}", true },
		{ "\"when\":{\"annotations\":{\"^c$\":\"^$\"}}", true },
		{ "\"when\":{\"annotations\":{\"^a$\":\"\"},\"commands\":[\"x\"]}", false },
		{ NULL, false },
		{ "\"cmds\":[\"x\"]", false },
		{ "\"cmds\":[\"x\"],\"hasbindmounts\":true", true },
		{ "\"cmds\":[\"sh\"],\"hasbindmounts\":false", true },
		{ "\"annotations\":[\"x\",\"^1$\"]", true },
		{ "\"annotations\":[\"^a$\"]", false },
	};
	AUTO(strv) struct strv annotations = { 0 };
	const struct hookfile_subject subject = { "/bin/sh", &annotations, true };
	bool old = false;

	strv_split(&annotations, "a=1 b=2=3 c=", ' ');
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(hookfile) struct hookfile hook = { 0 };
		AUTO(mem)
		char *text = str_fmt("{%s%s%s," STAGES "}", old ? "\"hook\":\"/h\"" : HOOK,
				     cases[i].when ? "," : "", str_or(cases[i].when, ""));
		old = old || !cases[i].when;
		if (!cases[i].when) /* from here on those of the older form */
			continue;
		AUTO(mem) char *why = load(text, &hook);
		assert_string_equal(why, "");
		if (hookfile_match(&hook, &subject) != cases[i].matches)
			fail_msg("%s", cases[i].when);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_hook_is_told),
		cmocka_unit_test(both_forms_are_read),
		cmocka_unit_test(conditions_say_for_which_containers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
