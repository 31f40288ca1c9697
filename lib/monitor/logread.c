/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logread - reading a container's log across its rotated files
 *
 * The files are numbered as their names are: 0 is `log`, n is log.n, older ones have higher numbers.
 * A file that was renamed while we read it is found again by its inode.
 */
#include "monitor/logread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"

enum {
	BLOCK = 256 << 10, /* more than LOG_RECORD_MAX */
	NAME_ROOM = 32,
	FILES_MAX = 1000,
	EVENTS_ROOM = 8 << 10,
	TIME_ROOM = 64,
};

struct reader {
	int dir;
	const struct logread_options *options;
	logread_fn fn;
	logread_idle_fn idle;
	void *data;
	int fd;			   /* the file that is read */
	int64_t at;		   /* up to where it was read, but for what is held */
	size_t held;		   /* bytes of the last line, not complete yet */
	bool inside[STREAM_COUNT]; /* the last record of the stream did not end its line */
	char *block;
};

static inline void auto_reader(struct reader *r)
{
	fd_close(r->fd);
	free(r->block);
}

static void file_name(char *out, int n)
{
	(void)snprintf(out, NAME_ROOM, n ? "log.%d" : "log", n);
}

static int open_file(const struct reader *r, int n)
{
	char name[NAME_ROOM];

	file_name(name, n);
	int fd = openat(r->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

/* Return: the number of the oldest file, or -1 when there is no log. */
static int oldest_file(const struct reader *r)
{
	char name[NAME_ROOM];
	int n = 0;

	for (; n < FILES_MAX; n++) {
		file_name(name, n);
		if (faccessat(r->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			break;
	}
	return n - 1;
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static int64_t record_time(const struct log_record *record)
{
	char text[TIME_ROOM];
	int64_t ns = 0;

	size_t n = min_of(record->time_size, sizeof text - 1);
	memcpy(text, record->time, n);
	text[n] = 0;
	return clock_parse(text, 0, &ns) < 0 ? 0 : ns;
}

enum { GO_ON = 0, PAST_UNTIL = 1 };

/* Return: GO_ON, PAST_UNTIL, or what the caller's function ended it with, in @out_result. */
static int take_record(struct reader *r, char *line, size_t size, int *out_result)
{
	struct log_record record;

	if (logformat_parse(r->options->driver, line, size, &record) < 0)
		return GO_ON;
	struct logread_line l = {
		.stream = record.stream,
		.time = record.time,
		.time_size = record.time_size,
		.text = record.text,
		.size = record.size,
		.begins = !r->inside[record.stream],
		.ends = record.whole,
	};
	if (r->options->since && record_time(&record) < r->options->since)
		return GO_ON;
	if (r->options->until && record_time(&record) > r->options->until)
		return PAST_UNTIL;
	r->inside[record.stream] = !record.whole;
	*out_result = r->fn(r->data, &l);
	return *out_result ? PAST_UNTIL : GO_ON;
}

/* Takes all complete lines of the block; keeps the rest at its beginning. */
static int take_lines(struct reader *r, size_t filled, int *out_result)
{
	char *at = r->block, *end = r->block + filled, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		if (take_record(r, at, (size_t)(newline - at), out_result) != GO_ON)
			return PAST_UNTIL;
		at = newline + 1;
	}
	r->held = (size_t)(end - at);
	if (r->held == BLOCK)
		r->held = 0; /* no record of ours is that long */
	memmove(r->block, at, r->held);
	return GO_ON;
}

/* Return: GO_ON at the end of the file, PAST_UNTIL, or a negative errno. */
static int read_file(struct reader *r, int *out_result)
{
	for (;;) {
		ssize_t n = pread(r->fd, r->block + r->held, BLOCK - r->held, r->at);
		if (n < 0)
			return -errno;
		if (n == 0)
			return GO_ON;
		r->at += n;
		int done = take_lines(r, r->held + (size_t)n, out_result);
		if (done != GO_ON)
			return done;
	}
}

static void begin_file(struct reader *r, int fd, int64_t at)
{
	fd_close(r->fd);
	r->fd = fd;
	r->at = at;
	r->held = 0;
}

/* Goes on with the file that is younger than ours. Return: 1, 0 when ours is the youngest, or negative. */
static int next_file(struct reader *r)
{
	int younger = -1;

	for (int n = 0; n <= FILES_MAX; n++) {
		int fd = open_file(r, n);
		if (fd == -ENOENT) {
			/* Ours was rotated away: the oldest that is left follows it. */
			if (younger < 0)
				return 0;
			break;
		}
		if (fd < 0) {
			fd_close(younger);
			return fd;
		}
		if (same_file(fd, r->fd)) {
			fd_close(fd);
			if (younger < 0)
				return 0;
			break;
		}
		fd_close(younger);
		younger = fd;
	}
	begin_file(r, younger, 0);
	return 1;
}

/* Reads on to the end of the youngest file. */
static int read_on(struct reader *r, int *out_result)
{
	for (;;) {
		int done = read_file(r, out_result);
		if (done != GO_ON)
			return done;
		AUTO(fd) int ours = fd_dup(r->fd);
		if (ours < 0)
			return ours;
		/* What was written between our reading and the renaming is still in ours. */
		int64_t at = r->at;
		size_t held = r->held;
		int more = next_file(r);
		if (more <= 0)
			return more;
		struct stat st;
		if (fstat(ours, &st) == 0 && st.st_size > at) {
			begin_file(r, take_fd(ours), at);
			r->held = held;
		}
	}
}

struct tail {
	int64_t left; /* lines still to be found */
	bool began;   /* a record was seen */
};

/*
 * Goes back over one record. Return: whether the tail begins behind it.
 */
static bool tail_record(struct tail *t, bool whole)
{
	/* A last line without its newline is a line too. */
	bool counts = whole || !t->began;

	t->began = true;
	if (counts && t->left == 0)
		return true;
	t->left -= counts;
	return false;
}

/* Return: where the tail begins in this file, 0 when it may begin in an older one, or negative. */
static int64_t tail_file(struct reader *r, int fd, struct tail *t)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	int64_t end = st.st_size;
	while (end > 0) {
		int64_t start = max_of(end - BLOCK, INT64_C(0));
		ssize_t n = pread(fd, r->block, (size_t)(end - start), start);
		if (n < end - start)
			return n < 0 ? -errno : -EIO;
		int64_t e = end;
		while (e > start) {
			/* The byte before e is the newline of the record, but for a torn last one. */
			size_t before = (size_t)(e - start) - 1;
			char *newline = memrchr(r->block, '\n', before);
			if (!newline && start > 0 && e < end)
				break;
			int64_t s = newline ? start + (newline - r->block) + 1 : start;
			if (tail_record(t,
					logformat_whole(r->options->driver, r->block + (s - start),
							(size_t)(e - 1 - s))))
				return e;
			e = s;
		}
		end = e;
	}
	return 0;
}

static int begin_tail(struct reader *r, int oldest)
{
	struct tail t = { .left = r->options->tail };

	for (int n = 0; n <= oldest; n++) {
		AUTO(fd) int fd = open_file(r, n);
		if (fd < 0)
			return fd;
		int64_t at = tail_file(r, fd, &t);
		if (at < 0)
			return (int)at;
		if (at > 0 || n == oldest) {
			begin_file(r, take_fd(fd), at);
			return 0;
		}
	}
	return 0;
}

/* Time of the first whole record at or behind a place; @out_at is where it begins. */
static int64_t time_behind(struct reader *r, int64_t at, int64_t *out_at)
{
	struct log_record record;

	ssize_t n = pread(r->fd, r->block, BLOCK, at);
	char *start = at && n > 0 ? memchr(r->block, '\n', (size_t)n) : r->block - 1;
	while (n > 0 && start) {
		start++;
		char *end = memchr(start, '\n', (size_t)(r->block + n - start));
		if (!end)
			break;
		*out_at = at + (start - r->block);
		if (logformat_parse(r->options->driver, start, (size_t)(end - start), &record) == 0)
			return record_time(&record);
		start = end;
	}
	return INT64_MAX;
}

/* Leaves the place shortly before the first record that is young enough. */
static void bisect(struct reader *r)
{
	struct stat st;
	int64_t low = 0, found;

	if (fstat(r->fd, &st) < 0)
		return;
	int64_t high = st.st_size;
	while (high - low > BLOCK) {
		int64_t middle = low + (high - low) / 2;
		if (time_behind(r, middle, &found) < r->options->since)
			low = found;
		else
			high = middle;
	}
	r->at = low;
}

static int begin_all(struct reader *r, int oldest)
{
	int fd = open_file(r, oldest);

	if (fd < 0)
		return fd;
	begin_file(r, fd, 0);
	if (r->options->since)
		bisect(r);
	return 0;
}

static int watch(const struct reader *r, struct err *err)
{
	char path[NAME_ROOM];
	AUTO(fd) int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (notify < 0) {
		int r1 = err_sys(err, -errno, "cannot follow the log");
		(void)err_hint(err, "see fs.inotify.max_user_instances");
		return r1;
	}
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", r->dir);
	if (inotify_add_watch(notify, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return err_sys(err, -errno, "cannot follow the log");
	return take_fd(notify);
}

static int milliseconds_left(const struct reader *r)
{
	if (!r->options->until)
		return -1;
	int64_t left = r->options->until - clock_now();
	return left <= 0 ? 0 : (int)min_of(left / 1000000 + 1, INT64_C(1000000));
}

/* Waits for news. Return: 1 when something was written, 0 when no more will come, or negative. */
static int await(struct reader *r, int notify)
{
	char events[EVENTS_ROOM];
	struct pollfd fds[] = {
		{ .fd = notify, .events = POLLIN },
		{ .fd = r->options->alive, .events = POLLIN },
	};

	if (r->idle)
		r->idle(r->data);
	int n = poll(fds, array_len(fds), milliseconds_left(r));
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	while (read(notify, events, sizeof events) > 0)
		;
	return n > 0 && !fds[1].revents;
}

/* The log of a container that has said nothing yet appears later. */
static int begin_late(struct reader *r)
{
	if (r->fd >= 0)
		return 0;
	int fd = open_file(r, 0);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	begin_file(r, fd, 0);
	return 0;
}

static int follow(struct reader *r, int notify, int *out_result)
{
	int more = 1;

	while (more) {
		more = await(r, notify);
		if (more < 0)
			return more;
		int done = begin_late(r);
		if (done == 0 && r->fd >= 0)
			done = read_on(r, out_result);
		if (done != GO_ON)
			return done;
	}
	return GO_ON;
}

int logread_run(int dirfd, const struct logread_options *options, logread_fn fn,
		logread_idle_fn idle, void *data, struct err *err)
{
	AUTO(reader)
	struct reader r = {
		.dir = dirfd,
		.options = options,
		.fn = fn,
		.idle = idle,
		.data = data,
		.fd = -1,
		.block = mem_alloc(BLOCK, 1),
	};
	AUTO(fd) int notify = -1;
	int result = 0, done = GO_ON;

	/* Watching begins before reading, so that nothing falls between the two. */
	if (options->alive >= 0) {
		notify = watch(&r, err);
		if (notify < 0)
			return notify;
	}
	int oldest = oldest_file(&r);
	if (oldest >= 0) {
		done = options->tail >= 0 ? begin_tail(&r, oldest) : begin_all(&r, oldest);
		if (done == 0)
			done = read_on(&r, &result);
	}
	if (done == GO_ON && notify >= 0)
		done = follow(&r, notify, &result);
	if (done < 0)
		return err_sys(err, done, "cannot read the container's log");
	return result;
}
