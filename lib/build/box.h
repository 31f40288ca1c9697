/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * box - the container that a step of a build works in
 *
 * Its record says that it belongs to a build; the process that builds holds LOCK_BUILD "container:ID" on it. One
 * whose lock is free was left by a build that was killed: box_sweep() removes it.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "build/sofar.h"
#include "engine/create.h"
#include "engine/engine.h"

/**
 * box_make() - make a container upon what a stage has come to
 * @engine:	the engine
 * @sofar:	the stage
 * @args:	what it runs, and how; .env has all that is not the image's
 * @step:	what is added; may be NULL
 * @out:	its configuration; set on success only
 * @out_lock:	holds it; closing it makes it a left-over; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int box_make(struct engine *engine, const struct sofar *sofar,
			const struct create_args *args, const struct create_step *step,
			struct container_config **out, int *out_lock, struct err *err);

/**
 * box_idle() - how a box is made whose files alone count: of COPY, ADD, WORKDIR
 * @args:	those of the build; changed
 *
 * Its files are written from outside, with the image's ids.
 */
void box_idle(struct create_args *args);

/**
 * box_sweep() - remove what builds that were killed have left
 * @engine:	the engine
 */
void box_sweep(struct engine *engine);
