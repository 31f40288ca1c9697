/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * detached - the processes of a container that nobody waits for
 *
 * exec -d leaves its process to the monitor, which starts it, reaps it with all others of the container, and tells
 * its end as an event. The list is in the monitor's memory: it goes with the container.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "run/run.h"
#include "spec/spec.h"
#include "store/container.h"
#include "store/store.h"

struct detached_list {
	struct detached {
		int pid; /* in the monitor's pid namespace */
		char *command;
	} * items;
	size_t count;
};

/* What the container of such a process is. All is borrowed for the call. */
struct detached_args {
	const struct store *store;
	const struct container_state *state;
	const struct container_config *config;
	struct spec_args spec; /* its secrets are found here */
	struct run_target target;
	int notice; /* brings the listener of its system call filter, or -1 */
};

/**
 * detached_start() - start a process in a running container, and remember it
 * @list:	gains the process
 * @args:	the container
 * @text:	the exec's configuration, JSON
 * @size:	bytes of it
 * @out_status:	the exit status for who asked, when the result is negative
 * @err:	what to tell the user when the result is negative
 *
 * Return: its pid on the host, 0 if it has ended already, or a negative errno.
 */
must_check int detached_start(struct detached_list *list, const struct detached_args *args,
			      const char *text, size_t size, int *out_status, struct err *err);

/**
 * detached_reaped() - forget a process that was reaped, and tell its end
 * @list:	loses the process; others' are not in it
 * @store:	gains the event
 * @state:	the container
 * @pid:	in the monitor's pid namespace
 * @status:	its exit status, as a shell counts
 */
void detached_reaped(struct detached_list *list, const struct store *store,
		     const struct container_state *state, int pid, int status);
