/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - giving up what reading strangers' bytes does not need
 *
 * Afterwards the process sees an empty root directory, holds the capabilities that writing files of
 * any owner needs and no other, and can make no socket, process of another program, mount or
 * namespace. What it works on comes as descriptors.
 */
#pragma once

#include "base/err.h"

/**
 * sandbox_join() - become root of a user namespace
 * @userns:	descriptor of the namespace; closed
 * @err:	what was refused
 *
 * The process must have one thread.
 *
 * Return: 0; -EPERM when the namespace is another user's.
 */
must_check int sandbox_join(int userns, struct err *err);

/**
 * sandbox_enter() - give the rights up, for good
 * @err:	what was refused
 *
 * Without privilege the root directory stays visible; everything else holds all the same.
 *
 * Return: 0 or a negative errno.
 */
must_check int sandbox_enter(struct err *err);
