/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * download - a file that is no registry's, by the registry helper
 *
 * Strangers' answers are read by the helper alone. Proxies are those of the environment; names and passwords of
 * registries are told to nobody.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "engine/registry.h"
#include "kern/host.h"

struct download_request {
	const char *address; /* http:// or https:// */
	int file;	     /* regular; gets the bytes, and the time that the other side tells */
	int64_t most;	     /* bytes that it may have */
	const struct registry_access *access; /* of which certificates and attempts count */
};

/**
 * download_file() - fetch one
 * @host:	the facts
 * @request:	which, and where to
 * @out_digest:	"sha256:…" of the bytes, to be freed; may be NULL; set on success only
 * @err:	names the address, and the status of HTTP
 *
 * Return: 0; -ENOENT when there is none; otherwise what remote_blob() says.
 */
must_check int download_file(const struct host *host, const struct download_request *request,
			     char **out_digest, struct err *err);

/**
 * download_is() - whether a text is an address that download_file() takes
 * @text:	as typed
 *
 * Return: true for http:// and https://.
 */
bool download_is(const char *text);
