/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apply - carrying a plan out, in the container's namespaces and before its root is ours
 *
 * All of it happens on descriptors: the root's, those of sources opened before anything of the image was
 * looked at, and those of mounts that we made ourselves. /proc and /dev are ours from the start, so
 * what an image keeps under these names is never used for anything.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "kern/pty.h"
#include "run/plan.h"

struct apply {
	const struct runtime_spec *spec;
	const struct plan *plan;
	int root;	   /* the root file system's mount */
	int *sources;	   /* one for each step: of binds and devices, else -1 */
	int proc;	   /* our procfs, or -1 */
	int dev;	   /* our /dev, or -1 when another is mounted there */
	int pts;	   /* our devpts, or -1 */
	int shm;	   /* copy of another container's shared memory, to be mounted, or -1 */
	int null;	   /* the host's null device */
	int empty;	   /* an empty read-only folder, once it is needed */
	int exchange;	   /* with the caller, who runs hooks too */
	const int *caller; /* as in struct run_args */
	struct pty pty;
};

/**
 * apply_init() - get ready
 * @a:		filled in
 * @spec:	borrowed
 * @plan:	borrowed
 * @root:	a detached copy of the root file system's mount
 */
void apply_init(struct apply *a, const struct runtime_spec *spec, const struct plan *plan,
		int root);

/**
 * apply_sources() - open what is bound from the host
 * @a:		sources are set
 * @err:	names what is missing
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int apply_sources(struct apply *a, struct err *err);

/**
 * apply_steps() - carry out every step of the plan
 * @a:		proc, dev, pts are set
 * @err:	names the step
 *
 * Return: 0 or a negative errno.
 */
must_check int apply_steps(struct apply *a, struct err *err);

/**
 * apply_terminal() - make the container's terminal and its /dev/console
 * @a:		pty is set
 * @rows:	size; 0 is not known
 * @columns:	likewise
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int apply_terminal(struct apply *a, uint16_t rows, uint16_t columns, struct err *err);

/**
 * apply_pivot() - make the root the process's root and let go of the host's
 * @a:		done
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int apply_pivot(struct apply *a, struct err *err);
