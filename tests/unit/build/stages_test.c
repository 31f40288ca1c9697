/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stages_test - stages and what they need
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "build/stages.h"

static char *args[] = { (char *)"TAG=2", (char *)"UNUSED=x" };
static char *platform[] = { (char *)"TARGETARCH=amd64", (char *)"BUILDPLATFORM=linux/arm64" };
static char *contexts[] = { (char *)"ctx" };
static const struct strv build_args = { args, array_len(args) };
static const struct strv platform_args = { platform, array_len(platform) };
static const struct strv context_names = { contexts, array_len(contexts) };
static const struct stages_input input = { &build_args, &platform_args, &context_names };

static struct dockerfile *parse(const char *text)
{
	struct dockerfile *file = NULL;

	assert_int_equal(dockerfile_parse(text, strlen(text), "Dockerfile", &file, NULL), 0);
	return file;
}

/* "name:base<parent [needs] count" of each stage. */
static char *shown(const struct stages *stages)
{
	AUTO(strv) struct strv parts = { 0 };

	for (size_t i = 0; i < stages->count; i++) {
		const struct stage *stage = &stages->items[i];
		AUTO(strv) struct strv needs = { 0 };
		for (size_t j = 0; j < stage->needs.count; j++)
			strv_addf(&needs, "%zu", stage->needs.items[j]);
		AUTO(mem) char *list = needs.count ? str_join(&needs, ",") : str_dup("");
		strv_addf(&parts, "%s:%s%s%s<%zd [%s] %zu", str_or(stage->name, "-"), stage->base,
			  stage->platform ? "@" : "", str_or(stage->platform, ""), stage->parent,
			  list, stage->count);
	}
	return str_join(&parts, "; ");
}

static void stages_are_found_with_what_they_need(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "FROM a", "-:a<-1 [] 0" },
		{ "FROM scratch\nRUN x\nRUN y", "-:scratch<-1 [] 2" },
		{ "FROM a AS B\nRUN x\nFROM b\nCOPY --from=b x y", "b:a<-1 [] 1; -:b<0 [0] 1" },
		{ "FROM a AS b\nFROM c\nCOPY --from=0 x y\nCOPY --from=img x y",
		  "b:a<-1 [] 0; -:c<-1 [0] 2" },
		{ "FROM a AS b\nFROM c\nRUN --mount=from=b,target=/x y\nRUN --mount=target=/z y",
		  "b:a<-1 [] 0; -:c<-1 [0] 2" },
		{ "FROM a AS a", "a:a<-1 [] 0" },
		{ "FROM b\nFROM a AS b", "-:b<-1 [] 0; b:a<-1 [] 0" },
		{ "FROM 0\nFROM 0", "-:0<-1 [] 0; -:0<-1 [] 0" },
		{ "FROM x\nCOPY --from=b a b\nFROM a AS b", "-:x<-1 [1] 1; b:a<-1 [] 0" },
		{ "FROM a AS x\nFROM b AS x\nFROM x", "x:a<-1 [] 0; x:b<-1 [] 0; -:x<1 [1] 0" },
		{ "FROM a AS ctx\nFROM ctx\nCOPY --from=ctx a b", "ctx:a<-1 [] 0; -:ctx<-1 [] 1" },
		{ "ARG I=img\nARG TAG=1\nARG A=$I:$TAG B=${A}x\nFROM $B", "-:img:2x<-1 [] 0" },
		{ "ARG UNSET\nFROM a:${UNSET:-3}", "-:a:3<-1 [] 0" },
		{ "ARG TAG\nFROM a:$TAG", "-:a:2<-1 [] 0" },
		{ "FROM --platform=$BUILDPLATFORM a-$TARGETARCH", "-:a-amd64@linux/arm64<-1 [] 0" },
		{ "FROM a:x$UNUSED", "-:a:x<-1 [] 0" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(dockerfile) struct dockerfile *file = parse(cases[i].text);
		AUTO(stages) struct stages stages = { 0 };
		AUTO(err) struct err err = { 0 };
		if (stages_find(file, &input, &stages, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		AUTO(mem) char *got = shown(&stages);
		assert_string_equal(got, cases[i].want);
	}
}

static void what_is_no_build_is_told(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "Dockerfile: there are no instructions" },
		{ "# x\n", "Dockerfile: there are no instructions" },
		{ "ARG a", "Dockerfile: there is no FROM" },
		{ "\nRUN x\nFROM a", "Dockerfile:2: RUN stands before the first FROM" },
		{ "FROM a\nFROM $x", "Dockerfile:2: FROM has an image that becomes nothing: '$x'" },
		{ "FROM a AS 1",
		  "Dockerfile:1: '1' is no name of a stage: a letter, then letters, digits, "
		  "'-', '_' and '.'" },
		{ "ARG A=${\nFROM a", "Dockerfile:1: cannot expand '${': a '}' is missing" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(dockerfile) struct dockerfile *file = parse(cases[i].text);
		AUTO(stages) struct stages stages = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_int_equal(stages_find(file, &(struct stages_input){ 0 }, &stages, &err),
				 -EINVAL);
		assert_string_equal(err.text, cases[i].want);
	}
}

static void a_from_without_an_image_tells_which_argument_is_missing(void **state)
{
	static const struct {
		const char *text, *hint;
	} cases[] = {
		{ "ARG NAME=x\nFROM $NAEM",
		  "no ARG before the first FROM declares 'NAEM': did you mean 'NAME'?" },
		{ "FROM $X", "no ARG before the first FROM declares 'X'" },
		{ "ARG X\nFROM $X", "'X' has no value: give it one with --build-arg X=…" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(dockerfile) struct dockerfile *file = parse(cases[i].text);
		AUTO(stages) struct stages stages = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_int_equal(stages_find(file, &(struct stages_input){ 0 }, &stages, &err),
				 -EINVAL);
		assert_string_equal(err.hint, cases[i].hint);
	}
}

static const char many[] = "FROM x AS base\n"
			   "FROM base AS tools\n"
			   "FROM base AS unused\n"
			   "FROM tools AS build\n"
			   "FROM scratch AS final\n"
			   "COPY --from=build a b\n"
			   "RUN --mount=from=base,target=/m x\n";

static void only_what_a_target_needs_is_built_in_order(void **state)
{
	static const struct {
		const char *target, *want;
	} cases[] = {
		{ NULL, "0,1,3,4" }, { "Final", "0,1,3,4" }, { "base", "0" },
		{ "1", "0,1" },	     { "unused", "0,2" },    { "4", "0,1,3,4" },
	};
	AUTO(dockerfile) struct dockerfile *file = parse(many);
	AUTO(stages) struct stages stages = { 0 };

	(void)state;
	assert_int_equal(stages_find(file, &input, &stages, NULL), 0);
	for (size_t i = 0; i < array_len(cases); i++) {
		struct stage_needs needed = { 0 };
		AUTO(strv) struct strv words = { 0 };
		size_t target;
		assert_int_equal(stages_target(&stages, cases[i].target, &target, NULL), 0);
		assert_int_equal(stages_needed(&stages, target, &needed, NULL), 0);
		for (size_t j = 0; j < needed.count; j++)
			strv_addf(&words, "%zu", needed.items[j]);
		AUTO(mem) char *got = str_join(&words, ",");
		free(needed.items);
		assert_string_equal(got, cases[i].want);
	}
}

static void an_unknown_target_is_told_with_all_there_are(void **state)
{
	AUTO(dockerfile) struct dockerfile *file = parse(many);
	AUTO(stages) struct stages stages = { 0 };
	AUTO(err) struct err err = { 0 };
	size_t target;

	(void)state;
	assert_int_equal(stages_find(file, &input, &stages, NULL), 0);
	assert_int_equal(stages_target(&stages, "biuld", &target, &err), -ENOENT);
	assert_string_equal(err.text, "Dockerfile has no stage 'biuld': did you mean 'build'?");
	assert_string_equal(err.hint,
			    "its stages: base, tools, unused, build, final; by number 0 to 4");
	assert_int_equal(stages_target(&stages, "5", &target, &err), -ENOENT);
	assert_string_equal(err.text, "Dockerfile has no stage '5'");
}

static void a_stage_that_needs_itself_is_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "FROM a AS b\nCOPY --from=b x y", "Dockerfile:1: the stage 'b' needs itself" },
		{ "FROM a\nCOPY --from=0 x y", "Dockerfile:1: the stage '0' needs itself" },
		{ "FROM a AS b\nCOPY --from=c x y\nFROM b AS c",
		  "Dockerfile:3: the stage 'c' needs itself" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(dockerfile) struct dockerfile *file = parse(cases[i].text);
		AUTO(stages) struct stages stages = { 0 };
		AUTO(err) struct err err = { 0 };
		struct stage_needs needed = { 0 };
		assert_int_equal(stages_find(file, &input, &stages, NULL), 0);
		assert_int_equal(stages_needed(&stages, stages.count - 1, &needed, &err), -ELOOP);
		assert_string_equal(err.text, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_are_found_with_what_they_need),
		cmocka_unit_test(what_is_no_build_is_told),
		cmocka_unit_test(a_from_without_an_image_tells_which_argument_is_missing),
		cmocka_unit_test(only_what_a_target_needs_is_built_in_order),
		cmocka_unit_test(an_unknown_target_is_told_with_all_there_are),
		cmocka_unit_test(a_stage_that_needs_itself_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
