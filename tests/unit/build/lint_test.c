/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lint_test - what is likely not meant
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "build/ignore.h"
#include "build/lint.h"

static char *platform[] = { (char *)"TARGETPLATFORM=linux/amd64",
			    (char *)"BUILDPLATFORM=linux/amd64" };
static const struct strv platform_args = { platform, array_len(platform) };
static char *image[] = { (char *)"PATH=/bin", (char *)"JAVA_HOME=/java" };
static const struct strv image_list = { image, array_len(image) };

static const struct strv *image_env(void *data, const struct stage *stage)
{
	(void)data;
	return str_eq(stage->base, "unknown") ? NULL : &image_list;
}

static bool image_misfits(void *data, const struct stage *stage, char **out_is, char **out_wanted)
{
	(void)data;
	if (!str_eq(stage->base, "foreign"))
		return false;
	*out_is = str_dup("linux/s390x");
	*out_wanted = str_dup("linux/amd64");
	return true;
}

/* "line:Rule" of each finding. */
static char *look_over(const char *text, const char *check, bool sentences)
{
	AUTO(dockerfile) struct dockerfile *file = NULL;
	AUTO(stages) struct stages stages = { 0 };
	AUTO(patterns) struct patterns ignored = { 0 };
	AUTO(lint_findings) struct lint_findings findings = { 0 };
	AUTO(strv) struct strv parts = { 0 };
	struct lint_settings settings = { 0 };
	struct stages_input args = { .platform_args = &platform_args };
	struct lint_input input = { .stages = &args,
				    .ignored = &ignored,
				    .image_env = image_env,
				    .image_misfits = image_misfits };
	AUTO(err) struct err err = { 0 };

	if (dockerfile_parse(text, strlen(text), "Dockerfile", &file, &err) < 0 ||
	    stages_find(file, &args, &stages, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(ignore_parse("secret\n*.o", 10, ".dockerignore", &ignored, NULL), 0);
	assert_int_equal(lint_settings_parse(check, &settings, NULL), 0);
	lint_check(&stages, &input, &settings, &findings);
	for (size_t i = 0; i < findings.count; i++)
		strv_addf(&parts, "%d:%s", findings.items[i].line,
			  sentences ? findings.items[i].text
				    : lint_rule_name(findings.items[i].rule));
	return parts.count ? str_join(&parts, " ") : str_dup("");
}

static void rules_find_what_docker_finds(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "FROM a AS b\nRUN x\nCMD [\"y\"]", "" },
		{ "FROM a AS Build", "1:StageNameCasing" },
		{ "FROM a as b", "1:FromAsCasing" },
		{ "from a AS b", "1:FromAsCasing" },
		{ "from a as b\nrun x", "" },
		{ "FROM a\nrun x\nRUN y", "2:ConsistentInstructionCasing" },
		{ "FROM a\nRun x\nRUN y", "2:ConsistentInstructionCasing" },
		{ "from a\nrun x\nRUN y", "3:ConsistentInstructionCasing" },
		{ "FROM a AS b\nFROM a AS B", "2:DuplicateStageName 2:StageNameCasing" },
		{ "FROM a AS scratch", "1:ReservedStageName" },
		{ "FROM a AS context", "1:ReservedStageName" },
		{ "FROM a\nCMD x", "2:JSONArgsRecommended" },
		{ "FROM a\nENTRYPOINT x", "2:JSONArgsRecommended" },
		{ "FROM a\nSHELL [\"x\"]\nCMD x", "" },
		{ "FROM a\nMAINTAINER x", "2:MaintainerDeprecated" },
		{ "FROM a\nENV a b\nLABEL c d", "2:LegacyKeyValueFormat 3:LegacyKeyValueFormat" },
		{ "FROM a\nRUN x \\\n\n y", "2:NoEmptyContinuation" },
		{ "FROM a\nENV B=$C", "2:UndefinedVar" },
		{ "FROM a\nENV B=$PATH:$JAVA_HOME", "" },
		{ "FROM unknown\nENV B=$C", "" },
		{ "FROM scratch\nENV B=$PATH$C", "2:UndefinedVar" },
		{ "FROM a\nARG C\nENV B=$C\nUSER $B", "" },
		{ "ARG C=1\nFROM a\nENV B=$C", "3:UndefinedVar" },
		{ "FROM a AS b\nENV C=1\nFROM b\nENV B=$C", "" },
		{ "FROM a\nRUN echo $C\nCMD [\"$C\"]", "" },
		{ "FROM a:$X", "1:InvalidDefaultArgInFrom 1:UndefinedArgInFrom" },
		{ "FROM --platform=$BUILDPLATFORM a", "" },
		{ "ARG X\nFROM a:${X:-1}", "" },
		{ "ARG X=b\nFROM $X", "" },
		{ "ARG X=\nFROM a:$X", "2:InvalidDefaultArgInFrom" },
		{ "FROM --platform=$TARGETPLATFORM a", "1:RedundantTargetPlatform" },
		{ "FROM a AS b\nFROM foreign AS c\nFROM c\nFROM scratch",
		  "2:InvalidBaseImagePlatform" },
		{ "FROM --platform=${TARGETPLATFORM} a", "1:RedundantTargetPlatform" },
		{ "FROM --platform=linux/amd64 a", "1:FromPlatformFlagConstDisallowed" },
		{ "FROM --platform=linux/amd64 a AS build-amd64", "" },
		{ "FROM a\nWORKDIR x", "2:WorkdirRelativePath" },
		{ "FROM a\nWORKDIR /x\nWORKDIR y", "" },
		{ "FROM a AS b\nWORKDIR /x\nFROM b\nWORKDIR y", "" },
		{ "FROM a\nARG DB_PASSWORD\nENV API_TOKEN=x",
		  "2:SecretsUsedInArgOrEnv 3:SecretsUsedInArgOrEnv" },
		{ "FROM a\nENV PUBLIC_KEY=x MONKEY=y KEYS=z", "" },
		{ "FROM a\nCMD [\"a\"]\nCMD [\"b\"]\nCMD [\"c\"]",
		  "2:MultipleInstructionsDisallowed 3:MultipleInstructionsDisallowed" },
		{ "FROM a\nCMD [\"a\"]\nFROM b\nCMD [\"b\"]", "" },
		{ "FROM a\nHEALTHCHECK NONE\nHEALTHCHECK NONE",
		  "2:MultipleInstructionsDisallowed" },
		{ "FROM a\nEXPOSE 80/TCP", "2:ExposeProtoCasing" },
		{ "FROM a\nEXPOSE 80:80 127.0.0.1:1:1",
		  "2:ExposeInvalidFormat 2:ExposeInvalidFormat" },
		{ "FROM a\nCOPY secret a.o /", "" },
		{ "# wrong\nFROM a AS b", "" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(mem) char *got = look_over(cases[i].text, NULL, false);
		if (!str_eq(got, cases[i].want))
			fail_msg("'%s': '%s', not '%s'", cases[i].text, got, cases[i].want);
	}
}

static void experimental_rules_count_when_asked_for(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "FROM a\nCOPY secret ./a.o /b.o c*.o d /",
		  "2:CopyIgnoredFile 2:CopyIgnoredFile 2:CopyIgnoredFile" },
		{ "FROM a\nCOPY --from=x secret /\nADD https://x/a.o /", "" },
		{ "FROM a\nADD secret/x /", "2:CopyIgnoredFile" },
		{ "# wrong\nFROM a AS b", "2:InvalidDefinitionDescription" },
		{ "# b makes it\nFROM a AS b", "" },
		{ "# other\n\nFROM a AS b", "" },
		{ "# other\n#\nFROM a AS b", "" },
		{ "# other\nFROM a", "" },
		{ "# v of it\nARG v=1\n# x\nARG w\nFROM a", "4:InvalidDefinitionDescription" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(mem) char *got = look_over(cases[i].text, "experimental=all", false);
		if (!str_eq(got, cases[i].want))
			fail_msg("'%s': '%s', not '%s'", cases[i].text, got, cases[i].want);
	}
}

static void rules_can_be_skipped(void **state)
{
	AUTO(mem) char *all = look_over("from a AS B\nCMD x", "skip=all", false);
	AUTO(mem)
	char *some = look_over("FROM a AS B\nCMD x", "skip=stagenamecasing, FromAsCasing", false);

	(void)state;
	assert_string_equal(all, "");
	assert_string_equal(some, "2:JSONArgsRecommended");
}

static void findings_are_sentences(void **state)
{
	AUTO(mem)
	char *got = look_over("ARG NAME=x\nFROM img:$NAEM\nENV JAVA_HOEM=$JAVA_HOEM", NULL, true);

	(void)state;
	assert_string_equal(got,
			    "2:'img:$NAEM' is no image unless an argument is given "
			    "2:no ARG declares 'NAEM': did you mean NAME? "
			    "3:the variable '$JAVA_HOEM' is not defined: did you mean $JAVA_HOME?");
}

static void settings_are_read(void **state)
{
	static const struct {
		const char *text, *want;
	} wrong[] = {
		{ "skip=StageNameCasin",
		  "there is no check 'StageNameCasin': did you mean StageNameCasing?" },
		{ "skip=x", "there is no check 'x'" },
		{ "skip", "the setting 'skip' of checks has no '='" },
		{ "fail=true", "checks have no setting 'fail': skip, error or experimental" },
		{ "error=maybe", "the setting 'error' of checks is true or false, not 'maybe'" },
	};
	struct lint_settings settings = { 0 };

	(void)state;
	assert_int_equal(
		lint_settings_parse(
			"skip=JSONArgsRecommended;error=true; experimental=CopyIgnoredFile ;",
			&settings, NULL),
		0);
	assert_true(settings.error);
	assert_false(lint_rule_counts(&settings, LINT_JSON_ARGS_RECOMMENDED));
	assert_true(lint_rule_counts(&settings, LINT_COPY_IGNORED_FILE));
	assert_false(lint_rule_counts(&settings, LINT_INVALID_DEFINITION_DESCRIPTION));
	for (size_t i = 0; i < array_len(wrong); i++) {
		AUTO(err) struct err err = { 0 };
		assert_int_equal(lint_settings_parse(wrong[i].text, &settings, &err), -EINVAL);
		assert_string_equal(err.text, wrong[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_find_what_docker_finds),
		cmocka_unit_test(experimental_rules_count_when_asked_for),
		cmocka_unit_test(rules_can_be_skipped),
		cmocka_unit_test(findings_are_sentences),
		cmocka_unit_test(settings_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
