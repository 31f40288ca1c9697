/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mould - the options of a TCP socket, set on another as they are on the first
 *
 * What a program has set is what differs from a socket that nobody has touched. What cannot be read (an
 * attached filter, an owner for signals) stays behind.
 */
#pragma once

#include <netinet/in.h>
#include <stddef.h>

#include "base/macros.h"

enum { MOULD_OPTIONS = 32, MOULD_BYTES = 16 };

struct mould_value {
	socklen_t size; /* 0: the option is not there */
	unsigned char bytes[MOULD_BYTES];
};

struct mould {
	struct mould_value values[MOULD_OPTIONS];
};

/**
 * mould_take() - read all options of a socket
 * @mould:	filled in
 * @fd:		a TCP socket
 */
void mould_take(struct mould *mould, int fd);

/**
 * mould_press() - set what one socket has and an untouched one has not
 * @plain:	of an untouched one of the same family
 * @from:	the socket
 * @to:		gets its options; what is refused stays as it is
 */
void mould_press(const struct mould *plain, int from, int to);
