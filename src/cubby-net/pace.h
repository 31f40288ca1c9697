/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pace - the host's sockets whose other end is on this host too send without pauses
 *
 * bbr, which many hosts have for their long ways, spaces packets out by a timer. Within one host nothing is lost and
 * nothing is far: what the timer does there is wake the processor once more for each burst.
 */
#pragma once

#include <stdbool.h>

/**
 * pace_drop_nearby() - send without pauses where both ends have the same address
 * @fd:		a connected TCP socket; left as it is where it leads elsewhere
 *
 * Return: whether they have.
 */
bool pace_drop_nearby(int fd);
