/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event_test - what happened is written by one write each, read in order, and followed across rotation
 */
#include "place.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "store/event_read.h"

/* The names of what was read. */
struct seen {
	struct strv names;
	size_t enough; /* ends the reading; 0: never */
	struct place *place;
	size_t writes; /* events that are still to be written when all was read */
};

static int note(void *data, const struct event *event)
{
	struct seen *seen = data;

	strv_add(&seen->names, event->name);
	return seen->enough && seen->names.count == seen->enough;
}

static void write_named(struct place *p, const char *name)
{
	event_named(p->store, EVENT_VOLUME, EVENT_CREATE, NULL, name);
}

static void read_all(struct place *p, struct seen *seen)
{
	const struct event_read all = { .until = INT64_MAX, .past = true };

	assert_true(event_read(p->store, &all, note, NULL, seen, &p->err) >= 0);
}

static void append_raw(struct place *p, const char *text)
{
	AUTO(fd) int fd = openat(p->store->dir, "events/log", O_WRONLY | O_APPEND | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
}

static int keep(void *data, const struct event *event)
{
	struct event *out = data;

	assert_string_equal(event->id, "abc");
	assert_string_equal(event->name, "we\"b\n");
	assert_string_equal(event->image, "docker.io/library/nginx:1");
	assert_string_equal(event->details.items[0], "exitCode=7");
	assert_string_equal(event->labels.items[0], "a=\\ \x01 \xc3\xa4");
	out->time = event->time;
	out->type = event->type;
	out->action = event->action;
	return 0;
}

static void an_event_comes_back_as_it_was_written(void **state)
{
	static const char *const details[] = { "exitCode=7", NULL };
	const struct event_read all = { .until = INT64_MAX, .past = true };
	struct place *p = *state;
	AUTO(strv) struct strv labels = { 0 };
	struct event got = { 0 };

	strv_add(&labels, "a=\\ \x01 \xc3\xa4");
	const struct event_about about = { "abc", "we\"b\n", "docker.io/library/nginx:1", &labels };
	int64_t before = clock_now();
	event_write(p->store, EVENT_CONTAINER, EVENT_DIED, &about, details);
	assert_int_equal(event_read(p->store, &all, keep, NULL, &got, &p->err), 0);
	assert_true(got.time >= before && got.time <= clock_now());
	assert_int_equal(got.type, EVENT_CONTAINER);
	assert_int_equal(got.action, EVENT_DIED);
}

static void nothing_was_written_yet(void **state)
{
	AUTO(strv) struct strv none = { 0 };
	struct seen seen = { 0 };

	read_all(*state, &seen);
	assert_int_equal(seen.names.count, none.count);
}

/* Invariant 3. */
static void damaged_lines_are_passed_over_and_torn_ones_hide_nothing(void **state)
{
	struct place *p = *state;
	struct seen seen = { 0 };

	write_named(p, "one");
	append_raw(p, "no event\n\n{}\n{\"time\":\"1\",\"type\":\"moon\",\"action\":\"create\"}\n");
	append_raw(p, "{\"time\":\"5\",\"type\":\"volume\",\"act");
	write_named(p, "two");
	append_raw(p, "{\"time\":\"5\",\"type\":\"volume\"");
	read_all(p, &seen);
	assert_int_equal(seen.names.count, 2);
	assert_string_equal(seen.names.items[0], "one");
	assert_string_equal(seen.names.items[1], "two");
	strv_clear(&seen.names);
}

static void labels_that_are_too_long_are_left_out(void **state)
{
	struct place *p = *state;
	AUTO(strv) struct strv labels = { 0 };
	struct seen seen = { 0 };
	AUTO(mem) char *huge = mem_alloc(EVENT_LINE_MAX + 2, 1);

	memset(huge, 'x', EVENT_LINE_MAX);
	strv_take(&labels, str_dup(huge));
	const struct event_about about = { "id", "name", NULL, &labels };
	event_write(p->store, EVENT_CONTAINER, EVENT_CREATE, &about, NULL);
	read_all(p, &seen);
	assert_string_equal(seen.names.items[0], "name");
	strv_clear(&seen.names);
}

static void fill_log(struct place *p)
{
	AUTO(mem) char *blank = mem_alloc(EVENT_LOG_MAX + 1, 1);

	memset(blank, '\n', EVENT_LOG_MAX);
	append_raw(p, blank);
}

static off_t size_of(struct place *p, const char *name)
{
	struct stat st;

	return fstatat(p->store->dir, name, &st, 0) < 0 ? -errno : st.st_size;
}

/* Invariant 2. */
static void a_full_log_is_moved_away_and_still_read(void **state)
{
	struct place *p = *state;
	struct seen seen = { 0 };

	write_named(p, "gone");
	fill_log(p);
	write_named(p, "old");
	fill_log(p);
	write_named(p, "new");
	assert_true(size_of(p, "events/log") < 200);
	assert_true(size_of(p, "events/log.1") > EVENT_LOG_MAX);
	read_all(p, &seen);
	assert_int_equal(seen.names.count, 2);
	assert_string_equal(seen.names.items[0], "old");
	assert_string_equal(seen.names.items[1], "new");
	strv_clear(&seen.names);
}

static void write_next(void *data)
{
	struct seen *seen = data;
	AUTO(mem) char *name = str_fmt("n%zu", seen->writes);

	/* Every other one finds the log full. */
	if (seen->writes % 2 == 0)
		fill_log(seen->place);
	write_named(seen->place, name);
	seen->writes++;
}

static void following_goes_on_across_rotation(void **state)
{
	const struct event_read new_ones = { .until = INT64_MAX, .follow = true };
	struct place *p = *state;
	struct seen seen = { .place = p, .enough = 6 };

	write_named(p, "past");
	assert_int_equal(event_read(p->store, &new_ones, note, write_next, &seen, &p->err), 1);
	for (size_t i = 0; i < seen.enough; i++) {
		AUTO(mem) char *name = str_fmt("n%zu", i);
		assert_string_equal(seen.names.items[i], name);
	}
	strv_clear(&seen.names);
}

static void write_several(void *data)
{
	struct seen *seen = data;

	for (int i = 0; i < 2; i++) {
		write_named(seen->place, i ? "b" : "a");
		fill_log(seen->place);
	}
	write_named(seen->place, "c");
}

static void following_misses_nothing_of_a_log_moved_twice_at_once(void **state)
{
	const struct event_read new_ones = { .until = INT64_MAX, .follow = true };
	struct place *p = *state;
	struct seen seen = { .place = p, .enough = 3 };

	write_named(p, "past");
	assert_int_equal(event_read(p->store, &new_ones, note, write_several, &seen, &p->err), 1);
	assert_string_equal(seen.names.items[0], "a");
	assert_string_equal(seen.names.items[1], "b");
	assert_string_equal(seen.names.items[2], "c");
	strv_clear(&seen.names);
}

enum { WRITERS = 4, EACH = 300 };

static void write_many(struct place *p, int writer)
{
	for (int i = 0; i < EACH; i++) {
		AUTO(mem) char *name = str_fmt("w%d-%d", writer, i);
		write_named(p, name);
	}
	_exit(0);
}

/* Invariants 1 and 2: the log is moved away once meanwhile. */
static void many_write_at_once_and_nothing_is_torn_or_lost(void **state)
{
	struct place *p = *state;
	struct seen seen = { 0 };
	int next[WRITERS] = { 0 }, status;
	AUTO(mem) char *blank = mem_alloc(EVENT_LOG_MAX, 1);

	memset(blank, '\n', EVENT_LOG_MAX - 64000);
	append_raw(p, blank);
	for (int w = 0; w < WRITERS; w++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			write_many(p, w);
	}
	for (int w = 0; w < WRITERS; w++)
		assert_true(wait(&status) > 0 && status == 0);
	assert_true(size_of(p, "events/log.1") > 0);
	read_all(p, &seen);
	assert_int_equal(seen.names.count, WRITERS * EACH);
	for (size_t i = 0; i < seen.names.count; i++) {
		int writer = seen.names.items[i][1] - '0';
		uint64_t number;
		assert_int_equal(str_u64(seen.names.items[i] + 3, EACH - 1, &number), 0);
		next[writer]++;
	}
	for (int w = 0; w < WRITERS; w++)
		assert_int_equal(next[w], EACH);
	strv_clear(&seen.names);
}

static void following_ends_when_its_time_is_over(void **state)
{
	struct place *p = *state;
	struct seen seen = { 0 };
	const struct event_read past = { .until = clock_now(), .past = true, .follow = true };

	write_named(p, "too late");
	assert_int_equal(event_read(p->store, &past, note, NULL, &seen, &p->err), 0);
	assert_int_equal(seen.names.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(an_event_comes_back_as_it_was_written),
		PLACE_TEST(nothing_was_written_yet),
		PLACE_TEST(damaged_lines_are_passed_over_and_torn_ones_hide_nothing),
		PLACE_TEST(labels_that_are_too_long_are_left_out),
		PLACE_TEST(a_full_log_is_moved_away_and_still_read),
		PLACE_TEST(following_goes_on_across_rotation),
		PLACE_TEST(following_misses_nothing_of_a_log_moved_twice_at_once),
		PLACE_TEST(many_write_at_once_and_nothing_is_torn_or_lost),
		PLACE_TEST(following_ends_when_its_time_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
