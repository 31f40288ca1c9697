/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control - signalling, stopping and pausing a monitor's container
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "monitor/inside.h"

/**
 * control_signal() - send PID 1 a signal
 * @m:		running
 * @number:	of the signal
 * @err:	what failed
 *
 * Return: 0; -ESRCH when it has ended; otherwise a negative errno.
 */
must_check int control_signal(struct monitor *m, int number, struct err *err);

/**
 * control_stop() - begin to stop the container
 * @m:		running
 * @number:	of the first signal; 0 for the container's own
 * @timeout:	seconds until SIGKILL; negative for the container's own
 */
void control_stop(struct monitor *m, int number, int timeout);

/**
 * control_ends() - whether a signal is sent to end the container
 * @m:		any
 * @number:	of the signal
 *
 * Return: true for SIGKILL, SIGTERM and the container's own stop signal.
 */
bool control_ends(const struct monitor *m, int number);

/**
 * control_pause() - stop or continue every process
 * @m:		running
 * @on:		whether to stop
 * @err:	what failed
 *
 * Return: 0; -EPERM when it is so already; otherwise a negative errno.
 */
must_check int control_pause(struct monitor *m, bool on, struct err *err);

/**
 * control_kill() - end the container at once
 * @m:	any; nothing happens when it has ended
 */
void control_kill(struct monitor *m);
