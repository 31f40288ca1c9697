/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upload - a blob on its way into a registry
 *
 *	LOOK ──▶ OPEN ──▶ SEND ──▶ FINISH ──▶ over
 *	HEAD     POST     PATCH…   PUT
 *	  ▲        ▲        │ ▲      │
 *	  │        └─ lost ─┤ └──┐   │ broken: the registry may have it by now
 *	  │                 ▼    │   │
 *	  │              STATUS ─┘   │
 *	  └──────────────────────────┘
 *
 * A small blob goes along with the PUT. A large one is sent by one PATCH, since nothing else is
 * understood by all registries; where that breaks off, the registry is asked how much it has (GET)
 * and the rest follows. Only one that refuses large bodies (413) gets it in chunks. A file that is
 * still being written is sent as it grows, and its digest is told at the end.
 *
 *   (1) .acked bytes are known to be in the registry; .there are in the file and may be read;
 *   (2) the digest goes into the last request alone, so it need not be known before;
 *   (3) with .location there is a session in the registry, without it there is none.
 *
 * Source: OCI distribution-spec v1.1 "Pushing blobs".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "remote/protocol.h"
#include "site.h"

enum upload_step { UPLOAD_LOOK, UPLOAD_OPEN, UPLOAD_STATUS, UPLOAD_SEND, UPLOAD_FINISH };

/* What an answer of the registry leads to. */
struct upload_verdict {
	enum {
		UPLOAD_ASK,	   /* the next request */
		UPLOAD_OVER,	   /* the registry has it */
		UPLOAD_LATER,	   /* .code and .why may pass */
		UPLOAD_FAIL,	   /* asking again would bring nothing else */
		UPLOAD_UNEXPECTED, /* the status itself says it */
	} kind;
	int code; /* negative errno */
	const char *why;
};

struct upload {
	enum upload_step step;
	bool broken;  /* the last request of this step was not answered as it should */
	int file;     /* -1: only asked for */
	char *digest; /* NULL while nobody knows it */
	int how;      /* enum remote_how, in the end */
	int64_t size; /* of the whole; -1 while it grows */
	int64_t there;
	int64_t acked;
	int64_t until; /* end of the part that the request under way sends; -1: as far as it grows */
	int64_t given; /* bytes of the file that went out */
	int64_t chunk; /* most bytes of one request, or 0 */
	int64_t least; /* fewest bytes of one that is not the last */
	char *mount;   /* repository that may have it, or NULL */
	char *location;
	char *range; /* Content-Range of the request under way */
};

/**
 * upload_new() - take an upload on
 * @file:	handed over; or -1
 * @message:	REMOTE_UPLOAD
 *
 * Return: to be released with upload_free; never NULL.
 */
struct upload *upload_new(int file, const struct remote_message *message);

/**
 * upload_url() - where the next request goes
 * @upload:	on its way
 * @site:	the registry
 * @path:	repository
 * @redirected:	the last request is asked again elsewhere
 *
 * After a failure the step is chosen anew.
 *
 * Return: to be freed; never NULL.
 */
must_check char *upload_url(struct upload *upload, const struct site *site, const char *path,
			    bool redirected);

/**
 * upload_waits() - whether there is nothing to send yet
 * @upload:	on its way
 *
 * Return: true when upload_grown() must come first.
 */
bool upload_waits(const struct upload *upload);

/**
 * upload_request() - what the next request is, but for its address
 * @upload:	on its way
 * @request:	filled in; its texts live until the next call
 */
void upload_request(struct upload *upload, struct http_request *request);

/**
 * upload_answer() - go on after an answer of the registry
 * @upload:	on its way
 * @answer:	no redirection and no 401
 * @insecure:	the session may be at an address without TLS
 *
 * Return: what comes next.
 */
struct upload_verdict upload_answer(struct upload *upload, const struct http_answer *answer,
				    bool insecure);

/**
 * upload_refused() - the request was not looked at (401), and is asked again
 * @upload:	on its way
 */
void upload_refused(struct upload *upload);

/**
 * upload_grown() - the file may be read further
 * @upload:	on its way
 * @message:	REMOTE_MORE
 */
void upload_grown(struct upload *upload, const struct remote_message *message);

/**
 * upload_free() - release; closes the file
 * @upload:	may be NULL
 */
void upload_free(struct upload *upload);
