/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tidy - removing what verbs moved away, and what killed commands left
 *
 * Files of other ids of the user's map can be removed by root of the outer user namespace alone. It is entered
 * only when there are such files.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "store/temp.h"

/**
 * tidy_temps() - remove objects that were moved away
 * @engine:	the engine
 * @temps:	empty afterwards
 * @err:	what could not be removed
 *
 * No lock is to be held: it may take long.
 *
 * Return: 0 or a negative errno.
 */
must_check int tidy_temps(struct engine *engine, struct temps *temps, struct err *err);

/**
 * tidy_leftovers() - remove temporary objects whose owner is gone
 * @engine:	the engine
 * @err:	what could not be removed
 *
 * Return: how many were removed as far as it is known, or a negative errno.
 */
must_check int tidy_leftovers(struct engine *engine, struct err *err);
