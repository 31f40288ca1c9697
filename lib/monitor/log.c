/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - writing a container's log, with rotation
 *
 * Records of one log_write() are gathered and written together. Only json-file holds anything back:
 * the first bytes of a character whose rest has not come yet, at most three.
 */
#include "monitor/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

enum {
	GATHER = LOG_RECORD_MAX + (64 << 10),
	MAX_FILES = 1000,
	NAME_ROOM = 32,
	CARRY_MAX = 4,
	STAMP_ROOM = 40,
};

struct log {
	int dir; /* borrowed */
	int fd;
	struct log_options options;
	int64_t size;
	int failure; /* of this log_write */
	size_t gathered;
	char stamp[STAMP_ROOM];
	size_t stamp_size;
	struct {
		char bytes[CARRY_MAX];
		size_t size;
	} carry[STREAM_COUNT];
	char gather[GATHER];
};

static const struct {
	const char *name, *instead;
} foreign_drivers[] = {
	{ "local", "json-file with --log-opt max-size=10m --log-opt max-file=5" },
	{ "journald", "k8s-file or json-file" },
	{ "syslog", "json-file, read by a forwarder" },
	{ "fluentd", "json-file, read by a forwarder" },
	{ "gelf", "json-file, read by a forwarder" },
	{ "awslogs", "json-file, read by a forwarder" },
	{ "splunk", "json-file, read by a forwarder" },
	{ "passthrough-tty", "passthrough" },
};

static int parse_driver(const char *name, enum log_driver *out, struct err *err)
{
	for (int i = 0; log_driver_names[i]; i++)
		if (str_eq(name, log_driver_names[i])) {
			*out = (enum log_driver)i;
			return 0;
		}
	for (size_t i = 0; i < array_len(foreign_drivers); i++)
		if (str_eq(name, foreign_drivers[i].name)) {
			(void)err_set(err, -EINVAL, "there is no log driver '%s' here", name);
			return err_hint(err, "use %s", foreign_drivers[i].instead);
		}
	return err_set(err, -EINVAL,
		       "unknown log driver '%s': there are json-file, k8s-file, none, passthrough",
		       name);
}

static int parse_option(const char *text, struct log_options *o, struct err *err)
{
	const char *value;
	uint64_t n;

	if ((value = str_starts(text, "max-size="))) {
		if (str_eq(value, "-1"))
			return 0;
		if (str_size(value, &n) < 0 || n == 0 || n > INT64_MAX)
			return err_set(err, -EINVAL, "log option max-size: '%s' is no size", value);
		o->max_size = (int64_t)n;
		return 0;
	}
	if ((value = str_starts(text, "max-file="))) {
		if (str_u64(value, MAX_FILES, &n) < 0 || n == 0)
			return err_set(err, -EINVAL, "log option max-file: '%s' is not 1 to %d",
				       value, MAX_FILES);
		o->max_file = (int)n;
		return 0;
	}
	return err_set(err, -EINVAL,
		       "unknown log option '%s': there are max-size= and max-file=", text);
}

int log_options_parse(const char *driver, const struct strv *options, struct log_options *out,
		      struct err *err)
{
	struct log_options o = { .driver = LOG_JSON_FILE, .max_file = 1 };

	int r = driver ? parse_driver(driver, &o.driver, err) : 0;
	for (size_t i = 0; r == 0 && i < options->count; i++)
		r = parse_option(options->items[i], &o, err);
	if (r < 0)
		return r;
	if (o.max_file > 1 && !o.max_size)
		return err_set(err, -EINVAL, "log option max-file needs max-size");
	*out = o;
	return 0;
}

/* A crash may have torn the last record: end its line (invariant 1). */
static int mend(struct log *log)
{
	struct stat st;
	char last = '\n';

	if (fstat(log->fd, &st) < 0)
		return -errno;
	log->size = st.st_size;
	if (st.st_size && pread(log->fd, &last, 1, st.st_size - 1) == 1 && last != '\n') {
		int r = fd_write_all(log->fd, "\n", 1);
		if (r < 0)
			return r;
		log->size++;
	}
	return 0;
}

static int open_file(struct log *log)
{
	int fd = openat(log->dir, "log", O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	fd_close(log->fd);
	log->fd = fd;
	return mend(log);
}

int log_open(int dirfd, const struct log_options *options, struct log **out, struct err *err)
{
	AUTO(log) struct log *log = mem_new(struct log);

	log->dir = dirfd;
	log->fd = -1;
	log->options = *options;
	int r = open_file(log);
	if (r < 0)
		return err_sys(err, r, "cannot open the container's log");
	*out = take_ptr(log);
	return 0;
}

static void flush(struct log *log)
{
	size_t done = 0;

	while (done < log->gathered) {
		ssize_t n = write(log->fd, log->gather + done, log->gathered - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log->failure = n < 0 ? -errno : -EIO;
			/* Nothing better can be done where even cutting fails; mend() ends the line. */
			(void)!ftruncate(log->fd, log->size);
			break;
		}
		done += (size_t)n;
	}
	if (done == log->gathered)
		log->size += (int64_t)done;
	log->gathered = 0;
}

static void file_name(char *out, int n)
{
	(void)snprintf(out, NAME_ROOM, n ? "log.%d" : "log", n);
}

static void rotate(struct log *log)
{
	char from[NAME_ROOM], to[NAME_ROOM];

	for (int i = log->options.max_file - 1; i > 0; i--) {
		file_name(from, i - 1);
		file_name(to, i);
		/* The older ones are not there yet in the beginning. */
		(void)renameat(log->dir, from, log->dir, to);
	}
	if (log->options.max_file == 1)
		(void)unlinkat(log->dir, "log", 0);
	int r = open_file(log);
	if (r < 0)
		log->failure = r; /* it goes on in the old file */
}

static void add_record(struct log *log, enum stream stream, const char *text, size_t size,
		       bool whole)
{
	struct log_record r = {
		.stream = stream,
		.whole = whole,
		.time = log->stamp,
		.time_size = log->stamp_size,
		.text = text,
		.size = size,
	};

	if (log->gathered + LOG_RECORD_MAX > GATHER)
		flush(log);
	if (log->options.max_size && log->size + (int64_t)log->gathered >= log->options.max_size) {
		flush(log);
		rotate(log);
	}
	log->gathered += logformat_print(log->options.driver, &r, log->gather + log->gathered);
}

/* Records for bytes of one line: @whole says that a newline follows. */
static void add_line(struct log *log, enum stream stream, const char *text, size_t size, bool whole)
{
	while (size > LOG_TEXT_MAX) {
		size_t n = log->options.driver == LOG_JSON_FILE ? logformat_cut(text, LOG_TEXT_MAX)
								: (size_t)LOG_TEXT_MAX;
		add_record(log, stream, text, n, false);
		text += n;
		size -= n;
	}
	if (size || whole)
		add_record(log, stream, text, size, whole);
}

static void stamp(struct log *log)
{
	int64_t now = clock_now();
	time_t seconds = (time_t)(now / CLOCK_SECOND);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	int n = snprintf(log->stamp, sizeof log->stamp, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			 tm.tm_sec, (int)(now % CLOCK_SECOND));
	log->stamp_size = (size_t)n;
}

/* Completes a character that began in what came before. Return: how many bytes that took. */
static size_t complete_carry(struct log *log, enum stream stream, const char *bytes, size_t size)
{
	char *held = log->carry[stream].bytes;
	size_t n = log->carry[stream].size, used = 0;

	while (n && n < CARRY_MAX && used < size && ((unsigned char)bytes[used] & 0xc0) == 0x80) {
		held[n++] = bytes[used++];
		if (logformat_cut(held, n) == n)
			break;
	}
	log->carry[stream].size = n;
	if (n && (used < size || logformat_cut(held, n) == n)) {
		add_line(log, stream, held, n, false);
		log->carry[stream].size = 0;
	}
	return used;
}

static size_t hold_back(struct log *log, enum stream stream, const char *bytes, size_t size)
{
	size_t n = size ? logformat_cut(bytes, size) : 0;

	log->carry[stream].size = size - n;
	memcpy(log->carry[stream].bytes, bytes + n, size - n);
	return n;
}

int log_write(struct log *log, enum stream stream, const char *bytes, size_t size)
{
	const char *newline;

	log->failure = 0;
	stamp(log);
	if (log->carry[stream].size) {
		size_t used = complete_carry(log, stream, bytes, size);
		bytes += used;
		size -= used;
	}
	while (size && (newline = memchr(bytes, '\n', size))) {
		size_t n = (size_t)(newline - bytes);
		add_line(log, stream, bytes, n, true);
		bytes += n + 1;
		size -= n + 1;
	}
	if (log->options.driver == LOG_JSON_FILE && size)
		size = hold_back(log, stream, bytes, size);
	add_line(log, stream, bytes, size, false);
	flush(log);
	return log->failure;
}

void log_close(struct log *log)
{
	if (!log)
		return;
	for (int i = 0; i < STREAM_COUNT; i++)
		if (log->carry[i].size)
			add_line(log, (enum stream)i, log->carry[i].bytes, log->carry[i].size,
				 false);
	flush(log);
	fd_close(log->fd);
	free(log);
}
