/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * later - a step's layer that is hashed while the next step is done
 *
 * A layer is known by its digest, and the record of the build cache names it. A layer that takes long to hash stays a
 * temporary object at first; the next step is done upon that one. What a step's key is does not depend on layers.
 *
 *	the stage				its worker
 *	  later_keep	the layer is there
 *	  later_begin	--------- fork -------->  hashes
 *	  ... the next step ...
 *	  later_end	<------- digest --------
 *			makes it a layer, writes the record
 *			--------- done -------->  ends
 *
 *   (1) at most one layer is left for later, so the layer below is known when its record is written;
 *   (2) it gets its name when no container is upon it any more: after the next step has ended;
 *   (3) the step's lock is held until the record is there: other builds that come to it wait;
 *   (4) when the stage is killed the worker, which is in a process group of its own, does the rest itself: the step was
 *       done, and the next build finds it. solve.h waits for it;
 *   (5) when the command has shut its side of the stage's socket the user has interrupted it: what is not hashed yet is
 *       thrown away. When it has closed it, it is gone or waits no longer, and the worker ends at once;
 *   (6) a record is written only when the digest is known.
 */
#include "build/work.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "store/buildcache.h"

enum { DIGEST_ROOM = 128, TEXT_ROOM = 4096 };

/* What the worker tells. */
struct hashed {
	int code;
	int64_t tar_size;
	char digest[DIGEST_ROOM];
	char text[TEXT_ROOM]; /* what failed */
};

void later_keep(struct work *work, struct buildstep *record, struct steplayer *layer, int lock)
{
	bug_unless(!work->later.record);
	work->later = (struct later){
		.record = record,
		.layer = *layer,
		.lock = lock,
		.sock = -1,
		.line = work->line,
		.number = work->number,
		.file = work->file,
	};
	*layer = (struct steplayer){ .lock = -1 };
}

bool later_pending(const struct work *work)
{
	return work->later.record;
}

/* ---- the worker ------------------------------------------------------------------------------- */

static int hash(struct work *work, struct layer_helper *helper, struct err *err)
{
	const int r = steplayer_hash_start(&work->later.layer, helper, err);

	return r < 0 ? r : steplayer_hash_finish(&work->later.layer, helper, err);
}

static int enter(struct work *work, struct err *err)
{
	struct later *l = &work->later;

	return stepdo_enter(work, l->record, &l->layer, err);
}

static void wait_for(struct pollfd *polls)
{
	while (poll(polls, 2, -1) < 0 && errno == EINTR)
		;
}

/* Nothing is upon it: the stage has ended, and its box. */
static no_return void leave_off(struct work *work, struct layer_helper *helper, bool gone)
{
	layer_helper_close(helper);
	if (!gone)
		steplayer_drop(work->engine, &work->later.layer);
	_exit(1);
}

/* The command holds the other end of the stage's socket. */
static int hash_unless_ended(struct work *work, struct err *err)
{
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	int r = unpacker_helper(work->unpacker, &helper, err);

	if (r == 0)
		r = steplayer_hash_start(&work->later.layer, helper, err);
	if (r < 0)
		return r;
	struct pollfd polls[] = { { .fd = layer_helper_fd(helper), .events = POLLIN },
				  { .fd = work->sock, .events = POLLRDHUP } };
	wait_for(polls);
	if (!polls[0].revents)
		leave_off(work, take_ptr(helper), polls[1].revents & POLLHUP);
	return steplayer_hash_finish(&work->later.layer, helper, err);
}

static void tell(int sock, const struct work *work, int code, const struct err *err)
{
	struct hashed hashed = { .code = code, .tar_size = work->later.layer.tar_size };

	(void)snprintf(hashed.digest, sizeof hashed.digest, "%s",
		       str_or(work->later.layer.diff_id, ""));
	(void)snprintf(hashed.text, sizeof hashed.text, "%s", str_or(err->text, ""));
	/* Who does not hear it does not answer either. */
	(void)!fd_send(sock, &hashed, sizeof hashed, NULL, 0);
}

static no_return void worker_main(struct work *work, int sock)
{
	AUTO(err) struct err err = { 0 };
	struct pollfd polls[] = { { .fd = sock, .events = POLLIN }, { .fd = work->sock } };
	char done;

	(void)setpgid(0, 0);
	fd_close(work->later.sock);
	sandbox_end(&work->sandbox);
	const int code = hash_unless_ended(work, &err);
	tell(sock, work, code, &err);
	wait_for(polls);
	if (!polls[0].revents || fd_recv(sock, &done, 1, NULL, NULL) == 1 || code < 0)
		_exit(0);
	_exit(enter(work, &err) < 0);
}

void later_begin(struct work *work)
{
	struct later *l = &work->later;
	int pair[2];

	if (!later_pending(work) || l->pid || fd_pair(SOCK_SEQPACKET, pair) < 0)
		return;
	AUTO(fd) int theirs = pair[1];
	l->sock = pair[0];
	l->pid = fork();
	if (l->pid == 0)
		worker_main(work, theirs);
	if (l->pid > 0) {
		(void)setpgid(l->pid, l->pid); /* it does so too: whoever is first */
		return;
	}
	l->pid = 0;
	fd_close(take_fd(l->sock));
}

/* ---- the stage -------------------------------------------------------------------------------- */

static int hear(struct work *work, struct err *err)
{
	struct later *l = &work->later;
	struct hashed hashed;

	if (!l->pid)
		return hash(work, work->inside, err);
	if (fd_recv(l->sock, &hashed, sizeof hashed, NULL, NULL) != (ssize_t)sizeof hashed)
		return err_set(err, -EIO, "the process that hashes the layer was killed");
	if (hashed.code < 0)
		return err_set(err, hashed.code, "%s", hashed.text);
	str_set(&l->layer.diff_id, hashed.digest);
	l->layer.tar_size = hashed.tar_size;
	return 0;
}

static void end_worker(struct later *l)
{
	if (l->pid) {
		(void)!fd_send(l->sock, "", 1, NULL, 0);
		while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	fd_close(l->sock);
}

static void rename_top(struct sofar *sofar, const struct buildstep *record)
{
	strv_remove(&sofar->layers, sofar->layers.count - 1);
	sofar_add_plain(sofar, record->layer, record->diff_id, record->tar_size);
}

int later_end(struct work *work, struct err *err)
{
	struct later *l = &work->later;

	if (!later_pending(work))
		return 0;
	int r = hear(work, err);
	if (r == 0)
		r = enter(work, err);
	if (r == 0) {
		rename_top(&work->sofar, l->record);
	} else {
		work->line = l->line;
		work->number = l->number;
		work->placed = true;
		if (err)
			r = dockerfile_place(l->file, l->line, err);
	}
	end_worker(l);
	steplayer_drop(work->engine, &l->layer);
	buildstep_free(l->record);
	fd_close(l->lock);
	*l = (struct later){ 0 };
	return r;
}
