/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * quiet - whether a network namespace has connections left of who was in it
 */
#include "net/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/thread.h"

enum { STAT_BYTES = 4096 };

struct looking {
	int netns;
	bool quiet;
};

/* Return: the number behind a word of a line, -1 where there is none. */
static int number_in(const char *text, const char *line, const char *word)
{
	const char *at = strstr(text, line);
	const char *end = at ? at + strcspn(at, "\n") : NULL;
	int number;

	at = at ? strstr(at, word) : NULL;
	return at && at < end && sscanf(at + strlen(word), "%d", &number) == 1 ? number : -1;
}

/*
 * Lists of sockets take a walk over those of the whole machine; these numbers are kept for each namespace. Those that wait
 * are counted for both versions of IP at once.
 */
static bool has_none(void)
{
	AUTO(mem) char *v4 = NULL;
	AUTO(mem) char *v6 = NULL;

	if (file_read(AT_FDCWD, "/proc/thread-self/net/sockstat", STAT_BYTES, &v4, NULL) < 0 ||
	    number_in(v4, "TCP:", " inuse ") != 0 || number_in(v4, "TCP:", " tw ") != 0)
		return false;
	/* It is not there where the kernel has no IPv6. */
	const int r = file_read(AT_FDCWD, "/proc/thread-self/net/sockstat6", STAT_BYTES, &v6, NULL);
	return r == -ENOENT || (r == 0 && number_in(v6, "TCP6:", " inuse ") == 0);
}

static void *look(void *data)
{
	struct looking *l = data;

	l->quiet = setns(l->netns, CLONE_NEWNET) == 0 && has_none();
	return NULL;
}

bool quiet_check(int netns)
{
	struct looking l = { .netns = netns };
	pthread_t thread;

	if (thread_small(&thread, look, &l) != 0)
		return false;
	(void)pthread_join(thread, NULL);
	return l.quiet;
}
