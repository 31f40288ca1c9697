/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_test - Go's templates, as docker's and podman's users type them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "cli/template.h"

static const char document[] =
	"{\"Id\": \"abc123\", \"Name\": \"/web\", \"Count\": 3, \"Ratio\": 1.5, \"On\": true, \"Off\": false,"
	" \"Nothing\": null, \"Empty\": \"\", \"List\": [\"a\", \"b\", \"c\"], \"None\": [],"
	" \"State\": {\"Status\": \"running\", \"Pid\": 42, \"Running\": true, \"ExitCode\": 0},"
	" \"Config\": {\"Labels\": {\"z.y\": \"1\", \"b\": \"two\"}, \"Env\": [\"A=1\", \"B=x=y\"]},"
	" \"NetworkSettings\": {\"Ports\": {\"80/tcp\": [{\"HostIp\": \"0.0.0.0\", \"HostPort\": \"8080\"}],"
	"   \"443/tcp\": null}, \"Networks\": {\"bridge\": {\"IPAddress\": \"10.0.2.100\"}}},"
	" \"Mounts\": [{\"Source\": \"/a\", \"RW\": true}, {\"Source\": \"/b\", \"RW\": false}],"
	" \"Label()\": {\"app\": \"shop\"}, \"ID()\": \"abc123\"}";

static const struct template_schema schema = {
	.maps = "Labels Ports Networks",
	.optional = "Health",
};

/* Return: 0, or the error with its sentence in *out. */
static int format(const char *text, unsigned int flags, char **out)
{
	AUTO(err) struct err err = { 0 };
	AUTO(json) cJSON *doc = NULL;
	AUTO(template) struct template *template = NULL;
	size_t size;

	assert_int_equal(json_parse(document, strlen(document), &doc, NULL), 0);
	FILE *to = open_memstream(out, &size);
	int r = template_parse(text, flags, &template, &err);
	if (r >= 0)
		r = template_print(template, doc, &schema, to, &err);
	fclose(to);
	if (r < 0)
		str_set(out, err.text);
	return r;
}

struct example {
	const char *text;
	const char *want;
};

static void gives(const struct example *examples)
{
	for (; examples->text; examples++) {
		AUTO(mem) char *out = NULL;
		int r = format(examples->text, TEMPLATE_ESCAPES, &out);
		if (r < 0 || !str_eq(out, examples->want))
			print_error("%s\n", examples->text);
		assert_string_equal(out, examples->want);
		assert_int_equal(r, 0);
	}
}

static void fails(const struct example *examples)
{
	for (; examples->text; examples++) {
		AUTO(mem) char *out = NULL;
		int r = format(examples->text, 0, &out);
		if (r >= 0 || !strstr(out, examples->want))
			print_error("%s: %s\n", examples->text, out);
		assert_true(r == -EINVAL || r == -E2BIG);
		assert_non_null(strstr(out, examples->want));
	}
}

static void fields_and_chains(void **state)
{
	static const struct example examples[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "{{.Name}}", "/web" },
		{ "{{.State.Status}} (PID {{.State.Pid}})", "running (PID 42)" },
		{ "{{$.Name}}{{with .State}}{{.Pid}}{{$.Id}}{{end}}", "/web42abc123" },
		{ "{{.Count}} {{.Ratio}} {{.On}} {{.Off}} {{.Nothing}} {{.Empty}}|",
		  "3 1.5 true false <no value> |" },
		{ "{{.List}} {{.None}} {{.Config.Labels}}", "[a b c] [] map[b:two z.y:1]" },
		{ "{{.Config.Labels.b}} {{.Config.Labels.missing}}", "two <no value>" },
		{ "{{.Mounts}} {{.State}}", "[{/a true} {/b false}] {running 42 true 0}" },
		{ "{{ ( .State ).Pid }}", "42" },
		{ "{{(index .Mounts 1).Source}}", "/b" },
		{ "{{.ID}} {{.Label \"app\"}} [{{.Label \"other\"}}]", "abc123 shop []" },
		{ "{{.Health}} {{if .Health}}x{{end}}", "<no value> " },
		{ "{{.Health.Status}}", "<no value>" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void docker_users_favourites(void **state)
{
	static const struct example examples[] = {
		{ "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "10.0.2.100" },
		{ "{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}", "8080" },
		{ "{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> "
		  "{{if $conf}}{{(index $conf 0).HostPort}}{{else}}-{{end}}{{end}}",
		  " 443/tcp -> - 80/tcp -> 8080" },
		{ "{{json .Config.Labels}}", "{\"z.y\":\"1\",\"b\":\"two\"}" },
		{ "{{json .State.Status}} {{json .List}} {{json .Nothing}}",
		  "\"running\" [\"a\",\"b\",\"c\"] null" },
		{ "{{index .Config.Labels \"z.y\"}}[{{index .Config.Labels \"nope\"}}]", "1[]" },
		{ "{{join .List \", \"}}", "a, b, c" },
		{ "{{range .Config.Env}}{{println .}}{{end}}", "A=1\nB=x=y\n" },
		{ "{{range .Mounts}}{{.Source}}:{{.RW}} {{end}}", "/a:true /b:false " },
		{ "{{.Id | printf \"%.3s\" | upper}}", "ABC" },
		{ "{{.Name}}\\t{{.Id}}\\n", "/web\tabc123\n" },
		{ "{{slice .Id 0 3}} {{slice .List 1}} {{slice .Id 3}}", "abc [b c] 123" },
		{ "{{len .List}} {{len .Config.Labels}} {{len .Name}}", "3 2 4" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void variables_and_pipes(void **state)
{
	static const struct example examples[] = {
		{ "{{$x := .Count}}{{$x}}{{$x = 7}}{{$x}}", "37" },
		{ "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21" },
		{ "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2" },
		{ "{{$s := .State}}{{$s.Pid}} {{$s.Status | printf \"%q\"}}", "42 \"running\"" },
		{ "{{range $i, $e := .List}}{{if $i}},{{end}}{{$i}}{{$e}}{{end}}", "0a,1b,2c" },
		{ "{{range $e := .List}}{{$e}}{{end}}", "abc" },
		{ "{{$last := \"\"}}{{range $last = .List}}{{end}}{{$last}}", "c" },
		{ "{{with $x := .State}}{{$x.Pid}}{{end}}", "42" },
		{ "{{if $x := .Count}}{{$x}}{{end}}", "3" },
		{ "{{printf \"%d-%s\" .Count .Id | len}}", "8" },
		{ "{{.Count | eq 3}}", "true" },
		{ "{{(len .List | printf \"%d\") | printf \"<%s>\"}}", "<3>" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void control_structures(void **state)
{
	static const struct example examples[] = {
		{ "{{if .On}}y{{else}}n{{end}}{{if .Off}}y{{else}}n{{end}}", "yn" },
		{ "{{if .Off}}a{{else if eq .Count 3}}b{{else}}c{{end}}", "b" },
		{ "{{if .Off}}a{{else if .Nothing}}b{{else if .Empty}}c{{else}}d{{end}}", "d" },
		{ "{{with .Nothing}}a{{else with .State}}{{.Pid}}{{else}}c{{end}}", "42" },
		{ "{{with .Empty}}a{{else}}{{.Name}}{{end}}", "/web" },
		{ "{{range .None}}a{{else}}none{{end}}", "none" },
		{ "{{range .Nothing}}a{{else}}none{{end}}", "none" },
		{ "{{range .List}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac" },
		{ "{{range .List}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a" },
		{ "{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}", "b=two;z.y=1;" },
		{ "{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}", "01201" },
		{ "{{range .List}}{{range $.List}}{{.}}{{break}}{{end}}{{end}}", "aaa" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void templates_that_are_named(void **state)
{
	static const struct example examples[] = {
		{ "{{define \"x\"}}<{{.}}>{{end}}{{template \"x\" .Name}}", "</web>" },
		{ "{{template \"x\" .Count}}{{define \"x\"}}<{{$}}>{{end}}", "<3>" },
		{ "{{define \"x\"}}<{{.}}>{{end}}{{template \"x\"}}", "<<no value>>" },
		{ "{{block \"b\" .State}}{{.Pid}}{{end}}", "42" },
		{ "{{define \"x\"}}1{{end}}{{define \"x\"}}2{{end}}{{template \"x\"}}", "2" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void blanks_are_trimmed_and_comments_dropped(void **state)
{
	static const struct example examples[] = {
		{ "a {{- .Count -}} b", "a3b" },
		{ "a {{.Count -}}\n\t b", "a 3b" },
		{ "a \n{{- .Count}} b", "a3 b" },
		{ "a{{/* no */}}b {{- /* no */ -}} c", "abc" },
		{ "{{- /* a\nb */ -}}", "" },
		{ "{{-3}}", "-3" },
		{ "{{- -3 -}}", "-3" },
		{ "{{\n.Count\n}}", "3" },
		{ "{ {{.Count}} } }}", "{ 3 } }}" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void literals(void **state)
{
	static const struct example examples[] = {
		{ "{{1}} {{-1}} {{+2}} {{0x1F}} {{0b101}} {{0o17}} {{017}} {{1_000}}",
		  "1 -1 2 31 5 15 15 1000" },
		{ "{{1.5}} {{1e3}} {{.5}} {{1e21}} {{0x1p4}}", "1.5 1000 0.5 1e+21 16" },
		{ "{{'a'}} {{'\\n'}} {{'\\x41'}} {{'\\u00e9'}}", "97 10 65 233" },
		{ "{{\"a\\tb\\\"c\\\\ \\u00e9 \\x41 \\101\"}}", "a\tb\"c\\ \u00e9 A A" },
		{ "{{`raw \"x\"`}}", "raw \"x\"" },
		{ "{{true}} {{false}} {{eq nil .Nothing}}", "true false true" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void functions(void **state)
{
	static const struct example examples[] = {
		{ "{{eq 1 2 1}} {{eq \"a\" .Name}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1 2}}",
		  "true false true true true true false" },
		{ "{{and .On .Count}} {{and .Off .Nope}} {{or .Off .Id}} {{or .Id .Nope}} {{not .On}}",
		  "3 false abc123 abc123 false" },
		{ "{{print 1 2 \"a\" \"b\" 3}}|{{println 1 \"a\"}}", "1 2ab3|1 a\n" },
		{ "{{html \"<a & 'b'>\"}} {{js \"it's <b>\"}} {{urlquery \"a b/c?\"}}",
		  "&lt;a &amp; &#39;b&#39;&gt; it\\'s \\u003Cb\\u003E a+b%2Fc%3F" },
		{ "{{lower \"AbC\"}} {{upper \"AbC\"}} {{title \"hello wide world\"}}",
		  "abc ABC Hello Wide World" },
		{ "[{{pad \"x\" 2 3}}] [{{pad \"\" 2 3}}] {{truncate \"abcdef\" 3}}",
		  "[  x   ] [] abc" },
		{ "{{json (split \"a,b,,c\" \",\")}} {{split \"abc\" \"\" | json}}",
		  "[\"a\",\"b\",\"\",\"c\"] [\"a\",\"b\",\"c\"]" },
		{ "{{index .List 1}} {{index .Mounts 0 \"Source\"}} {{index \"abc\" 0}}",
		  "b /a 97" },
		{ "{{json .State}}",
		  "{\"Status\":\"running\",\"Pid\":42,\"Running\":true,\"ExitCode\":0}" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void printf_is_gos(void **state)
{
	static const struct example examples[] = {
		{ "{{printf \"%5d|%-5d|%05d|%+d\" 42 42 42 42}}", "   42|42   |00042|+42" },
		{ "{{printf \"%x %X %o %b %c %U\" 255 255 8 5 233 233}}",
		  "ff FF 10 101 \u00e9 U+00E9" },
		{ "{{printf \"%s|%10s|%-6s|%.2s|%q\" \"ab\" \"ab\" \"ab\" \"abc\" \"a\\\"b\"}}",
		  "ab|        ab|ab    |ab|\"a\\\"b\"" },
		{ "{{printf \"%[2]d %[1]d\" 1 2}} {{printf \"%[3]d\" 1}} {{printf \"%[1]q %[1]s\" \"a\"}}",
		  "2 1 %!d(BADINDEX) \"a\" a" },
		{ "{{printf \"%T %T %T %T\" 1 1.5 \"a\" true}}", "int float64 string bool" },
		{ "{{printf \"%6.3v|%#q\" 3.14159 \"a\"}}", "  3.14|`a`" },
		{ "{{printf \"%t %v %v\" true .List .Nothing}}", "true [a b c] <nil>" },
		{ "{{printf \"%.2f %g %e\" 1.005 1.5 1500.0}}", "1.00 1.5 1.500000e+03" },
		{ "{{printf \"%f\" 2.5}} {{printf \"%08.3f\" 2.5}}", "2.500000 0002.500" },
		{ "{{printf \"%d\" \"x\"}} {{printf \"%s\" 3}}", "%!d(string=x) %!s(int=3)" },
		{ "{{printf \"%d %d\" 1}} {{printf \"%%\"}} {{printf \"x\" 1}}",
		  "1 %!d(MISSING) % x%!(EXTRA int=1)" },
		{ "{{printf \"%*d\" 4 7}} {{printf \"%s\" .List}} {{printf \"%q\" .List}}",
		  "   7 [a b c] [\"a\" \"b\" \"c\"]" },
		{ "{{printf \"%5s|\" \"\u00e9\"}}{{printf \"%x\" \"hi\"}}", "    \u00e9|6869" },
		{ NULL, NULL },
	};

	(void)state;
	gives(examples);
}

static void mistakes_are_told(void **state)
{
	static const struct example examples[] = {
		{ "{{.Nope}}", "can't evaluate field Nope" },
		{ "{{.State.Nope}}", "can't evaluate field Nope" },
		{ "{{.Name.Nope}}", "the value has no fields" },
		{ "{{(index .Mounts 0).Nope}}", "can't evaluate field Nope" },
		{ "{{nope .Name}}", "function \"nope\" not defined" },
		{ "{{.Name", "unclosed action" },
		{ "{{\"abc}}", "unterminated quoted" },
		{ "{{/* abc }}", "unclosed comment" },
		{ "{{if .On}}", "unexpected end" },
		{ "{{end}}", "{{end}} without a beginning" },
		{ "{{else}}", "{{else}} without a beginning" },
		{ "{{if .On}}{{else}}{{else}}{{end}}", "unexpected" },
		{ "{{$x}}", "undefined variable \"$x\"" },
		{ "{{$x = 1}}", "undefined variable \"$x\"" },
		{ "{{break}}", "outside range" },
		{ "{{template \"x\"}}", "template \"x\" not defined" },
		{ "{{template x}}", "the name of a template" },
		{ "{{}}", "unexpected '}}' in a command" },
		{ "{{.Name | }}", "unexpected '}}' in a command" },
		{ "{{1 2}}", "can't give an argument" },
		{ "{{.Id | 3}}", "can't give an argument" },
		{ "{{.Name \"x\"}}", "takes no arguments" },
		{ "{{.Label 1}}", "takes one text" },
		{ "{{index .List 3}}", "index out of range" },
		{ "{{index .List -1}}", "index out of range" },
		{ "{{index .Nothing 1}}", "index of nothing" },
		{ "{{index .NetworkSettings.Ports \"443/tcp\" 0}}", "index of nothing" },
		{ "{{slice .Id 3 2}}", "invalid slice" },
		{ "{{len 3}}", "it takes a text" },
		{ "{{eq 1 \"a\"}}", "incompatible types" },
		{ "{{eq .State .State}}", "non-comparable" },
		{ "{{lt true false}}", "invalid type" },
		{ "{{join .List}}", "wrong number of arguments for join" },
		{ "{{range .Name}}{{end}}", "can't iterate" },
		{ "{{1i}}", "wrong number" },
		{ "{{0xZ}}", "wrong number" },
		{ "{{'ab'}}", "not one character" },
		{ "{{\"\\z\"}}", "wrong escape" },
		{ "{{.A ; .B}}", "unexpected ';'" },
		{ "{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}", "too deeply" },
		{ "{{range 1000000}}{{range 1000000}}{{end}}{{end}}", "too many steps" },
		{ "{{range 100000}}{{printf \"%9999d\" 1}}{{end}}", "prints too much" },
		{ NULL, NULL },
	};

	(void)state;
	fails(examples);
}

static void nesting_has_a_limit(void **state)
{
	AUTO(mem) char *deep = mem_alloc(5000, 1);
	AUTO(mem) char *out = NULL;

	(void)state;
	memcpy(deep, "{{", 2);
	memset(deep + 2, '(', 4000);
	assert_int_equal(format(deep, 0, &out), -EINVAL);
	assert_non_null(strstr(out, "nested too deeply"));
}

static void json_alone_is_the_whole_document_without_what_is_hidden(void **state)
{
	AUTO(mem) char *out = NULL;

	(void)state;
	assert_int_equal(format("json", 0, &out), 0);
	assert_non_null(strstr(out, "\"Id\":\"abc123\""));
	assert_null(strstr(out, "Label()"));
}

static void headings_are_left_alone(void **state)
{
	AUTO(mem) char *out = NULL;

	(void)state;
	assert_int_equal(format("{{.Name | upper}} {{json .Id}} {{.Label \"my.key\"}}",
				TEMPLATE_HEADER, &out),
			 0);
	assert_string_equal(out, "/web abc123 my.key");
}

static void without_escapes_a_backslash_stays(void **state)
{
	AUTO(mem) char *out = NULL;

	(void)state;
	assert_int_equal(format("a\\tb", 0, &out), 0);
	assert_string_equal(out, "a\\tb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_and_chains),
		cmocka_unit_test(docker_users_favourites),
		cmocka_unit_test(variables_and_pipes),
		cmocka_unit_test(control_structures),
		cmocka_unit_test(templates_that_are_named),
		cmocka_unit_test(blanks_are_trimmed_and_comments_dropped),
		cmocka_unit_test(literals),
		cmocka_unit_test(functions),
		cmocka_unit_test(printf_is_gos),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(json_alone_is_the_whole_document_without_what_is_hidden),
		cmocka_unit_test(headings_are_left_alone),
		cmocka_unit_test(without_escapes_a_backslash_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
