/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard - the user's terminal and signals while a container uses them
 */
#include "monitor/guard.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"

/* What ends a program, and so would leave the terminal raw. */
static const int fatal[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
/* What is forwarded besides. */
static const int forwarded[] = { SIGUSR1, SIGUSR2, SIGALRM };

static void add_signals(sigset_t *set, bool all)
{
	sigemptyset(set);
	sigaddset(set, SIGWINCH);
	for (size_t i = 0; i < array_len(fatal); i++)
		sigaddset(set, fatal[i]);
	if (!all)
		return;
	for (size_t i = 0; i < array_len(forwarded); i++)
		sigaddset(set, forwarded[i]);
	for (int i = SIGRTMIN; i <= SIGRTMAX; i++)
		sigaddset(set, i);
}

int guard_begin(bool raw, bool all, struct guard *out)
{
	AUTO(guard) struct guard g = { .signals = -1 };
	sigset_t received, blocked;

	add_signals(&received, all);
	blocked = received;
	sigaddset(&blocked, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &blocked, &g.before) < 0)
		return -errno;
	g.on = true;
	g.signals = signalfd(-1, &received, SFD_CLOEXEC | SFD_NONBLOCK);
	if (g.signals < 0)
		return -errno;
	int r = raw ? terminal_raw(STDIN_FILENO, &g.terminal) : 0;
	if (r < 0)
		return r;
	*out = g;
	g.on = false;
	g.signals = -1;
	g.terminal.raw = false;
	return 0;
}

int guard_next(struct guard *guard)
{
	struct signalfd_siginfo info;

	if (read(guard->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return 0;
	return (int)info.ssi_signo;
}

void guard_end(struct guard *guard)
{
	terminal_restore(&guard->terminal);
	fd_close(take_fd(guard->signals));
	if (guard->on)
		(void)sigprocmask(SIG_SETMASK, &guard->before, NULL);
	guard->on = false;
}

void guard_die(struct guard *guard, int number)
{
	sigset_t set;

	guard_end(guard);
	sigemptyset(&set);
	sigaddset(&set, number);
	(void)raise(number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}
