/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * size_text - sizes as docker's lists show them
 */
#pragma once

#include <stdint.h>

#include "base/macros.h"

/**
 * size_text() - a size with a decimal unit and four significant digits at most
 * @bytes:	not negative
 *
 * Return: "0B", "13.3kB", "142MB", "1.23GB"; to be freed.
 */
must_check char *size_text(int64_t bytes);
