/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootdate - the time of a layer's root
 *
 * Its own would be that of the container's start, or of an unpacking: it is as old as what is in it.
 */
#pragma once

#include "base/macros.h"

/**
 * rootdate_set() - give the root of an upper folder its time
 * @top:	the folder, open for reading
 *
 * Return: 0 or a negative errno.
 */
must_check int rootdate_set(int top);
