/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * http - one request and its answer, over libcurl
 *
 * Redirections are not followed here: whoever asks decides whether another host may be told what this
 * one was. Nothing is retried here either.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "remote/challenge.h"

struct http;
struct transfer;

enum http_limits {
	HTTP_MAX_BODY = 4 << 20,   /* bytes of a body that is kept */
	HTTP_MAX_ERROR = 64 << 10, /* bytes of an answer that is an error: the rest is not read */
	HTTP_MAX_HEADERS = 64 << 10,
	HTTP_MAX_VALUE = 255,	 /* bytes of one header; a longer one counts as none */
	HTTP_MAX_URL = 16 << 10, /* bytes of one that holds an address */
	HTTP_KEPT_STALLS = 5,	 /* a body that is kept has so many times .stall_seconds */
};

/* How the other side is known. Texts are borrowed for the transfer's life. */
struct http_trust {
	bool verify;
	const char *ca_file; /* instead of the system's bundle, or NULL */
	const char *ca_dir;  /* instead of the system's folder, or NULL */
	const char *cert;    /* the client's own, or NULL */
	const char *key;
};

struct http_answer {
	int code;     /* negative errno when the exchange broke off, and then .error says how */
	bool plain;   /* it broke off because no TLS is spoken there */
	bool unsure;  /* it broke off because the certificate is not trusted */
	bool unknown; /* it broke off because a certificate of ours is wanted, or another one */
	bool barred;  /* the proxy does not let us through */
	bool refused; /* nobody listens, or there is no such host */
	char error[256];
	int status; /* of HTTP; 0 when none came */
	char *type;
	char *digest;	/* Docker-Content-Digest */
	char *location; /* whole URL of a redirection, or of an upload */
	char *retry_after;
	char *limit; /* RateLimit-Limit, RateLimit-Remaining: "100;w=21600" */
	char *left;
	char *range;	 /* Content-Range; of an upload: Range */
	char *chunk_min; /* OCI-Chunk-Min-Length */
	char *link;
	char *modified; /* Last-Modified */
	char *etag;
	char *date;
	int64_t length; /* Content-Length, or -1 */
	struct challenge challenge;
	char *body; /* what was kept of it, ended with 0 */
	size_t body_size;
};

/* What goes along with a request. */
struct http_body {
	const char *type;  /* Content-Type, or NULL */
	const char *range; /* Content-Range, or NULL */
	int64_t size;	   /* bytes, or -1: not known yet */
	int64_t from;	   /* place of its first byte for .give */

	/* Gives the bytes of a place. Return: how many, 0 at the end; -EAGAIN: http_resume() will be
	 * called when there are more; another negative errno breaks off. May be NULL with size 0. */
	ssize_t (*give)(void *data, int64_t at, void *room, size_t size);
	void *data;
};

struct http_request {
	const char *url;
	bool head;
	const char *post;	   /* form to send, or NULL */
	const char *accept;	   /* or NULL */
	const char *authorization; /* or NULL */
	const char *validator;	   /* of validator.h: 304 comes when it is what is there; or NULL */
	int64_t from;		   /* first byte wanted; 0 for all */
	int stall_seconds;	   /* in place of the engine's, or 0 */
	const char *method; /* POST, PATCH, PUT: .body goes along; NULL: GET, or as said above */
	struct http_body body;
	struct http_trust trust;

	/* Takes a body of status 200 or 206 in parts; NULL: it is kept. Negative errno breaks off. */
	int (*take)(void *data, const struct http_answer *answer, const void *bytes, size_t size);
	/* The end. The transfer is released after it; the answer with it. */
	void (*done)(void *data, struct http_answer *answer);
	void *data;
};

/**
 * http_new() - make ready
 * @user_agent:	what we call ourselves
 * @stall_seconds: a connection that brings nothing for so long is given up
 * @no_proxy:	who is reached without the proxy of the environment (remote/noproxy.h), or NULL
 * @out:	to be released with http_free; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int http_new(const char *user_agent, int stall_seconds, const char *no_proxy,
			struct http **out);

/**
 * http_start() - begin a request
 * @http:	the engine
 * @request:	copied, but for the texts of .trust
 * @out:	for http_cancel; valid until .done has been called
 *
 * Return: 0 or a negative errno.
 */
must_check int http_start(struct http *http, const struct http_request *request,
			  struct transfer **out);

/**
 * http_cancel() - end a request without a word
 * @transfer:	may be NULL
 */
void http_cancel(struct transfer *transfer);

/**
 * http_resume() - go on with a body of which there were no more bytes
 * @transfer:	under way; may be NULL
 */
void http_resume(struct transfer *transfer);

/**
 * http_move() - move the bytes that are there, and call back
 * @http:	the engine
 *
 * Return: 0 or a negative errno.
 */
must_check int http_move(struct http *http);

/**
 * http_wait() - wait until there is something to move
 * @http:	the engine
 * @sock:	is waited for too
 * @events:	POLLIN, POLLOUT for @sock
 * @timeout_ms:	longest time to wait
 *
 * Return: 0 or a negative errno.
 */
must_check int http_wait(struct http *http, int sock, short events, int timeout_ms);

/**
 * http_free() - release
 * @http:	may be NULL; has no transfers left
 */
void http_free(struct http *http);

DEFINE_AUTO_PTR(http, struct http, http_free)
