/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ratelimit - how many pulls a registry has left for us
 *
 * docker.io says with each manifest "ratelimit-limit: 100;w=21600" and "ratelimit-remaining: 0;w=21600": so
 * many in a window of so many seconds.
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

/**
 * ratelimit_spent() - whether nothing is left
 * @left:	RateLimit-Remaining, or NULL
 *
 * Return: whether it says so.
 */
must_check bool ratelimit_spent(const char *left);

/**
 * ratelimit_print() - the two headers in words
 * @limit:	RateLimit-Limit, or NULL
 * @left:	RateLimit-Remaining, or NULL
 *
 * Return: "0 of 100 in 6 hours are left", to be freed; NULL when one of them says no such thing.
 */
must_check char *ratelimit_print(const char *limit, const char *left);
