/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what gpgv needs: reading files, writing into what is open, memory
 */
#pragma once

#include "base/err.h"

/**
 * sandbox_enter() - allow starting one more program, and it to read, compute and write what is open
 * @err:	what the kernel refused
 *
 * No file can be made or opened for writing any more, no socket, no process. The size of files, memory and
 * processor time are limited as well.
 *
 * Return: 0 or a negative errno.
 */
must_check int sandbox_enter(struct err *err);
