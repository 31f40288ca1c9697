/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_pack - plain layers compressed with gzip on their way out
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "engine/save_plan.h"

/**
 * save_plan_pack() - compress the plain layers of a plan's images
 * @engine:	the engine
 * @plan:	with images, nothing planned yet; manifests say afterwards what the layers are then
 * @err:	which layer failed
 *
 * The packed layers lie in a temporary folder of the store until the plan is cleared.
 *
 * Return: 0 or a negative errno.
 */
must_check int save_plan_pack(struct engine *engine, struct save_plan *plan, struct err *err);
