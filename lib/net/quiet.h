/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * quiet - whether a network namespace has connections left of who was in it
 *
 * A connection that was closed waits in the kernel, and its port with it, after all processes have gone.
 */
#pragma once

#include <stdbool.h>

/**
 * quiet_check() - whether no TCP socket is left in a network namespace
 * @netns:	its descriptor; of the caller's user namespace
 *
 * A thread looks, as who has left the host's network namespace may not return.
 *
 * Return: the answer; no where it cannot be told.
 */
bool quiet_check(int netns);
