/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transition_test - what may happen to a container in which state
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "store/transition.h"

static int check(enum container_status from, enum container_verb verb)
{
	return transition_check("c", from, verb, NULL, NULL);
}

static void what_is_so_already_is_a_success_with_nothing_to_do(void **state)
{
	(void)state;
	assert_int_equal(check(CONTAINER_EXITED, VERB_STOP), 0);
	assert_int_equal(check(CONTAINER_CREATED, VERB_STOP), 0);
	assert_int_equal(check(CONTAINER_RUNNING, VERB_START), 0);
}

static void killing_and_entering_need_a_running_container(void **state)
{
	(void)state;
	assert_int_equal(check(CONTAINER_EXITED, VERB_KILL), -EPERM);
	assert_int_equal(check(CONTAINER_EXITED, VERB_EXEC), -EPERM);
	assert_int_equal(check(CONTAINER_PAUSED, VERB_EXEC), -EPERM);
	assert_int_equal(check(CONTAINER_RUNNING, VERB_EXEC), 1);
}

static void only_force_removes_what_runs(void **state)
{
	AUTO(err) struct err err = { 0 };
	enum container_status to = CONTAINER_DEAD;

	(void)state;
	assert_int_equal(transition_check("web", CONTAINER_RUNNING, VERB_REMOVE, NULL, &err),
			 -EPERM);
	assert_string_equal(err.text, "cannot remove container 'web': it is running");
	assert_non_null(strstr(err.hint, "-f"));
	assert_int_equal(transition_check("web", CONTAINER_RUNNING, VERB_REMOVE_FORCE, &to, NULL),
			 1);
	assert_int_equal(to, CONTAINER_REMOVING);
}

static void an_interrupted_removal_can_only_be_finished(void **state)
{
	(void)state;
	for (int verb = VERB_START; verb <= VERB_TOP; verb++)
		if (verb != VERB_STOP)
			assert_int_equal(check(CONTAINER_DEAD, (enum container_verb)verb), -EPERM);
	assert_int_equal(check(CONTAINER_DEAD, VERB_REMOVE), 1);
	assert_int_equal(check(CONTAINER_REMOVING, VERB_REMOVE), 1);
}

static void what_waits_for_its_next_start_can_be_ended_but_not_entered(void **state)
{
	enum container_status to = CONTAINER_CREATED;

	(void)state;
	assert_int_equal(transition_check("c", CONTAINER_PAUSED, VERB_RETRY, &to, NULL), 1);
	assert_int_equal(to, CONTAINER_RESTARTING);
	assert_int_equal(transition_check("c", CONTAINER_RESTARTING, VERB_KILL, &to, NULL), 1);
	assert_int_equal(to, CONTAINER_EXITED);
	assert_int_equal(check(CONTAINER_RESTARTING, VERB_STOP), 1);
	assert_int_equal(check(CONTAINER_RESTARTING, VERB_START), 0);
	assert_int_equal(check(CONTAINER_RESTARTING, VERB_EXEC), -EPERM);
	assert_int_equal(check(CONTAINER_RESTARTING, VERB_ATTACH), -EPERM);
	assert_int_equal(check(CONTAINER_RESTARTING, VERB_REMOVE), -EPERM);
}

static void each_state_and_verb_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i <= CONTAINER_DEAD; i++)
		assert_non_null(container_status_names[i]);
	assert_null(container_status_names[CONTAINER_DEAD + 1]);
	for (int i = 0; i <= VERB_FAIL; i++)
		assert_non_null(container_verb_names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_so_already_is_a_success_with_nothing_to_do),
		cmocka_unit_test(killing_and_entering_need_a_running_container),
		cmocka_unit_test(only_force_removes_what_runs),
		cmocka_unit_test(an_interrupted_removal_can_only_be_finished),
		cmocka_unit_test(what_waits_for_its_next_start_can_be_ended_but_not_entered),
		cmocka_unit_test(each_state_and_verb_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
