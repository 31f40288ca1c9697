/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blob_test - blobs appear whole, parts wait for the next one, and modes tell what is on disk
 */
#include "place.h"

#include <errno.h>
#include <signal.h>

#include "base/fd.h"
#include "store/blob.h"
#include "store/lock.h"
#include "store/sweep.h"

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void a_small_blob_is_put_and_read(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	int64_t known = 0;

	assert_int_equal(blob_state(p->store, A, NULL), BLOB_NONE);
	assert_int_equal(blob_put(p->store, A, "hello", 5, false, &p->err), 0);
	assert_int_equal(blob_state(p->store, A, &known), BLOB_UNSURE);
	assert_int_equal(known, 5);
	assert_int_equal(blob_read(p->store, A, &text, &size, &p->err), 0);
	assert_string_equal(text, "hello");
}

/* Invariant 2: what is durable says so, and is not replaced. */
static void a_durable_blob_stays(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *text = NULL;
	size_t size = 0;

	assert_int_equal(blob_put(p->store, A, "one", 3, true, &p->err), 0);
	assert_int_equal(blob_state(p->store, A, NULL), BLOB_DURABLE);
	assert_int_equal(blob_put(p->store, A, "two", 3, false, &p->err), 0);
	assert_int_equal(blob_read(p->store, A, &text, &size, &p->err), 0);
	assert_string_equal(text, "one");
}

static void an_unsure_blob_becomes_durable_or_is_replaced(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *text = NULL;
	size_t size = 0;

	assert_int_equal(blob_put(p->store, A, "torn", 4, false, &p->err), 0);
	assert_int_equal(blob_put(p->store, A, "good", 4, false, &p->err), 0);
	assert_int_equal(blob_read(p->store, A, &text, &size, &p->err), 0);
	assert_string_equal(text, "good");
	assert_int_equal(blob_mark_durable(p->store, A), 0);
	assert_int_equal(blob_state(p->store, A, NULL), BLOB_DURABLE);
}

/* Invariant 3: a part stays for the next one. */
static void a_part_is_gone_on_with(void **state)
{
	struct place *p = *state;
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;

	assert_int_equal(blob_tmp_fetch(p->store, A, 0, &tmp, &p->err), 0);
	assert_int_equal(tmp->have, 0);
	assert_int_equal(fd_write_all(tmp->fd, "abc", 3), 0);
	blob_tmp_free(take_ptr(tmp));
	assert_int_equal(sweep_run(p->store, NULL, &p->err), 0);
	assert_int_equal(blob_tmp_fetch(p->store, A, 0, &tmp, &p->err), 0);
	assert_int_equal(tmp->have, 3);
	assert_int_equal(fd_write_all(tmp->fd, "def", 3), 0);
	assert_int_equal(blob_tmp_commit(p->store, tmp, A, false, &p->err), 0);
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	assert_int_equal(blob_read(p->store, A, &text, &size, &p->err), 0);
	assert_string_equal(text, "abcdef");
}

static void a_wrong_digest_is_refused_and_the_part_removed(void **state)
{
	struct place *p = *state;
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;

	assert_int_equal(blob_tmp_fetch(p->store, A, 0, &tmp, &p->err), 0);
	assert_int_equal(fd_write_all(tmp->fd, "abc", 3), 0);
	assert_int_equal(blob_tmp_commit(p->store, tmp, B, false, &p->err), -EBADMSG);
	blob_tmp_free(take_ptr(tmp));
	assert_int_equal(blob_state(p->store, A, NULL), BLOB_NONE);
	assert_int_equal(blob_tmp_fetch(p->store, A, 0, &tmp, &p->err), 0);
	assert_int_equal(tmp->have, 0);
}

static void a_second_pull_waits_and_finds_the_blob(void **state)
{
	struct place *p = *state;
	AUTO(blob_tmp) struct blob_tmp *first = NULL;
	AUTO(blob_tmp) struct blob_tmp *second = NULL;

	assert_int_equal(blob_tmp_fetch(p->store, A, 0, &first, &p->err), 0);
	assert_int_equal(blob_tmp_fetch(p->store, A, LOCK_TRY, &second, &p->err), -EAGAIN);
	assert_int_equal(blob_tmp_commit(p->store, first, A, false, &p->err), 0);
	blob_tmp_free(take_ptr(first));
	assert_int_equal(blob_tmp_fetch(p->store, A, 0, &second, &p->err), -EEXIST);
}

static void the_waiter_takes_over_when_the_owner_is_killed(void **state)
{
	struct place *p = *state;
	int ends[2];
	char byte;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct blob_tmp *tmp = NULL;
		if (blob_tmp_fetch(p->store, A, 0, &tmp, NULL) == 0 &&
		    fd_write_all(tmp->fd, "12", 2) == 0 && write(ends[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;
	assert_int_equal(blob_tmp_fetch(p->store, A, 0, &tmp, &p->err), 0);
	assert_int_equal(tmp->have, 2);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	fd_close(ends[0]);
	fd_close(ends[1]);
}

static void what_has_no_digest_yet_is_swept_once_its_owner_is_gone(void **state)
{
	struct place *p = *state;
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;

	assert_int_equal(blob_tmp_new(p->store, &tmp, &p->err), 0);
	assert_int_equal(sweep_run(p->store, NULL, &p->err), 0);
	assert_true(sweep_needed(p->store));
	blob_tmp_free(take_ptr(tmp));
	assert_int_equal(sweep_run(p->store, NULL, &p->err), 1);
	assert_false(sweep_needed(p->store));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_small_blob_is_put_and_read),
		PLACE_TEST(a_durable_blob_stays),
		PLACE_TEST(an_unsure_blob_becomes_durable_or_is_replaced),
		PLACE_TEST(a_part_is_gone_on_with),
		PLACE_TEST(a_wrong_digest_is_refused_and_the_part_removed),
		PLACE_TEST(a_second_pull_waits_and_finds_the_blob),
		PLACE_TEST(the_waiter_takes_over_when_the_owner_is_killed),
		PLACE_TEST(what_has_no_digest_yet_is_swept_once_its_owner_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
