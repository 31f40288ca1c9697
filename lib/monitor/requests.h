/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * requests - what a monitor does for its clients, one function a message
 */
#pragma once

#include <stddef.h>

#include "monitor/inside.h"

/**
 * requests_serve() - answer a message
 * @data:	the monitor
 * @c:		who sent it
 * @in:		the message
 * @fds:	descriptors that came with it
 * @count:	how many
 */
void requests_serve(void *data, struct client *c, const struct wire *in, const int *fds,
		    size_t count);

/**
 * requests_input() - write on what clients sent for the container's stdin
 * @data:	the monitor
 */
void requests_input(void *data);

/**
 * requests_gone() - a client has gone
 * @data:	the monitor
 * @c:		who
 */
void requests_gone(void *data, struct client *c);
