/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask - questions before what cannot be undone
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/**
 * ask_yes() - ask a question whose answer is no unless yes is typed
 * @question:	one sentence; " [y/N] " is added
 * @in:		where the answer comes from; one that is no terminal means no, and nothing is asked
 * @to:		where the question is written
 *
 * Return: true for an answer that begins with y or Y.
 */
bool ask_yes(const char *question, int in, FILE *to);
