/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gpus_test - which described devices --gpus asks for
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/gpus.h"

/* A list of files, each "KIND NAME,NAME,..." */
static void make_list(const char *const *files, struct cdi_list *out)
{
	for (; *files; files++) {
		AUTO(mem) char *kind = str_dup(*files);
		AUTO(strv) struct strv names = { 0 };
		struct cdi_file *file = vec_push(out);
		strv_split(&names, str_cut(kind, ' '), ',');
		*file = (struct cdi_file){ .path = str_dup(kind) };
		file->spec.kind = str_dup(kind);
		for (size_t i = 0; i < names.count; i++)
			*vec_push(&file->spec.devices) =
				(struct cdi_device){ .name = str_dup(names.items[i]) };
	}
}

/* The names, joined, or the code as a text. */
static char *ask(const char *const *files, const char *text)
{
	AUTO(cdi_list) struct cdi_list list = { 0 };
	AUTO(strv) struct strv names = { 0 };
	AUTO(err) struct err err = { 0 };

	make_list(files, &list);
	int r = gpus_parse(text, &list, &names, &err);
	assert_true(r == 0 || err.text);
	return r == 0 ? str_join(&names, " ") : str_fmt("%d", r);
}

static void expect(const char *const *files, const char *text, const char *names)
{
	AUTO(mem) char *got = ask(files, text);

	assert_string_equal(got, names);
}

static void fails(const char *const *files, const char *text, int code)
{
	AUTO(mem) char *want = str_fmt("%d", code);

	expect(files, text, want);
}

static const char *const two[] = { "a.com/gpu 0,1,GPU-x", "a.com/nic 0", NULL };
static const char *const whole[] = { "a.com/gpu 0,all", NULL };
static const char *const several[] = { "a.com/gpu 0", "b.com/gpu 0", NULL };
static const char *const known[] = { "b.com/gpu 0", "nvidia.com/gpu 0", NULL };
static const char *const nothing[] = { "a.com/nic 0", NULL };

static void all_is_one_device_or_each(unused_arg void **state)
{
	expect(two, "all", "a.com/gpu=0 a.com/gpu=1 a.com/gpu=GPU-x");
	expect(whole, "all", "a.com/gpu=all");
	expect(whole, "-1", "a.com/gpu=all");
	expect(whole, "capabilities=utility", "a.com/gpu=all");
}

static void a_number_counts_from_zero(unused_arg void **state)
{
	expect(two, "2", "a.com/gpu=0 a.com/gpu=1");
	expect(two, "count=1", "a.com/gpu=0");
	fails(two, "3", -ENOENT);
	fails(two, "0", -EINVAL);
	fails(two, "-2", -EINVAL);
}

static void names_are_taken_as_they_are(unused_arg void **state)
{
	expect(two, "device=1", "a.com/gpu=1");
	expect(two, "\"device=0,GPU-x\"", "a.com/gpu=0 a.com/gpu=GPU-x");
	expect(two, "device=0,1,capabilities=gpu,utility", "a.com/gpu=0 a.com/gpu=1");
	fails(two, "device=0,count=1", -EINVAL);
	fails(two, "everything", -EINVAL);
}

static void the_maker_is_found(unused_arg void **state)
{
	fails(several, "all", -ENOTUNIQ);
	expect(several, "driver=b,all", "b.com/gpu=0");
	expect(several, "driver=b.com", "b.com/gpu=0");
	expect(known, "all", "nvidia.com/gpu=0");
	fails(known, "driver=nvid", -ENOENT);
	fails(nothing, "all", -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_one_device_or_each),
		cmocka_unit_test(a_number_counts_from_zero),
		cmocka_unit_test(names_are_taken_as_they_are),
		cmocka_unit_test(the_maker_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
