/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * harmless - texts of strangers, fit for a terminal
 *
 * A registry's words, names in an archive and texts of an image may hold what a terminal obeys: escape
 * sequences, C1 controls (also as UTF-8), characters that turn the direction of a line. Who prints for people
 * prints those as \x1b or \u202e. Output for scripts is not changed.
 */
#pragma once

#include "base/macros.h"

/**
 * harmless() - a text with everything that is no plain character made visible
 * @text:	any bytes; new lines and tabs stay
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *harmless(const char *text);
