/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sanitize - where the sanitizers' reports go, in a build that has them (make check-sanitized)
 *
 * Tests start programs with an environment from nothing, monitors have no terminal, and a leak must not
 * change the exit status that a test is about. So reports are files, and whoever finds one has failed.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

#define WHERE "log_path='" SANITIZER_REPORT "'"

const char *__asan_default_options(void)
{
	return WHERE ":exitcode=0:abort_on_error=1:handle_abort=0";
}

const char *__ubsan_default_options(void)
{
	return WHERE ":print_stacktrace=1";
}
