/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * low - a room on the ground floor that climbs
 */
#pragma once

#include "store/high.h"

/**
 * low_do() - has a contract that names another parameter
 * @wrong:	not its name
 *
 * Return: 0.
 */
int low_do(int right);

/**
 * low_get() - does not say what it returns
 * @a:	first
 * @b:	a pointer to a function
 */
int low_get(const char *a, int (*b)(void *, int));

int low_bare(void);

/**
 * low_fine() - is as it should be
 * @fmt:	a format
 */
void low_fine(const char *fmt, ...);
