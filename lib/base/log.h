/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - debug lines, off unless the program switches them on, and a file of all that is told
 *
 * The one thing below src/ that writes to stderr. The level and the file are the only mutable state at file
 * level outside main.c: every function would have to carry them otherwise.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/macros.h"

enum log_format {
	LOG_FORMAT_TEXT, /* time="..." level=... msg="..." */
	LOG_FORMAT_JSON, /* {"level":"...","msg":"...","time":"..."} */
};

/**
 * log_enable() - switch debug lines on or off
 * @on:	whether they are written
 *
 * Called by main() alone.
 */
void log_enable(bool on);

/**
 * log_file_open() - write debug lines to a file from now on, and what log_tell() is given as well
 * @path:	made when it is not there, and only added to
 * @format:	of each line
 * @err:	that it cannot be written, or is no regular file or device
 *
 * Processes forked later write to it as long as its path leads to the same file for them. A second call takes
 * the place of the first.
 *
 * Return: 0; -EISDIR; -ENXIO for a pipe that nobody reads; otherwise what open(2) said.
 */
must_check int log_file_open(const char *path, enum log_format format, struct err *err);

/**
 * log_tell() - repeat in the log's file what is told to the user
 * @level:	"error" or "warning"
 * @text:	one sentence
 *
 * Without a file nothing happens.
 */
void log_tell(const char *level, const char *text);

/**
 * log_debug() - write a debug line to the log's file, else to stderr
 * @fmt:	as printf; no newline at the end
 *
 * errno is kept.
 */
void log_debug(const char *fmt, ...) printf_like(1, 2);
