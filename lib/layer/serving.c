/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serving - the helper's side of layer/protocol.h
 */
#include "layer/serving.h"

static int serve_one(int sock, struct layer_request *req, serving_fn *serve, void *data)
{
	AUTO(layer_reply) struct layer_reply reply = { 0 };
	AUTO(err) struct err err = { 0 };

	if (serve(data, req, &reply, &err) < 0) {
		layer_reply_clear(&reply);
		reply.code = err.code;
		reply.text = take_ptr(err.text);
		reply.hint = take_ptr(err.hint);
	}
	return layer_reply_send(sock, &reply);
}

int serving_loop(int sock, serving_fn *serve, void *data)
{
	while (true) {
		AUTO(layer_request)
		struct layer_request req = { .fds = { [0 ... LAYER_SLOTS - 1] = -1 } };
		int r = layer_request_recv(sock, &req);
		if (r > 0)
			r = serve_one(sock, &req, serve, data);
		else
			return r;
		if (r < 0)
			return r;
	}
}
