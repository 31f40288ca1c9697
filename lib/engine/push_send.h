/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push_send - bring blobs into a repository
 *
 *	LOOK ──▶ there: done
 *	   └───▶ TODO ──▶ SENDING ──▶ done
 *	          ▲ └───▶ FETCHING
 *	          └──────────┘
 *
 * The registry is asked for all of them at once, then those that it lacks are sent, a few side by
 * side. A layer that must be compressed is sent while cubby-layer compresses it into a file without a
 * name; there are as many of those as processors, at least two.
 *
 * A pull does not fetch what it has unpacked from elsewhere, so a blob may be missing from the store. It is
 * mounted where that can be, else fetched from where it was pulled from, else made anew from what there
 * is of its layer; only the last gives it another digest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/watch.h"
#include "remote/client.h"

struct push_blob {
	const char *from; /* digest in the store */
	int64_t from_size;
	char *digest; /* in the registry; NULL where only packing tells */
	int64_t size; /* likewise */
	bool pack;
	int packing; /* enum layer_packing */
	int level;
	struct strv notes; /* "key=value": annotations of one that is packed */
	const char *plain; /* diff id of one that is packed */
	char *mount;	   /* repository of the registry that is likely to have it, or NULL */
	bool absent;	   /* .from is not in the store: its layer had come in another form */
	char *source;	   /* then: "registry/path" that it can be fetched from, or NULL */
	char *stand_in; /* then: digest of a blob in the store that holds the same layer, or NULL */
	int how;	/* enum remote_how, once it is there */
};

struct push_blobs {
	struct push_blob *items;
	size_t count;
};

struct push_send {
	struct remote *remote;
	struct loop *loop; /* of @remote */
	const char *domain;
	const char *path;
	struct push_blobs *blobs;
	const struct watch *watch; /* or NULL */

	/* Called once it is known that blobs are missing (.how is 0), to find out .mount, .absent,
	 * .source and .stand_in. */
	void (*missing)(void *data);
	void *data;
};

/**
 * push_send() - see above
 * @engine:	the engine
 * @request:	what and where to; .how, .digest and .size of the blobs are filled in
 * @err:	which blob failed, and why
 *
 * Return: 0; -EBADMSG when a layer is not what the image says; otherwise a negative errno.
 */
must_check int push_send(struct engine *engine, const struct push_send *request, struct err *err);
