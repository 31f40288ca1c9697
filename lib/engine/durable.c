/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * durable - telling the store, later, that what was pulled has reached the disk
 */
#include "engine/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "store/blob.h"
#include "store/layers.h"

enum { STORE_FD = 3 };

/* What was removed meanwhile has nothing to be marked. */
static void mark(const struct store *store, const struct strv *blobs, const struct strv *layers)
{
	for (size_t i = 0; i < blobs->count; i++)
		(void)!blob_mark_durable(store, blobs->items[i]);
	for (size_t i = 0; i < layers->count; i++)
		(void)!layer_mark_durable(store, layers->items[i], NULL);
}

static no_return void sync_and_mark(struct engine *engine, const struct strv *blobs,
				    const struct strv *layers)
{
	struct store store = *engine->store;

	proc_signals_reset();
	if (setsid() < 0 || fd_stdio(-1, -1, -1) < 0)
		_exit(1);
	/* Nobody shall wait for us at a pipe, nor for a lock that we inherited. */
	if (store.dir != STORE_FD && dup3(store.dir, STORE_FD, O_CLOEXEC) < 0)
		_exit(1);
	store.dir = STORE_FD;
	store.more.count = 0; /* they answer for what they have */
	if (fd_close_from(STORE_FD + 1) < 0 || syncfs(STORE_FD) < 0)
		_exit(1);
	mark(&store, blobs, layers);
	_exit(0);
}

void durable_later(struct engine *engine, const struct strv *blobs, const struct strv *layers)
{
	int status, ends[2];
	char byte;

	if ((!blobs->count && !layers->count) || pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			sync_and_mark(engine, blobs, layers);
		_exit(pid < 0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	fd_close(ends[1]);
	/* Until it has closed what it inherited, it holds our locks too, and who comes next finds them. */
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	fd_close(ends[0]);
}
