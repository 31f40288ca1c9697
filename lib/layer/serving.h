/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serving - the helper's side of layer/protocol.h
 */
#pragma once

#include "base/err.h"
#include "layer/protocol.h"

/**
 * typedef serving_fn - do what a request asks for
 * @data:	what serving_loop() was given
 * @req:	its descriptors may be taken
 * @reply:	to be filled in
 * @err:	what is told to the client when the result is negative
 *
 * Return: 0 or a negative errno.
 */
typedef int serving_fn(void *data, struct layer_request *req, struct layer_reply *reply,
		       struct err *err);

/**
 * serving_loop() - answer requests until the client goes
 * @sock:	the stream
 * @serve:	asked for each request
 * @data:	handed to @serve
 *
 * Return: 0 when the client has gone; otherwise a negative errno.
 */
must_check int serving_loop(int sock, serving_fn *serve, void *data);
