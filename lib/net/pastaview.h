/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pastaview - which addresses a pasta has given
 */
#pragma once

#include "base/err.h"
#include "net/config.h"

/**
 * pastaview_read() - what the calling thread's network namespace has got
 * @out:	cleared; gets the interface, its link address, addresses and gateways; what is not there
 *		stays NULL
 * @err:	what the kernel said
 *
 * The first interface but loopback counts: pasta makes one.
 *
 * Return: 0 or a negative errno.
 */
must_check int pastaview_read(struct net_plan *out, struct err *err);

/**
 * pastaview_other() - an IPv4 address of the calling thread's network namespace, but not a given one
 * @not:	the given one; may be NULL
 *
 * Return: the address, to be freed; NULL without any.
 */
must_check char *pastaview_other(const char * not );
