/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protocol - what a client and cubby-layer say to each other
 *
 *	client					cubby-layer (socket at descriptor 3)
 *	starts it ───────────────────────────▶	enters the user namespace, gives up its rights
 *	length, descriptors ─────────────────▶
 *	request (JSON) ──────────────────────▶	works
 *					  ◀──	length
 *					  ◀──	reply (JSON)
 *	... the next request, or
 *	closes the socket ───────────────────▶	ends with status 0
 *
 * The socket is a stream. A length is a uint32_t in the machine's order, at most
 * LAYER_MESSAGE_MAX. The descriptors come with the length's bytes, in the order of enum layer_slot;
 * .slots of the request tells which of them there are. One request at a time; the client waits for
 * the reply before it sends the next.
 *
 * When the helper dies, the client reads the end of the stream and reports -EPIPE. When the client
 * dies, the helper is killed by the kernel (it asked for that); a helper that lives on for a moment
 * writes to temporary places only. A reply with a code carries the sentence of struct err.
 */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "layer/job.h"

enum {
	LAYER_SOCKET = 3,
	LAYER_USERNS = 4, /* descriptor of the user namespace to enter, when there is one */
	LAYER_MESSAGE_MAX = JSON_MAX_BYTES,
};

enum layer_op {
	LAYER_OP_APPLY,
	LAYER_OP_FIXUP,
	LAYER_OP_INGEST,
	LAYER_OP_UNARCHIVE,
	LAYER_OP_ARCHIVE,
	LAYER_OP_PACK,
	LAYER_OP_RECIPE,
	LAYER_OP_FOLLOW,
	LAYER_OP_COMPRESS,
	LAYER_OP_HASH_FILES,
	LAYER_OP_PEEK,
	LAYER_OP_SINGLE, /* these three are cubby-single's */
	LAYER_OP_SINGLE_ADD,
	LAYER_OP_SINGLE_END,
	LAYER_OPS
};

/* What a descriptor is for. */
enum layer_slot {
	LAYER_SLOT_IN,	    /* blob, archive, stream: read */
	LAYER_SLOT_MORE,    /* pipe of a growing blob */
	LAYER_SLOT_OUT,	    /* file or stream: written */
	LAYER_SLOT_DIR,	    /* directory that is filled or packed, or holds the parts */
	LAYER_SLOT_JOURNAL, /* see layer/journal.h */
	LAYER_SLOT_STORE,   /* directory of lower layers */
	LAYER_SLOT_FOLDERS, /* the first of layer/folders.h */
	LAYER_SLOTS = LAYER_SLOT_FOLDERS + LAYER_FOLDERS
};

struct layer_request {
	int op;	   /* enum layer_op */
	int slots; /* 1 << slot for each descriptor that came */
	int flags; /* enum layer_flags */
	int kind;  /* enum layer_pack_kind, or layer_packing */
	int level; /* of a compression */
	int64_t max_bytes;
	int64_t time; /* of a pack */
	struct strv lower;
	struct strv mounted;
	struct strv undone;
	struct layer_parts parts;
	char *name; /* .below of an apply, .name of a pack, trailer of a single file; borrowed by who sends */
	char *as;
	struct layer_owners owners;
	int fds[LAYER_SLOTS]; /* not in the JSON; negative where there is none */
};

struct layer_reply {
	int code; /* negative errno, or 0 */
	char *text;
	char *hint;
	struct layer_applied applied;
	struct layer_digest digest;
	struct layer_members members;
	bool is_archive;
};

/* The JSON of both, without .fds. */
extern const struct jfield layer_request_fields[];
extern const struct jfield layer_reply_fields[];

/**
 * layer_request_send() - send a request
 * @sock:	the stream
 * @req:	the request with its descriptors
 *
 * Return: 0; -EPIPE when nobody listens; -EMSGSIZE when it is too long.
 */
must_check int layer_request_send(int sock, const struct layer_request *req);

/**
 * layer_request_recv() - wait for a request
 * @sock:	the stream
 * @out:	set on success only; to be released with layer_request_clear
 *
 * Return: 1; 0 at the end of the stream; -EBADMSG when it is no request.
 */
must_check int layer_request_recv(int sock, struct layer_request *out);

/**
 * layer_request_clear() - release a request and close its descriptors
 * @req:	empty afterwards
 */
void layer_request_clear(struct layer_request *req);

static inline void auto_layer_request(struct layer_request *req)
{
	layer_request_clear(req);
}

/**
 * layer_reply_send() - send a reply
 * @sock:	the stream
 * @reply:	the reply
 *
 * Return: 0; -EPIPE when nobody listens; -EMSGSIZE when it is too long.
 */
must_check int layer_reply_send(int sock, const struct layer_reply *reply);

/**
 * layer_reply_recv() - wait for a reply
 * @sock:	the stream
 * @out:	set on success only; to be released with layer_reply_clear
 *
 * Return: 0; -EPIPE when the helper is dead; -EBADMSG when it is no reply.
 */
must_check int layer_reply_recv(int sock, struct layer_reply *out);

/**
 * layer_reply_clear() - release a reply
 * @reply:	empty afterwards
 */
void layer_reply_clear(struct layer_reply *reply);

static inline void auto_layer_reply(struct layer_reply *reply)
{
	layer_reply_clear(reply);
}
