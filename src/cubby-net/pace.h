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
 * pace_is_kept() - whether a socket makes pauses unless it is told not to
 * @fd:		a TCP socket
 *
 * Return: the answer.
 */
bool pace_is_kept(int fd);

/**
 * pace_is_here() - whether an address is one of this host's
 * @probe:	a datagram socket of its family; left unconnected and without a port
 * @to:		the address
 *
 * Return: the answer; false where there is no way to it.
 */
bool pace_is_here(int probe, const union address *to);

/**
 * pace_drop() - begin without pauses
 * @fd:		a TCP socket that is not connected yet
 */
void pace_drop(int fd);

/**
 * pace_drop_loopback() - begin without pauses where one end is a loopback address
 * @fd:		listens
 * @end:	one end of its connections
 */
void pace_drop_loopback(int fd, const union address *end);
