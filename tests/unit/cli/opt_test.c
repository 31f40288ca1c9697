/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * opt_test - option tables and what users type
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/opt.h"
#include "cli/parse.h"

enum fruit { FRUIT_APPLE, FRUIT_PEAR };

struct shared_args {
	const char *network;
};

struct args {
	bool all, quiet;
	enum tri verify;
	const char *name;
	const char *systemd;
	int tail;
	int tries;
	struct strv publish, labels;
	uint64_t memory;
	int64_t wait;
	enum fruit fruit;
	char called[16];
	struct shared_args shared;
};

static int take_even(void *data, const char *value, struct err *err)
{
	struct args *args = data;

	if (strlen(value) % 2)
		return err_set(err, -EINVAL, "it is odd");
	snprintf(args->called, sizeof args->called, "%s", value);
	return 0;
}

static const char *const fruits[] = { [FRUIT_APPLE] = "apple", [FRUIT_PEAR] = "pear", NULL };

static const struct opt shared_opts[] = {
	OPT_TEXT(0, "network", "MODE", struct shared_args, network, COMPLETE_NETWORKS, "network"),
	OPT_ALIAS(0, "net", "network"),
	OPT_END,
};

static const struct opt opts[] = {
	OPT_FLAG('a', "all", struct args, all, "all of them"),
	OPT_FLAG('q', "quiet", struct args, quiet, "less"),
	OPT_TRI(0, "tls-verify", struct args, verify, "check certificates"),
	OPT_TEXT('n', "name", "NAME", struct args, name, COMPLETE_NONE, "name of it"),
	OPT_OPTIONAL(0, "systemd", "MODE", struct args, systemd, "always", "always never", "mode"),
	OPT_INT(0, "tail", "N", struct args, tail, "lines"),
	OPT_COUNT(0, "tries", "N", struct args, tries, "how often"),
	OPT_LIST('p', "publish", "PORT", struct args, publish, COMPLETE_NONE, "publish"),
	OPT_MAP('l', "label", "KEY=VALUE", struct args, labels, "labels"),
	OPT_SIZE('m', "memory", "SIZE", struct args, memory, "limit"),
	OPT_DURATION(0, "wait", "TIME", struct args, wait, "wait"),
	OPT_ENUM(0, "fruit", "FRUIT", struct args, fruit, fruits, "which"),
	OPT_CALL(0, "even", "TEXT", take_even, COMPLETE_NONE, "even texts"),
	OPT_HARMLESS(0, "rm", "so anyway"),
	OPT_HARMLESS_VALUE(0, "runroot", "DIR", "not used"),
	OPT_REFUSED('c', "cpus", "limits are not there yet"),
	OPT_INCLUDE(struct args, shared, shared_opts),
	OPT_END,
};

struct outer_args {
	bool debug;
};

static const struct opt outer_opts[] = {
	OPT_FLAG('D', "debug", struct outer_args, debug, "tell more"),
	OPT_END,
};

struct fixture {
	struct args args;
	struct outer_args outer;
	struct strv words;
	struct err err;
	char *line;
	char *argv[32];
};

/* Parses a line that is split at spaces. */
static int parse(struct fixture *f, unsigned int flags, const char *line)
{
	const struct opt_set own = { opts, &f->args }, outer = { outer_opts, &f->outer };
	size_t n = 0;

	memset(f, 0, sizeof *f);
	f->line = str_dup(line);
	for (char *at = f->line; at; n++) {
		f->argv[n] = at;
		at = str_cut(at, ' ');
	}
	if (!*line)
		f->argv[0] = NULL;
	return opt_parse(&own, &outer, flags, f->argv, &f->words, &f->err);
}

static void done(struct fixture *f)
{
	opt_release(opts, &f->args);
	strv_clear(&f->words);
	err_clear(&f->err);
	free(f->line);
}

#define refused(line, sentence)                                                                    \
	do {                                                                                       \
		struct fixture f_;                                                                 \
		assert_int_equal(parse(&f_, 0, line), -EINVAL);                                    \
		assert_string_equal(f_.err.text, sentence);                                        \
		done(&f_);                                                                         \
	} while (0)

static void letters_stand_together(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(parse(&f, 0, "-aq -p8080:80 -aqp 1:1 -p=2:2 x"), 0);
	assert_true(f.args.all && f.args.quiet);
	assert_int_equal(f.args.publish.count, 3);
	assert_string_equal(f.args.publish.items[0], "8080:80");
	assert_string_equal(f.args.publish.items[1], "1:1");
	assert_string_equal(f.args.publish.items[2], "2:2");
	assert_int_equal(f.words.count, 1);
	done(&f);
}

static void values_follow_a_sign_or_a_space(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(parse(&f, 0, "--name=a=b --tail -1 --memory 1k --wait 1m30s --even=xy"),
			 0);
	assert_string_equal(f.args.name, "a=b");
	assert_int_equal(f.args.tail, -1);
	assert_int_equal(f.args.memory, 1024);
	assert_int_equal(f.args.wait, 90 * CLOCK_SECOND);
	assert_string_equal(f.args.called, "xy");
	done(&f);
	assert_int_equal(parse(&f, 0, "--name= x"), 0);
	assert_string_equal(f.args.name, "");
	done(&f);
}

static void flags_can_be_negated(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(parse(&f, 0, "-a --all=false --quiet=TRUE --tls-verify=0 --rm=1"), 0);
	assert_false(f.args.all);
	assert_true(f.args.quiet);
	assert_int_equal(f.args.verify, TRI_NO);
	done(&f);
	assert_int_equal(parse(&f, 0, "--tls-verify"), 0);
	assert_int_equal(f.args.verify, TRI_YES);
	done(&f);
	assert_int_equal(parse(&f, 0, "-a=false"), 0);
	assert_false(f.args.all);
	done(&f);
	refused("--all=maybe", "'--all=maybe': the value must be true or false");
}

static void an_optional_value_takes_no_word(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(parse(&f, 0, "--systemd never"), 0);
	assert_string_equal(f.args.systemd, "always");
	assert_string_equal(f.words.items[0], "never");
	done(&f);
	assert_int_equal(parse(&f, 0, "--systemd=never"), 0);
	assert_string_equal(f.args.systemd, "never");
	done(&f);
}

static void flags_may_follow_words_unless_the_command_says_no(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(parse(&f, 0, "web -a"), 0);
	assert_true(f.args.all);
	assert_int_equal(f.words.count, 1);
	done(&f);
	assert_int_equal(parse(&f, OPT_STOP_AT_WORD, "-q image -a -- --x"), 0);
	assert_false(f.args.all);
	assert_true(f.args.quiet);
	assert_int_equal(f.words.count, 4);
	assert_string_equal(f.words.items[2], "--");
	done(&f);
	assert_int_equal(parse(&f, 0, "-q -- -a --all -"), 0);
	assert_false(f.args.all);
	assert_int_equal(f.words.count, 3);
	done(&f);
	assert_int_equal(parse(&f, OPT_ALL_WORDS, "--help -- -a"), 0);
	assert_int_equal(f.words.count, 3);
	done(&f);
}

static void other_spellings_and_included_tables_work(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(parse(&f, 0,
			       "--net=host --fruit pear --debug --runroot /x -l a=1 -l b=2 -l a=3"),
			 0);
	assert_string_equal(f.args.shared.network, "host");
	assert_int_equal(f.args.fruit, FRUIT_PEAR);
	assert_true(f.outer.debug);
	assert_int_equal(f.args.labels.count, 2);
	assert_string_equal(f.args.labels.items[0], "a=3");
	done(&f);
}

static void wrong_flags_are_named(void **state)
{
	(void)state;
	refused("--nmae x", "unknown flag: --nmae; did you mean '--name'?");
	refused("--zzz=1", "unknown flag: --zzz");
	refused("--debgu", "unknown flag: --debgu; did you mean '--debug'?");
	refused("-aZ", "unknown flag: 'Z' in -aZ");
	refused("-D", "unknown flag: 'D' in -D");
	refused("--name", "flag needs a value: --name");
	refused("-an", "flag needs a value: -n");
	refused("--cpus 2", "'--cpus' is not available: limits are not there yet");
	refused("-c2", "'-c' is not available: limits are not there yet");
	refused("--tail ten", "'--tail ten': the value must be a whole number");
	refused("--memory lots", "'--memory lots': the value must be a size such as 64m");
	refused("--wait now", "'--wait now': the value must be a duration such as 30s");
	refused("--wait=-1s", "'--wait -1s': the value must be a duration such as 30s");
	refused("--tries=-1", "'--tries -1': the value must be a number from 0 on");
	refused("--fruit=plum", "'--fruit plum': the value must be one of apple, pear");
	refused("--label=x", "'--label x': the value must be KEY=VALUE");
	refused("--even=odd", "'--even odd': it is odd");
}

static void help_is_found_unless_it_is_a_value(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(parse(&f, 0, "web --help --zzz"), OPT_HELP);
	done(&f);
	assert_int_equal(parse(&f, 0, "-ah"), OPT_HELP);
	done(&f);
	assert_int_equal(parse(&f, 0, "--name --help"), 0);
	assert_string_equal(f.args.name, "--help");
	done(&f);
	assert_int_equal(parse(&f, OPT_STOP_AT_WORD, "x --help"), 0);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_stand_together),
		cmocka_unit_test(values_follow_a_sign_or_a_space),
		cmocka_unit_test(flags_can_be_negated),
		cmocka_unit_test(an_optional_value_takes_no_word),
		cmocka_unit_test(flags_may_follow_words_unless_the_command_says_no),
		cmocka_unit_test(other_spellings_and_included_tables_work),
		cmocka_unit_test(wrong_flags_are_named),
		cmocka_unit_test(help_is_found_unless_it_is_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
