/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_text - documents for people and scripts, indented as docker and podman do
 */
#pragma once

#include <stdio.h>

#include "base/json.h"

/**
 * json_text_print() - write a document with one member a line
 * @value:	written, without members that are hidden (cli/template_value.h)
 * @indent:	spaces a level
 * @to:		where to; a new line follows
 */
void json_text_print(const cJSON *value, int indent, FILE *to);
