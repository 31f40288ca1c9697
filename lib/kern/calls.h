/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls - the system calls that are left to a process that narrows itself
 *
 * A helper program that reads strangers' bytes knows which few calls it needs. All others answer EPERM, so that
 * a libc that tries something new goes on without it; a call of another machine's numbering ends the process.
 * What a container may call is another matter (cubby-seccomp).
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/macros.h"

enum calls_flags {
	CALLS_OPEN_TO_READ = 1 << 0, /* openat(2) too, with flags that change nothing */
};

/**
 * calls_allow() - forbid new privileges and every system call that is not listed
 * @allowed:	numbers of calls
 * @count:	how many, at most 240: a jump of the filter is one byte
 * @flags:	enum calls_flags
 * @err:	what to tell the user when the result is negative
 *
 * For good, and for what this process executes. On machines whose numbers kern/bpf.h does not know, and in
 * sanitized programs (which need calls of their own), only new privileges are forbidden.
 *
 * Return: 0, or what the kernel said.
 * Source: seccomp(2), prctl(2) PR_SET_NO_NEW_PRIVS.
 */
must_check int calls_allow(const int *allowed, size_t count, int flags, struct err *err);
