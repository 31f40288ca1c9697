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
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "monitor/log.h"
#include "monitor/logattrs.h"
#include "monitor/logread.h"

/* A folder of its own, and what was read from the log in it. */
struct fixture {
	char *path;
	int dir;
	struct strv out, errs; /* lines; the last one of each may be open */
	bool open[STREAM_COUNT];
	size_t records;
};

static struct container_config subject(void)
{
	static char id[] = "0123456789ab0123456789ab0123456789ab0123456789ab0123456789ab0123",
		    name[] = "web", image[] = "docker.io/library/nginx:1";

	return (struct container_config){ .id = id, .name = name, .image_name = image };
}

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
	const struct container_config config = subject();
	struct log *log = NULL;

	assert_int_equal(log_open(f->dir, &options, &config, &log, NULL), 0);
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
		.driver = driver, .tail = tail, .since = since, .until = until
	};
	AUTO(logread) struct logread *log = NULL;

	strv_clear(&f->out);
	strv_clear(&f->errs);
	f->open[0] = f->open[1] = false;
	f->records = 0;
	assert_int_equal(logread_open(f->dir, &options, &log, NULL), 0);
	assert_true(logread_more(log, collect, f, NULL) >= 0);
}

/* Reads until a process has ended and everything it wrote was read. */
static void follow(struct fixture *f, const struct logread_options *options, int alive)
{
	AUTO(logread) struct logread *log = NULL;
	bool ended = false;

	assert_int_equal(logread_open(f->dir, options, &log, NULL), 0);
	struct pollfd fds[] = { { .fd = logread_fd(log), .events = POLLIN },
				{ .fd = alive, .events = POLLIN } };
	while (!ended) {
		assert_true(poll(fds, 2, -1) > 0);
		ended = fds[1].revents;
		assert_int_equal(logread_more(log, collect, f, NULL), 0);
	}
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

/* Bytes that this process has read so far; 0 where the kernel does not count them. */
static long bytes_read(void)
{
	AUTO(mem) char *text = NULL;
	long n = 0;

	if (file_read(AT_FDCWD, "/proc/self/io", 4096, &text, NULL) == 0)
		(void)sscanf(text, "rchar: %ld", &n);
	return n;
}

static void the_tail_of_a_long_log_is_read_from_its_end(void **state)
{
	struct fixture *f = *state;
	AUTO(fd) int fd = openat(f->dir, "log", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	/* A gigabyte that takes no room, and behind it the end of a log. */
	fputc('\n', file);
	for (int i = 0; i < 2000; i++) {
		AUTO(mem) char *time = clock_rfc3339((1000 + i) * CLOCK_SECOND);
		assert_true(fprintf(file, "%s stdout F %d\n", time, i) > 0);
	}
	assert_int_equal(fclose(file), 0);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, size, 1 << 30), size);
	long before = bytes_read();
	read_back(f, LOG_K8S_FILE, 3, 0, 0);
	expect(&f->out, "1997\n1998\n1999\n");
	assert_in_range(bytes_read() - before, 0, 2 << 20);
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

/* A process writes so many lines and rotates meanwhile; it is followed until it has ended. */
static void follow_writer(struct fixture *f, int64_t max_size, int max_file, int lines)
{
	int go[2];

	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	struct log *log = start(f, LOG_JSON_FILE, max_size, max_file);
	say(log, STREAM_OUT, "line 0\n");
	pid_t pid = fork();
	if (pid == 0) {
		char c;
		(void)!read(go[0], &c, 1);
		for (int i = 1; i < lines; i++) {
			AUTO(mem) char *line = str_fmt("line %d\n", i);
			(void)log_write(log, STREAM_OUT, line, strlen(line));
		}
		_exit(0);
	}
	AUTO(fd) int alive = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(alive >= 0);
	struct logread_options options = { .driver = LOG_JSON_FILE, .tail = -1, .follow = true };
	AUTO(logread) struct logread *held = NULL;
	/* It holds the first file before the writer begins. */
	assert_int_equal(logread_open(f->dir, &options, &held, NULL), 0);
	assert_int_equal(logread_more(held, collect, f, NULL), 0);
	strv_clear(&f->out);
	assert_int_equal(write(go[1], "x", 1), 1);
	follow(f, &options, alive);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	log_close(log);
	fd_close(go[0]);
	fd_close(go[1]);
	assert_int_equal(f->out.count, lines);
	for (size_t i = 0; i < f->out.count; i++) {
		AUTO(mem) char *line = str_fmt("line %zu\n", i);
		assert_string_equal(f->out.items[i], line);
	}
}

static void following_spans_rotation_and_ends_with_the_writer(void **state)
{
	follow_writer(*state, 20000, 100, 5000);
}

/* log.h 4: two files of 4 kB would have been gone a hundred times. */
static void a_follower_sees_every_line_however_little_is_kept(void **state)
{
	struct fixture *f = *state;

	follow_writer(f, 4000, 2, 8000);
	struct log *log = start(f, LOG_JSON_FILE, 1, 2);
	say(log, STREAM_OUT, "one\ntwo\n");
	log_close(log);
	assert_int_equal(faccessat(f->dir, "log.1", F_OK, 0), 0);
	assert_int_not_equal(faccessat(f->dir, "log.2", F_OK, 0), 0);
}

static void a_log_may_lie_elsewhere(void **state)
{
	struct fixture *f = *state;
	AUTO(mem) char *path = str_fmt("%s/elsewhere.log", f->path);
	struct log_options options = {
		.driver = LOG_K8S_FILE, .max_size = 100, .max_file = 2, .path = path
	};
	const struct container_config config = subject();
	struct log *log = NULL;

	assert_int_equal(log_open(AT_FDCWD, &options, &config, &log, NULL), 0);
	for (int i = 0; i < 4; i++)
		say(log, STREAM_OUT, "0123456789\n");
	log_close(log);
	assert_int_equal(faccessat(f->dir, "elsewhere.log.1", F_OK, 0), 0);
	AUTO(logread) struct logread *read = NULL;
	struct logread_options how = { .driver = LOG_K8S_FILE, .path = path, .tail = -1 };
	assert_int_equal(logread_open(AT_FDCWD, &how, &read, NULL), 0);
	assert_int_equal(logread_more(read, collect, f, NULL), 0);
	assert_int_equal(f->out.count, 4);
}

static void attributes_stand_in_each_json_record(void **state)
{
	struct fixture *f = *state;
	struct container_config config = subject();
	struct log_options options = { .driver = LOG_JSON_FILE,
				       .max_file = 1,
				       .tag = "{{.Name}}/{{ .ID }}",
				       .labels = "stream,time",
				       .env_regex = "^A" };
	AUTO(mem) char *text = NULL;
	struct log *log = NULL;

	strv_add(&config.labels, "stream=std\"}");
	strv_add(&config.labels, "other=x");
	strv_add(&config.env, "A1=b");
	assert_int_equal(log_open(f->dir, &options, &config, &log, NULL), 0);
	say(log, STREAM_ERR, "one\ntwo");
	log_close(log);
	strv_clear(&config.labels);
	strv_clear(&config.env);
	assert_int_equal(file_read(f->dir, "log", 1000, &text, NULL), 0);
	assert_non_null(str_starts(text, "{\"log\":\"one\\n\",\"stream\":\"stderr\",\"attrs\":{"
					 "\"A1\":\"b\",\"stream\":\"std\\\"}\","
					 "\"tag\":\"web/0123456789ab\"},\"time\":\"2"));
	read_back(f, LOG_JSON_FILE, -1, 0, 0);
	expect(&f->errs, "one\ntwo");
	read_back(f, LOG_JSON_FILE, 1, 0, 0);
	expect(&f->errs, "two");
}

/* What a journal would do with a datagram: the bytes, also when they came as a sealed memfd. */
static char *receive(int sock, size_t *out_size, bool *out_memfd)
{
	enum { ROOM = 512 << 10 };
	char *bytes = mem_alloc(ROOM, 1);
	int fds[1];
	size_t count = 1;

	ssize_t n = fd_recv(sock, bytes, ROOM, fds, &count);
	assert_true(n >= 0);
	*out_memfd = count == 1;
	if (count) {
		assert_int_equal(n, 0);
		assert_int_equal(fcntl(fds[0], F_GET_SEALS),
				 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
		n = pread(fds[0], bytes, ROOM, 0);
		fd_close(fds[0]);
	}
	*out_size = (size_t)n;
	return bytes;
}

static void expect_field(const char *bytes, size_t size, const char *field)
{
	if (!memmem(bytes, size, field, strlen(field)))
		fail_msg("no '%s' in: %.*s", field, (int)size, bytes);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	(void)unlink(path);
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof address), 0);
	return sock;
}

static void journald_gets_fields_and_priorities(void **state)
{
	struct fixture *f = *state;
	AUTO(mem) char *path = str_fmt("%s/socket", f->path);
	AUTO(fd) int sock = listen_at(path);
	struct container_config config = subject();
	struct log_options options = { .driver = LOG_JOURNALD,
				       .journal = path,
				       .tag = "t-{{.Name}}",
				       .labels = "com.example.x" };
	struct log *log = NULL;
	size_t size;
	bool memfd;

	strv_add(&config.labels, "com.example.x=two\nlines");
	assert_int_equal(log_open(f->dir, &options, &config, &log, NULL), 0);
	strv_clear(&config.labels);
	say(log, STREAM_ERR, "oops\nhalf");
	AUTO(mem) char *first = receive(sock, &size, &memfd);
	static const char *const fields[] = {
		"PRIORITY=3\n",
		"CONTAINER_ID=0123456789ab\n",
		"CONTAINER_ID_FULL=0123456789ab01",
		"CONTAINER_NAME=web\n",
		"CONTAINER_TAG=t-web\n",
		"SYSLOG_IDENTIFIER=t-web\n",
		"IMAGE_NAME=docker.io/library/nginx:1\n",
		"CONTAINER_LOG_ORDINAL=1\n",
	};
	for (size_t i = 0; i < array_len(fields); i++)
		expect_field(first, size, fields[i]);
	assert_non_null(memmem(first, size, "MESSAGE\n\4\0\0\0\0\0\0\0oops\n", 21));
	assert_non_null(memmem(first, size, "COM_EXAMPLE_X\n\11\0\0\0\0\0\0\0two\nlines\n", 32));
	AUTO(mem) char *second = receive(sock, &size, &memfd);
	expect_field(second, size, "CONTAINER_PARTIAL_MESSAGE=true\n");
	expect_field(second, size, "CONTAINER_LOG_ORDINAL=2\n");
	assert_int_equal(log_entries(log), 2);
	assert_false(memfd);
	log_close(log);
}

static void what_is_too_long_for_a_datagram_goes_by_memfd(void **state)
{
	struct fixture *f = *state;
	AUTO(mem) char *path = str_fmt("%s/socket", f->path);
	AUTO(fd) int sock = listen_at(path);
	struct container_config config = subject();
	struct log_options options = { .driver = LOG_JOURNALD, .journal = path };
	AUTO(mem) char *name = mem_alloc(400001, 1);
	AUTO(err) struct err err = { 0 };
	struct log *log = NULL;
	size_t size;
	bool memfd;

	memset(name, 'n', 400000);
	config.image_name = name;
	assert_int_equal(log_open(f->dir, &options, &config, &log, &err), 0);
	say(log, STREAM_OUT, "long\n");
	AUTO(mem) char *bytes = receive(sock, &size, &memfd);
	assert_true(memfd);
	expect_field(bytes, size, "PRIORITY=6\n");
	expect_field(bytes, size, "long\n");
	log_close(log);
}

static void a_journal_that_was_restarted_is_reached_again(void **state)
{
	struct fixture *f = *state;
	AUTO(mem) char *path = str_fmt("%s/socket", f->path);
	int sock = listen_at(path);
	const struct container_config config = subject();
	struct log_options options = { .driver = LOG_JOURNALD, .journal = path };
	AUTO(err) struct err err = { 0 };
	struct log *log = NULL;
	size_t size;
	bool memfd;

	assert_int_equal(log_open(f->dir, &options, &config, &log, NULL), 0);
	fd_close(sock);
	assert_int_equal(log_write(log, STREAM_OUT, "lost\n", 5), -ECONNREFUSED);
	sock = listen_at(path);
	say(log, STREAM_OUT, "kept\n");
	AUTO(mem) char *bytes = receive(sock, &size, &memfd);
	expect_field(bytes, size, "kept\n");
	log_close(log);
	fd_close(sock);
	(void)unlink(path);
	assert_true(log_open(f->dir, &options, &config, &log, &err) < 0);
	assert_non_null(strstr(err.hint, "json-file"));
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
	assert_int_equal(log_options_parse("journald", &list, &options, NULL), 0);
	assert_string_equal(options.tag, "x");
	strv_add(&list, "max-size=1k");
	assert_int_equal(log_options_parse("journald", &list, &options, NULL), -EINVAL);
}

static void logs_are_capped_unless_told_otherwise(void **state)
{
	struct log_options options;
	AUTO(strv) struct strv list = { 0 };

	(void)state;
	assert_int_equal(log_options_parse(NULL, &list, &options, NULL), 0);
	assert_int_equal(options.max_size, LOG_DEFAULT_SIZE);
	assert_int_equal(options.max_file, LOG_DEFAULT_FILES);
	strv_add(&list, "max-file=2");
	assert_int_equal(log_options_parse(NULL, &list, &options, NULL), 0);
	assert_int_equal(options.max_size, LOG_DEFAULT_SIZE);
	assert_int_equal(options.max_file, 2);
	strv_add(&list, "max-size=-1");
	assert_int_equal(log_options_parse(NULL, &list, &options, NULL), -EINVAL);
	strv_remove(&list, 0);
	assert_int_equal(log_options_parse(NULL, &list, &options, NULL), 0);
	assert_int_equal(options.max_size, 0);
	strv_add(&list, "max-size=1m");
	assert_int_equal(log_options_parse(NULL, &list, &options, NULL), 0);
	assert_int_equal(options.max_file, 1);
}

static void a_tag_has_fields_and_names_the_known_ones(void **state)
{
	const struct container_config config = subject();
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *tag = NULL;

	(void)state;
	assert_int_equal(log_tag("{{.ImageName}} {{.Name}}!", &config, &tag, &err), 0);
	assert_string_equal(tag, "docker.io/library/nginx:1 web!");
	assert_int_equal(log_tag("{{.Nmae}}", &config, &tag, &err), -EINVAL);
	assert_non_null(strstr(err.hint, "{{.FullID}}"));
	err_clear(&err);
	assert_int_equal(log_tag("{{.Name", &config, &tag, &err), -EINVAL);
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
		CASE(the_tail_of_a_long_log_is_read_from_its_end),
		CASE(torn_and_foreign_lines_are_passed_over),
		CASE(following_spans_rotation_and_ends_with_the_writer),
		CASE(a_follower_sees_every_line_however_little_is_kept),
		CASE(a_log_may_lie_elsewhere),
		CASE(attributes_stand_in_each_json_record),
		CASE(journald_gets_fields_and_priorities),
		CASE(what_is_too_long_for_a_datagram_goes_by_memfd),
		CASE(a_journal_that_was_restarted_is_reached_again),
		cmocka_unit_test(logs_are_capped_unless_told_otherwise),
		cmocka_unit_test(a_tag_has_fields_and_names_the_known_ones),
		cmocka_unit_test(unknown_drivers_and_options_are_refused_with_a_substitute),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
