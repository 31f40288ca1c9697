/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty - a pseudo terminal of a given devpts
 *
 * The slave is opened through its master (TIOCGPTPEER), never by a name: whoever can write to the
 * directory cannot put something else in its place.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/macros.h"

struct pty {
	int master;
	int slave;
};

/**
 * pty_open() - make a terminal
 * @devpts:	directory where a devpts is mounted; anything else is refused
 * @rows:	size; 0 leaves it
 * @columns:	size; 0 leaves it
 * @owner:	of the slave, in the caller's user namespace
 * @out:	both sides, close-on-exec, owned by the caller; set on success only
 *
 * Return: 0; -ENOTTY when @devpts is none; otherwise a negative errno.
 */
must_check int pty_open(int devpts, uint16_t rows, uint16_t columns, uid_t owner, struct pty *out);

/**
 * pty_control() - make a terminal the controlling one
 * @slave:	of the terminal; the caller leads a session that has none
 *
 * Return: 0 or a negative errno.
 */
must_check int pty_control(int slave);
