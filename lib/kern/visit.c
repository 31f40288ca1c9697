/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * visit - do something in other namespaces, and be back
 *
 * Not a thread: that would leave a stack and an arena behind, and make a process of several threads of
 * one that forks.
 */
#include "kern/visit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

enum { VISIT_STACK = 256 << 10 };

struct visit {
	visit_fn fn;
	void *data;
	int result;
};

static int visit_main(void *arg)
{
	struct visit *v = arg;

	v->result = v->fn(v->data);
	_exit(0);
}

int visit_run(visit_fn fn, void *data)
{
	struct visit v = { .fn = fn, .data = data, .result = -EINTR };
	AUTO(mem) char *stack = mem_alloc(VISIT_STACK, 1);
	sigset_t all, old;

	/* No handler of ours may run there while it shares our memory. */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	pid_t pid =
		clone(visit_main, stack + VISIT_STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES, &v);
	int failure = pid < 0 ? -errno : 0;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	if (failure)
		return failure;
	/* Without a signal at its end it is nobody's who waits for any child. */
	while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
	return v.result;
}
