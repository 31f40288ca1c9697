/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * squash - several layers of what a build came to become one
 */
#pragma once

#include "base/err.h"
#include "build/options.h"
#include "build/sofar.h"
#include "engine/engine.h"

/**
 * build_squash() - join layers as options.squash says
 * @engine:	the engine; the caller holds LOCK_BUILD, so that nobody takes the layers away
 * @options:	how
 * @sofar:	changed
 * @err:	which file could not be read
 *
 * Lines of the history stay; of those whose layers were joined the last one has the layer. Where there is nothing to
 * join nothing is done.
 *
 * Return: 0 or a negative errno.
 */
must_check int build_squash(struct engine *engine, const struct build_options *options,
			    struct sofar *sofar, struct err *err);
