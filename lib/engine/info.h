/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info - the document that `info` shows
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"

/**
 * engine_info() - facts about the host, the store and the program
 * @engine:	the engine
 * @version:	of the program
 * @out:	object with the field names of docker, or those of podman; those of the other tool are there
 *		too, hidden by "()" behind their names; to be released with cJSON_Delete; set on success only
 * @err:	what cannot be read
 *
 * Return: 0 or a negative errno.
 */
must_check int engine_info(struct engine *engine, const char *version, cJSON **out,
			   struct err *err);
