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
	const char *known; /* a validator of it: what has not changed since does not come; or NULL */
	int file;	   /* regular; gets the bytes, and the time that the other side tells */
	int64_t most;	   /* bytes that it may have */
	const struct registry_access *access; /* of which certificates and attempts count */
};

struct download_answer {
	char *digest;	 /* "sha256:…" of the bytes; NULL: unchanged */
	char *validator; /* what the server knows this version by; or NULL */
};

/**
 * download_file() - fetch one
 * @host:	the facts
 * @request:	which, and where to
 * @out:	to be released with download_answer_clear; may be NULL; set on success only
 * @err:	names the address, and the status of HTTP
 *
 * Return: 0; -ENOENT when there is none; otherwise what remote_blob() says.
 */
must_check int download_file(const struct host *host, const struct download_request *request,
			     struct download_answer *out, struct err *err);

/**
 * download_answer_clear() - release
 * @answer:	zeroed afterwards
 */
void download_answer_clear(struct download_answer *answer);

static inline void auto_download_answer(struct download_answer *answer)
{
	download_answer_clear(answer);
}

/**
 * download_is() - whether a text is an address that download_file() takes
 * @text:	as typed
 *
 * Return: true for http:// and https://.
 */
bool download_is(const char *text);
