/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caller - a thread of a container that waits in a system call until it is answered
 *
 * Everything that is read of it is a copy, or a reference that no longer changes: its memory and its
 * descriptors may be other ones a moment later. What was read counts once caller_waits() has confirmed,
 * afterwards, that the number still was that thread's.
 * Source: seccomp_unotify(2), pidfd_getfd(2).
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

/* The thread that called last. A number may become another thread's; a pidfd stays the one's, and fails then. */
struct known {
	uint32_t pid; /* 0: none */
	int pidfd;
};

#define KNOWN_NONE ((struct known){ .pidfd = -1 })

struct caller {
	int listener;
	int proc; /* a /proc that numbers processes as the kernel does for us, or -1 */
	struct seccomp_notif call;
	struct known *known; /* outlives it */
};

/**
 * caller_next() - receive the next call
 * @listener:	has one
 * @proc:	see struct caller
 * @known:	KNOWN_NONE at first
 * @out:	set on success only
 *
 * Return: 0; -ENOENT when the caller was killed meanwhile; otherwise a negative errno.
 */
must_check int caller_next(int listener, int proc, struct known *known, struct caller *out);

/**
 * caller_read() - copy some of its memory
 * @caller:	waits
 * @address:	in its memory
 * @out:	room
 * @size:	bytes
 *
 * Return: 0; -EFAULT when not all of it is there; otherwise a negative errno.
 */
must_check int caller_read(const struct caller *caller, uint64_t address, void *out, size_t size);

/**
 * caller_descriptor() - take a duplicate of one of its descriptors
 * @caller:	waits
 * @fd:		its number there
 *
 * Return: the duplicate, owned by the caller of this; -EBADF; otherwise a negative errno.
 */
must_check int caller_descriptor(const struct caller *caller, int fd);

/**
 * caller_waits() - whether it still waits for an answer
 * @caller:	any
 *
 * Return: the answer.
 */
bool caller_waits(const struct caller *caller);

/**
 * caller_is_cloexec() - whether execve closes one of its descriptors
 * @caller:	waits
 * @fd:		its number there
 *
 * Return: the answer; false when it cannot be known.
 */
bool caller_is_cloexec(const struct caller *caller, int fd);

/**
 * caller_fdinfo() - what the kernel tells of one of its descriptors
 * @caller:	waits
 * @fd:		its number there
 *
 * Return: the text of proc_pid_fdinfo(5), to be freed; NULL when it cannot be known.
 */
must_check char *caller_fdinfo(const struct caller *caller, int fd);

/**
 * caller_replace() - put one of our descriptors in place of one of its
 * @caller:	waits
 * @fd:		its number there
 * @own:	ours
 *
 * Return: 0 or a negative errno.
 */
must_check int caller_replace(const struct caller *caller, int fd, int own);

/**
 * caller_answer() - end its call with a result
 * @caller:	waits
 * @result:	0 or a negative errno
 *
 * Return: whether it got it; false when it was interrupted or killed.
 */
must_check bool caller_answer(const struct caller *caller, int result);

/**
 * caller_go_on() - let the kernel carry its call out
 * @caller:	waits
 *
 * Its memory and its descriptors are read again then, and may be anything.
 */
void caller_go_on(const struct caller *caller);
