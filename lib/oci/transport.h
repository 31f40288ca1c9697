/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transport - where an image comes from or goes to, as podman and skopeo write it
 *
 *	docker://REFERENCE                      a registry
 *	oci:PATH[:NAME|@DIGEST|:@INDEX]         an OCI image layout in a folder
 *	oci-archive:PATH[:NAME|@DIGEST|:@INDEX] the same in a tar
 *	docker-archive:PATH[:REFERENCE[,REFERENCE]...|:@INDEX]
 *	                                        what "docker save" writes
 *	dir:PATH                                one image's manifest and blobs in a folder
 *	containers-storage:[[DRIVER@ROOT]]NAME  an image of the store
 *
 * A text is a transport's only if it begins with such a word and ':'. That wins over a path of the
 * same spelling ("oci:5000/x" is the layout in the folder "5000/x", as podman reads it), with one
 * exception: docker's needs its slashes, for "docker:dind" is an image. Other text is the name of an image
 * ("localhost:5000/x"), unless it can be none and looks like a transport or a URL.
 *
 * A path ends at its first ':', which it can so not contain; that of "dir:" reaches to the end. What a
 * path leads to is not looked at here.
 *
 * Source: containers-transports(5).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/macros.h"
#include "base/str.h"

enum transport_kind {
	TRANSPORT_NONE, /* a name or an id alone */
	TRANSPORT_REGISTRY,
	TRANSPORT_OCI,
	TRANSPORT_OCI_ARCHIVE,
	TRANSPORT_DOCKER_ARCHIVE,
	TRANSPORT_DIR,
	TRANSPORT_STORAGE,
};

/* Words before the ':' by kind, both ways; "" for TRANSPORT_NONE; NULL at the end. */
extern const char *const transport_names[];

struct transport {
	enum transport_kind kind;
	char *path;   /* NULL for the first two kinds; of TRANSPORT_STORAGE: its root, or NULL */
	char *driver; /* of TRANSPORT_STORAGE, or NULL */
	struct strv names; /* of the image: one at most except with docker-archive, whose names are
			    * whole references; those of the first two kinds are as typed */
	char *digest;	   /* of a manifest in a layout, or NULL */
	int64_t index;	   /* which image of an archive or layout, from 0; -1 when not said */
};

/**
 * transport_parse() - read what the user typed for an image
 * @text:	the text
 * @out:	zeroed by the caller, who owns it (transport_clear); set on success only
 * @err:	says what is wrong with it, and which transports there are
 *
 * Names for registries and the store are not parsed further. "docker-daemon:" is known and refused.
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP for a transport that others have.
 */
must_check int transport_parse(const char *text, struct transport *out, struct err *err);

/**
 * transport_given() - whether a text names a transport other than a registry
 * @text:	what the user typed
 *
 * For callers who treat all other text as a name of an image. Such a text may still be wrong.
 *
 * Return: whether transport_parse() is to read it.
 */
bool transport_given(const char *text);

/**
 * transport_registry() - the name alone, without "docker://"
 * @text:	what the user typed
 *
 * Return: a part of @text.
 */
const char *transport_registry(const char *text);

/**
 * transport_is_file() - whether a kind's images lie in a file or folder of the user's
 * @kind:	the kind
 *
 * Return: true for layouts, archives and "dir:".
 */
bool transport_is_file(enum transport_kind kind);

/**
 * transport_print() - the text again
 * @transport:	parsed
 *
 * Return: what transport_parse() reads as the same; to be freed, never NULL.
 */
must_check char *transport_print(const struct transport *transport);

/**
 * transport_clear() - release the texts
 * @transport:	zeroed afterwards
 */
void transport_clear(struct transport *transport);

static inline void auto_transport(struct transport *transport)
{
	transport_clear(transport);
}
