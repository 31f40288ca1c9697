/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sanitize_locked - as sanitize.c, for the helpers that lock themselves up
 *
 * Before they read what strangers wrote they give up opening files and making processes. So a report's
 * file is there from the beginning, and nobody looks for leaks at the end, which takes a process.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { OUT_OF_THE_WAY = 900 };

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
void __sanitizer_set_report_fd(void *fd);

const char *__asan_default_options(void)
{
	return "detect_leaks=0:abort_on_error=1:handle_abort=0";
}

const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1";
}

__attribute__((constructor)) static void open_report(void)
{
	char path[4096];

	(void)snprintf(path, sizeof path, "%s.%d", SANITIZER_REPORT, (int)getpid());
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int high = fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	if (fd >= 0)
		close(fd);
	if (high >= 0)
		__sanitizer_set_report_fd((void *)(intptr_t)high);
}
