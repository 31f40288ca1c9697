/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fresh - a network namespace that is made while its container's root is mounted
 */
#include "net/fresh.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/thread.h"
#include "kern/loopback.h"
#include "kern/slots.h"

/* Only this thread enters it. */
static int make(struct fresh *fresh)
{
	int r, tries = 0;

	do
		r = unshare(CLONE_NEWNET) < 0 ? -errno : 0;
	while (slots_await(r, &tries));
	fresh->made = r == 0;
	sem_post(&fresh->tried);
	if (r == 0)
		r = loopback_up();
	if (r < 0)
		return r;
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void *run(void *data)
{
	struct fresh *fresh = data;

	fresh->fd = make(fresh);
	return NULL;
}

void fresh_begin(struct fresh *fresh)
{
	sem_init(&fresh->tried, 0, 0);
	fresh->begun = thread_small(&fresh->thread, run, fresh) == 0;
}

bool fresh_made(struct fresh *fresh)
{
	if (!fresh->begun)
		return false;
	while (sem_wait(&fresh->tried) < 0)
		;
	sem_post(&fresh->tried); /* for who asks again */
	return fresh->made;
}

int fresh_take(struct fresh *fresh)
{
	if (!fresh->begun)
		return -ENODATA;
	fresh->begun = false;
	int code = pthread_join(fresh->thread, NULL);
	return code ? -code : fresh->fd;
}
