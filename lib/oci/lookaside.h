/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lookaside - where the GPG signatures of a registry's images are kept
 *
 * Registries do not hold them, so they lie beside: on a web server or in a folder, whose addresses the files
 * of registries.d name for registries, namespaces or repositories, and "default-docker" for all others. The
 * signatures of a manifest are PLACE/path@sha256=HEX/signature-1 and so on, until one is not there.
 *
 * Source: containers-registries.d(5); "Signature storage" of containers/image.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "oci/reference.h"

struct lookaside_scope {
	char *name;  /* as policy.json writes scopes; "": every registry */
	char *read;  /* address, or NULL */
	char *write; /* likewise, where it is another */
	char *file;  /* that says so */
};

struct lookaside {
	struct lookaside_scope *items;
	size_t count;
};

/**
 * lookaside_add() - take what a file says
 * @lookaside:	zeroed at first; to be released with lookaside_clear
 * @doc:	of the file
 * @file:	its path
 * @err:	says what is wrong, and where
 *
 * Return: 0; -EBADMSG, also when another file speaks of the same scope.
 */
must_check int lookaside_add(struct lookaside *lookaside, const cJSON *doc, const char *file,
			     struct err *err);

/**
 * lookaside_place() - where the signatures of an image are
 * @lookaside:	what the files say
 * @ref:	whole name
 *
 * Return: an address, which belongs to @lookaside; NULL when nothing is said of it.
 */
const char *lookaside_place(const struct lookaside *lookaside, const struct reference *ref);

/**
 * lookaside_scope() - what is said of the very scope
 * @lookaside:	what the files say
 * @name:	of the scope; "" for every registry
 *
 * Return: the scope, which belongs to @lookaside, or NULL.
 */
const struct lookaside_scope *lookaside_scope(const struct lookaside *lookaside, const char *name);

/**
 * lookaside_address() - the address of one signature
 * @place:	of lookaside_place()
 * @ref:	whole name
 * @digest:	of the manifest, valid
 * @number:	from 1 on
 *
 * Return: the address, to be freed; never NULL.
 */
must_check char *lookaside_address(const char *place, const struct reference *ref,
				   const char *digest, size_t number);

/**
 * lookaside_path() - the file that an address means
 * @address:	any
 *
 * Return: an absolute path, to be freed; NULL when the address is of no file here.
 */
must_check char *lookaside_path(const char *address);

/**
 * lookaside_clear() - release the scopes
 * @lookaside:	zeroed afterwards
 */
void lookaside_clear(struct lookaside *lookaside);

static inline void auto_lookaside(struct lookaside *lookaside)
{
	lookaside_clear(lookaside);
}
