/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask - questions before what cannot be undone, and for what was not given
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/macros.h"

enum { ASK_MAX = 1024 }; /* bytes of a line that is typed */

/**
 * ask_yes() - ask a question whose answer is no unless yes is typed
 * @question:	one sentence; " [y/N] " is added
 * @in:		where the answer comes from; one that is no terminal means no, and nothing is asked
 * @to:		where the question is written
 *
 * Return: true for an answer that begins with y or Y.
 */
bool ask_yes(const char *question, int in, FILE *to);

/**
 * ask_line() - ask for a line
 * @question:	what stands before the cursor
 * @in:		a terminal
 * @to:		where the question is written
 * @hidden:	whether what is typed is not shown
 * @out:	the line without its end, to be freed; set on success only
 *
 * A hidden line is read key by key, and signals that would end the program wait until the terminal shows
 * again what is typed. Ctrl-C ends the question.
 *
 * Return: 0; -ENOTTY when there is no terminal; -EINTR after Ctrl-C; -ENODATA at the end of the input;
 * -E2BIG for a line that is too long.
 */
must_check int ask_line(const char *question, int in, FILE *to, bool hidden, char **out);
