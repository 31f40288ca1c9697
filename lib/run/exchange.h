/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exchange - what the runtime and the process it makes tell each other
 *
 *	caller					child
 *	clone3 ────────────────────────────────▶
 *	maps are written			waits (only with a user namespace of its own)
 *	MAPPED ────────────────────────────────▶ mounts and the rest
 *	       ◀──────────────── HOOKS (only where there are any): the mounts are made
 *	HOOKED ────────────────────────────────▶ hooks of its own
 *	       ◀──────────────── READY + root (+ console), or FAILED
 *	GO ────────────────────────────────────▶ ids, capabilities, filter, execveat of cubby-init
 *	       ◀────────────────────────────── LAST: from here on only execve
 *	       ◀── end of file: the program runs; FAILED: a step before; EXEC_FAILED: its execve
 *
 * A SOCK_SEQPACKET pair; the child's end becomes cubby-init's descriptor, which closes it by execve.
 * An end of file before LAST means that the other side died: the child then ends, the caller
 * reports it. cubby-init knows EXCHANGE_EXEC_FAILED by its number.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum exchange_kind {
	EXCHANGE_MAPPED = 1,
	EXCHANGE_READY = 2,
	EXCHANGE_FAILED = 3,
	EXCHANGE_EXEC_FAILED = 4,
	EXCHANGE_GO = 5,
	EXCHANGE_LAST = 6,
	EXCHANGE_FORKED = 7, /* exec: value is the pid, its pidfd goes along */
	EXCHANGE_HOOKS = 8,
	EXCHANGE_HOOKED = 9,
};

/* Value of READY from a container's first process: what comes along behind its root, in this order. */
enum exchange_ready {
	READY_CONSOLE = 1 << 0,
	READY_CGROUP = 1 << 1, /* its cgroup namespace, where it has a control group */
};

enum { EXCHANGE_TEXT = 1000, EXCHANGE_HEAD = 2 * sizeof(int32_t) };

struct exchange_msg {
	int32_t kind;
	int32_t code; /* FAILED: negative errno; EXEC_FAILED: positive errno; else a value */
	char text[EXCHANGE_TEXT]; /* FAILED */
	char hint[EXCHANGE_TEXT]; /* FAILED */
};

/**
 * exchange_send() - say something without a text
 * @sock:	own end
 * @kind:	what
 * @value:	goes along
 * @fds:	descriptors that go along
 * @count:	how many
 *
 * Return: 0 or a negative errno.
 */
must_check int exchange_send(int sock, enum exchange_kind kind, int32_t value, const int *fds,
			     size_t count);

/**
 * exchange_fail() - tell the caller what failed
 * @sock:	own end
 * @err:	an error that is set
 */
void exchange_fail(int sock, const struct err *err);

/**
 * exchange_wait() - wait for what the other side says
 * @sock:	own end
 * @out_kind:	set on success only
 * @out_value:	what went along; may be NULL
 * @fds:	room for FD_PASS_MAX descriptors, or NULL
 * @count:	how many came; may be NULL with @fds
 * @err:	what the other side said when it failed
 *
 * Return: 1 with a message; 0 at the end of file; the other side's code, which is negative, when it
 * said that it failed, execve's with no sentence; otherwise a negative errno.
 */
must_check int exchange_wait(int sock, enum exchange_kind *out_kind, int32_t *out_value, int *fds,
			     size_t *count, struct err *err);

/**
 * exchange_explain() - what a failed start means for the program
 * @code:	what exchange_wait() returned
 * @program:	as it was asked for
 * @err:	gets a sentence where execve failed
 *
 * Return: @code.
 */
must_check int exchange_explain(int code, const char *program, struct err *err);
