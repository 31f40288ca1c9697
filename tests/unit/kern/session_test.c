/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session_test - what happens to the caller's processes when the user logs out
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "kern/session.h"

#define LOGIN "0::/user.slice/user-1000.slice/session-3.scope\n"
#define MANAGER "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n"
#define HYBRID "3:cpu:/\n1:name=systemd:/user.slice/user-1000.slice/session-c12.scope\n0::/\n"

static char root[64];

static void put(const char *path, const char *text)
{
	AUTO(mem) char *whole = str_fmt("%s%s", root, path);
	AUTO(mem) char *folder = str_dup(whole);

	*strrchr(folder, '/') = 0;
	assert_int_equal(file_tree_make(folder, 0755), 0);
	assert_int_equal(file_write(AT_FDCWD, whole, 0644, text, strlen(text)), 0);
}

static struct session look(const char *cgroup)
{
	struct host host = { .uid = 1000, .user = (char *)"ada" };
	struct session session;

	put("/proc/self/cgroup", cgroup);
	session_measure(&host, root, &session);
	return session;
}

static int begin(void **state)
{
	(void)state;
	memcpy(root, "/tmp/session-test.XXXXXX", sizeof "/tmp/session-test.XXXXXX");
	assert_non_null(mkdtemp(root));
	put("/run/systemd/users/1000", "");
	return 0;
}

static int end(void **state)
{
	(void)state;
	return file_tree_remove(AT_FDCWD, root);
}

static void what_the_users_own_systemd_started_ends_with_the_last_login(void **state)
{
	struct session session = look(MANAGER);

	(void)state;
	assert_int_equal(session.place, SESSION_MANAGER);
	assert_true(session_mortal(&session));
}

static void a_login_kills_only_where_logind_is_told_to(void **state)
{
	struct session session = look(LOGIN);

	(void)state;
	assert_int_equal(session.place, SESSION_LOGIN);
	assert_false(session_mortal(&session));
	put("/etc/systemd/logind.conf", "[Login]\n#NAutoVTs=6\n#KillUserProcesses=yes\n");
	session = look(HYBRID);
	assert_true(session_mortal(&session));
	put("/etc/systemd/logind.conf.d/50-keep.conf", "[Login]\nKillUserProcesses=no\n");
	session = look(LOGIN);
	assert_false(session_mortal(&session));
	put("/etc/systemd/logind.conf.d/60-kill.conf", "[Login]\n KillUserProcesses=true\n");
	session = look(LOGIN);
	assert_true(session_mortal(&session));
}

static void who_lingers_keeps_what_their_systemd_started(void **state)
{
	(void)state;
	put("/var/lib/systemd/linger/ada", "");
	struct session session = look(MANAGER);
	assert_true(session.lingers);
	assert_false(session_mortal(&session));
}

static void a_login_kills_also_who_lingers(void **state)
{
	(void)state;
	put("/var/lib/systemd/linger/ada", "");
	struct session session = look(LOGIN);
	assert_false(session_mortal(&session));
	put("/etc/systemd/logind.conf", "[Login]\nKillUserProcesses=yes\n");
	session = look(LOGIN);
	assert_true(session_mortal(&session));
	assert_string_equal(session_remedy(&session), "systemd-run --user --scope cubby ...");
	session = look(MANAGER);
	assert_false(session_mortal(&session));
}

static void outside_of_logins_nothing_is_killed(void **state)
{
	struct session session = look("0::/system.slice/cron.service\n");

	(void)state;
	assert_int_equal(session.place, SESSION_NONE);
	assert_false(session_mortal(&session));
}

static void without_logind_nothing_is_killed(void **state)
{
	AUTO(mem) char *users = str_fmt("%s/run/systemd/users", root);
	AUTO(mem) char *user = str_fmt("%s/1000", users);

	(void)state;
	assert_int_equal(unlink(user), 0);
	assert_int_equal(rmdir(users), 0);
	struct session session = look(MANAGER);
	assert_false(session_mortal(&session));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_the_users_own_systemd_started_ends_with_the_last_login, begin, end),
		cmocka_unit_test_setup_teardown(a_login_kills_only_where_logind_is_told_to, begin,
						end),
		cmocka_unit_test_setup_teardown(who_lingers_keeps_what_their_systemd_started, begin,
						end),
		cmocka_unit_test_setup_teardown(a_login_kills_also_who_lingers, begin, end),
		cmocka_unit_test_setup_teardown(outside_of_logins_nothing_is_killed, begin, end),
		cmocka_unit_test_setup_teardown(without_logind_nothing_is_killed, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
