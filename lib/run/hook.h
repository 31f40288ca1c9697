/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook - programs that a device's maker, or a file of hooks, wants run while a container comes and goes
 *
 *	prestart, createRuntime		beside the runtime, when the container's mounts are made	"creating"
 *	createContainer			in its namespaces, before its root is entered			"creating"
 *	startContainer			a program of the container's own, when the network is there	"created"
 *	poststart			beside the runtime, when the container's program runs		"running"
 *	poststop			there, too, when nothing of the container is left		"stopped"
 *
 * The state of the container is on standard input, as the OCI runtime specification says; its bundle, in which what is
 * no program of the container begins, holds config.json, whose root.path is where the root file system can be seen in
 * the hook's mount namespace. The end of what a hook writes to standard error is the reason when it fails.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "oci/runtime_spec.h"

struct hook_call {
	const struct runtime_spec *spec; /* its hooks, id, bundle and annotations */
	enum runtime_hook_kind kind;	 /* which are run */
	pid_t pid; /* of the container's first process, as the hook counts; 0: there is none */

	const int *
		caller; /* a socket to who waits for the start: its hanging up ends that; or NULL */

	/* Starts one: @state is its standard input, @said its standard error. It leads a process group. NULL: as a
	 * program of the caller's. Return: its pid, or a negative errno. */
	pid_t (*start)(void *data, const struct runtime_hook *hook, int state, int said,
		       int *out_pidfd, struct err *err);
	/* Told of each that fails; the others are run all the same. NULL: the first that fails is the last. */
	void (*failed)(void *data, const struct runtime_hook *hook, const struct err *why);
	void *data;
};

/**
 * hook_any() - whether there are hooks of a kind
 * @spec:	of the container
 * @kind:	which
 *
 * Return: whether there is one.
 */
bool hook_any(const struct runtime_spec *spec, enum runtime_hook_kind kind);

/**
 * hook_run() - run the hooks of one kind, one after the other
 * @call:	which, and how
 * @err:	names the hook, the file that asks for it, and what it said
 *
 * One that takes longer than its timeout is killed with its process group.
 *
 * Return: 0; -ETIME when one took too long; -ECANCELED when one failed, or the caller went; otherwise a negative errno. With .failed
 * always 0.
 */
must_check int hook_run(const struct hook_call *call, struct err *err);
