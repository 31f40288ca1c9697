/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - debug lines, off unless the program switches them on
 *
 * The one thing below src/ that writes to stderr. The level is the only mutable state at file level
 * outside main.c: every function would have to carry it otherwise.
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

/**
 * log_enable() - switch debug lines on or off
 * @on:	whether they are written
 *
 * Called by main() alone.
 */
void log_enable(bool on);

/**
 * log_debug() - write a debug line to stderr
 * @fmt:	as printf; no newline at the end
 *
 * errno is kept.
 */
void log_debug(const char *fmt, ...) printf_like(1, 2);
