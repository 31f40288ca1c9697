/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checker - the process that carries out one health check
 *
 * A child of the monitor, so that the monitor never waits: it enters the container as an exec does, reads
 * what the test prints, and kills the test with all its children when it takes too long or nobody wants to
 * know any more. It speaks monitor/check.h.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "run/run.h"
#include "spec/spec.h"

struct checker_args {
	struct spec_args spec; /* "rootfs" is the root of the running container */
	struct run_target target;
	const struct strv *test;  /* "CMD" or "CMD-SHELL" and its words */
	const struct strv *shell; /* for a line; empty: /bin/sh -c */
	int64_t timeout;	  /* nanoseconds */
	int notice;		  /* as in struct exec_args */
};

/**
 * checker_start() - start a check
 * @args:	borrowed until this returns
 * @out_sock:	to listen to; hung up on, it ends the check; owned by the caller; set on success only
 * @err:	what failed
 *
 * To be called by the container's monitor, which reaps the process. Does not wait for anything.
 *
 * Return: 0 or a negative errno.
 */
must_check int checker_start(const struct checker_args *args, int *out_sock, struct err *err);
