/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loaded_text - the line about an image that was taken in
 */
#pragma once

#include "cli/command.h"

/**
 * loaded_print() - print it
 * @app:	the program
 * @name:	whole reference, or "sha256:ID" of an image without one
 */
void loaded_print(struct app *app, const char *name);
