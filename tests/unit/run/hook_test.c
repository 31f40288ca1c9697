/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook_test - programs that are run while a container comes and goes
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/file.h"
#include "run/hook.h"

enum { FILE_MAX = 4096, PID = 4321 };

struct at {
	char folder[32];
	struct runtime_spec *spec;
};

static int set_up(void **state)
{
	struct at *at = mem_new(struct at);

	(void)snprintf(at->folder, sizeof at->folder, "/tmp/hook-test-XXXXXX");
	if (!mkdtemp(at->folder))
		return -1;
	at->spec = mem_new(struct runtime_spec);
	at->spec->id = str_dup("abc");
	at->spec->bundle = str_dup(at->folder);
	strv_add(&at->spec->annotations, "key=a=b");
	*state = at;
	return 0;
}

static int tear_down(void **state)
{
	struct at *at = *state;

	const int r = file_tree_remove(AT_FDCWD, at->folder);

	runtime_spec_free(at->spec);
	free(at);
	return r;
}

/* A shell's script, which is in the bundle when it begins. */
static void add(struct at *at, enum runtime_hook_kind kind, const char *script)
{
	struct runtime_hook *hook = vec_push(&at->spec->hooks);

	*hook = (struct runtime_hook){ .kind = kind, .path = str_dup("/bin/sh") };
	strv_split(&hook->args, "any -c", ' ');
	strv_add(&hook->args, script);
	strv_add(&hook->env, "PATH=/bin:/usr/bin");
	strv_add(&hook->env, "ONE=1");
}

static char *in_file(const struct at *at, const char *name)
{
	AUTO(mem) char *path = str_fmt("%s/%s", at->folder, name);
	char *text = NULL;

	assert_int_equal(file_read(AT_FDCWD, path, FILE_MAX, &text, NULL), 0);
	return text;
}

static void each_stage_has_its_state(void **state)
{
	static const char *const expected[RUNTIME_HOOK_KINDS] = {
		"creating", "creating", "creating", "created", "running", "stopped",
	};
	struct at *at = *state;

	for (int kind = 0; kind < RUNTIME_HOOK_KINDS; kind++) {
		AUTO(json) cJSON *told = NULL;
		runtime_hooks_clear(&at->spec->hooks);
		add(at, (enum runtime_hook_kind)kind, "cat > state");
		const struct hook_call call = { .spec = at->spec,
						.kind = (enum runtime_hook_kind)kind,
						.pid = kind == RUNTIME_HOOK_POSTSTOP ? 0 : PID };
		assert_int_equal(hook_run(&call, NULL), 0);
		AUTO(mem) char *text = in_file(at, "state");
		assert_int_equal(json_parse(text, strlen(text), &told, NULL), 0);
		assert_string_equal(json_text(told, "status"), expected[kind]);
		assert_string_equal(json_text(told, "id"), "abc");
		assert_string_equal(json_text(told, "bundle"), at->folder);
		assert_string_equal(json_text(json_get(told, "annotations"), "key"), "a=b");
		int64_t pid = 0;
		assert_int_equal(json_i64(told, "pid", &pid),
				 kind == RUNTIME_HOOK_POSTSTOP ? -ENOENT : 0);
		assert_int_equal(pid, kind == RUNTIME_HOOK_POSTSTOP ? 0 : PID);
	}
}

static void only_those_of_the_kind_are_run_with_their_own_words_and_variables(void **state)
{
	struct at *at = *state;

	add(at, RUNTIME_HOOK_PRESTART,
	    "tr '\\0' '\\n' < /proc/$$/cmdline | head -n 1 > words; env > env");
	add(at, RUNTIME_HOOK_POSTSTART, "exit 1");
	const struct hook_call call = { .spec = at->spec,
					.kind = RUNTIME_HOOK_PRESTART,
					.pid = PID };
	assert_int_equal(hook_run(&call, NULL), 0);
	assert_true(hook_any(at->spec, RUNTIME_HOOK_POSTSTART));
	assert_false(hook_any(at->spec, RUNTIME_HOOK_POSTSTOP));
	AUTO(mem) char *words = in_file(at, "words");
	AUTO(mem) char *env = in_file(at, "env");
	assert_string_equal(words, "any\n");
	assert_non_null(strstr(env, "ONE=1"));
	assert_null(strstr(env, "HOME="));
}

static void the_first_that_fails_is_the_last_and_says_why(void **state)
{
	AUTO(err) struct err err = { 0 };
	struct at *at = *state;

	add(at, RUNTIME_HOOK_PRESTART, "echo ' why ' >&2; exit 3");
	add(at, RUNTIME_HOOK_PRESTART, "touch second");
	str_set(&at->spec->hooks.items[0].origin, "/etc/a.json");
	const struct hook_call call = { .spec = at->spec,
					.kind = RUNTIME_HOOK_PRESTART,
					.pid = PID };
	assert_int_equal(hook_run(&call, &err), -ECANCELED);
	assert_string_equal(err.text,
			    "'/etc/a.json' asks for a hook at prestart: the hook '/bin/sh' "
			    "ended with 3: why");
	AUTO(mem) char *second = str_fmt("%s/second", at->folder);
	assert_int_equal(access(second, F_OK), -1);
	str_set(&at->spec->hooks.items[0].path, "/none");
	assert_int_equal(hook_run(&call, &err), -ENOENT);
}

/* More than a pipe holds. */
static void one_that_says_much_is_heard_to_its_end(void **state)
{
	AUTO(err) struct err err = { 0 };
	struct at *at = *state;

	add(at, RUNTIME_HOOK_PRESTART,
	    "set -e; head -c 300000 /dev/zero | tr '\\0' x >&2; echo >&2");
	const struct hook_call call = { .spec = at->spec,
					.kind = RUNTIME_HOOK_PRESTART,
					.pid = PID };
	assert_int_equal(hook_run(&call, NULL), 0);
	add(at, RUNTIME_HOOK_PRESTART,
	    "head -c 300000 /dev/zero | tr '\\0' x >&2; printf '\\nat last\\n' >&2; exit 2");
	assert_int_equal(hook_run(&call, &err), -ECANCELED);
	assert_non_null(strstr(err.text, "ended with 2: ...xxx"));
	assert_true(str_ends(err.text, "xxx\nat last"));
	assert_true(strlen(err.text) < 1000);
}

static void count_failed(void *data, const struct runtime_hook *hook, const struct err *why)
{
	int *failed = data;

	assert_non_null(strstr(why->text, hook->path));
	(*failed)++;
}

static void where_failures_are_told_all_are_run(void **state)
{
	struct at *at = *state;
	int failed = 0;

	add(at, RUNTIME_HOOK_POSTSTOP, "exit 3");
	add(at, RUNTIME_HOOK_POSTSTOP, "echo second > second");
	add(at, RUNTIME_HOOK_POSTSTOP, "kill -KILL $$");
	const struct hook_call call = { .spec = at->spec,
					.kind = RUNTIME_HOOK_POSTSTOP,
					.failed = count_failed,
					.data = &failed };
	assert_int_equal(hook_run(&call, NULL), 0);
	assert_int_equal(failed, 2);
	AUTO(mem) char *second = in_file(at, "second");
	assert_string_equal(second, "second\n");
}

/* Who hangs up when the hook has begun. */
static pid_t leave_when_begun(const struct at *at, int sock)
{
	AUTO(mem) char *path = str_fmt("%s/pipe", at->folder);
	const pid_t pid = fork();

	if (pid == 0) {
		char byte;
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		_exit(fd < 0 || read(fd, &byte, 1) != 1 || shutdown(sock, SHUT_RDWR) < 0);
	}
	return pid;
}

/* All of its group hold the pipe open that tells of their end. */
static void a_caller_that_goes_ends_the_hook_with_its_group(void **state)
{
	AUTO(err) struct err err = { 0 };
	struct at *at = *state;
	AUTO(mem) char *path = str_fmt("%s/pipe", at->folder);
	int pair[2], status;
	char byte;

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	add(at, RUNTIME_HOOK_PRESTART, "exec 9> pipe; sleep 1000 & echo >&9; wait");
	const struct hook_call call = {
		.spec = at->spec, .kind = RUNTIME_HOOK_PRESTART, .pid = PID, .caller = &pair[0]
	};
	const pid_t pid = leave_when_begun(at, pair[1]);
	assert_true(pid > 0);
	assert_int_equal(hook_run(&call, &err), -ECANCELED);
	assert_non_null(strstr(err.text, "has gone"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	AUTO(fd) int end = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	assert_true(end >= 0 && fd_nonblock(end, false) == 0);
	while (read(end, &byte, 1) > 0) /* the end of the file comes when nobody writes any more */
		;
	fd_close(pair[0]);
	fd_close(pair[1]);
}

static void one_that_takes_too_long_is_killed(void **state)
{
	AUTO(err) struct err err = { 0 };
	struct at *at = *state;

	add(at, RUNTIME_HOOK_PRESTART, "sleep 1000");
	at->spec->hooks.items[0].timeout = 1;
	const struct hook_call call = { .spec = at->spec,
					.kind = RUNTIME_HOOK_PRESTART,
					.pid = PID };
	assert_int_equal(hook_run(&call, &err), -ETIME);
	assert_non_null(strstr(err.text, "longer than 1 second"));
	add(at, RUNTIME_HOOK_POSTSTART, "exec yes >&2");
	at->spec->hooks.items[1].timeout = 1;
	const struct hook_call loud = { .spec = at->spec,
					.kind = RUNTIME_HOOK_POSTSTART,
					.pid = PID };
	assert_int_equal(hook_run(&loud, &err), -ETIME);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_stage_has_its_state),
		T(only_those_of_the_kind_are_run_with_their_own_words_and_variables),
		T(the_first_that_fails_is_the_last_and_says_why),
		T(one_that_says_much_is_heard_to_its_end),
		T(where_failures_are_told_all_are_run),
		T(a_caller_that_goes_ends_the_hook_with_its_group),
		T(one_that_takes_too_long_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
