/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dockerfile_test - from text to instructions
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "build/dockerfile.h"

static struct dockerfile *parse(const char *text)
{
	struct dockerfile *file = NULL;
	AUTO(err) struct err err = { 0 };

	if (dockerfile_parse(text, strlen(text), "Dockerfile", &file, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return file;
}

/* "LINE-END KIND --flag=value {word}…" of each instruction, heredocs as "<NAME:content>". */
static char *shown(const struct dockerfile *file)
{
	AUTO(strv) struct strv parts = { 0 };

	for (size_t i = 0; i < file->lines.count; i++) {
		const struct dockerfile_line *line = &file->lines.items[i];
		AUTO(strv) struct strv words = { 0 };
		strv_addf(&words, "%d-%d %s%s", line->line, line->end_line, kind_name(line->kind),
			  line->is_json ? " json" : "");
		for (size_t j = 0; j < line->flags.count; j++)
			strv_addf(&words, "--%s%s%s", line->flags.items[j].name,
				  line->flags.items[j].value ? "=" : "",
				  str_or(line->flags.items[j].value, ""));
		for (size_t j = 0; j < line->words.count; j++)
			strv_addf(&words, "{%s}", line->words.items[j]);
		for (size_t j = 0; j < line->heredocs.count; j++)
			strv_addf(&words, "<%s%s%s:%s>", line->heredocs.items[j].name,
				  line->heredocs.items[j].expand ? "" : " raw",
				  line->heredocs.items[j].chomp ? " chomp" : "",
				  line->heredocs.items[j].content);
		strv_take(&parts, str_join(&words, " "));
	}
	return str_join(&parts, "; ");
}

static void lines_become_instructions(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "\n\n# only this\n", "" },
		{ "FROM a", "1-1 FROM {a}" },
		{ "from a as b\r\nrun  x   y\r\n", "1-1 FROM {a} {as} {b}; 2-2 RUN {x} {y}" },
		{ "\xef\xbb\xbf"
		  "FROM a\n",
		  "1-1 FROM {a}" },
		{ "  \tFROM\ta\t\n", "1-1 FROM {a}" },
		/* Continuations. */
		{ "RUN a \\\n  b\nRUN c", "1-2 RUN {a} {b}; 3-3 RUN {c}" },
		{ "RUN a\\\nb", "1-2 RUN {ab}" },
		{ "RUN a \\  \t\n b", "1-2 RUN {a} {b}" },
		{ "RUN a \\ x\n", "1-1 RUN {a} {\\} {x}" },
		{ "RUN a \\\\\nRUN b", "1-1 RUN {a} {\\\\}; 2-2 RUN {b}" },
		{ "RUN a \\\r\n b\r\n", "1-2 RUN {a} {b}" },
		{ "RUN a \\\n# c\n  # d \\\n b", "1-4 RUN {a} {b}" },
		{ "RUN a \\\n\n \n b\nRUN c", "1-4 RUN {a} {b}; 5-5 RUN {c}" },
		{ "RUN a \\", "1-1 RUN {a}" },
		{ "RUN a \\\n\n", "1-2 RUN {a}" },
		{ "\\\nRUN a", "1-2 RUN {a}" },
		{ "\\\n", "" },
		{ "F\\\nROM \\\n a", "1-3 FROM {a}" },
		{ "RUN a # b", "1-1 RUN {a} {#} {b}" },
		/* The escape directive. */
		{ "# escape=`\nRUN a `\n b\nRUN c \\\nRUN d",
		  "2-3 RUN {a} {b}; 4-4 RUN {c} {\\}; 5-5 RUN {d}" },
		{ "#ESCAPE = \\\nRUN a \\\n b", "2-3 RUN {a} {b}" },
		{ "# a comment\n# escape=`\nRUN a `\nRUN b", "3-3 RUN {a} {`}; 4-4 RUN {b}" },
		{ "\n# escape=`\nRUN a `\nRUN b", "3-3 RUN {a} {`}; 4-4 RUN {b}" },
		{ "# unknown=x\n# escape=`\nRUN a `\nRUN b", "3-3 RUN {a} {`}; 4-4 RUN {b}" },
		{ "# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\nb", "3-4 RUN {a} {b}" },
		/* Flags. */
		{ "RUN --mount=type=cache,target=/c --network=none x",
		  "1-1 RUN --mount=type=cache,target=/c --network=none {x}" },
		{ "COPY --link --chown=1:2 a b", "1-1 COPY --link --chown=1:2 {a} {b}" },
		{ "COPY --chown=\"a b\":'c d' e f", "1-1 COPY --chown=a b:c d {e} {f}" },
		{ "COPY --chown=a\\ b e f", "1-1 COPY --chown=a b {e} {f}" },
		{ "RUN -- --x", "1-1 RUN {--x}" },
		{ "RUN --a= -b --c", "1-1 RUN --a= {-b} {--c}" },
		{ "RUN --a", "1-1 RUN --a" },
		{ "RUN --a \\\n --b \\\n c", "1-3 RUN --a --b {c}" },
		{ "HEALTHCHECK --interval=5s CMD [\"a\"]",
		  "1-1 HEALTHCHECK --interval=5s {CMD} {[\"a\"]}" },
		/* Lists. */
		{ "CMD [\"a\", \"b c\"]", "1-1 CMD json {a} {b c}" },
		{ "CMD   [ ]", "1-1 CMD json" },
		{ "CMD [\"a\\n\\u00e9\"]", "1-1 CMD json {a\n\xc3\xa9}" },
		{ "CMD ['a']", "1-1 CMD {['a']}" },
		{ "CMD [\"a\"] b", "1-1 CMD {[\"a\"]} {b}" },
		{ "RUN [ -f x ] && y", "1-1 RUN {[} {-f} {x} {]} {&&} {y}" },
		{ "COPY [\"a b\", \\\n \"c\"]", "1-2 COPY json {a b} {c}" },
		{ "WORKDIR [\"a\"]", "1-1 WORKDIR {[\"a\"]}" },
		/* Heredocs. */
		{ "RUN <<EOF\na\n b\nEOF\nRUN c", "1-4 RUN {<<EOF} <EOF:a\n b\n>; 5-5 RUN {c}" },
		{ "RUN <<EOF\nEOF", "1-2 RUN {<<EOF} <EOF:>" },
		{ "RUN <<EOF\r\na\r\nEOF\r\n", "1-3 RUN {<<EOF} <EOF:a\r\n>" },
		{ "RUN <<-EOF\n\ta\n\tEOF", "1-3 RUN {<<-EOF} <EOF chomp:\ta\n>" },
		{ "RUN <<'EOF' x\n$a\nEOF", "1-3 RUN {<<'EOF'} {x} <EOF raw:$a\n>" },
		{ "RUN <<\"E F\"\na\nE F", "1-3 RUN {<<\"E} {F\"} <E F raw:a\n>" },
		{ "RUN <<E\\F\na\nEF", "1-3 RUN {<<E\\F} <EF raw:a\n>" },
		{ "RUN <<A cat 3<<B\n1\nA\n2\nB", "1-5 RUN {<<A} {cat} {3<<B} <A:1\n> <B:2\n>" },
		{ "RUN cat <<A \\\n | sh\n1\nA", "1-4 RUN {cat} {<<A} {|} {sh} <A:1\n>" },
		{ "RUN <<EOF\n# no comment\n\nFROM x \\\nEOF",
		  "1-5 RUN {<<EOF} <EOF:# no comment\n\n"
		  "FROM x \\\n>" },
		{ "RUN <<EOF\n EOF\nEOF x\nEOF", "1-4 RUN {<<EOF} <EOF: EOF\nEOF x\n>" },
		{ "COPY <<a.txt <<b.txt /d/\n1\na.txt\n2\nb.txt",
		  "1-5 COPY {<<a.txt} {<<b.txt} {/d/} <a.txt:1\n> <b.txt:2\n>" },
		{ "ADD <<a /\na", "1-2 ADD {<<a} {/} <a:>" },
		{ "ONBUILD RUN <<EOF\na\nEOF", "1-3 ONBUILD {RUN} {<<EOF} <EOF:a\n>" },
		{ "ONBUILD COPY <<a /\nx\na", "1-3 ONBUILD {COPY} {<<a} {/} <a:x\n>" },
		/* No heredocs. */
		{ "RUN a <<< b", "1-1 RUN {a} {<<<} {b}" },
		{ "RUN a <<<b", "1-1 RUN {a} {<<<b}" },
		{ "RUN echo $((1 << 2))", "1-1 RUN {echo} {$((1} {<<} {2))}" },
		{ "RUN echo \"<<EOF\"", "1-1 RUN {echo} {\"<<EOF\"}" },
		{ "RUN echo it's <<EOF", "1-1 RUN {echo} {it's} {<<EOF}" },
		{ "RUN [\"a\", \"<<b\"]", "1-1 RUN json {a} {<<b}" },
		{ "CMD <<EOF", "1-1 CMD {<<EOF}" },
		{ "RUN x<<EOF", "1-1 RUN {x<<EOF}" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(dockerfile) struct dockerfile *file = parse(cases[i].text);
		AUTO(mem) char *got = shown(file);
		assert_string_equal(got, cases[i].want);
	}
}

static void what_is_wrong_is_told_with_file_line_and_word(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "FROM a\n\nRNU x", "Dockerfile:3: unknown instruction 'RNU': did you mean RUN?" },
		{ "form a", "Dockerfile:1: unknown instruction 'form': did you mean FROM?" },
		{ "FROM a\nENTRYPONT x",
		  "Dockerfile:2: unknown instruction 'ENTRYPONT': did you mean "
		  "ENTRYPOINT?" },
		{ "RUN a \\\n b\n\nhello world", "Dockerfile:4: unknown instruction 'hello'" },
		{ "RUN a\n&& b", "Dockerfile:2: unknown instruction '&&'" },
		{ "ONBUILD CPOY a b",
		  "Dockerfile:1: unknown instruction 'CPOY': did you mean COPY?" },
		{ "# escape=x\nFROM a",
		  "Dockerfile:1: the escape character is '\\' or '`', not 'x'" },
		{ "# escape=``\nFROM a",
		  "Dockerfile:1: the escape character is '\\' or '`', not '``'" },
		{ "# escape=`\n# Escape=`\n",
		  "Dockerfile:2: the directive 'Escape' may stand there once only" },
		{ "# syntax=a\n# syntax=b\n",
		  "Dockerfile:2: the directive 'syntax' may stand there once only" },
		{ "FROM a\nCMD [\"a\", 1]",
		  "Dockerfile:2: a list may hold nothing but texts in double quotes" },
		{ "COPY [\"a\", [\"b\"]]",
		  "Dockerfile:1: a list may hold nothing but texts in double quotes" },
		{ "FROM a\nRUN <<EOF\nx\n",
		  "Dockerfile:2: there is no line 'EOF' that ends '<<EOF'" },
		{ "RUN <<A <<B\nB\nA\n", "Dockerfile:1: there is no line 'B' that ends '<<B'" },
		{ "RUN <<EOF\n\tEOF\n", "Dockerfile:1: there is no line 'EOF' that ends '<<EOF'" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct dockerfile *file = NULL;
		AUTO(err) struct err err = { 0 };
		int r = dockerfile_parse(cases[i].text, strlen(cases[i].text), "Dockerfile", &file,
					 &err);
		assert_int_equal(r, -EINVAL);
		assert_string_equal(err.text, cases[i].want);
		assert_null(file);
	}
}

static void a_zero_byte_is_no_text(void **state)
{
	struct dockerfile *file = NULL;
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(dockerfile_parse("FROM a\nRUN \0", 12, "Dockerfile", &file, &err),
			 -EINVAL);
	assert_string_equal(err.text, "Dockerfile:2: there is a zero byte: this is no text");
}

static void a_dockerfile_has_an_end_in_bytes_lines_and_instructions(void **state)
{
	static const struct {
		const char *piece, *want;
		size_t count;
	} cases[] = {
		{ "#2345678", "Dockerfile: a Dockerfile of more than 4 MiB", (4 << 17) + 1 },
		{ "\n", "Dockerfile:100001: more than 100,000 lines", 100 * 1000 + 1 },
		{ "RUN a\n", "Dockerfile:10001: more than 10,000 instructions", 10 * 1000 + 1 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		size_t n = strlen(cases[i].piece);
		AUTO(mem) char *text = mem_alloc(cases[i].count, n);
		AUTO(dockerfile) struct dockerfile *file = NULL, *most = NULL;
		AUTO(err) struct err err = { 0 };
		for (size_t j = 0; j < cases[i].count; j++)
			memcpy(text + j * n, cases[i].piece, n);
		assert_int_equal(dockerfile_parse(text, n * cases[i].count, "Dockerfile", &file,
						  &err),
				 -EFBIG);
		assert_string_equal(err.text, cases[i].want);
		assert_int_equal(dockerfile_parse(text, n * (cases[i].count - 1), "Dockerfile",
						  &most, NULL),
				 0);
	}
}

static void what_stands_around_is_kept(void **state)
{
	AUTO(dockerfile)
	struct dockerfile *file = parse("# syntax = docker/dockerfile:1.7-labs \n"
					"# Check=skip=all;error=true\n"
					"# dropped\n"
					"\n"
					"# one\n"
					"# two\n"
					"From a\n"
					"RUN \\\n"
					"  --mount=type=tmpfs \\\n"
					"\n"
					"  --network=none \\\n"
					"  x \\\n"
					"  y\n");
	const struct dockerfile_line *from = &file->lines.items[0], *run = &file->lines.items[1];

	(void)state;
	assert_string_equal(file->syntax, "docker/dockerfile:1.7-labs");
	assert_string_equal(file->check, "skip=all;error=true");
	assert_int_equal(file->check_line, 2);
	assert_int_equal(file->escape, '\\');
	assert_string_equal(from->keyword, "From");
	assert_int_equal(from->comments.count, 2);
	assert_string_equal(from->comments.items[0], "one");
	assert_false(from->empty_continuation);
	assert_true(run->empty_continuation);
	assert_int_equal(run->flags.items[0].line, 9);
	assert_int_equal(run->flags.items[1].line, 11);
	assert_int_equal(run->end_line, 13);
	assert_string_equal(run->rest, "x   y");
	assert_string_equal(run->text, "RUN   --mount=type=tmpfs   --network=none   x   y");
	assert_string_equal(dockerfile_flag(run, "network")->value, "none");
	assert_null(dockerfile_flag(run, "security"));
}

static void tabs_go_from_the_lines_of_a_chomped_heredoc(void **state)
{
	AUTO(dockerfile)
	struct dockerfile *file = parse("RUN <<-EOF\n\t\ta\tb\n  c\n\n\td\n\t\tEOF\n");
	AUTO(mem) char *text = heredoc_text(&file->lines.items[0].heredocs.items[0]);

	(void)state;
	assert_string_equal(text, "a\tb\n  c\n\nd\n");
	assert_int_equal(file->lines.items[0].heredocs.items[0].line, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_instructions),
		cmocka_unit_test(what_is_wrong_is_told_with_file_line_and_word),
		cmocka_unit_test(a_zero_byte_is_no_text),
		cmocka_unit_test(a_dockerfile_has_an_end_in_bytes_lines_and_instructions),
		cmocka_unit_test(what_stands_around_is_kept),
		cmocka_unit_test(tabs_go_from_the_lines_of_a_chomped_heredoc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
