/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event_read - reading and following the log of events
 */
#include "store/event_read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

enum { BLOCK = 64 << 10, NOTIFY_ROOM = 4096, MILLISECOND = 1000000, LONGEST = 1000000 };

static const char log_name[] = "events/log", old_name[] = "events/log.1";

/* One file that is read to its end, again and again. */
struct part {
	int fd;
	char *text; /* a line that has not ended yet */
	size_t size;
};

struct reader {
	const struct store *store;
	const struct event_read *options;
	event_fn fn;
	event_idle_fn idle;
	void *data;
	struct part now;    /* events/log */
	struct part before; /* what was moved away; who had it open may still write to it */
};

static void part_close(struct part *part)
{
	fd_close(part->fd);
	free(part->text);
	*part = (struct part){ .fd = -1 };
}

static inline void auto_reader(struct reader *r)
{
	part_close(&r->now);
	part_close(&r->before);
}

static void part_open(const struct reader *r, struct part *part, const char *name)
{
	part_close(part);
	part->fd = openat(r->store->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static ino_t inode(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static int tell(struct reader *r, const char *line, size_t size)
{
	AUTO(event) struct event event = { 0 };

	if (event_parse(line, size, &event) < 0 || event.time < r->options->since ||
	    event.time > r->options->until)
		return 0;
	return r->fn(r->data, &event);
}

static int take_lines(struct reader *r, struct part *part)
{
	size_t at = 0;
	int done = 0;
	const char *end;

	while (done == 0 && (end = memchr(part->text + at, '\n', part->size - at))) {
		done = tell(r, part->text + at, (size_t)(end - part->text) - at);
		at = (size_t)(end - part->text) + 1;
	}
	part->size -= at;
	memmove(part->text, part->text + at, part->size);
	return done;
}

/* Reads on to the present end. Return: 0, or what ended it. */
static int feed(struct reader *r, struct part *part)
{
	while (part->fd >= 0) {
		part->text = mem_resize(part->text, part->size + BLOCK, 1);
		ssize_t n = TEMP_FAILURE_RETRY(read(part->fd, part->text + part->size, BLOCK));
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		part->size += (size_t)n;
		int done = take_lines(r, part);
		if (done != 0)
			return done;
	}
	return 0;
}

/* Goes over to a new log when the one that was read is not events/log any more. */
static int turn_over(struct reader *r)
{
	struct part next = { .fd = -1 };
	int done = 0;

	part_open(r, &next, log_name);
	if (next.fd < 0 || inode(next.fd) == inode(r->now.fd)) {
		part_close(&next);
		return 0;
	}
	part_close(&r->before);
	r->before = r->now;
	r->now = next;
	/* It may have been moved twice: then the older one was never opened here. */
	struct part between = { .fd = -1 };
	part_open(r, &between, old_name);
	if (between.fd >= 0 && inode(between.fd) != inode(r->before.fd)) {
		done = feed(r, &r->before);
		part_close(&r->before);
		r->before = between;
	} else {
		part_close(&between);
	}
	return done;
}

static int read_on(struct reader *r)
{
	int done = feed(r, &r->before);

	if (done == 0)
		done = feed(r, &r->now);
	if (done == 0)
		done = turn_over(r);
	if (done == 0)
		done = feed(r, &r->before);
	return done == 0 ? feed(r, &r->now) : done;
}

static void begin(struct reader *r)
{
	part_open(r, &r->now, log_name);
	part_open(r, &r->before, old_name);
	/* It was moved between the two. */
	if (r->now.fd >= 0 && inode(r->before.fd) == inode(r->now.fd))
		part_open(r, &r->now, log_name);
	/* Of plain files, or of none. */
	if (!r->options->past) {
		(void)lseek(r->now.fd, 0, SEEK_END);
		(void)lseek(r->before.fd, 0, SEEK_END);
	}
}

static int watch(const struct reader *r, struct err *err)
{
	AUTO(mem) char *path = str_fmt("/proc/self/fd/%d/events", r->store->dir);
	AUTO(fd) int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (notify < 0) {
		int code = err_sys(err, -errno, "cannot follow events");
		(void)err_hint(err, "see fs.inotify.max_user_instances");
		return code;
	}
	if (inotify_add_watch(notify, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return err_sys(err, -errno, "cannot follow events");
	return take_fd(notify);
}

static int milliseconds_left(const struct reader *r)
{
	if (r->options->until == INT64_MAX)
		return -1;
	int64_t left = r->options->until - clock_now();
	return left <= 0 ? 0 : (int)min_of(left / MILLISECOND + 1, (int64_t)LONGEST);
}

/* Return: whether something may have been written; false when the time is over. */
static bool await(struct reader *r, int notify)
{
	char events[NOTIFY_ROOM];
	struct pollfd p = { .fd = notify, .events = POLLIN };

	if (r->idle)
		r->idle(r->data);
	(void)poll(&p, 1, milliseconds_left(r)); /* an interruption is as good as news */
	while (read(notify, events, sizeof events) > 0)
		;
	return milliseconds_left(r) != 0;
}

int event_read(const struct store *store, const struct event_read *options, event_fn fn,
	       event_idle_fn idle, void *data, struct err *err)
{
	AUTO(reader)
	struct reader r = {
		.store = store,
		.options = options,
		.fn = fn,
		.idle = idle,
		.data = data,
		.now.fd = -1,
		.before.fd = -1,
	};
	AUTO(fd) int notify = -1;

	/* Watching begins before reading, so that nothing falls between the two. */
	if (options->follow) {
		notify = watch(&r, err);
		if (notify < 0)
			return notify;
	}
	begin(&r);
	int done = options->past ? read_on(&r) : 0;
	while (done == 0 && options->follow && await(&r, notify))
		done = read_on(&r);
	/* What came in the last moment. */
	if (done == 0 && options->follow)
		done = read_on(&r);
	if (done < 0 && !(err && err->text)) /* else @fn has said why */
		return err_sys(err, done, "cannot read the events");
	return done;
}
