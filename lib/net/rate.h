/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rate - how many bytes a second a container's network may carry
 *
 * What is typed is "10mbit" for both directions, or "up=10mbit,down=100mbit", or one of the two. A number is
 * of bits, with the units that tc(8) has for them: bit, kbit, mbit, gbit, tbit, each a thousand of the one
 * before; without a unit it is of bits too. Up is what leaves the container. 0 is no limit.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct rate {
	int64_t up, down; /* bytes a second; 0: no limit */
};

/**
 * rate_parse() - read a limit
 * @text:	as typed
 * @out:	set on success only
 * @err:	names what is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int rate_parse(const char *text, struct rate *out, struct err *err);

/**
 * rate_print() - write a limit as it can be read again
 * @rate:	the limit
 *
 * Return: the text, to be freed; NULL when there is none.
 */
must_check char *rate_print(const struct rate *rate);
