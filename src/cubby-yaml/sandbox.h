/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - giving up all but memory and the two streams
 */
#pragma once

#include "base/err.h"

/**
 * sandbox_enter() - allow reading, writing, memory and the end, nothing else
 * @err:	what the kernel refused
 *
 * Memory and processor time are limited as well. Nothing can be opened any more.
 *
 * Return: 0 or a negative errno.
 */
must_check int sandbox_enter(struct err *err);
