/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyowner - whom --chown means
 *
 * A name is looked up in the root that the step is done upon. A linked step sees nothing of that but the numbers
 * that its names mean there: so they are found first, and what a key has of it is the numbers.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "build/work.h"

/**
 * copyowner_named() - whether an owner has names
 * @chown:	as typed, variables filled in; or NULL
 *
 * Return: no for numbers alone.
 */
bool copyowner_named(const char *chown);

/**
 * copyowner_find() - the numbers of an owner
 * @work:	at work; nothing of it is left for later afterwards
 * @chown:	has names
 * @out:	"UID:GID", to be freed; set on success only
 * @err:	which name is unknown
 *
 * What was found out is remembered for the layers.
 *
 * Return: 0; -ENOENT when a name is unknown; otherwise a negative errno.
 */
must_check int copyowner_find(struct work *work, const char *chown, char **out, struct err *err);
