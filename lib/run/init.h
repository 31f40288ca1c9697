/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * init - cubby-init as the runtime carries it
 */
#pragma once

#include "base/macros.h"

/**
 * init_open() - a sealed copy of cubby-init in memory
 *
 * Return: a descriptor to execute, close-on-exec, or a negative errno.
 */
must_check int init_open(void);
