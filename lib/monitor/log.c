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
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/utf8.h"
#include "monitor/journal.h"
#include "monitor/logattrs.h"

enum {
	GATHER = LOG_RECORD_MAX + (64 << 10),
	NAME_ROOM = NAME_MAX + 16,
	KEEP_SIZE = 64 << 20, /* invariant 4 */
	KEEP_FILES = 1000,
	CARRY_MAX = 4,
	STAMP_ROOM = 40,
};

struct log {
	int dir;
	int fd;
	char *name; /* of the youngest file */
	struct log_options options;
	struct journal *journal; /* instead of files */
	char *attrs;		 /* of log_attrs_json() */
	size_t attrs_size;
	int64_t size;
	int failure; /* of this log_write */
	size_t gathered;
	char stamp[STAMP_ROOM];
	size_t stamp_size;
	struct {
		char bytes[CARRY_MAX];
		size_t size;
	} carry[STREAM_COUNT];
	char *gather; /* GATHER bytes, and the attributes */
};

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

static void file_name(const struct log *log, char *out, int n)
{
	(void)snprintf(out, NAME_ROOM, n ? "%s.%d" : "%s", log->name, n);
}

static int open_file(struct log *log)
{
	int fd = openat(log->dir, log->name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	fd_close(log->fd);
	log->fd = fd;
	return mend(log);
}

/* Finds folder and name of --log-opt path. */
static int open_folder(struct log *log, int dirfd, const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	log->name = str_dup(slash ? slash + 1 : "log");
	if (!slash)
		log->dir = fd_dup(dirfd);
	else {
		AUTO(mem) char *folder = str_ndup(path, (size_t)(slash - path) + 1);
		log->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (log->dir < 0)
			log->dir = -errno;
	}
	if (strlen(log->name) > NAME_MAX - 8)
		return -ENAMETOOLONG;
	return log->dir < 0 ? log->dir : 0;
}

static int open_files(struct log *log, int dirfd, const struct strv *attrs, struct err *err)
{
	const char *path = log->options.path;

	if (log->options.driver == LOG_JSON_FILE)
		log->attrs = log_attrs_json(attrs);
	log->attrs_size = log->attrs ? strlen(log->attrs) : 0;
	log->gather = mem_alloc(GATHER + log->attrs_size, 1);
	int r = open_folder(log, dirfd, path);
	if (r >= 0)
		r = open_file(log);
	if (r < 0 && path)
		return err_sys(err, r, "cannot open the log '%s'", path);
	return r < 0 ? err_sys(err, r, "cannot open the container's log") : 0;
}

int log_open(int dirfd, const struct log_options *options, const struct container_config *config,
	     struct log **out, struct err *err)
{
	AUTO(log) struct log *log = mem_new(struct log);
	AUTO(strv) struct strv attrs = { 0 };

	log->dir = log->fd = -1;
	log->options = *options;
	int r = log_attrs(options, config, &attrs, err);
	if (r == 0 && options->driver == LOG_JOURNALD)
		r = journal_open(config, &attrs, options->journal, &log->journal, err);
	else if (r == 0)
		r = open_files(log, dirfd, &attrs, err);
	if (r < 0)
		return r;
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

/* Whether somebody who reads this file still needs it and the younger ones. */
static bool is_followed(const struct log *log, const char *name)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	AUTO(fd) int fd = openat(log->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Makes room for a new youngest file. Return: the number of the oldest one. */
static int shift(const struct log *log)
{
	char from[NAME_ROOM], to[NAME_ROOM];
	int last = 0;

	for (; last + 1 < LOG_FILES_MAX; last++) {
		file_name(log, from, last + 1);
		if (faccessat(log->dir, from, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			break;
	}
	for (int i = last; i >= 0; i--) {
		file_name(log, from, i);
		file_name(log, to, i + 1);
		(void)renameat(log->dir, from, log->dir, to);
	}
	return last + 1;
}

static void rotate(struct log *log)
{
	char name[NAME_ROOM];
	int keep = log->options.max_file;
	int64_t spare = min_of(KEEP_SIZE / log->options.max_size + 1, (int64_t)KEEP_FILES);

	for (int i = shift(log); i >= keep; i--) {
		file_name(log, name, i);
		if (i < keep + spare && is_followed(log, name))
			break;
		(void)unlinkat(log->dir, name, 0);
	}
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
		.attrs = log->attrs,
		.attrs_size = log->attrs_size,
	};

	if (log->journal) {
		int sent = journal_send(log->journal, &r);
		log->failure = sent < 0 ? sent : log->failure;
		return;
	}
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
		size_t n = log->options.driver == LOG_JSON_FILE ? utf8_cut(text, LOG_TEXT_MAX)
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
		if (utf8_cut(held, n) == n)
			break;
	}
	log->carry[stream].size = n;
	if (n && (used < size || utf8_cut(held, n) == n)) {
		add_line(log, stream, held, n, false);
		log->carry[stream].size = 0;
	}
	return used;
}

static size_t hold_back(struct log *log, enum stream stream, const char *bytes, size_t size)
{
	size_t n = size ? utf8_cut(bytes, size) : 0;

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
	if (!log->journal)
		flush(log);
	return log->failure;
}

int64_t log_entries(const struct log *log)
{
	return log && log->journal ? journal_entries(log->journal) : 0;
}

void log_close(struct log *log)
{
	if (!log)
		return;
	for (int i = 0; i < STREAM_COUNT; i++)
		if (log->carry[i].size)
			add_line(log, (enum stream)i, log->carry[i].bytes, log->carry[i].size,
				 false);
	if (!log->journal)
		flush(log);
	journal_close(log->journal);
	fd_close(log->fd);
	fd_close(log->dir);
	free(log->name);
	free(log->attrs);
	free(log->gather);
	free(log);
}
