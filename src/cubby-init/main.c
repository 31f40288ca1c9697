/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-init - the last step into a container, and its PID 1 with --init
 *
 *	cubby-init xN PROGRAM [ARG...]	become PROGRAM
 *	cubby-init iN PROGRAM [ARG...]	stay: start PROGRAM, pass signals on, reap, end as it ended
 *	cubby-init pN FILE [ARG...]	become FILE, which is not looked up; the ARGs, with that of its name, are its own
 *
 * N is the exchange with the runtime (run/exchange.h): it closes when PROGRAM was executed; when it
 * could not be, it carries why. The runtime executes a sealed copy of this file from memory, so what the
 * container finds under /proc/self/exe before PROGRAM runs is worth nothing to it. That is why this
 * is one small static file that opens nothing and allocates nothing.
 *
 * PROGRAM is looked up in PATH as execvp(3) does, in the container; but a file that is no program is
 * never handed to a shell.
 */
#include "cubby-init/sys.h"

enum { PATH_LONGEST = 4096, NO_SUCH = 127, NOT_EXECUTABLE = 126, SIGNALLED = 128 };
enum { EXCHANGE_EXEC_FAILED = 4, STATUS_SIGNAL = 0x7f, STATUS_SHIFT = 8, SIGSET_BYTES = 8 };
enum { NO_HANG = 1 }; /* WNOHANG */

/* Compilers call these on their own. */
void *memset(void *to, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

#if SYS_BARE
void *memset(void *to, int c, size_t n)
{
	volatile char *p = to;

	while (n--)
		*p++ = (char)c;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	volatile char *p = to;
	const char *q = from;

	while (n--)
		*p++ = *q++;
	return to;
}
#endif

struct message {
	int32_t kind;
	int32_t code;
};

static const char path_default[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

_Noreturn static void end(int status)
{
	for (;;)
		(void)sys1(__NR_exit_group, status);
}

static const char *find_path(char **envp)
{
	for (; *envp; envp++) {
		const char *e = *envp;
		if (e[0] == 'P' && e[1] == 'A' && e[2] == 'T' && e[3] == 'H' && e[4] == '=')
			return e + 5;
	}
	return path_default;
}

static int has_slash(const char *s)
{
	for (; *s; s++)
		if (*s == '/')
			return 1;
	return 0;
}

/* Joins one entry of PATH and a name; 0 when that is too long. */
static int join(char *out, const char *dir, size_t length, const char *name)
{
	size_t n = 0;

	if (length + 2 > PATH_LONGEST)
		return 0;
	for (size_t i = 0; i < length; i++)
		out[n++] = dir[i];
	if (!length)
		out[n++] = '.';
	out[n++] = '/';
	for (; *name && n < PATH_LONGEST - 1; name++)
		out[n++] = *name;
	out[n] = 0;
	return !*name;
}

/* Tries each place; comes back only with an errno. What was found but refused beats what was not found. */
static int execute(char **argv, char **envp)
{
	char file[PATH_LONGEST];
	long worst = -ENOENT;

	if (!argv[0][0])
		return ENOENT;
	if (has_slash(argv[0]))
		return (int)-sys3(__NR_execve, argv[0], argv, envp);
	for (const char *at = find_path(envp);; at++) {
		size_t n = 0;
		while (at[n] && at[n] != ':')
			n++;
		if (join(file, at, n, argv[0])) {
			long r = sys3(__NR_execve, file, argv, envp);
			if (r != -ENOENT && r != -ENOTDIR && worst == -ENOENT)
				worst = r;
			if (r != -ENOENT && r != -ENOTDIR && r != -EACCES)
				break;
		}
		at += n;
		if (!*at)
			break;
	}
	return (int)-worst;
}

_Noreturn static void fail(int exchange, int code)
{
	struct message m = { .kind = EXCHANGE_EXEC_FAILED, .code = code };

	(void)sys3(__NR_write, exchange, &m, sizeof m);
	end(code == ENOENT || code == ENOTDIR ? NO_SUCH : NOT_EXECUTABLE);
}

_Noreturn static void become(int exchange, char **argv, char **envp)
{
	(void)sys3(__NR_fcntl, exchange, F_SETFD, FD_CLOEXEC);
	fail(exchange, execute(argv, envp));
}

/* The program gets the terminal, in a process group of its own. */
static void take_terminal(void)
{
	int group = (int)sys0(__NR_getpid);

	(void)sys2(__NR_setpgid, 0, 0);
	(void)sys3(__NR_ioctl, 0, TIOCSPGRP, &group); /* not a terminal: nothing to take */
}

_Noreturn static void become_file(int exchange, char **argv, char **envp)
{
	(void)sys3(__NR_fcntl, exchange, F_SETFD, FD_CLOEXEC);
	fail(exchange, (int)-sys3(__NR_execve, argv[0], argv + 1, envp));
}

static long start(int exchange, char **argv, char **envp, const uint64_t *mask)
{
	long pid = sys_call(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0);

	if (pid != 0)
		return pid;
	take_terminal();
	(void)sys4(__NR_rt_sigprocmask, SIG_SETMASK, mask, NULL, SIGSET_BYTES);
	become(exchange, argv, envp);
}

/* Reaps all that has ended; the program's own end is ours. */
static void reap(long program)
{
	int status;
	long pid;

	while ((pid = sys4(__NR_wait4, -1, &status, NO_HANG, NULL)) > 0) {
		if (pid != program)
			continue;
		int sig = status & STATUS_SIGNAL;
		end(sig ? SIGNALLED + sig : status >> STATUS_SHIFT & 255);
	}
}

_Noreturn static void stay(int exchange, char **argv, char **envp)
{
	uint64_t all = ~(uint64_t)0, before = 0;

	/* In place of the name of the file in memory; ps and top show it. */
	(void)sys2(__NR_prctl, PR_SET_NAME, "cubby-init");
	(void)sys4(__NR_rt_sigprocmask, SIG_SETMASK, &all, &before, SIGSET_BYTES);
	long program = start(exchange, argv, envp, &before);
	if (program < 0)
		fail(exchange, (int)-program);
	(void)sys1(__NR_close, exchange);
	for (;;) {
		long sig = sys4(__NR_rt_sigtimedwait, &all, NULL, NULL, SIGSET_BYTES);
		if (sig == SIGCHLD)
			reap(program);
		else if (sig > 0)
			(void)sys2(__NR_kill, program,
				   sig); /* it may have ended: SIGCHLD follows */
	}
}

static int number(const char *s)
{
	int n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (*s - '0');
	return n;
}

_Noreturn static void run(int argc, char **argv, char **envp)
{
	if (argc < 3 || (argv[1][0] != 'x' && argv[1][0] != 'i' && argv[1][0] != 'p'))
		end(NO_SUCH);
	if (argv[1][0] == 'p')
		become_file(number(argv[1] + 1), argv + 2, envp);
	if (argv[1][0] == 'x')
		become(number(argv[1] + 1), argv + 2, envp);
	stay(number(argv[1] + 1), argv + 2, envp);
}

#if SYS_BARE
_Noreturn void init_main(long *stack);

_Noreturn void init_main(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);

	run(argc, argv, argv + argc + 1);
}
#else
int main(int argc, char **argv, char **envp)
{
	run(argc, argv, envp);
}
#endif
