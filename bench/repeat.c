/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * repeat - run a command some times, and tell what each time cost
 *
 * One line a run: microseconds, the largest resident size in KiB of the command and of what it
 * waited for, microseconds of CPU, exit status. The program is small because a process that becomes
 * another by exec is charged with the size it had before: a large parent hides a small child.
 *
 * Usage: repeat COUNT COMMAND [ARG...]      the command's output goes to /dev/null
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long micros(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long cpu(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000LL + u->ru_utime.tv_usec +
	       u->ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	char *end = NULL;
	long count = argc > 2 ? strtol(argv[1], &end, 10) : 0;
	if (count < 1 || *end) {
		fputs("usage: repeat COUNT COMMAND [ARG...]\n", stderr);
		return 2;
	}
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (long i = 0; i < count; i++) {
		struct rusage used;
		int status = 0;
		long long start = micros();
		pid_t pid = vfork();
		if (pid == 0) {
			dup2(null, 0);
			dup2(null, 1);
			execvp(argv[2], argv + 2);
			_exit(127);
		}
		if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
			fprintf(stderr, "repeat: %s: %s\n", argv[2], strerror(errno));
			return 1;
		}
		printf("%lld %ld %lld %d\n", micros() - start, used.ru_maxrss, cpu(&used),
		       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		fflush(stdout);
	}
	return 0;
}
