/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expand_test - variables, quotes and escapes
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "build/chars.h"
#include "build/expand.h"
#include "build/words.h"

static char *items[] = {
	(char *)"foo=bar",   (char *)"e=",    (char *)"sp=a b  c", (char *)"path=/a/b/c.tar.gz",
	(char *)"PWD=/home", (char *)"_x1=u", (char *)"q='\"",	   (char *)"u=\xc3\xa9t\xc3\xa9",
	(char *)"star=a*b",
};
static const struct strv env = { items, array_len(items) };

static void a_word_becomes_what_a_shell_makes_of_it(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "hello", "hello" },
		{ "a  b", "a  b" },
		{ "'hello'", "hello" },
		{ "\"hello\"", "hello" },
		{ "he'll'o", "hello" },
		{ "'he\"l'\"l'o\"", "he\"ll'o" },
		{ "he\\'llo", "he'llo" },
		{ "he\\\\llo", "he\\llo" },
		{ "'he\\llo'", "he\\llo" },
		{ "\"he\\llo\"", "he\\llo" },
		{ "\"he\\\"l\\\\l\\$o\"", "he\"l\\l$o" },
		{ "a\\nb", "anb" },
		{ "a\\", "a" },
		{ "a\\ b", "a b" },
		/* Variables. */
		{ "$foo", "bar" },
		{ "$foo$foo", "barbar" },
		{ "x${foo}y", "xbary" },
		{ "$foobar", "" },
		{ "$foo.bar", "bar.bar" },
		{ "$none", "" },
		{ "$", "$" },
		{ "$ a", "$ a" },
		{ "a$", "a$" },
		{ "$.", "$." },
		{ "\\$foo", "$foo" },
		{ "'$foo'", "$foo" },
		{ "\"$foo\"", "bar" },
		{ "\"'$foo'\"", "'bar'" },
		{ "$_x1", "u" },
		{ "$1a", "a" },
		{ "$12x", "x" },
		{ "$@$*$#$?$-$!$$", "" },
		{ "$sp", "a b  c" },
		{ "$q", "'\"" },
		{ "$\xc3\xa9", "" },
		/* Unset and empty. */
		{ "${foo:-x}|${foo-x}|${e:-x}|${e-x}|${none:-x}|${none-x}", "bar|bar|x||x|x" },
		{ "${foo:+x}|${foo+x}|${e:+x}|${e+x}|${none:+x}|${none+x}", "x|x||x||" },
		{ "${foo:?x}${foo?x}${e?x}", "barbar" },
		{ "${none:-$foo}", "bar" },
		{ "${none:-${e:-${foo}}}", "bar" },
		{ "${none:-a b}", "a b" },
		{ "${none:-'a}b'}", "a}b" },
		{ "${none:-\"a}b\"}", "a}b" },
		{ "${none:-a\\}b}", "a}b" },
		{ "${none:-}", "" },
		{ "\"${none:-\"x y\"}\"", "x y" },
		{ "${none:-:-}", ":-" },
		{ "${foo:+/}$foo", "/bar" },
		/* Begins and ends. */
		{ "${path#*/}", "a/b/c.tar.gz" },
		{ "${path##*/}", "c.tar.gz" },
		{ "${path%.*}", "/a/b/c.tar" },
		{ "${path%%.*}", "/a/b/c" },
		{ "${path%/*}", "/a/b" },
		{ "${path%%/*}", "" },
		{ "${path#x}", "/a/b/c.tar.gz" },
		{ "${path%}", "/a/b/c.tar.gz" },
		{ "${path##*}", "" },
		{ "${path#*}", "/a/b/c.tar.gz" },
		{ "${path#/?/}", "b/c.tar.gz" },
		{ "${path%?gz}", "/a/b/c.tar" },
		{ "${path%${foo:+.gz}}", "/a/b/c.tar" },
		{ "${u#?}", "t\xc3\xa9" },
		{ "${u%?}", "\xc3\xa9t" },
		{ "${star#a\\*}", "b" },
		{ "${foo#a\\*}", "bar" },
		{ "${none#a}", "" },
		{ "${foo#*a*}", "r" },
		{ "${foo##*a*}", "" },
		{ "${foo%%a*}", "b" },
		{ "${foo#[b]}", "bar" },
		/* Replacements. */
		{ "${path/a/x}", "/x/b/c.tar.gz" },
		{ "${path//a/x}", "/x/b/c.txr.gz" },
		{ "${path//\\//_}", "_a_b_c.tar.gz" },
		{ "${path/*\\//}", "c.tar.gz" },
		{ "${path//./}", "/a/b/ctargz" },
		{ "${path/z*/}", "/a/b/c.tar.g" },
		{ "${foo/?/$foo}", "barar" },
		{ "${foo//?/x}", "xxx" },
		{ "${foo/*/x}", "x" },
		{ "${foo//\"\"/x}", "bar" },
		{ "${foo/r/\\}}", "ba\\}" },
		{ "${none/a/b}", "" },
		{ "${star//\\*/+}", "a+b" },
		{ "${foo//a/$1}", "br" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct expand_scope scope = { .lookup = expand_env, .data = &env };
		AUTO(mem) char *got = NULL;
		AUTO(err) struct err err = { 0 };
		if (expand_word(&scope, cases[i].text, &got, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		if (!str_eq(got, cases[i].want))
			fail_msg("%s: '%s', not '%s'", cases[i].text, got, cases[i].want);
	}
}

static void words_fall_apart_at_white_space_out_of_quotes(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "  ", "" },
		{ " a  b\tc ", "a|b|c" },
		{ "$sp", "a|b|c" },
		{ "x$sp", "xa|b|c" },
		{ "${sp}y z", "a|b|cy|z" },
		{ "\"$sp\" x", "a b  c|x" },
		{ "'$sp'", "$sp" },
		{ "a\\ b c", "a b|c" },
		{ "\"\" a", "a" },
		{ "$none a", "a" },
		{ "a'b c'd", "ab cd" },
		{ "${none:-x y}", "x|y" },
		{ "${none:-\"x y\"}", "x|y" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct expand_scope scope = { .lookup = expand_env, .data = &env };
		AUTO(strv) struct strv words = { 0 };
		assert_int_equal(expand_words(&scope, cases[i].text, &words, NULL), 0);
		AUTO(mem) char *got = str_join(&words, "|");
		assert_string_equal(got, cases[i].want);
	}
}

static void what_cannot_be_expanded_is_told(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "'a", "cannot expand ''a': a ' is not closed" },
		{ "\"a", "cannot expand '\"a': a \" is not closed" },
		{ "${", "cannot expand '${': a '}' is missing" },
		{ "${foo", "cannot expand '${foo': a '}' is missing" },
		{ "${foo:-x", "cannot expand '${foo:-x': a '}' is missing" },
		{ "${}", "cannot expand '${}': '${' must be followed by a name" },
		{ "${{a}}", "cannot expand '${{a}}': '${' must be followed by a name" },
		{ "${:-a}", "cannot expand '${:-a}': '${' must be followed by a name" },
		{ "${.}", "cannot expand '${.}': '${' must be followed by a name" },
		{ "${foo.bar}",
		  "cannot expand '${foo.bar}': what follows a name is none of - + ? :- :+ :? "
		  "# % / or '}'" },
		{ "${foo:x}",
		  "cannot expand '${foo:x}': what follows a name is none of - + ? :- :+ :? "
		  "# % / or '}'" },
		{ "${foo:", "cannot expand '${foo:': what follows a name is none of - + ? :- :+ :? "
			    "# % / or '}'" },
		{ "${foo/a}", "cannot expand '${foo/a}': a '/' is missing" },
		{ "${foo/a/", "cannot expand '${foo/a/': a '}' is missing" },
		{ "${none?}", "none: it must be set" },
		{ "${none:?give it}", "none: give it" },
		{ "${none:?$foo}", "none: bar" },
		{ "${e:?}", "e: it must not be empty" },
		{ "${foo#\\a}",
		  "'\\a' is no pattern: a '\\' stands before '*', '?', '\\', '/' or '}' only" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct expand_scope scope = { .lookup = expand_env, .data = &env };
		AUTO(mem) char *got = NULL;
		AUTO(err) struct err err = { 0 };
		assert_int_equal(expand_word(&scope, cases[i].text, &got, &err), -EINVAL);
		assert_null(got);
		assert_string_equal(err.text, cases[i].want);
	}
}

static void the_names_that_were_asked_for_are_written_down_once(void **state)
{
	AUTO(strv) struct strv used = { 0 }, unset = { 0 };
	struct expand_scope scope = {
		.lookup = expand_env,
		.data = &env,
		.used = &used,
		.unset = &unset,
	};
	AUTO(mem) char *word = NULL;

	(void)state;
	assert_int_equal(expand_word(&scope,
				     "$foo ${none:-$PWD} $foo '$sp' \\$path ${u+$nix} $none", &word,
				     NULL),
			 0);
	AUTO(mem) char *all_used = str_join(&used, " ");
	AUTO(mem) char *all_unset = str_join(&unset, " ");
	assert_string_equal(all_used, "foo PWD u");
	assert_string_equal(all_unset, "none nix");
}

static void the_escape_character_may_be_another(void **state)
{
	struct expand_scope scope = { .lookup = expand_env, .data = &env, .escape = '`' };
	AUTO(mem) char *word = NULL;

	(void)state;
	assert_int_equal(expand_word(&scope, "C:\\x `$foo \"`\"\\\" $foo", &word, NULL), 0);
	assert_string_equal(word, "C:\\x $foo \"\\ bar");
}

static void heredocs_have_no_quotes(void **state)
{
	struct expand_scope scope = { .lookup = expand_env,
				      .data = &env,
				      .flags = EXPAND_NO_QUOTES };
	AUTO(mem) char *word = NULL;

	(void)state;
	assert_int_equal(expand_word(&scope, "it's \"$foo\" \\$foo\n", &word, NULL), 0);
	assert_string_equal(word, "it's \"bar\" $foo\n");
}

static void what_is_unset_may_stay(void **state)
{
	struct expand_scope scope = { .flags = EXPAND_KEEP_UNSET };
	AUTO(mem) char *word = NULL;

	(void)state;
	assert_int_equal(expand_word(&scope, "$a ${b} ${c:-d} ${e/f/g} ${h#i}", &word, NULL), 0);
	assert_string_equal(word, "$a ${b} ${c:-d} ${e/f/g} ${h#i}");
}

static const char *long_value(const void *data, const char *name)
{
	(void)name;
	return data;
}

static void an_expansion_has_an_end_in_bytes_and_depth(void **state)
{
	AUTO(mem) char *value = mem_alloc((64 << 10) + 1, 1);
	struct expand_scope scope = { .lookup = long_value, .data = value };
	AUTO(chars) struct chars deep = { 0 };
	AUTO(mem) char *word = NULL;

	(void)state;
	memset(value, 'a', 64 << 10);
	assert_int_equal(expand_word(&scope, "$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a", &word, NULL),
			 -E2BIG);
	assert_int_equal(expand_word(&scope, "${a//a/$a}", &word, NULL), -E2BIG);
	for (size_t i = 0; i < 65; i++)
		chars_adds(&deep, "${a:-");
	AUTO(mem) char *text = chars_take(&deep);
	assert_int_equal(expand_word(&scope, text, &word, NULL), -E2BIG);
	assert_null(word);
}

static void quoted_words_keep_their_quotes(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a=b c=d", "a=b|c=d" },
		{ "  a='b c'  d=\"e f\" ", "a='b c'|d=\"e f\"" },
		{ "a=b\\ c d", "a=b\\ c|d" },
		{ "a=\"b\\\" c\" d", "a=\"b\\\" c\"|d" },
		{ "a='b\\' c", "a='b\\'|c" },
		{ "a='b c", "a='b c" },
		{ "a=b\\", "a=b" },
		{ "a=b\\\\", "a=b\\\\" },
		{ "\\", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(strv) struct strv words = { 0 };
		words_quoted(cases[i].text, '\\', &words);
		AUTO(mem) char *got = str_join(&words, "|");
		assert_string_equal(got, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_becomes_what_a_shell_makes_of_it),
		cmocka_unit_test(words_fall_apart_at_white_space_out_of_quotes),
		cmocka_unit_test(what_cannot_be_expanded_is_told),
		cmocka_unit_test(the_names_that_were_asked_for_are_written_down_once),
		cmocka_unit_test(the_escape_character_may_be_another),
		cmocka_unit_test(heredocs_have_no_quotes),
		cmocka_unit_test(what_is_unset_may_stay),
		cmocka_unit_test(an_expansion_has_an_end_in_bytes_and_depth),
		cmocka_unit_test(quoted_words_keep_their_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
