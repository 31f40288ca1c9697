/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record_test - records appear whole, names go to one, damage stays where it is
 */
#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "store/lock.h"
#include "store/sweep.h"
#include "store/temp.h"

enum { MANY = 50 };

static char *file_of(struct place *p, const char *id, const char *file)
{
	return store_container_path(p->store, id, file);
}

static void damage(struct place *p, const char *id, const char *file, const char *text)
{
	AUTO(mem) char *path = file_of(p, id, file);

	assert_int_equal(file_write(AT_FDCWD, path, 0600, text, strlen(text)), 0);
}

static size_t entries(struct place *p, const char *rel)
{
	AUTO(mem) char *path = store_path(p->store, rel);
	DIR *dir = opendir(path);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void a_new_record_is_read_back(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(container_state) struct container_state *now = NULL;

	assert_int_equal(record_config_load(p->store, id, &config, &p->err), 0);
	assert_string_equal(config->name, "web");
	assert_string_equal(config->command.items[1], "-g");
	assert_int_equal(record_state_load(p->store, id, &now, &p->err), 0);
	assert_int_equal(now->status, CONTAINER_CREATED);
	assert_string_equal(now->command, "nginx -g");
	assert_string_equal(now->labels.items[0], "a=b");
}

static void a_taken_name_is_refused_and_names_its_holder(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	struct container_config config = { .id = record_new_id(), .name = (char *)"web" };
	AUTO(strv) struct strv ids = { 0 };

	assert_int_equal(record_create(p->store, &config, NULL, &p->err), -EEXIST);
	assert_non_null(strstr(p->err.text, id));
	assert_non_null(strstr(p->err.hint, "--replace"));
	assert_int_equal(record_list(p->store, &ids, &p->err), 0);
	assert_int_equal(ids.count, 1);
	AUTO(mem) char *tmp = str_fmt("tmp/%s", p->store->host_id);
	assert_int_equal(entries(p, tmp), 0);
	free(config.id);
}

/* Invariant 3 of the store: a name goes to exactly one. */
static void of_many_creates_of_one_name_exactly_one_wins(void **state)
{
	struct place *p = *state;
	int won = 0;

	for (int i = 0; i < MANY; i++) {
		if (fork() == 0) {
			struct container_config config = { .id = record_new_id(),
							   .name = (char *)"one" };
			int r = record_create(p->store, &config, NULL, NULL);
			_exit(r == 0 ? 0 : r == -EEXIST ? 1 : 2);
		}
	}
	for (int i = 0; i < MANY; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		won += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(won, 1);
	AUTO(strv) struct strv ids = { 0 };
	assert_int_equal(record_list(p->store, &ids, &p->err), 0);
	assert_int_equal(ids.count, 1);
}

static void a_name_without_its_record_is_taken_over(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *nobody = record_new_id();

	assert_int_equal(symlinkat(nobody, p->store->dir, "names/web"), 0);
	AUTO(mem) char *found = NULL;
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), -ENOENT);
	AUTO(mem) char *id = add_record(p, "web");
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), 0);
	assert_string_equal(found, id);
}

static void names_have_the_form_that_docker_gives_them(void **state)
{
	static const char *const bad[] = { "", "-a", ".a", "_a", "a/b", "a b", "ä", "../x" };
	static const char *const good[] = { "a", "0", "Web_1.x-y" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++)
		assert_int_equal(record_check_name(bad[i], NULL), -EINVAL);
	for (size_t i = 0; i < array_len(good); i++)
		assert_int_equal(record_check_name(good[i], NULL), 0);
}

static char *add_with_id(struct place *p, const char *start, const char *name)
{
	AUTO(mem) char *random = record_new_id();
	struct container_config config = { .name = (char *)name };

	memcpy(random, start, strlen(start));
	config.id = random;
	assert_int_equal(record_create(p->store, &config, NULL, &p->err), 0);
	return take_ptr(random);
}

static void a_name_wins_over_an_id_and_an_ambiguous_beginning_says_so(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *a = add_with_id(p, "abc1", "first");
	AUTO(mem) char *b = add_with_id(p, "abc2", "second");
	AUTO(mem) char *c = add_with_id(p, "fff", "abc1");
	AUTO(mem) char *found = NULL;

	assert_int_equal(record_resolve(p->store, "abc", &found, &p->err), -ENOTUNIQ);
	assert_non_null(strstr(p->err.text, "several"));
	assert_int_equal(record_resolve(p->store, "abc2", &found, &p->err), 0);
	assert_string_equal(found, b);
	free(take_ptr(found));
	assert_int_equal(record_resolve(p->store, "abc1", &found, &p->err), 0);
	assert_string_equal(found, c);
	free(take_ptr(found));
	assert_int_equal(record_resolve(p->store, "/first", &found, &p->err), 0);
	assert_string_equal(found, a);
	assert_int_equal(record_resolve(p->store, "../names", &found, &p->err), -ENOENT);
	assert_int_equal(record_resolve(p->store, "", &found, &p->err), -ENOENT);
}

static void a_torn_record_is_damaged_and_the_others_work(void **state)
{
	static const char *const torn[] = {
		"", "{", "{\"id\":\"", "[]", "{\"status\":\"odd\"}", "\0\0\0\0"
	};
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *other = add_record(p, "other");

	for (size_t i = 0; i < array_len(torn); i++) {
		AUTO(container_state) struct container_state *now = NULL;
		AUTO(container_config) struct container_config *config = NULL;
		damage(p, id, "state.json", torn[i]);
		damage(p, id, "config.json", torn[i]);
		assert_int_equal(record_state_load(p->store, id, &now, &p->err), -EBADMSG);
		assert_int_equal(record_config_load(p->store, id, &config, &p->err), -EBADMSG);
		assert_non_null(strstr(p->err.text, "damaged"));
	}
	AUTO(container_state) struct container_state *now = NULL;
	assert_int_equal(record_state_load(p->store, other, &now, &p->err), 0);
	assert_int_equal(record_remove(p->store, id, &p->err), 0);
	AUTO(mem) char *again = add_record(p, "web");
	assert_non_null(again);
}

static void set_running(struct place *p, const char *id, const char *host, const char *boot)
{
	AUTO(container_state) struct container_state *now = NULL;

	assert_int_equal(record_state_stored(p->store, id, &now, &p->err), 0);
	now->status = CONTAINER_RUNNING;
	now->pid = 1;
	now->monitor_pid = 1;
	now->started = 5;
	str_set(&now->host_id, host);
	str_set(&now->boot_id, boot);
	assert_int_equal(record_state_save(p->store, now, false, &p->err), 0);
}

static void a_lost_monitor_shows_as_exited_with_the_reason(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(container_state) struct container_state *now = NULL;
	AUTO(container_state) struct container_state *kept = NULL;

	set_running(p, id, p->store->host_id, p->store->boot_id);
	assert_int_equal(record_state_load(p->store, id, &now, &p->err), 0);
	assert_int_equal(now->status, CONTAINER_EXITED);
	assert_int_equal(now->exit_code, 137);
	assert_int_equal(now->pid, 0);
	assert_non_null(strstr(now->error, "monitor"));
	assert_true(now->finished > now->started);
	assert_int_equal(record_state_stored(p->store, id, &kept, &p->err), 0);
	assert_int_equal(kept->status, CONTAINER_RUNNING);
}

static void a_restarted_machine_is_the_reason(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(container_state) struct container_state *now = NULL;

	set_running(p, id, p->store->host_id, "another boot");
	assert_int_equal(record_state_load(p->store, id, &now, &p->err), 0);
	assert_int_equal(now->status, CONTAINER_EXITED);
	assert_non_null(strstr(now->error, "restarted"));
}

/* Invariant 6 of the store. */
static void a_container_of_another_host_is_shown_as_recorded(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(container_state) struct container_state *now = NULL;

	set_running(p, id, "another-host", "another boot");
	assert_int_equal(record_state_load(p->store, id, &now, &p->err), 0);
	assert_int_equal(now->status, CONTAINER_RUNNING);
	assert_false(record_lost(p->store, now));
}

static void renaming_moves_the_name_and_refuses_a_taken_one(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *other = add_record(p, "db");
	AUTO(mem) char *found = NULL;
	AUTO(container_state) struct container_state *now = NULL;

	assert_int_equal(record_rename(p->store, id, "db", &p->err), -EEXIST);
	assert_non_null(strstr(p->err.text, other));
	assert_int_equal(record_rename(p->store, id, "front", &p->err), 0);
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), -ENOENT);
	assert_int_equal(record_resolve(p->store, "front", &found, &p->err), 0);
	assert_string_equal(found, id);
	assert_int_equal(record_state_load(p->store, id, &now, &p->err), 0);
	assert_string_equal(now->name, "front");
}

static void a_lost_name_is_given_again(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *found = NULL;

	assert_int_equal(unlinkat(p->store->dir, "names/web", 0), 0);
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), -ENOENT);
	assert_int_equal(record_rename(p->store, id, "web", &p->err), 0);
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), 0);
	assert_string_equal(found, id);
}

/* What a killed removal leaves: the record has gone, the name has not. */
static void removing_leaves_a_name_that_somebody_took_over(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *old = store_container_path(p->store, id, NULL);
	AUTO(mem) char *aside = str_fmt("%s/aside", p->dir);
	AUTO(mem) char *found = NULL;

	assert_int_equal(rename(old, aside), 0);
	AUTO(mem) char *other = add_record(p, "web");
	assert_int_equal(rename(aside, old), 0);
	assert_int_equal(record_remove(p->store, id, &p->err), 0);
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), 0);
	assert_string_equal(found, other);
}

static void removing_takes_name_record_and_files(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *work = file_of(p, id, "work");
	AUTO(mem) char *closed = file_of(p, id, "work/work");
	AUTO(mem) char *found = NULL;

	assert_int_equal(mkdir(work, 0755), 0);
	assert_int_equal(mkdir(closed, 0), 0);
	assert_int_equal(record_remove(p->store, id, &p->err), 0);
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), -ENOENT);
	assert_int_equal(record_remove(p->store, id, &p->err), -ENOENT);
	AUTO(mem) char *tmp = str_fmt("tmp/%s", p->store->host_id);
	assert_int_equal(entries(p, tmp), 0);
}

struct walk {
	size_t good;
	size_t damaged;
};

static int count_one(void *data, const char *id, struct container_state *state)
{
	AUTO(container_state) struct container_state *owned = state;
	struct walk *walk = data;

	assert_int_equal(strlen(id), 64);
	if (owned)
		walk->good++;
	else
		walk->damaged++;
	return 0;
}

/* What a killed command leaves: a folder in tmp/ whose lock is free. */
static char *left(struct place *p)
{
	AUTO(temp) struct temp *temp = NULL;

	assert_int_equal(temp_dir(p->store, 0700, &temp, &p->err), 0);
	return str_dup(temp->path);
}

static char *renaming(struct place *p, const char *id, const char *before, const char *name)
{
	char *dir = left(p);
	AUTO(mem) char *note = str_fmt("%s/rename", dir);
	AUTO(mem) char *text = str_fmt("%s\n%s\n%s\n", id, before, name);
	AUTO(mem) char *link = str_fmt("names/%s", name);

	assert_int_equal(file_write(AT_FDCWD, note, 0600, text, strlen(text)), 0);
	assert_int_equal(symlinkat(id, p->store->dir, link), 0);
	return dir;
}

static void a_sweep_frees_the_name_of_a_record_that_never_came_or_has_gone(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *from = store_container_path(p->store, id, NULL);
	AUTO(mem) char *to = left(p);

	assert_int_equal(rename(from, to), 0);
	assert_int_equal(entries(p, "names"), 1);
	assert_int_equal(sweep_run(p->store, NULL, &p->err), 1);
	assert_int_equal(entries(p, "names"), 0);
}

static void a_sweep_after_a_killed_rename_keeps_the_name_that_was_written_down(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *first = renaming(p, id, "web", "front");
	AUTO(mem) char *found = NULL;
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(container_state) struct container_state *now = NULL;

	assert_int_equal(sweep_run(p->store, NULL, &p->err), 1);
	assert_int_equal(entries(p, "names"), 1);
	assert_int_equal(record_resolve(p->store, "web", &found, &p->err), 0);
	AUTO(mem) char *second = renaming(p, id, "web", "front");
	assert_int_equal(record_config_load(p->store, id, &config, &p->err), 0);
	str_set(&config->name, "front");
	assert_int_equal(record_config_save(p->store, config, &p->err), 0);
	assert_int_equal(sweep_run(p->store, NULL, &p->err), 1);
	assert_int_equal(entries(p, "names"), 1);
	str_set(&found, NULL);
	assert_int_equal(record_resolve(p->store, "front", &found, &p->err), 0);
	assert_int_equal(record_state_load(p->store, id, &now, &p->err), 0);
	assert_string_equal(now->name, "front");
}

static void a_killed_rename_can_be_done_again(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *note = renaming(p, id, "web", "front");

	assert_int_equal(record_rename(p->store, id, "web", &p->err), -EEXIST);
	err_clear(&p->err);
	assert_int_equal(record_rename(p->store, id, "front", &p->err), 0);
	assert_int_equal(entries(p, "names"), 1);
	/* killed later, between the configuration and the state */
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(mem) char *again = renaming(p, id, "front", "last");
	assert_int_equal(record_config_load(p->store, id, &config, &p->err), 0);
	str_set(&config->name, "last");
	assert_int_equal(record_config_save(p->store, config, &p->err), 0);
	assert_int_equal(record_rename(p->store, id, "last", &p->err), 0);
	assert_int_equal(entries(p, "names"), 1);
	assert_int_equal(record_rename(p->store, id, "last", &p->err), -EEXIST);
}

static void a_sweep_leaves_a_rename_of_a_container_that_is_in_use(void **state)
{
	struct place *p = *state;
	AUTO(mem) char *id = add_record(p, "web");
	AUTO(mem) char *note = renaming(p, id, "web", "front");
	AUTO(fd) int lock = -1;

	assert_int_equal(lock_take(p->store, LOCK_CONTAINER, id, LOCK_EXCLUSIVE, &lock, &p->err),
			 0);
	assert_int_equal(sweep_run(p->store, NULL, &p->err), 0);
	assert_int_equal(entries(p, "names"), 2);
}

static void a_walk_sees_every_record_also_damaged_ones(void **state)
{
	enum { RECORDS = 1000 };
	struct place *p = *state;
	struct walk walk = { 0 };

	for (int i = 0; i < RECORDS; i++) {
		AUTO(mem) char *name = str_fmt("c%d", i);
		AUTO(mem) char *id = add_record(p, name);
		if (i % 100 == 0)
			damage(p, id, "state.json", "{");
	}
	assert_int_equal(record_each_state(p->store, count_one, &walk, &p->err), 0);
	assert_int_equal(walk.damaged, RECORDS / 100);
	assert_int_equal(walk.good, RECORDS - RECORDS / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(a_new_record_is_read_back),
		PLACE_TEST(a_taken_name_is_refused_and_names_its_holder),
		PLACE_TEST(of_many_creates_of_one_name_exactly_one_wins),
		PLACE_TEST(a_name_without_its_record_is_taken_over),
		cmocka_unit_test(names_have_the_form_that_docker_gives_them),
		PLACE_TEST(a_name_wins_over_an_id_and_an_ambiguous_beginning_says_so),
		PLACE_TEST(a_torn_record_is_damaged_and_the_others_work),
		PLACE_TEST(a_lost_monitor_shows_as_exited_with_the_reason),
		PLACE_TEST(a_restarted_machine_is_the_reason),
		PLACE_TEST(a_container_of_another_host_is_shown_as_recorded),
		PLACE_TEST(renaming_moves_the_name_and_refuses_a_taken_one),
		PLACE_TEST(a_lost_name_is_given_again),
		PLACE_TEST(removing_leaves_a_name_that_somebody_took_over),
		PLACE_TEST(removing_takes_name_record_and_files),
		PLACE_TEST(a_sweep_frees_the_name_of_a_record_that_never_came_or_has_gone),
		PLACE_TEST(a_sweep_after_a_killed_rename_keeps_the_name_that_was_written_down),
		PLACE_TEST(a_killed_rename_can_be_done_again),
		PLACE_TEST(a_sweep_leaves_a_rename_of_a_container_that_is_in_use),
		PLACE_TEST(a_walk_sees_every_record_also_damaged_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
