/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log_test - writing logs and reading them back; numbers are those of log.h and logformat.h
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "monitor/log.h"
#include "monitor/logread.h"

/* A folder of its own, and what was read from the log in it. */
struct fixture {
	char *path;
	int dir;
	struct strv out, errs; /* lines; the last one of each may be open */
	bool open[STREAM_COUNT];
	size_t records;
};

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);

	f->path = str_dup("/tmp/log_test.XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return f->dir < 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	int r = file_tree_remove(AT_FDCWD, f->path);
	fd_close(f->dir);
	strv_clear(&f->out);
	strv_clear(&f->errs);
	free(f->path);
	free(f);
	return r;
}

static struct log *start(struct fixture *f, enum log_driver driver, int64_t max_size, int max_file)
{
	struct log_options options = { .driver = driver,
				       .max_size = max_size,
				       .max_file = max_file };
	struct log *log = NULL;

	assert_int_equal(log_open(f->dir, &options, &log, NULL), 0);
	return log;
}

static void say(struct log *log, enum stream stream, const char *text)
{
	assert_int_equal(log_write(log, stream, text, strlen(text)), 0);
}

static int collect(void *data, const struct logread_line *line)
{
	struct fixture *f = data;
	struct strv *list = line->stream == STREAM_OUT ? &f->out : &f->errs;

	f->records++;
	assert_int_equal(line->begins, !f->open[line->stream]);
	if (line->begins)
		strv_add(list, "");
	char **last = &list->items[list->count - 1];
	AUTO(mem) char *part = mem_copy(line->text, line->size);
	AUTO(mem) char *whole = str_fmt("%s%s%s", *last, part, line->ends ? "\n" : "");
	str_set(last, whole);
	f->open[line->stream] = !line->ends;
	return 0;
}

static void read_back(struct fixture *f, enum log_driver driver, int64_t tail, int64_t since,
		      int64_t until)
{
	struct logread_options options = {
		.driver = driver, .tail = tail, .since = since, .until = until, .alive = -1
	};

	strv_clear(&f->out);
	strv_clear(&f->errs);
	f->open[0] = f->open[1] = false;
	f->records = 0;
	assert_int_equal(logread_run(f->dir, &options, collect, NULL, f, NULL), 0);
}

static void expect(const struct strv *list, const char *joined)
{
	AUTO(mem) char *text = str_join(list, "");

	assert_string_equal(text, joined);
}

static void both_formats_keep_streams_apart_and_add_no_newline(void **state)
{
	struct fixture *f = *state;

	for (enum log_driver d = LOG_JSON_FILE; d <= LOG_K8S_FILE; d++) {
		(void)unlinkat(f->dir, "log", 0);
		struct log *log = start(f, d, 0, 1);
		say(log, STREAM_OUT, "one\ntwo");
		say(log, STREAM_ERR, "oops \"quoted\" \\ \t\x01\n");
		say(log, STREAM_OUT, " and a half\n\nlast");
		log_close(log);
		read_back(f, d, -1, 0, 0);
		expect(&f->out, "one\ntwo and a half\n\nlast");
		expect(&f->errs, "oops \"quoted\" \\ \t\x01\n");
		assert_int_equal(f->out.count, 4);
	}
}

static void json_records_are_those_of_docker(void **state)
{
	struct fixture *f = *state;
	struct log *log = start(f, LOG_JSON_FILE, 0, 1);
	AUTO(mem) char *text = NULL;

	say(log, STREAM_ERR, "a\"b\n");
	log_close(log);
	assert_int_equal(file_read(f->dir, "log", 1000, &text, NULL), 0);
	assert_non_null(
		str_starts(text, "{\"log\":\"a\\\"b\\n\",\"stream\":\"stderr\",\"time\":\"2"));
	assert_true(str_ends(text, "Z\"}\n"));
}

static void k8s_records_are_tagged_full_and_partial(void **state)
{
	struct fixture *f = *state;
	struct log *log = start(f, LOG_K8S_FILE, 0, 1);
	AUTO(mem) char *text = NULL;

	say(log, STREAM_OUT, "a\nb");
	log_close(log);
	assert_int_equal(file_read(f->dir, "log", 1000, &text, NULL), 0);
	assert_non_null(strstr(text, "Z stdout F a\n"));
	assert_non_null(strstr(text, "Z stdout P b\n"));
}

static void long_lines_are_split_and_joined_again(void **state)
{
	struct fixture *f = *state;
	size_t size = 100000;
	AUTO(mem) char *line = mem_alloc(size + 2, 1);

	/* Characters of three bytes, so that cuts would fall inside of them (logformat.h 2). */
	for (size_t i = 0; i + 3 <= size; i += 3)
		memcpy(line + i, "\xe2\x82\xac", 3);
	line[size - 1] = '\n';
	for (enum log_driver d = LOG_JSON_FILE; d <= LOG_K8S_FILE; d++) {
		(void)unlinkat(f->dir, "log", 0);
		struct log *log = start(f, d, 0, 1);
		for (size_t at = 0; at < size; at += 32768)
			assert_int_equal(log_write(log, STREAM_OUT, line + at,
						   min_of((size_t)32768, size - at)),
					 0);
		log_close(log);
		read_back(f, d, -1, 0, 0);
		assert_int_equal(f->out.count, 1);
		assert_true(f->records > 6);
		assert_string_equal(f->out.items[0], line);
		read_back(f, d, 1, 0, 0);
		assert_string_equal(f->out.items[0], line);
	}
}

static void a_character_that_comes_byte_by_byte_is_kept(void **state)
{
	struct fixture *f = *state;
	struct log *log = start(f, LOG_JSON_FILE, 0, 1);

	say(log, STREAM_OUT, "\xf0");
	say(log, STREAM_OUT, "\x9f");
	say(log, STREAM_OUT, "\x90");
	say(log, STREAM_OUT, "\xb3!\n\xe2\x82");
	say(log, STREAM_OUT, "x\xff\n\xc3");
	log_close(log);
	read_back(f, LOG_JSON_FILE, -1, 0, 0);
	expect(&f->out, "\xf0\x9f\x90\xb3!\n\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd\n\xef\xbf\xbd");
}

static void a_backslash_and_an_n_are_no_newline(void **state)
{
	struct fixture *f = *state;
	struct log *log = start(f, LOG_JSON_FILE, 0, 1);

	say(log, STREAM_OUT, "a\nx\\n");
	say(log, STREAM_OUT, "y\n");
	log_close(log);
	read_back(f, LOG_JSON_FILE, 1, 0, 0);
	expect(&f->out, "x\\ny\n");
}

static void rotation_keeps_so_many_files_and_reading_spans_them(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	for (enum log_driver d = LOG_JSON_FILE; d <= LOG_K8S_FILE; d++) {
		struct log *log = start(f, d, 1000, 3);
		for (int i = 0; i < 200; i++) {
			AUTO(mem) char *line = str_fmt("line %d\n", i);
			say(log, STREAM_OUT, line);
		}
		log_close(log);
		assert_int_equal(faccessat(f->dir, "log.2", F_OK, 0), 0);
		assert_int_not_equal(faccessat(f->dir, "log.3", F_OK, 0), 0);
		assert_int_equal(fstatat(f->dir, "log.1", &st, 0), 0);
		assert_in_range(st.st_size, 1000, 1100);
		read_back(f, d, -1, 0, 0);
		assert_true(f->out.count > 20 && f->out.count < 100);
		for (size_t i = 0; i < f->out.count; i++) {
			AUTO(mem) char *line = str_fmt("line %zu\n", 200 - f->out.count + i);
			assert_string_equal(f->out.items[i], line);
		}
		read_back(f, d, 30, 0, 0);
		assert_int_equal(f->out.count, 30);
		assert_string_equal(f->out.items[0], "line 170\n");
		(void)unlinkat(f->dir, "log", 0);
		(void)unlinkat(f->dir, "log.1", 0);
		(void)unlinkat(f->dir, "log.2", 0);
	}
}

static void one_file_of_a_size_starts_anew(void **state)
{
	struct fixture *f = *state;
	struct log *log = start(f, LOG_K8S_FILE, 200, 1);

	for (int i = 0; i < 50; i++)
		say(log, STREAM_OUT, "0123456789\n");
	log_close(log);
	assert_int_not_equal(faccessat(f->dir, "log.1", F_OK, 0), 0);
	read_back(f, LOG_K8S_FILE, -1, 0, 0);
	assert_in_range(f->out.count, 1, 5);
}

static void tail_counts_lines_not_records(void **state)
{
	struct fixture *f = *state;
	struct log *log = start(f, LOG_K8S_FILE, 0, 1);

	say(log, STREAM_OUT, "one\ntwo\nth");
	say(log, STREAM_OUT, "ree\n");
	say(log, STREAM_OUT, "four\nopen");
	log_close(log);
	read_back(f, LOG_K8S_FILE, 0, 0, 0);
	assert_int_equal(f->records, 0);
	read_back(f, LOG_K8S_FILE, 1, 0, 0);
	expect(&f->out, "open");
	read_back(f, LOG_K8S_FILE, 3, 0, 0);
	expect(&f->out, "three\nfour\nopen");
	read_back(f, LOG_K8S_FILE, 100, 0, 0);
	expect(&f->out, "one\ntwo\nthree\nfour\nopen");
}

static void since_and_until_find_their_place_in_a_long_log(void **state)
{
	struct fixture *f = *state;
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	for (int i = 0; i < 20000; i++) {
		AUTO(mem) char *time = clock_rfc3339((1000 + i) * CLOCK_SECOND);
		assert_true(fprintf(file, "%s stdout F %d\n", time, i) > 0);
	}
	assert_int_equal(fclose(file), 0);
	assert_int_equal(file_write(f->dir, "log", 0600, text, size), 0);
	read_back(f, LOG_K8S_FILE, -1, 11000 * CLOCK_SECOND, 11002 * CLOCK_SECOND);
	expect(&f->out, "10000\n10001\n10002\n");
	read_back(f, LOG_K8S_FILE, 2, 11000 * CLOCK_SECOND, 0);
	expect(&f->out, "19998\n19999\n");
}

static void torn_and_foreign_lines_are_passed_over(void **state)
{
	struct fixture *f = *state;
	static const char damaged[] = "garbage\n\n2026-01-01T00:00:00Z stdout F kept\n"
				      "2026-01-01T00:00:00Z stdout F to";

	assert_int_equal(file_write(f->dir, "log", 0600, damaged, strlen(damaged)), 0);
	struct log *log = start(f, LOG_K8S_FILE, 0, 1); /* log.h 1 */
	say(log, STREAM_OUT, "new\n");
	log_close(log);
	read_back(f, LOG_K8S_FILE, -1, 0, 0);
	expect(&f->out, "kept\nto\nnew\n");
}

/* Follows until a process has ended that writes and rotates meanwhile. */
static void following_spans_rotation_and_ends_with_the_writer(void **state)
{
	struct fixture *f = *state;
	int go[2];

	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	struct log *log = start(f, LOG_JSON_FILE, 20000, 100);
	say(log, STREAM_OUT, "line 0\n");
	pid_t pid = fork();
	if (pid == 0) {
		char c;
		(void)!read(go[0], &c, 1);
		for (int i = 1; i < 5000; i++) {
			AUTO(mem) char *line = str_fmt("line %d\n", i);
			(void)log_write(log, STREAM_OUT, line, strlen(line));
		}
		_exit(0);
	}
	AUTO(fd) int alive = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(alive >= 0);
	struct logread_options options = { .driver = LOG_JSON_FILE, .tail = -1, .alive = alive };
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(logread_run(f->dir, &options, collect, NULL, f, NULL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	log_close(log);
	fd_close(go[0]);
	fd_close(go[1]);
	assert_int_equal(f->out.count, 5000);
	for (size_t i = 0; i < f->out.count; i++) {
		AUTO(mem) char *line = str_fmt("line %zu\n", i);
		assert_string_equal(f->out.items[i], line);
	}
}

static void unknown_drivers_and_options_are_refused_with_a_substitute(void **state)
{
	struct log_options options = { .max_file = 7 };
	AUTO(err) struct err err = { 0 };
	AUTO(strv) struct strv list = { 0 };

	(void)state;
	assert_int_equal(log_options_parse("syslog", &list, &options, &err), -EINVAL);
	assert_non_null(strstr(err.hint, "json-file"));
	assert_int_equal(log_options_parse("nonsense", &list, &options, NULL), -EINVAL);
	strv_add(&list, "max-size=10m");
	strv_add(&list, "max-file=3");
	assert_int_equal(log_options_parse(NULL, &list, &options, NULL), 0);
	assert_int_equal(options.max_size, 10 << 20);
	assert_int_equal(options.max_file, 3);
	strv_add(&list, "max-file=0");
	assert_int_equal(log_options_parse("k8s-file", &list, &options, NULL), -EINVAL);
	strv_clear(&list);
	strv_add(&list, "tag=x");
	assert_int_equal(log_options_parse("k8s-file", &list, &options, NULL), -EINVAL);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(both_formats_keep_streams_apart_and_add_no_newline),
		CASE(json_records_are_those_of_docker),
		CASE(k8s_records_are_tagged_full_and_partial),
		CASE(long_lines_are_split_and_joined_again),
		CASE(a_character_that_comes_byte_by_byte_is_kept),
		CASE(a_backslash_and_an_n_are_no_newline),
		CASE(rotation_keeps_so_many_files_and_reading_spans_them),
		CASE(one_file_of_a_size_starts_anew),
		CASE(tail_counts_lines_not_records),
		CASE(since_and_until_find_their_place_in_a_long_log),
		CASE(torn_and_foreign_lines_are_passed_over),
		CASE(following_spans_rotation_and_ends_with_the_writer),
		cmocka_unit_test(unknown_drivers_and_options_are_refused_with_a_substitute),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
