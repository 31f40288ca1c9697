/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oom - hearing that the kernel killed in a container's control group because memory was short
 */
#include "monitor/oom.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"
#include "store/event.h"
#include "store/record.h"

enum { TEXT_BYTES = 512 };

/* Read through the descriptor that is watched: that alone makes it quiet again. */
static int64_t read_count(int fd)
{
	char text[TEXT_BYTES];
	int64_t count = 0;
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = 0;
	const char *line = strstr(text, "oom_kill ");
	return line && sscanf(line, "oom_kill %" SCNd64, &count) == 1 ? count : 0;
}

static bool heard(struct monitor *m)
{
	const int64_t count = m->oom.fd < 0 ? 0 : read_count(m->oom.fd);

	if (count <= m->oom.count)
		return false;
	m->oom.count = count;
	m->args.state->oom_killed = true;
	event_container(m->args.store, m->args.state, EVENT_OOM, NULL);
	return true;
}

static void changed(void *data, unused_arg uint32_t events)
{
	struct monitor *m = data;

	if (heard(m))
		/* A full disk is no reason to end a container. */
		(void)!record_state_save(m->args.store, m->args.state, false, NULL);
}

void oom_begin(struct monitor *m)
{
	if (m->group < 0)
		return;
	m->oom.fd = openat(m->group, "memory.events", O_RDONLY | O_CLOEXEC);
	if (m->oom.fd < 0)
		return; /* no controller of memory: nothing is killed for it */
	m->oom.count = read_count(m->oom.fd);
	if (loop_add(m->loop, m->oom.fd, EPOLLPRI, changed, m, &m->oom.source) < 0)
		m->oom.source = NULL; /* its end is enough to hear of it */
}

void oom_rest(struct monitor *m)
{
	(void)heard(m);
	loop_remove(take_ptr(m->oom.source));
	fd_close(take_fd(m->oom.fd));
}
