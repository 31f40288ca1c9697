/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cdi_test - descriptions of devices, and names of what they describe
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oci/cdi.h"

static void names_have_a_vendor_a_class_and_a_name(unused_arg void **state)
{
	static const char *const bad[] = {
		"/dev/null",	 "/dev/a=b",	    "vendor=name",     "vendor/class",
		"vendor/class=", "1vendor/class=x", "vendor./class=x", "vendor/cla.ss=x",
		"v/c=na me",	 "v/c=x/y",	    "v/c=-x",	       "v/c=x:",
	};
	AUTO(mem) char *kind = NULL;
	AUTO(mem) char *name = NULL;

	assert_int_equal(cdi_split("nvidia.com/gpu=GPU-1234:0.5", &kind, &name), 0);
	assert_string_equal(kind, "nvidia.com/gpu");
	assert_string_equal(name, "GPU-1234:0.5");
	for (size_t i = 0; i < array_len(bad); i++) {
		char *k = NULL, *n = NULL;
		assert_int_equal(cdi_split(bad[i], &k, &n), -EINVAL);
	}
}

/* The sentence of a description that cannot be used, or "" */
static char *why_not(const char *text)
{
	AUTO(err) struct err err = { 0 };
	AUTO(json) cJSON *value = NULL;
	AUTO(cdi_spec) struct cdi_spec spec = { 0 };

	assert_int_equal(json_parse(text, strlen(text), &value, NULL), 0);
	return cdi_load(value, &spec, &err) < 0 ? str_dup(err.text) : str_dup("");
}

#define HEAD                                                                                       \
	"{\"cdiVersion\":\"0.6.0\",\"kind\":\"a.b/c\",\"devices\":[{\"name\":\"x\",\"containerEdits\":"

static void what_is_no_description_is_told(unused_arg void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "[]", "no description" },
		{ "{}", "cdiVersion" },
		{ "{\"cdiVersion\":\"9.0\"}", "version '9.0'" },
		{ "{\"cdiVersion\":\"0.5.0\",\"kind\":\"abc\"}", "kind 'abc'" },
		{ "{\"cdiVersion\":\"0.5.0\",\"kind\":\"a/b\"}", "no devices" },
		{ "{\"cdiVersion\":\"0.5.0\",\"kind\":\"a/b\",\"devices\":[{\"name\":\"/\"}]}",
		  "'/'" },
		{ "{\"cdiVersion\":\"0.5.0\",\"kind\":\"a/b\",\"devices\":[{\"name\":\"x\"},{\"name\":\"x\"}]}",
		  "twice" },
		{ HEAD "{\"env\":[\"x\"]}}]}", "NAME=VALUE" },
		{ HEAD "{\"deviceNodes\":[{\"path\":\"null\"}]}}]}", "absolute" },
		{ HEAD "{\"mounts\":[{\"containerPath\":\"/x\"}]}}]}", "absolute" },
		{ HEAD "{\"hooks\":[{\"hookName\":\"x\"}]}}]}", "absolute" },
		{ HEAD "{\"additionalGids\":[1.5]}}]}", "no group" },
		{ HEAD "{\"additionalGids\":[-1]}}]}", "no group" },
		{ HEAD "{\"additionalGids\":5}}]}", "no list" },
		{ HEAD "{\"env\":5}}]}", "wrong type" },
		{ HEAD "{\"additionalGids\":[0,5]}}]}", "" },
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(mem) char *why = why_not(cases[i].text);
		if (!strstr(why, cases[i].why) || (*why && !*cases[i].why))
			fail_msg("%s: '%s'", cases[i].text, why);
	}
}

static void what_several_devices_need_is_joined(unused_arg void **state)
{
	static const char text[] = HEAD
		"{\"env\":[\"A=1\",\"B=1\"],\"deviceNodes\":[{\"path\":\"/dev/a\"}],"
		"\"hooks\":[{\"hookName\":\"prestart\",\"path\":\"/bin/x\",\"args\":[\"x\",\"y\"]}],"
		"\"additionalGids\":[4]}},"
		"{\"name\":\"y\",\"containerEdits\":{\"env\":[\"A=2\"],"
		"\"mounts\":[{\"hostPath\":\"/l\",\"containerPath\":\"/m\",\"options\":[\"ro\"]}],"
		"\"additionalGids\":[5]}}]}";
	AUTO(json) cJSON *value = NULL;
	AUTO(cdi_spec) struct cdi_spec spec = { 0 };
	AUTO(cdi_edits) struct cdi_edits all = { 0 };

	assert_int_equal(json_parse(text, strlen(text), &value, NULL), 0);
	assert_int_equal(cdi_load(value, &spec, NULL), 0);
	cdi_edits_add(&all, &cdi_device(&spec, "x")->edits);
	cdi_edits_add(&all, &cdi_device(&spec, "y")->edits);
	cdi_spec_clear(&spec);
	assert_string_equal(strv_env_get(&all.env, "A"), "2");
	assert_int_equal(all.env.count, 2);
	assert_string_equal(all.nodes.items[0].path, "/dev/a");
	assert_string_equal(all.hooks.items[0].args.items[1], "y");
	assert_string_equal(all.mounts.items[0].options.items[0], "ro");
	assert_int_equal(cJSON_GetArraySize(all.groups), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_a_vendor_a_class_and_a_name),
		cmocka_unit_test(what_is_no_description_is_told),
		cmocka_unit_test(what_several_devices_need_is_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
