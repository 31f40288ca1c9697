/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fresh - a network namespace that is made while its container's root is mounted
 *
 * Making one is the longest step of a start by far (0.4 ms), and needs nothing of the others. A thread of
 * the monitor does it on another processor; it allocates nothing, so that the monitor may fork meanwhile.
 * The namespace belongs to the caller's user namespace: a container with one of its own makes its own.
 */
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

#include "base/macros.h"

struct fresh {
	pthread_t thread;
	sem_t tried; /* posted when it is known */
	bool begun;
	bool made; /* of the thread, set before that */
	int fd;	   /* of the thread; negative errno until it is ready */
};

/**
 * fresh_begin() - begin to make a network namespace with its loopback switched on
 * @fresh:	must stay where it is until fresh_take()
 *
 * The caller's descriptors must not be closed by range until fresh_take(). Needs CAP_SYS_ADMIN. What goes
 * wrong is told by fresh_take().
 */
void fresh_begin(struct fresh *fresh);

/**
 * fresh_made() - wait until the kernel has made the namespace, or has refused
 * @fresh:	may be zeroed: then nothing was begun
 *
 * Somebody who would like to have the last namespace that a user is allowed waits for this, before fresh_take().
 *
 * Return: whether there is one.
 */
bool fresh_made(struct fresh *fresh);

/**
 * fresh_take() - wait until it is ready
 * @fresh:	may be zeroed: then nothing was begun
 *
 * Return: a descriptor for setns(2), the caller's from now on; a negative errno when it could not be made;
 * -ENODATA when none was begun, or it was taken before.
 */
must_check int fresh_take(struct fresh *fresh);
