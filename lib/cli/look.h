/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * look - what the user's terminal can show
 *
 * A stream that is no terminal gets plain text, whatever the environment says. A terminal that cannot move its
 * cursor is TERM=dumb, or no TERM.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct host;

/**
 * look_moves() - whether a stream is a terminal whose cursor can be moved
 * @host:	facts; NULL: no
 * @to:		the stream
 *
 * Return: whether it is.
 */
bool look_moves(const struct host *host, FILE *to);

/**
 * look_columns() - how wide a terminal is
 * @to:	the stream
 *
 * Return: characters; 0 when it is no terminal, or does not say.
 */
int look_columns(FILE *to);

/**
 * look_rows() - how high a terminal is
 * @to:	the stream
 *
 * Return: lines; 0 when it is no terminal, or does not say.
 */
int look_rows(FILE *to);

/**
 * look_colours() - whether what goes to a stream may be coloured
 * @host:	facts
 * @to:		the stream
 *
 * Return: true when it is a terminal that knows colours, and NO_COLOR is not set.
 */
bool look_colours(const struct host *host, FILE *to);
