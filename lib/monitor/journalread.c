/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journalread - reading a container's records back from systemd's journal
 *
 * The functions of libsystemd are declared here as its manual pages give them, so that building needs
 * no header of it. What they return is what ours do: a negative errno, 0 or a positive number.
 */
#include "monitor/journalread.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

struct sd_journal;

/* sd-journal(3) */
struct library {
	void *handle;
	int (*open)(struct sd_journal **out, int flags);
	void (*close)(struct sd_journal *j);
	int (*add_match)(struct sd_journal *j, const void *data, size_t size);
	int (*seek_head)(struct sd_journal *j);
	int (*seek_tail)(struct sd_journal *j);
	int (*seek_realtime_usec)(struct sd_journal *j, uint64_t usec);
	int (*next)(struct sd_journal *j);
	int (*previous)(struct sd_journal *j);
	int (*get_data)(struct sd_journal *j, const char *field, const void **data, size_t *size);
	int (*get_realtime_usec)(struct sd_journal *j, uint64_t *out);
	int (*get_fd)(struct sd_journal *j);
	int (*process)(struct sd_journal *j);
	int (*wait)(struct sd_journal *j, uint64_t usec);
	int (*set_data_threshold)(struct sd_journal *j, size_t size);
};

enum { LOCAL_ONLY = 1 << 0, ERROR_PRIORITY = 3 };

#define USEC INT64_C(1000)
#define PATIENCE (2 * CLOCK_SECOND)

struct journalread {
	struct library lib;
	struct sd_journal *journal;
	struct logread_options options;
	int fd;
	bool inside[STREAM_COUNT];
	int64_t last_time;    /* of the last record read, ns */
	int64_t last_ordinal; /* its CONTAINER_LOG_ORDINAL */
};

static int load(struct library *lib, struct err *err)
{
	static const struct {
		const char *name;
		size_t offset;
	} functions[] = {
		{ "sd_journal_open", offsetof(struct library, open) },
		{ "sd_journal_close", offsetof(struct library, close) },
		{ "sd_journal_add_match", offsetof(struct library, add_match) },
		{ "sd_journal_seek_head", offsetof(struct library, seek_head) },
		{ "sd_journal_seek_tail", offsetof(struct library, seek_tail) },
		{ "sd_journal_seek_realtime_usec", offsetof(struct library, seek_realtime_usec) },
		{ "sd_journal_next", offsetof(struct library, next) },
		{ "sd_journal_previous", offsetof(struct library, previous) },
		{ "sd_journal_get_data", offsetof(struct library, get_data) },
		{ "sd_journal_get_realtime_usec", offsetof(struct library, get_realtime_usec) },
		{ "sd_journal_get_fd", offsetof(struct library, get_fd) },
		{ "sd_journal_process", offsetof(struct library, process) },
		{ "sd_journal_wait", offsetof(struct library, wait) },
		{ "sd_journal_set_data_threshold", offsetof(struct library, set_data_threshold) },
	};

	lib->handle = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; i < array_len(functions); i++) {
		void *f = lib->handle ? dlsym(lib->handle, functions[i].name) : NULL;
		if (!f) {
			(void)err_set(err, -ENOENT,
				      "cannot load libsystemd.so.0, which reads the "
				      "journal");
			return err_hint(err, "install libsystemd0, or read with journalctl "
					     "CONTAINER_NAME=NAME");
		}
		memcpy((char *)lib + functions[i].offset, &f, sizeof f);
	}
	return 0;
}

static bool has_field(struct journalread *j, const char *name)
{
	const void *data;
	size_t size;

	return j->lib.get_data(j->journal, name, &data, &size) >= 0;
}

static int64_t number_field(struct journalread *j, const char *name)
{
	const void *data;
	size_t size;
	int64_t n = 0;

	if (j->lib.get_data(j->journal, name, &data, &size) < 0 || size <= strlen(name))
		return 0;
	AUTO(mem)
	char *text = str_ndup((const char *)data + strlen(name) + 1, size - strlen(name) - 1);
	return str_i64(text, INT64_MIN, INT64_MAX, &n) < 0 ? 0 : n;
}

/* Goes back from the end until so many lines lie ahead. */
static int seek_lines(struct journalread *j, int64_t lines)
{
	int r = j->lib.seek_tail(j->journal);
	bool began = false;

	while (r >= 0 && (r = j->lib.previous(j->journal)) > 0) {
		/* A last line without its newline is a line too. */
		bool counts = !has_field(j, "CONTAINER_PARTIAL_MESSAGE") || !began;
		began = true;
		if (counts && lines == 0)
			return 0;
		lines -= counts;
	}
	return r < 0 ? r : j->lib.seek_head(j->journal);
}

static int seek(struct journalread *j)
{
	if (j->options.tail >= 0)
		return seek_lines(j, j->options.tail);
	if (j->options.since > 0)
		return j->lib.seek_realtime_usec(j->journal, (uint64_t)(j->options.since / USEC));
	return j->lib.seek_head(j->journal);
}

static int begin(struct journalread *j, const char *id)
{
	AUTO(mem) char *match = str_fmt("CONTAINER_ID_FULL=%s", id);

	int r = j->lib.open(&j->journal, LOCAL_ONLY);
	if (r >= 0)
		r = j->lib.set_data_threshold(j->journal, 0);
	if (r >= 0)
		r = j->lib.add_match(j->journal, match, 0);
	if (r >= 0 && j->options.follow)
		r = j->fd = j->lib.get_fd(j->journal);
	return r < 0 ? r : seek(j);
}

int journalread_open(const char *id, const struct logread_options *options,
		     struct journalread **out, struct err *err)
{
	AUTO(journalread) struct journalread *j = mem_new(struct journalread);

	j->options = *options;
	j->fd = -1;
	int r = load(&j->lib, err);
	if (r < 0)
		return r;
	r = begin(j, id);
	if (r < 0)
		return err_sys(err, r, "cannot read the journal");
	*out = take_ptr(j);
	return 0;
}

int journalread_fd(const struct journalread *j)
{
	return j->fd;
}

/* Return: 0, 1 when it is too young, what @fn returned, or a negative errno. */
static int take(struct journalread *j, logread_fn fn, void *data)
{
	static const char key[] = "MESSAGE=";
	uint64_t usec;
	const void *text;
	size_t size;

	int r = j->lib.get_realtime_usec(j->journal, &usec);
	if (r < 0)
		return r;
	j->last_time = (int64_t)usec * USEC;
	j->last_ordinal = number_field(j, "CONTAINER_LOG_ORDINAL");
	if (j->options.until && j->last_time > j->options.until)
		return 1;
	if (j->last_time < j->options.since)
		return 0;
	enum stream stream = number_field(j, "PRIORITY") == ERROR_PRIORITY ? STREAM_ERR
									   : STREAM_OUT;
	bool whole = !has_field(j, "CONTAINER_PARTIAL_MESSAGE");
	r = j->lib.get_data(j->journal, "MESSAGE", &text, &size);
	if (r < 0 || size < sizeof key - 1)
		return r == -ENOENT ? 0 : r;
	AUTO(mem) char *time = clock_rfc3339(j->last_time);
	const struct logread_line line = {
		.stream = stream,
		.time = time,
		.time_size = strlen(time),
		.text = (const char *)text + sizeof key - 1,
		.size = size - (sizeof key - 1),
		.begins = !j->inside[stream],
		.ends = whole,
	};
	j->inside[stream] = !whole;
	return fn(data, &line);
}

int journalread_more(struct journalread *j, logread_fn fn, void *data, struct err *err)
{
	int r = j->fd >= 0 ? j->lib.process(j->journal) : 0;
	int done = 0;

	while (r >= 0 && done == 0 && (r = j->lib.next(j->journal)) > 0)
		done = take(j, fn, data);
	if (r < 0)
		return err_sys(err, r, "cannot read the journal");
	return done < 0 && done != -EPIPE ? err_sys(err, done, "cannot read the journal") : done;
}

static bool is_complete(const struct journalread *j, int64_t started, int64_t entries)
{
	return j->last_time >= started && j->last_ordinal >= entries;
}

int journalread_rest(struct journalread *j, int64_t started, int64_t entries, logread_fn fn,
		     void *data, struct err *err)
{
	int64_t end = clock_mono() + PATIENCE, seen = -1;
	int r = 0;

	if (entries == 0 || (j->options.until && j->options.until < clock_now()))
		return 0;
	while (r == 0 && !is_complete(j, started, entries)) {
		int64_t left = end - clock_mono();
		if (left <= 0)
			break;
		if (j->lib.wait(j->journal, (uint64_t)(left / USEC)) < 0)
			break;
		r = journalread_more(j, fn, data, err);
		if (j->last_ordinal != seen)
			end = clock_mono() + PATIENCE;
		seen = j->last_ordinal;
	}
	if (r != 0 || j->last_time || j->options.since || j->options.tail >= 0)
		return r;
	(void)err_set(err, -EACCES, "the journal shows nothing of this container");
	return err_hint(err,
			"members of the group systemd-journal may read it; a user's own records "
			"are split off where the journal is kept in /var/log/journal");
}

void journalread_close(struct journalread *j)
{
	if (!j)
		return;
	if (j->journal)
		j->lib.close(j->journal);
	if (j->lib.handle)
		(void)dlclose(j->lib.handle); /* nothing could be done about it */
	free(j);
}
