/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-single - makes one file of an image's layers for cubby
 *
 * A private helper, as cubby-layer: its socket is at descriptor 3 (layer/protocol.h). One file is made by
 * LAYER_OP_SINGLE, one LAYER_OP_SINGLE_ADD for each layer, uppermost first, and LAYER_OP_SINGLE_END. It writes
 * to the descriptor that it is given; the user namespace is only entered to be able to give up more rights.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layer/protocol.h"
#include "layer/sandbox.h"
#include "layer/serving.h"
#include "layer/single.h"

enum { STATUS_USAGE = 2 };

static int begin(struct single **single, struct layer_request *req, struct err *err)
{
	single_free(take_ptr(*single));
	if (req->fds[LAYER_SLOT_OUT] < 0)
		return err_set(err, -EBADMSG, "a request without its descriptor");
	return single_new(take_fd(req->fds[LAYER_SLOT_OUT]), req->flags, single, err);
}

static int add(struct single *single, const struct layer_request *req, struct layer_reply *reply,
	       struct err *err)
{
	const struct layer_apply layer = {
		.blob = req->fds[LAYER_SLOT_IN],
		.more = req->fds[LAYER_SLOT_MORE],
		.max_bytes = req->max_bytes,
	};

	return single_add(single, &layer, &reply->applied, err);
}

static int answer(void *data, struct layer_request *req, struct layer_reply *reply, struct err *err)
{
	struct single **single = data;

	if (req->op == LAYER_OP_SINGLE)
		return begin(single, req, err);
	if (!*single)
		return err_set(err, -EBADMSG, "no file is being made");
	if (req->op == LAYER_OP_SINGLE_ADD && req->fds[LAYER_SLOT_IN] >= 0)
		return add(*single, req, reply, err);
	if (req->op == LAYER_OP_SINGLE_END)
		return single_end(*single, str_or(req->name, ""), &reply->digest.size, err);
	return err_set(err, -ENOSYS, "an unknown request");
}

int main(int argc, char **argv)
{
	AUTO(err) struct err err = { 0 };
	struct single *single = NULL;

	bool userns = argc == 2 && strcmp(argv[1], "--userns") == 0;

	if (argc > 2 || (argc == 2 && !userns)) {
		fputs("cubby-single: is started by cubby\n", stderr);
		return STATUS_USAGE;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this signal */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL); /* hashing needs no set-up */
	if ((userns && sandbox_join(LAYER_USERNS, &err) < 0) || sandbox_enter(&err) < 0) {
		fprintf(stderr, "cubby-single: %s\n", err.text);
		return EXIT_FAILURE;
	}
	int r = serving_loop(LAYER_SOCKET, answer, &single);
	single_free(single);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
