/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * watches - epoll instances of a caller that wait for a socket which is about to be replaced
 *
 * An epoll instance knows a socket, not a descriptor's number: one that was told of it before it was connected
 * (nginx does that) would wait for ever. So what is watched is added for the socket that takes its place, under
 * the number and with the data that the caller gave.
 */
#pragma once

#include "cubby-fast/caller.h"

/**
 * watches_move() - let who watches a socket watch another
 * @caller:	waits
 * @fd:		number of the socket there
 * @own:	ours, which will have that number
 *
 * Instances are looked for among the descriptors that were opened before the socket. One that is not found
 * hears of nothing.
 */
void watches_move(const struct caller *caller, int fd, int own);
