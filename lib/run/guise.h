/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise - the one id there is, as another user's
 *
 * Where the caller has one id, a container's processes are all one user, whom its user namespace calls root or
 * what -u said. A process that is to be somebody else lives in one more user namespace, nested in that, which
 * calls the same id by the other name: it hears that it is that user, owns all files, and has none of root's
 * rights over what belongs to the container.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

/**
 * guise_open() - a namespace in which the one id is that of a user and a group
 * @user:	the container's user namespace, or -1 when the caller is in it
 * @uid:	what it is to be
 * @gid:	likewise
 * @out:	to be entered with setns(2) by who is in @user, owned by the caller; -1 when those are the ids
 *		anyway; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int guise_open(int user, uint32_t uid, uint32_t gid, int *out, struct err *err);
