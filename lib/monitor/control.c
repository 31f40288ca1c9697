/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control - signalling, stopping and pausing a monitor's container
 */
#include "monitor/control.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "cgroup/group.h"
#include "monitor/pause.h"
#include "store/record.h"
#include "store/transition.h"

void control_kill(struct monitor *m)
{
	if (m->pidfd >= 0)
		/* One that has ended is about to be reaped. */
		(void)syscall(SYS_pidfd_send_signal, m->pidfd, SIGKILL, NULL, 0);
}

int control_signal(struct monitor *m, int number, struct err *err)
{
	if (m->pidfd < 0)
		return err_set(err, -ESRCH, "the container has ended");
	if (syscall(SYS_pidfd_send_signal, m->pidfd, number, NULL, 0) < 0)
		return err_sys(err, -errno, "cannot send signal %d to the container", number);
	return 0;
}

/* A stopped process would take its signal only later. */
static void go_on(struct monitor *m)
{
	if (m->args.state->status == CONTAINER_PAUSED)
		/* Where it fails, SIGKILL still ends the container. */
		(void)!control_pause(m, false, NULL);
}

void control_stop(struct monitor *m, int number, int timeout)
{
	const struct container_config *config = m->args.config;

	number = number ? number : config->stop_signal ? config->stop_signal : SIGTERM;
	timeout = timeout < 0 ? config->stop_timeout : timeout;
	if (control_signal(m, number, NULL) < 0)
		return;
	go_on(m);
	if (timeout == 0)
		control_kill(m);
	else
		/* Setting a timer that exists does not fail. */
		(void)!loop_timer_set(m->kill_timer, timeout * CLOCK_SECOND);
}

bool control_ends(const struct monitor *m, int number)
{
	return number == SIGKILL || number == SIGTERM || number == m->args.config->stop_signal;
}

int control_pause(struct monitor *m, bool on, struct err *err)
{
	struct container_state *state = m->args.state;
	enum container_status to;

	int r = transition_check(state->name, state->status, on ? VERB_PAUSE : VERB_UNPAUSE, &to,
				 err);
	if (r <= 0)
		return r;
	r = m->group >= 0 ? group_freeze(m->group, on, err)
			  : pause_all(on, m->helpers, m->helper_count, err);
	if (r < 0)
		return r;
	state->status = to;
	state->paused = on ? clock_now() : 0;
	return record_state_save(m->args.store, state, false, err);
}
