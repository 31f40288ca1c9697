/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit - reaping as an init must, and how a container's PID 1 ended
 */
#pragma once

#include "base/macros.h"

/**
 * typedef exit_fn - another child was reaped
 * @data:	what exit_reap was given
 * @pid:	of it, in our pid namespace
 * @status:	0 to 255, 128 + n for signal n
 */
typedef void (*exit_fn)(void *data, int pid, int status);

/**
 * exit_reap() - reap every child that has ended
 * @pidfd:	of the container's PID 1, or -1 when it was reaped before
 * @other:	told of the others
 * @data:	handed to @other
 * @out_status:	0 to 255, 128 + n for signal n; set when the result is 1
 *
 * Does not wait.
 *
 * Return: 1 when the container's PID 1 was among them, else 0.
 */
must_check int exit_reap(int pidfd, exit_fn other, void *data, int *out_status);

/**
 * exit_end_others() - kill and reap every process below this one
 *
 * Only where this is the init of its pid namespace; elsewhere nothing happens.
 */
void exit_end_others(void);
