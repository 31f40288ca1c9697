/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * csv - the fields of an option's value
 */
#pragma once

#include "base/str.h"

/**
 * csv_split() - split a text at commas
 * @text:	a field in double quotes may hold commas, and a doubled quote in it is one
 * @out:	fields are added, one at least
 */
void csv_split(const char *text, struct strv *out);
