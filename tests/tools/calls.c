/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls - run a program and count the files that it opens and the times that it syncs
 *
 * usage: calls FILE PROGRAM [ARGUMENT...]
 * Writes "opens N" and "syncs N" into FILE: of that process alone, not of those that it starts. So what
 * grows with the square of something shows as a number, on a machine however busy. Ends as the program does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SYSCALL_STOP = SIGTRAP | 0x80 };

struct counts {
	unsigned long opens;
	unsigned long syncs;
};

static void die(const char *what)
{
	perror(what);
	exit(125);
}

static void count(pid_t pid, struct counts *counts)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	switch (info.entry.nr) {
#ifdef SYS_open
	case SYS_open:
#endif
	case SYS_openat:
	case SYS_openat2:
		counts->opens++;
		break;
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_syncfs:
		counts->syncs++;
		break;
	default:
		break;
	}
}

/* Return: how the program ended. */
static int follow(pid_t pid, struct counts *counts)
{
	int status, pass;

	for (;;) {
		if (waitpid(pid, &status, __WALL) < 0)
			die("waitpid");
		if (!WIFSTOPPED(status))
			return status;
		pass = WSTOPSIG(status);
		if (pass == SYSCALL_STOP)
			count(pid, counts);
		if (pass == SYSCALL_STOP || pass == SIGTRAP)
			pass = 0;
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)pass) < 0 && errno != ESRCH)
			die("ptrace");
	}
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			die("ptrace");
		(void)raise(SIGSTOP);
		execvp(argv[0], argv);
		die(argv[0]);
	}
	return pid;
}

int main(int argc, char **argv)
{
	struct counts counts = { 0 };
	int status;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: calls FILE PROGRAM [ARGUMENT...]\n");
		return 125;
	}
	FILE *file = fopen(argv[1], "we");
	if (!file)
		die(argv[1]);
	pid_t pid = start(argv + 2);
	if (waitpid(pid, &status, 0) < 0 ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0 ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0)
		die("ptrace");
	status = follow(pid, &counts);
	(void)fprintf(file, "opens %lu\nsyncs %lu\n", counts.opens, counts.syncs);
	if (fclose(file))
		die(argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
