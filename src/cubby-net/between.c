/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * between - the thread in a transit namespace (net/transit.h)
 */
#include "cubby-net/between.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "cubby-net/outward.h"

enum { STACK = 96 << 10 };

static void hear(sem_t *word)
{
	while (sem_wait(word) < 0)
		;
}

/* --- the thread ------------------------------------------------------------------------------- */

static int set_up(struct between *b, struct outward **out)
{
	const struct outward_args args = {
		.transit = &b->transit,
		.calls = b->calls[0],
		.gates = { b->args.gates[0], b->args.gates[1] },
	};
	int r = outward_new(&args, out, &b->failure);

	return r < 0 ? r : b->args.seal(b->args.data, &b->failure);
}

static void *run(void *arg)
{
	struct between *b = arg;
	struct outward *outward = NULL;

	hear(&b->may);
	int r = transit_enter(b->given, b->proc, &b->transit, &b->failure);

	b->result = r;
	sem_post(&b->said);
	if (r < 0)
		return NULL;
	hear(&b->go);
	if (!b->used)
		return NULL;
	r = set_up(b, &outward);
	b->result = r;
	sem_post(&b->said); /* but for the transit all is main's alone from here on */
	/* Without connections the whole network would be worse off: end, and be started anew. */
	if (r == 0 && outward_run(outward) < 0)
		_exit(EXIT_FAILURE);
	return NULL;
}

/* --- main ------------------------------------------------------------------------------------- */

int between_start(struct between *between, int given, int proc, struct err *err)
{
	pthread_attr_t attr;
	pthread_t thread;

	between->given = given;
	between->proc = proc;
	sem_init(&between->may, 0, 0);
	sem_init(&between->go, 0, 0);
	sem_init(&between->said, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int r = pthread_create(&thread, &attr, run, between);
	pthread_attr_destroy(&attr);
	between->started = r == 0;
	return r ? err_sys(err, -r, "cannot start a thread") : 0;
}

void between_allow(struct between *between)
{
	if (between->started)
		sem_post(&between->may);
}

int between_await(struct between *between, struct err *err)
{
	if (!between->started)
		return err_set(err, -ENOENT, "there is no transit namespace");
	hear(&between->said);
	between->started = between->result == 0;
	return between->started ? 0 : err_move(err, &between->failure);
}

int between_serve(struct between *between, const struct between_args *args, struct dialer **out,
		  struct err *err)
{
	int r = transit_listen(&between->transit, err);

	if (r < 0)
		return r;
	if (pipe2(between->calls, O_NONBLOCK | O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot serve connections");
	const struct dialer_args dialer = {
		.egress = args->egress,
		.config = args->config,
		.transit = &between->transit,
		.out = between->calls[1],
	};
	r = dialer_new(&dialer, out);
	if (r < 0)
		return err_sys(err, r, "cannot serve connections");
	between->args = *args;
	between->used = true;
	sem_post(&between->go);
	return 0;
}

int between_ready(struct between *between, struct err *err)
{
	if (!between->used)
		return 0;
	hear(&between->said);
	return between->result < 0 ? err_move(err, &between->failure) : 0;
}

void between_drop(struct between *between)
{
	if (!between->started)
		return;
	transit_close(&between->transit);
	between->started = false;
	sem_post(&between->go);
}
