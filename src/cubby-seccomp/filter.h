/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter - a profile becomes a program of the kernel's filter machine
 */
#pragma once

#include "cubby-seccomp/profile.h"

/**
 * filter_make() - compile a profile
 * @profile:	rules; may be empty
 * @emulate:	calls that only root may make with effect answer success without any
 * @fd:		where the program is written, in the byte order of this machine
 * @err:	names the rule
 *
 * The program is a search among ranges of call numbers (compact.h), not a list.
 *
 * Return: 0 or a negative errno.
 */
must_check int filter_make(const struct profile *profile, bool emulate, int fd, struct err *err);
