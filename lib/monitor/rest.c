/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rest - between two runs of a container that is started again
 */
#include "monitor/rest.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "monitor/hog.h"
#include "monitor/oom.h"
#include "store/record.h"
#include "store/transition.h"

/* While another command copies files in or out. */
#define IN_HAND_DELAY (CLOCK_SECOND / 20)

static void save(struct monitor *m)
{
	AUTO(err) struct err err = { 0 };

	/* A full disk is no reason to end a container. */
	if (record_state_save(m->args.store, m->args.state, false, &err) < 0)
		log_debug("%s", err.text);
}

/* The record says restarting, with how the run ended. */
static void note_rest(struct monitor *m)
{
	struct container_state *state = m->args.state;

	if (transition_check(state->name, state->status, VERB_RETRY, &state->status, NULL) < 0)
		log_debug("container %s rests in a strange state", state->name);
	state->exit_code = m->status;
	state->finished = clock_now();
	state->pid = 0;
	state->paused = 0;
	strv_clear(&state->ports);
	save(m);
}

static void wait_a_while(struct monitor *m)
{
	struct rest *rest = &m->rest;

	rest->delay = restart_delay(rest->delay, clock_mono() - rest->begun);
	/* Setting a timer that exists does not fail. */
	(void)!loop_timer_set(rest->timer, rest->forced ? 1 : rest->delay);
	rest->forced = false;
}

/* It could not be started: that counts as a run that ended at once. */
static void failed(struct monitor *m, const struct err *why)
{
	m->rest.begun = clock_mono();
	str_set(&m->args.state->error, why->text);
	if (!rest_wanted(m)) {
		monitor_end(m);
		return;
	}
	note_rest(m);
	wait_a_while(m);
}

static void start_again(struct monitor *m)
{
	const struct monitor_hooks *hooks = &m->args.hooks;
	AUTO(err) struct err err = { 0 };

	m->rest.due = false;
	m->args.state->restarts++;
	m->reaped = false;
	int status = m->status;
	int r = hooks->again(hooks->data, &m->status, &err);
	if (r == -EINPROGRESS) {
		m->args.state->restarts--;
		m->reaped = true;
		m->status = status;
		(void)!loop_timer_set(m->rest.timer, IN_HAND_DELAY);
		return;
	}
	if (r < 0) {
		m->reaped = true;
		m->pidfd = -1;
		streams_drain(m->streams);
		failed(m, &err);
		return;
	}
	m->rest.resting = false;
	monitor_check(m); /* what ended before it was watched */
}

static void time_has_come(void *data)
{
	struct monitor *m = data;

	/* Output of the next run must not meet what is left of this one. */
	m->rest.due = clients_leaving(m->clients);
	if (!m->rest.due)
		start_again(m);
}

int rest_new(struct monitor *m, struct err *err)
{
	int r = restart_parse(m->args.config->restart, &m->rest.policy, err);

	if (r < 0)
		return r;
	r = loop_timer(m->loop, time_has_come, m, &m->rest.timer);
	return r < 0 ? err_sys(err, r, "cannot make a timer") : 0;
}

void rest_started(struct monitor *m)
{
	m->rest.begun = clock_mono();
}

bool rest_wanted(const struct monitor *m)
{
	if (m->rest.last)
		return false;
	if (m->rest.forced)
		return true;
	return !m->remove && restart_wanted(&m->rest.policy, m->status, m->args.state->restarts);
}

void rest_begin(struct monitor *m)
{
	const struct monitor_hooks *hooks = &m->args.hooks;

	hog_rest(m);
	oom_rest(m);
	streams_drain(m->streams);
	m->pidfd = -1;
	m->helper_count = 0;
	(void)!loop_timer_set(m->kill_timer, 0);
	note_rest(m);
	hooks->ended(hooks->data, true);
	monitor_tell_end(m);
	m->rest.resting = true;
	wait_a_while(m);
	clients_round(m->clients, m->status);
}

void rest_force(struct monitor *m)
{
	m->rest.forced = true;
}

void rest_ready(struct monitor *m)
{
	if (m->rest.due && !clients_leaving(m->clients))
		/* Not from inside a client's last call. */
		(void)!loop_timer_set(m->rest.timer, 1);
}

void rest_last(struct monitor *m, bool by_user)
{
	m->rest.last = true;
	if (by_user)
		m->args.state->stopped_by_user = true;
	if (m->rest.resting)
		monitor_end(m);
}
