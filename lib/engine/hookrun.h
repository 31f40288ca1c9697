/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hookrun - the monitor's own part of running hooks: those in the container, and those that nobody waits for
 *
 * The others are run by the runtime while it makes the container (run/hook).
 */
#pragma once

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "run/run.h"
#include "spec/spec.h"
#include "store/container.h"
#include "store/store.h"

struct hookrun_inside {
	const struct runtime_spec *spec; /* of the container: its hooks */
	struct spec_args exec;		 /* what a process in it is made from */
	struct run_target target;	 /* where that enters */
	int first;			 /* pidfd of the container's first process, which waits */
	int notice;			 /* as in struct exec_args */
	const int *caller;		 /* as in struct hook_call */
};

/**
 * hookrun_inside() - run the hooks that are programs of the container's own (startContainer)
 * @args:	where
 * @err:	as hook_run()
 *
 * They have the user, rights, limits and working directory of the container's program, and their own environment.
 *
 * Return: as hook_run().
 */
must_check int hookrun_inside(const struct hookrun_inside *args, struct err *err);

/**
 * hookrun_told() - run hooks whose failure changes nothing: an event tells of it (hook_failed)
 * @store:	for the event
 * @state:	of the container
 * @spec:	its hooks
 * @kind:	poststart or poststop
 * @caller:	as in struct hook_call
 */
void hookrun_told(const struct store *store, const struct container_state *state,
		  const struct runtime_spec *spec, enum runtime_hook_kind kind, const int *caller);
