/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instruction_test - instructions as values
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "build/instruction.h"

static char *items[] = { (char *)"foo=bar", (char *)"sp=a b", (char *)"port=80 443/udp",
			 (char *)"e=" };
static const struct strv env = { items, array_len(items) };

static int read_flagged(const char *text, unsigned flags, struct instruction *out, struct err *err)
{
	AUTO(dockerfile) struct dockerfile *file = NULL;
	struct expand_scope scope = { .lookup = expand_env, .data = &env };
	int r = dockerfile_parse(text, strlen(text), "Dockerfile", &file, err);

	if (r < 0)
		return r;
	return instruction_parse(file, &file->lines.items[0], &scope, flags, out, err);
}

static void read_text(const char *text, struct instruction *out)
{
	AUTO(err) struct err err = { 0 };

	if (read_flagged(text, 0, out, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static char *shown_pairs(const struct instruction *got)
{
	AUTO(strv) struct strv parts = { 0 };

	for (size_t i = 0; i < got->pairs.count; i++)
		strv_addf(&parts, "%s%s%s", got->pairs.items[i].name,
			  got->pairs.items[i].value ? "=" : "",
			  str_or(got->pairs.items[i].value, ""));
	return str_join(&parts, "|");
}

static void pairs_are_read_as_docker_reads_them(void **state)
{
	static const struct {
		const char *text, *want;
		bool legacy;
	} cases[] = {
		{ "ENV a=b", "a=b", false },
		{ "ENV a=b c=d", "a=b|c=d", false },
		{ "ENV a='b c' d=\"e $foo\" f='$foo'", "a=b c|d=e bar|f=$foo", false },
		{ "ENV a=b\\ c", "a=b c", false },
		{ "ENV a= b=\"\"", "a=|b=", false },
		{ "ENV a=b=c", "a=b=c", false },
		{ "ENV a=$sp", "a=a b", false },
		{ "ENV $foo=x ${foo}_y=z", "bar=x|bar_y=z", false },
		{ "ENV a=1 b=$a", "a=1|b=", false },
		{ "ENV a b", "a=b", true },
		{ "ENV a  b  c ", "a=b  c", true },
		{ "ENV a b=c d=e", "a=b=c d=e", true },
		{ "ENV a \"b\" $foo", "a=b bar", true },
		{ "ENV a \\\n b \\\n c", "a=b  c", true },
		{ "LABEL \"a b\"=c com.x.y=\"1\"", "a b=c|com.x.y=1", false },
		{ "LABEL a=\"b\\\n c\"", "a=b c", false },
		{ "LABEL a b", "a=b", true },
		{ "ARG a", "a", false },
		{ "ARG a=b c d=\"e f\"", "a=b|c|d=e f", false },
		{ "ARG a=", "a=", false },
		{ "ARG a=${foo:-x}y", "a=bary", false },
		{ "# escape=`\nENV a=C:\\x b=c` d", "a=C:\\x|b=c d", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(instruction) struct instruction got = { 0 };
		read_text(cases[i].text, &got);
		AUTO(mem) char *pairs = shown_pairs(&got);
		assert_string_equal(pairs, cases[i].want);
		assert_int_equal(got.legacy, cases[i].legacy);
	}
}

static void a_global_arg_sees_those_before_it_on_its_line(void **state)
{
	AUTO(instruction) struct instruction got = { 0 };

	(void)state;
	assert_int_equal(read_flagged("ARG a=1 b=$a$foo c=$b", INSTRUCTION_GLOBAL, &got, NULL), 0);
	AUTO(mem) char *pairs = shown_pairs(&got);
	assert_string_equal(pairs, "a=1|b=1bar|c=1bar");
}

static void words_and_texts_are_expanded(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "EXPOSE 80", "80/tcp" },
		{ "EXPOSE 80/UDP 443/tcp 9/sctp", "80/udp|443/tcp|9/sctp" },
		{ "EXPOSE 8000-8002/udp", "8000/udp|8001/udp|8002/udp" },
		{ "EXPOSE $port", "80/tcp|443/udp" },
		{ "EXPOSE 127.0.0.1:80:8080 [::1]:1:2", "8080/tcp|2/tcp" },
		{ "VOLUME /a /b$foo", "/a|/bbar" },
		{ "VOLUME [\"/a b\", \"/$foo\"]", "/a b|/bar" },
		{ "USER a:b", "a:b" },
		{ "USER ${foo}", "bar" },
		{ "WORKDIR /a b", "/a b" },
		{ "WORKDIR \"/a  $foo\"", "/a  bar" },
		{ "STOPSIGNAL SIG${none:-QUIT}", "SIGQUIT" },
		{ "STOPSIGNAL 9", "9" },
		{ "MAINTAINER A <a@$foo>", "A <a@$foo>" },
		{ "ONBUILD RUN a $foo", "RUN a $foo" },
		{ "onbuild  copy --link . /x", "copy --link . /x" },
		{ "ONBUILD RUN <<A cat <<B\n1\nA\n2\nB", "RUN <<A cat <<B\n1\nA\n2\nB" },
		{ "CMD a $foo", "sh a $foo" },
		{ "CMD [\"a\", \"$foo\"]", "a|$foo" },
		{ "CMD []", "" },
		{ "ENTRYPOINT [\"a\"]", "a" },
		{ "SHELL [\"/bin/bash\", \"-c\"]", "/bin/bash|-c" },
		{ "RUN a $foo", "sh a $foo" },
		{ "RUN --network=none -- --x", "sh --x" },
		{ "RUN [\"a\", \"b c\"]", "a|b c" },
		{ "RUN <<EOF\na\n$foo\nEOF", "sh a\n$foo\n" },
		{ "RUN <<-EOF\n\ta\n\tEOF", "sh a\n" },
		{ "RUN cat <<-EOF | sh\n\ta\n\tEOF", "sh cat <<-EOF | sh\n\ta\nEOF" },
		{ "RUN <<A cat <<B\n1\nA\n2\nB", "sh <<A cat <<B\n1\nA\n2\nB" },
		{ "HEALTHCHECK CMD a b", "sh a b" },
		{ "HEALTHCHECK cmd [\"a\", \"b\"]", "a|b" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(instruction) struct instruction got = { 0 };
		read_text(cases[i].text, &got);
		const struct strv *words = got.words.count ? &got.words : &got.command.args;
		AUTO(mem) char *joined = str_join(words, "|");
		AUTO(mem)
		char *shown = str_fmt("%s%s%s", got.command.shell ? "sh " : "", joined,
				      str_or(got.text, ""));
		assert_string_equal(shown, cases[i].want);
	}
}

static void a_heredoc_with_an_interpreter_is_a_program(void **state)
{
	AUTO(instruction) struct instruction got = { 0 };

	(void)state;
	read_text("RUN <<EOF\n#!/usr/bin/python3\nprint(1)\nEOF", &got);
	assert_string_equal(got.run.script, "#!/usr/bin/python3\nprint(1)\n");
	assert_int_equal(got.command.args.count, 0);
}

static void a_health_check_has_times(void **state)
{
	AUTO(instruction) struct instruction got = { 0 }, none = { 0 };

	(void)state;
	read_text(
		"HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=0s --start-interval=0 "
		"--retries=4 CMD x",
		&got);
	assert_true(got.health.interval == INT64_C(90000000000));
	assert_true(got.health.timeout == 500000000);
	assert_true(got.health.start_period == 0);
	assert_int_equal(got.health.retries, 4);
	read_text("HEALTHCHECK none", &none);
	assert_true(none.health.none);
}

static void from_has_a_base_a_name_and_a_platform(void **state)
{
	static const struct {
		const char *text, *base, *name, *platform;
	} cases[] = {
		{ "FROM a", "a", NULL, NULL },
		{ "FROM ${none:-a}:$foo AS Build", "a:bar", "build", NULL },
		{ "FROM --platform=linux/$foo scratch as x-1.2_", "scratch", "x-1.2_",
		  "linux/bar" },
		{ "FROM --platform=$none a", "a", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(instruction) struct instruction got = { 0 };
		read_text(cases[i].text, &got);
		assert_true(str_eq(got.from.base, cases[i].base));
		assert_true(str_eq(got.from.name, cases[i].name));
		assert_true(str_eq(got.from.platform, cases[i].platform));
	}
}

static char *shown_copy(const struct instruction_copy *copy)
{
	AUTO(strv) struct strv parts = { 0 };
	AUTO(mem) char *excludes = str_join(&copy->excludes, ",");

	for (size_t i = 0; i < copy->sources.count; i++)
		strv_addf(&parts, "{%s}", copy->sources.items[i]);
	for (size_t i = 0; i < copy->files.count; i++)
		strv_addf(&parts, "<%s:%s>", copy->files.items[i].name,
			  copy->files.items[i].content);
	strv_addf(&parts, "-> %s", copy->destination);
	if (copy->from)
		strv_addf(&parts, "from %s", copy->from);
	if (copy->chown)
		strv_addf(&parts, "chown %s", copy->chown);
	if (copy->chmod)
		strv_addf(&parts, "chmod %s", copy->chmod);
	if (copy->checksum)
		strv_addf(&parts, "checksum %s", copy->checksum);
	if (*excludes)
		strv_addf(&parts, "exclude %s", excludes);
	strv_addf(&parts, "%s%s%s%s", copy->link ? "l" : "", copy->parents ? "p" : "",
		  copy->keep_git_dir ? "g" : "", copy->unpack_said ? copy->unpack ? "U" : "u" : "");
	return str_join(&parts, " ");
}

static void copy_and_add_have_sources_and_a_destination(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "COPY a b", "{a} -> b " },
		{ "COPY a $foo /c$sp/", "{a} {bar} -> /ca b/ " },
		{ "COPY [\"a b\", \"$foo\", \"/c d\"]", "{a b} {bar} -> /c d " },
		{ "COPY \"a\" b\\*c /d", "{a} {b*c} -> /d " },
		{ "COPY --from=Build --chown=$foo:1 --chmod=u=rwX,go+r-w a /",
		  "{a} -> / from Build chown bar:1 chmod u=rwX,go+r-w " },
		{ "COPY --chmod=0755 --link --parents=true a /", "{a} -> / chmod 0755 lp" },
		{ "COPY --link=false --exclude=*.o --exclude=$foo a /",
		  "{a} -> / exclude *.o,bar " },
		{ "ADD --checksum=sha256:12 --keep-git-dir --unpack=false https://x/y /",
		  "{https://x/y} -> / checksum sha256:12 gu" },
		{ "ADD --unpack=TRUE a /", "{a} -> / U" },
		{ "COPY <<a.txt /d\nhi $foo 'q' \\$foo\na.txt",
		  "<a.txt:hi bar 'q' $foo\n> -> /d " },
		{ "COPY <<'a.txt' b <<-c /d\n$foo\na.txt\n\tx\nc",
		  "{b} <a.txt:$foo\n> <c:x\n> -> /d " },
		{ "COPY <<\"a b\" /d\nx\na b", "<a b:x\n> -> /d " },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(instruction) struct instruction got = { 0 };
		read_text(cases[i].text, &got);
		AUTO(mem) char *shown = shown_copy(&got.copy);
		assert_string_equal(shown, cases[i].want);
	}
}

static char *shown_mount(const struct runmount *mount)
{
	static const char *const sharings[] = { "shared", "private", "locked" };

	return str_fmt("%s id=%s from=%s source=%s target=%s env=%s%s%s %s %d %o %d %d",
		       runmount_type_name(mount->type), str_or(mount->id, "-"),
		       str_or(mount->from, "-"), str_or(mount->source, "-"),
		       str_or(mount->target, "-"), str_or(mount->env, "-"),
		       mount->read_only ? " ro" : "", mount->required ? " required" : "",
		       sharings[mount->sharing], (int)mount->size,
		       mount->mode < 0 ? 010000u : (unsigned)mount->mode, (int)mount->uid,
		       (int)mount->gid);
}

static void mounts_are_typed(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "target=/x",
		  "bind id=- from=- source=- target=/x env=- ro shared -1 10000 -1 -1" },
		{ "type=bind,from=b,src=/s,dst=x$foo,rw",
		  "bind id=- from=b source=/s target=xbar env=- shared -1 10000 -1 -1" },
		{ "TYPE=Bind,destination=/x,readwrite=false",
		  "bind id=- from=- source=- target=/x env=- ro shared -1 10000 -1 -1" },
		{ "type=cache,target=/c",
		  "cache id=/c from=- source=- target=/c env=- shared -1 10000 -1 -1" },
		{ "type=cache,id=$foo,target=/c,sharing=locked,mode=0700,uid=5,gid=6,ro",
		  "cache id=bar from=- source=- target=/c env=- ro locked -1 700 5 6" },
		{ "type=tmpfs,target=/t,size=64m",
		  "tmpfs id=- from=- source=- target=/t env=- shared 67108864 10000 -1 -1" },
		{ "type=secret,id=s",
		  "secret id=s from=- source=- target=/run/secrets/s env=- shared -1 "
		  "10000 -1 -1" },
		{ "type=secret,target=/a/s,required",
		  "secret id=s from=- source=- target=/a/s env=- required "
		  "shared -1 10000 -1 -1" },
		{ "required=true,type=secret,src=s,env=S,mode=400",
		  "secret id=s from=- source=- target=- env=S required shared -1 400 -1 -1" },
		{ "type=ssh",
		  "ssh id=default from=- source=- target=- env=- shared -1 10000 -1 -1" },
		{ "\"target=/a,b\",source=x",
		  "bind id=- from=- source=x target=/a,b env=- ro shared -1 10000 -1 -1" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct expand_scope scope = { .lookup = expand_env, .data = &env };
		AUTO(runmount) struct runmount mount = { 0 };
		AUTO(err) struct err err = { 0 };
		if (runmount_parse(cases[i].text, &scope, &mount, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		AUTO(mem) char *shown = shown_mount(&mount);
		assert_string_equal(shown, cases[i].want);
	}
	AUTO(mem) char *from = runmount_from("type=bind,From=x,target=/");
	assert_string_equal(from, "x");
	assert_null(runmount_from("type=cache,target=/"));
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "ENV", "ENV needs a name and a value" },
		{ "ENV a", "ENV needs a value: a=…" },
		{ "ENV a=b c", "ENV finds no '=' in 'c'" },
		{ "ENV =b", "ENV needs a name before '=b'" },
		{ "ENV $none=b", "ENV needs a name before '=b'" },
		{ "ENV a=${", "cannot expand '${': a '}' is missing" },
		{ "ENV a='b", "cannot expand ''b': a ' is not closed" },
		{ "LABEL a", "LABEL needs a value: a=…" },
		{ "ARG", "ARG needs a name" },
		{ "ARG =x", "ARG needs a name before '=x'" },
		{ "EXPOSE", "EXPOSE needs a port" },
		{ "EXPOSE 80/icmp",
		  "the protocol of the port '80/icmp' is none of tcp, udp and sctp" },
		{ "EXPOSE 65536", "'65536' is no port: a number up to 65535, or two with a '-'" },
		{ "EXPOSE 9-8", "the ports '9-8' end before they begin" },
		{ "EXPOSE a-b", "'a-b' is no port: a number up to 65535, or two with a '-'" },
		{ "VOLUME", "VOLUME needs a path" },
		{ "VOLUME []", "VOLUME needs a path" },
		{ "VOLUME $none", "VOLUME has a path of nothing: '$none'" },
		{ "USER", "USER needs an argument" },
		{ "USER $none", "USER has an argument that becomes nothing: '$none'" },
		{ "WORKDIR", "WORKDIR needs an argument" },
		{ "CMD", "CMD needs a command" },
		{ "RUN", "RUN needs a command" },
		{ "RUN []", "RUN needs a command" },
		{ "SHELL /bin/sh -c",
		  "SHELL needs a list: [\"/bin/sh\", \"-c\"], not '/bin/sh -c'" },
		{ "SHELL []", "SHELL needs a list: [\"/bin/sh\", \"-c\"], not '[]'" },
		{ "ONBUILD", "ONBUILD needs an instruction" },
		{ "ONBUILD ONBUILD RUN x", "ONBUILD cannot have 'ONBUILD' as its trigger" },
		{ "ONBUILD from x", "ONBUILD cannot have 'from' as its trigger" },
		{ "ONBUILD MAINTAINER x", "ONBUILD cannot have 'MAINTAINER' as its trigger" },
		{ "HEALTHCHECK", "HEALTHCHECK is followed by CMD or NONE" },
		{ "HEALTHCHECK x", "HEALTHCHECK is followed by CMD or NONE, not x" },
		{ "HEALTHCHECK CMD", "HEALTHCHECK CMD needs a command" },
		{ "HEALTHCHECK CMD []", "HEALTHCHECK CMD needs a command" },
		{ "HEALTHCHECK NONE x", "HEALTHCHECK NONE has no arguments: 'x'" },
		{ "HEALTHCHECK --retries=1 NONE", "HEALTHCHECK NONE has no flags: '--retries'" },
		{ "HEALTHCHECK --interval=5 CMD x",
		  "HEALTHCHECK --interval is a time such as 30s or 1m30s, not '5'" },
		{ "HEALTHCHECK --timeout=1us CMD x",
		  "HEALTHCHECK --timeout is at least 1ms, not '1us'" },
		{ "HEALTHCHECK --retries=-1 CMD x", "HEALTHCHECK --retries is a number, not '-1'" },
		{ "HEALTHCHECK --intervall=5s CMD x",
		  "HEALTHCHECK has no flag '--intervall': did you mean --interval?" },
		{ "FROM", "FROM is 'FROM image' or 'FROM image AS name'" },
		{ "FROM a b", "FROM is 'FROM image' or 'FROM image AS name'" },
		{ "FROM a is b", "FROM has 'is' where AS belongs" },
		{ "FROM a AS 1b",
		  "'1b' is no name of a stage: a letter, then letters, digits, '-', '_' and '.'" },
		{ "FROM a AS b/c",
		  "'b/c' is no name of a stage: a letter, then letters, digits, '-', '_' and "
		  "'.'" },
		{ "FROM $none", "FROM has an image that becomes nothing: '$none'" },
		{ "FROM --plattform=x a",
		  "FROM has no flag '--plattform': did you mean --platform?" },
		{ "COPY a", "COPY needs a source and a destination" },
		{ "COPY", "COPY needs a source and a destination" },
		{ "COPY a <<b\nb", "COPY cannot have '<<b' as its destination" },
		{ "COPY --chown a b", "COPY --chown needs a value: --chown=…" },
		{ "COPY --chown=a --chown=b c d", "COPY --chown stands there twice" },
		{ "COPY --link=maybe a b", "COPY --link is true or false, not 'maybe'" },
		{ "COPY --link= a b", "COPY --link is true or false, not ''" },
		{ "COPY --form=x a b", "COPY has no flag '--form': did you mean --from?" },
		{ "COPY --from=$foo a b", "COPY --from knows no variables: '$foo'" },
		{ "COPY --from= a b", "COPY --from needs the name of a stage or an image" },
		{ "COPY --chmod=999 a b",
		  "COPY --chmod is octal, 0755, or symbolic, u=rwX,go=rX, not '999'" },
		{ "COPY --chmod=u+z a b",
		  "COPY --chmod is octal, 0755, or symbolic, u=rwX,go=rX, not 'u+z'" },
		{ "COPY --checksum=x a b", "COPY has no flag '--checksum'" },
		{ "ADD --parents a b", "ADD has no flag '--parents'" },
		{ "CMD --x y", "CMD has no flag '--x'" },
		{ "RUN --device=x y",
		  "RUN --device is not there: a build has no devices of the host" },
		{ "RUN --netwrok=none x", "RUN has no flag '--netwrok': did you mean --network?" },
		{ "RUN --network=off x", "RUN --network is default, none or host, not 'off'" },
		{ "RUN --security=x y", "RUN --security is sandbox or insecure, not 'x'" },
		{ "RUN --mount=type=foo,target=/x y",
		  "the option 'type' of --mount is bind, cache, tmpfs, secret "
		  "or ssh, not 'foo'" },
		{ "RUN --mount=targt=/x y",
		  "--mount has no option 'targt': did you mean 'target'?" },
		{ "RUN --mount=target y", "the option 'target' of --mount needs a value" },
		{ "RUN --mount=type=cache y", "a mount of type 'cache' needs a 'target'" },
		{ "RUN --mount=target=/ y", "nothing can be mounted at '/'" },
		{ "RUN --mount=type=tmpfs,target=/x,id=1 y",
		  "a mount of type 'tmpfs' has no option 'id'" },
		{ "RUN --mount=type=bind,target=/x,sharing=shared y",
		  "a mount of type 'bind' has no option 'sharing'" },
		{ "RUN --mount=type=secret y", "a mount of type 'secret' needs an 'id'" },
		{ "RUN --mount=type=secret,id=a,src=b y",
		  "a secret has an 'id' or a 'source', not both" },
		{ "RUN --mount=from=$foo,target=/x y",
		  "the option 'from' of --mount knows no variables: '$foo'" },
		{ "RUN --mount=type=cache,target=/x,mode=8 y",
		  "the option 'mode' of --mount is an octal number, not '8'" },
		{ "RUN --mount=type=cache,target=/x,uid=-1 y",
		  "the option 'uid' of --mount is a number of an id, not '-1'" },
		{ "RUN --mount=type=tmpfs,target=/x,size=y z",
		  "the option 'size' of --mount is a size such as 64m, not 'y'" },
		{ "RUN --mount=target=/x,rw=2 y",
		  "the option 'rw' of --mount is true or false, not '2'" },
		{ "RUN --mount= y", "--mount has no option ''" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(instruction) struct instruction got = { 0 };
		AUTO(err) struct err err = { 0 };
		AUTO(mem) char *want = str_fmt("Dockerfile:1: %s", cases[i].want);
		assert_int_equal(read_flagged(cases[i].text, 0, &got, &err), -EINVAL);
		assert_string_equal(err.text, want);
	}
}

static void a_flag_is_told_with_its_own_line(void **state)
{
	AUTO(instruction) struct instruction got = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(read_flagged("RUN --network=none \\\n --mount=x=y \\\n a", 0, &got, &err),
			 -EINVAL);
	assert_string_equal(err.text, "Dockerfile:2: --mount has no option 'x'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_read_as_docker_reads_them),
		cmocka_unit_test(a_global_arg_sees_those_before_it_on_its_line),
		cmocka_unit_test(words_and_texts_are_expanded),
		cmocka_unit_test(a_heredoc_with_an_interpreter_is_a_program),
		cmocka_unit_test(a_health_check_has_times),
		cmocka_unit_test(from_has_a_base_a_name_and_a_platform),
		cmocka_unit_test(copy_and_add_have_sources_and_a_destination),
		cmocka_unit_test(mounts_are_typed),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(a_flag_is_told_with_its_own_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
