/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * quiet - whether a network namespace has connections left of who was in it
 */
#include "net/quiet.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/macros.h"

enum { ENOUGH = 1024 }; /* longer than two lines */

struct looking {
	int netns;
	bool quiet;
};

/* Such a file has a line of headings. */
static bool has_none(const char *path)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[ENOUGH];
	const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	const char *end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;

	return end && end + 1 == text + n;
}

static void *look(void *data)
{
	struct looking *l = data;

	l->quiet = setns(l->netns, CLONE_NEWNET) == 0 && has_none("/proc/thread-self/net/tcp") &&
		   has_none("/proc/thread-self/net/tcp6");
	return NULL;
}

bool quiet_check(int netns)
{
	struct looking l = { .netns = netns };
	pthread_t thread;

	if (pthread_create(&thread, NULL, look, &l) != 0)
		return false;
	(void)pthread_join(thread, NULL);
	return l.quiet;
}
