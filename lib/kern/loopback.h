/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loopback - switching on the lo interface of a new network namespace
 */
#pragma once

#include "base/macros.h"

/**
 * loopback_up() - switch lo on in the caller's network namespace
 *
 * Return: 0 or a negative errno.
 */
must_check int loopback_up(void);
