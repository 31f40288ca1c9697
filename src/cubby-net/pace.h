/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pace - the host's sockets whose other end is on this host too send without pauses
 *
 * bbr, which many hosts have for their long ways, spaces packets out by a timer. Within one host nothing is lost and
 * nothing is far: what the timer does there is wake the processor once more for each burst.
 * A socket whose connection has begun with bbr keeps the timer under another congestion control, for longer bursts. Only
 * one that had the other from the start has none.
 */
#pragma once

#include <stdbool.h>

#include "cubby-net/address.h"

/**
 * pace_drop_nearby() - send without pauses where both ends have the same address
 * @fd:		a connected TCP socket; left as it is where it leads elsewhere
 *
 * Return: whether they have.
 */
bool pace_drop_nearby(int fd);

/**
 * pace_drop_loopback() - begin without pauses where one end is of this host alone
 * @fd:		a TCP socket that is not connected yet, or listens for those that are
 * @end:	one end of its connections
 */
void pace_drop_loopback(int fd, const union address *end);
