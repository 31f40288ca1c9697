/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * slots - namespaces of a user who has as many as the limits allow (/proc/sys/user/max_*_namespaces)
 *
 * The kernel takes a network namespace down in the background, some time after the last process has left it, and
 * counts it until then. Who ends a container and begins another at once, as restart does, may be told that there are
 * too many. Nothing tells when that is over.
 */
#pragma once

#include <stdbool.h>

/**
 * slots_await() - whether to try once more to make a namespace
 * @code:	what the kernel said: a negative errno, or what was made
 * @tries:	0 before the first; counts
 *
 * Sleeps, longer each time and more than a second in all, where the limit was reached.
 *
 * Return: the answer.
 */
bool slots_await(int code, int *tries);
