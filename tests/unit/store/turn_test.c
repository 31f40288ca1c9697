/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * turn_test - whose answer counts for whom (the numbers are the invariants of store/turn.h)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "store/turn.h"

#define HEX(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define OUTER "sha256:" HEX("2b")
#define INNER "sha256:" HEX("3c")
#define QUESTION "{\"name\":\"example.com/a:1\"}"

struct place {
	char path[32];
	struct store store;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/turn_test.XXXXXX", 22);
	assert_non_null(mkdtemp(p->path));
	p->store.path = p->path;
	p->store.host_id = (char *)"here";
	p->store.boot_id = (char *)"now";
	p->store.dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->store.dir >= 0);
	assert_int_equal(mkdirat(p->store.dir, "tmp", 0700), 0);
	*state = p;
	return 0;
}

static int clear_place(void **state)
{
	struct place *p = *state;

	fd_close(p->store.dir);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

/* The path of the only note, or NULL; to be freed. */
static char *note(const struct place *p)
{
	AUTO(mem) char *folder = str_fmt("%s/tmp/here", p->path);
	DIR *dir = opendir(folder);
	char *found = NULL;

	if (!dir)
		return NULL;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		if (*e->d_name == '.')
			continue;
		assert_null(found);
		found = str_fmt("%s/%s", folder, e->d_name);
	}
	closedir(dir);
	return found;
}

static struct turn *take(struct place *p, int64_t since, int wanted, struct turn_answer *answer)
{
	struct turn *turn = NULL;

	assert_int_equal(turn_take(&p->store, QUESTION, since, &turn, answer, NULL), wanted);
	return turn;
}

static void tell(struct turn *turn, const char *text, size_t size)
{
	struct turn_answer answer = { .media_type = (char *)"a/b",
				      .text = (char *)text,
				      .size = size };

	strv_add(&answer.digests, OUTER);
	strv_add(&answer.digests, INNER);
	turn_tell(turn, &answer);
	strv_clear(&answer.digests);
}

/* (2), (3) */
static void who_waited_before_the_question_takes_its_answer(void **state)
{
	struct place *p = *state;
	const int64_t before = clock_mono();
	AUTO(turn_answer) struct turn_answer none = { 0 };
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	AUTO(turn) struct turn *first = take(p, before, 0, &none);

	tell(first, "{\"a\":\n 1}\xff\n", 11);
	AUTO(turn) struct turn *second = take(p, before, 1, &answer);
	assert_int_equal(answer.size, 11);
	assert_string_equal(answer.text, "{\"a\":\n 1}\xff\n");
	assert_string_equal(answer.media_type, "a/b");
	assert_int_equal(answer.digests.count, 2);
	assert_string_equal(answer.digests.items[1], INNER);
	/* It asks nothing, so it has nothing to pass on, and changes nothing. */
	turn_alone(second);
	AUTO(turn_answer) struct turn_answer again = { 0 };
	AUTO(turn) struct turn *third = take(p, before, 1, &again);
	assert_non_null(third);
}

/* (3): a tag may have moved since */
static void who_comes_after_the_question_asks_again(void **state)
{
	struct place *p = *state;
	const int64_t before = clock_mono();
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	AUTO(turn) struct turn *first = take(p, before, 0, &answer);
	const int64_t during = clock_mono();

	tell(first, "old", 3);
	AUTO(turn) struct turn *second = take(p, during, 0, &answer);
	tell(second, "new", 3);
	AUTO(turn) struct turn *third = take(p, during, 1, &answer);
	assert_string_equal(answer.text, "new");
	assert_non_null(third);
}

static void that_nothing_changed_is_an_answer(void **state)
{
	struct place *p = *state;
	const int64_t before = clock_mono();
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	AUTO(turn) struct turn *first = take(p, before, 0, &answer);

	tell(first, NULL, 0);
	AUTO(turn) struct turn *second = take(p, before, 1, &answer);
	assert_null(answer.text);
	assert_int_equal(answer.digests.count, 2);
	assert_non_null(second);
}

/* (4) */
static void where_nothing_is_told_nobody_waits(void **state)
{
	struct place *p = *state;
	const int64_t before = clock_mono();
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	AUTO(turn) struct turn *first = take(p, before, 0, &answer);

	turn_alone(first);
	/* Both have not said anything yet: one that held the turn would let the other wait for ever. */
	AUTO(turn) struct turn *second = take(p, before, 0, &answer);
	AUTO(turn) struct turn *third = take(p, clock_mono(), 0, &answer);
	tell(second, "late", 4);
	AUTO(turn) struct turn *fourth = take(p, before, 0, &answer);
	assert_non_null(third);
	assert_non_null(fourth);
}

/* (5) */
static void the_last_one_takes_the_note_away(void **state)
{
	struct place *p = *state;
	const int64_t before = clock_mono();
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	struct turn *first = take(p, before, 0, &answer);

	tell(first, "x", 1);
	struct turn *second = take(p, before, 1, &answer);
	turn_free(first);
	AUTO(mem) char *still = note(p);
	assert_non_null(still);
	turn_free(second);
	assert_null(note(p));
}

static void in_a_child_that_dies(struct place *p, void (*what)(struct turn *))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct turn_answer answer = { 0 };
		struct turn *turn = NULL;
		if (turn_take(&p->store, QUESTION, 0, &turn, &answer, NULL) == 0 && what)
			what(turn);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* (1), (5): the kernel lets go for it */
static void who_is_killed_leaves_the_turn_and_no_word(void **state)
{
	struct place *p = *state;
	AUTO(turn_answer) struct turn_answer answer = { 0 };

	in_a_child_that_dies(p, NULL);
	in_a_child_that_dies(p, turn_alone);
	AUTO(mem) char *left = note(p);
	assert_non_null(left);
	AUTO(turn) struct turn *turn = take(p, 0, 0, &answer);
	assert_null(note(p));
	tell(turn, "x", 1);
	AUTO(turn) struct turn *other = take(p, 0, 1, &answer);
	assert_non_null(other);
}

static void refused(struct place *p, const char *text, size_t size)
{
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	AUTO(mem) char *path = note(p);

	assert_int_equal(truncate(path, 0), 0);
	AUTO(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(fd_write_all(fd, text, size), 0);
	AUTO(turn) struct turn *turn = take(p, 0, 0, &answer);
	assert_null(answer.text);
	assert_non_null(turn);
}

/* (6) */
static void a_note_that_is_torn_or_of_another_boot_is_none(void **state)
{
	struct place *p = *state;
	AUTO(turn_answer) struct turn_answer answer = { 0 };
	AUTO(mem) char *all = NULL;
	size_t size = 0;
	AUTO(turn) struct turn *first = take(p, 0, 0, &answer);

	tell(first, "text", 4);
	AUTO(mem) char *path = note(p);
	assert_int_equal(file_read(AT_FDCWD, path, 4096, &all, &size), 0);
	refused(p, "", 0);
	refused(p, "nonsense\n", 9);
	refused(p, "{}\n", 3);
	for (size_t some = 1; some < size; some++)
		refused(p, all, some);
	all[size - 1] = '\0';
	refused(p, all, size);
	AUTO(mem) char *boot = str_dup(all);
	memcpy(strstr(boot, "\"now\""), "\"old\"", 5);
	boot[size - 1] = 't';
	refused(p, boot, size);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, make_place, clear_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(who_waited_before_the_question_takes_its_answer),
		CASE(who_comes_after_the_question_asks_again),
		CASE(that_nothing_changed_is_an_answer),
		CASE(where_nothing_is_told_nobody_waits),
		CASE(the_last_one_takes_the_note_away),
		CASE(who_is_killed_leaves_the_turn_and_no_word),
		CASE(a_note_that_is_torn_or_of_another_boot_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
