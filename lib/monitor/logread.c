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
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "monitor/log.h"

enum {
	BLOCK = 256 << 10, /* more than LOG_RECORD_MAX */
	NAME_ROOM = NAME_MAX + 16,
	EVENTS_ROOM = 8 << 10,
	TIME_ROOM = 64,
};

struct logread {
	int dir;
	char *name; /* of the youngest file */
	struct logread_options options;
	logread_fn fn;
	void *data;
	int notify;		   /* inotify; -1 unless the log is followed */
	bool begun;		   /* the place to begin at was found */
	int fd;			   /* the file that is read */
	int64_t at;		   /* up to where it was read, but for what is held */
	size_t held;		   /* bytes of the last line, not complete yet */
	bool inside[STREAM_COUNT]; /* the last record of the stream did not end its line */
	char *block;
};

static void file_name(const struct logread *r, char *out, int n)
{
	(void)snprintf(out, NAME_ROOM, n ? "%s.%d" : "%s", r->name, n);
}

static int open_file(const struct logread *r, int n)
{
	char name[NAME_ROOM];

	file_name(r, name, n);
	int fd = openat(r->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* While the files are renamed one number is missing, never two. */
static bool is_there(const struct logread *r, int n)
{
	char name[NAME_ROOM];

	file_name(r, name, n);
	return faccessat(r->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Return: the number of the oldest file, or -1 when there is no log. */
static int oldest_file(const struct logread *r)
{
	int n = 0;

	while (n < LOG_FILES_MAX && (is_there(r, n) || is_there(r, n + 1)))
		n++;
	return n - 1;
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

/* Return: GO_ON, PAST_UNTIL, or what the caller's function ended it with. */
static int take_record(struct logread *r, char *line, size_t size)
{
	struct log_record record;

	if (logformat_parse(r->options.driver, line, size, &record) < 0)
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
	if (r->options.since && record_time(&record) < r->options.since)
		return GO_ON;
	if (r->options.until && record_time(&record) > r->options.until)
		return PAST_UNTIL;
	r->inside[record.stream] = !record.whole;
	return r->fn(r->data, &l);
}

/* Takes all complete lines of the block; keeps the rest at its beginning. */
static int take_lines(struct logread *r, size_t filled)
{
	char *at = r->block, *end = r->block + filled, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		int done = take_record(r, at, (size_t)(newline - at));
		if (done != GO_ON)
			return done;
		at = newline + 1;
	}
	r->held = (size_t)(end - at);
	if (r->held == BLOCK)
		r->held = 0; /* no record of ours is that long */
	memmove(r->block, at, r->held);
	return GO_ON;
}

/* Return: GO_ON at the end of the file, PAST_UNTIL, or a negative errno. */
static int read_file(struct logread *r)
{
	for (;;) {
		ssize_t n = pread(r->fd, r->block + r->held, BLOCK - r->held, r->at);
		if (n < 0)
			return -errno;
		if (n == 0)
			return GO_ON;
		r->at += n;
		int done = take_lines(r, r->held + (size_t)n);
		if (done != GO_ON)
			return done;
	}
}

/* The lock on the next file is taken before the one on ours is let go (log.h, invariant 4). */
static void begin_file(struct logread *r, int fd, int64_t at)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	/* Where locks are not to be had, a slow follower may miss what is rotated away. */
	if (r->options.follow)
		(void)fcntl(fd, F_OFD_SETLK, &lock);
	fd_close(r->fd);
	r->fd = fd;
	r->at = at;
	r->held = 0;
}

/* Finds the file that is younger than ours. Return: 1, 0 when ours was not met, or negative. */
static int find_younger(const struct logread *r, int *out)
{
	int younger = -1;

	for (int n = 0; n <= LOG_FILES_MAX; n++) {
		int fd = open_file(r, n);
		if (fd == -ENOENT && is_there(r, n + 1))
			continue; /* the writer stands between two renames */
		if (fd == -ENOENT)
			break;
		if (fd >= 0 && !same_file(fd, r->fd)) {
			fd_close(younger);
			younger = fd;
			continue;
		}
		if (fd < 0)
			fd_close(younger);
		else
			*out = younger;
		fd_close(fd);
		return fd < 0 ? fd : 1;
	}
	*out = younger;
	return 0;
}

static bool is_linked(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* Goes on with the file that is younger than ours. Return: 1, 0 when ours is the youngest, or negative. */
static int next_file(struct logread *r)
{
	enum { TRIES = 10 };
	int younger = -1, met = 0;

	/* Ours is not met when it was removed; or it was renamed just as we passed. */
	for (int i = 0; i < TRIES && met == 0; i++) {
		bool linked = is_linked(r->fd);
		fd_close(younger);
		younger = -1;
		met = find_younger(r, &younger);
		if (!linked)
			break;
	}
	if (met < 0 || younger < 0)
		return met < 0 ? met : 0;
	begin_file(r, younger, 0);
	return 1;
}

/* Reads on to the end of the youngest file. */
static int read_on(struct logread *r)
{
	for (;;) {
		int done = read_file(r);
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
static int64_t tail_file(struct logread *r, int fd, struct tail *t)
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
					logformat_whole(r->options.driver, r->block + (s - start),
							(size_t)(e - 1 - s))))
				return e;
			e = s;
		}
		end = e;
	}
	return 0;
}

static int begin_tail(struct logread *r, int oldest)
{
	struct tail t = { .left = r->options.tail };
	AUTO(fd) int last = -1;

	for (int n = 0; n <= oldest; n++) {
		AUTO(fd) int fd = open_file(r, n);
		if (fd == -ENOENT && n < oldest && last >= 0)
			continue;
		if (fd < 0)
			return fd;
		if (last >= 0 && same_file(fd, last)) {
			oldest++; /* they were renamed meanwhile */
			continue;
		}
		int64_t at = tail_file(r, fd, &t);
		if (at < 0)
			return (int)at;
		if (at > 0 || n == oldest) {
			begin_file(r, take_fd(fd), at);
			return 0;
		}
		fd_close(last);
		last = take_fd(fd);
	}
	begin_file(r, take_fd(last), 0);
	return 0;
}

/* Time of the first whole record at or behind a place; @out_at is where it begins. */
static int64_t time_behind(struct logread *r, int64_t at, int64_t *out_at)
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
		if (logformat_parse(r->options.driver, start, (size_t)(end - start), &record) == 0)
			return record_time(&record);
		start = end;
	}
	return INT64_MAX;
}

/* Leaves the place shortly before the first record that is young enough. */
static void bisect(struct logread *r)
{
	struct stat st;
	int64_t low = 0, found;

	if (fstat(r->fd, &st) < 0)
		return;
	int64_t high = st.st_size;
	while (high - low > BLOCK) {
		int64_t middle = low + (high - low) / 2;
		if (time_behind(r, middle, &found) < r->options.since)
			low = found;
		else
			high = middle;
	}
	r->at = low;
}

static int begin_all(struct logread *r, int oldest)
{
	/* Once a file is locked the ones behind it stay; before that they may be renamed or removed. */
	for (int n = oldest; n >= 0;) {
		int fd = open_file(r, n);
		if (fd < 0 && fd != -ENOENT)
			return fd;
		if (fd >= 0)
			begin_file(r, fd, 0);
		if (n + 2 < LOG_FILES_MAX && (is_there(r, n + 1) || is_there(r, n + 2)))
			n++;
		else if (fd >= 0)
			break;
		else
			n--;
	}
	if (r->fd >= 0 && r->options.since)
		bisect(r);
	return 0;
}

static int watch(struct logread *r)
{
	char path[64];
	AUTO(fd) int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (notify < 0)
		return -errno;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", r->dir);
	if (inotify_add_watch(notify, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return -errno;
	r->notify = take_fd(notify);
	return 0;
}

static int open_folder(struct logread *r, int dirfd)
{
	const char *path = r->options.path, *slash = path ? strrchr(path, '/') : NULL;
	AUTO(mem) char *folder = slash ? str_ndup(path, (size_t)(slash - path) + 1) : NULL;

	r->name = str_dup(slash ? slash + 1 : "log");
	r->dir = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : fd_dup(dirfd);
	return r->dir >= 0 ? 0 : folder ? -errno : r->dir;
}

int logread_open(int dirfd, const struct logread_options *options, struct logread **out,
		 struct err *err)
{
	AUTO(logread) struct logread *r = mem_new(struct logread);

	r->options = *options;
	r->dir = r->fd = r->notify = -1;
	r->block = mem_alloc(BLOCK, 1);
	int code = open_folder(r, dirfd);
	if (code < 0)
		return err_sys(err, code, "cannot open the log '%s'", str_or(options->path, "log"));
	/* Watching begins before reading, so that nothing falls between the two. */
	if (options->follow)
		code = watch(r);
	if (code < 0) {
		code = err_sys(err, code, "cannot follow the log");
		(void)err_hint(err, "see fs.inotify.max_user_instances");
		return code;
	}
	*out = take_ptr(r);
	return 0;
}

int logread_fd(const struct logread *log)
{
	return log->notify;
}

/* Finds where to begin; the log of a container that has said nothing yet appears later. */
static int begin(struct logread *r)
{
	int oldest = oldest_file(r);

	if (oldest < 0)
		return 0;
	int code = r->options.tail >= 0 && !r->begun ? begin_tail(r, oldest) : begin_all(r, oldest);
	/* It was renamed between the two looks. */
	return code == -ENOENT ? 0 : code;
}

int logread_more(struct logread *log, logread_fn fn, void *data, struct err *err)
{
	char events[EVENTS_ROOM];
	int done = 0;

	while (log->notify >= 0 && read(log->notify, events, sizeof events) > 0)
		;
	log->fn = fn;
	log->data = data;
	if (log->fd < 0)
		done = begin(log);
	log->begun = true;
	if (done == 0 && log->fd >= 0)
		done = read_on(log);
	if (done == -EPIPE)
		return done; /* told by who reads us, or by nobody */
	return done < 0 ? err_sys(err, done, "cannot read the container's log") : done;
}

void logread_close(struct logread *log)
{
	if (!log)
		return;
	fd_close(log->dir);
	fd_close(log->fd);
	fd_close(log->notify);
	free(log->name);
	free(log->block);
	free(log);
}
