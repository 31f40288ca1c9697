/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * interrupt - signals that would end the process become a clean end of what a loop does
 */
#include "base/interrupt.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

int interrupt_hold(struct interrupt *out)
{
	static const int endings[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < array_len(endings); i++) {
		struct sigaction now;
		if (sigaction(endings[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, endings[i]);
	}
	const int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	*out = (struct interrupt){ .fd = fd };
	(void)sigprocmask(SIG_BLOCK, &set, &out->old);
	return 0;
}

void interrupt_release(struct interrupt *interrupt, bool heeded)
{
	struct signalfd_siginfo info;

	loop_remove(interrupt->source);
	if (heeded)
		(void)!read(interrupt->fd, &info, sizeof info);
	fd_close(interrupt->fd);
	(void)sigprocmask(SIG_SETMASK, &interrupt->old, NULL);
}

int interrupt_catch(struct interrupt *out, struct loop *loop, loop_fd_fn fn, void *data)
{
	struct interrupt held;
	int r = interrupt_hold(&held);

	if (r < 0)
		return r;
	r = loop_add(loop, held.fd, EPOLLIN, fn, data, &held.source);
	if (r < 0)
		interrupt_release(&held, false);
	else
		*out = held;
	return r;
}
