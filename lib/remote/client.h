/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - asking the registry helper for manifests and blobs
 *
 * Jobs run side by side in one helper; their ends are told by callbacks from the loop. A job that is
 * over is released after its callback has returned. Closing the client ends all jobs without a word.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "remote/settings.h"

struct remote;
struct remote_job;

/* What a job brought. Texts belong to the job. */
struct remote_answer {
	int memfd;		/* of a manifest: its bytes, or -1; closed after the callback */
	const char *digest;	/* of the bytes */
	const char *media_type; /* of a manifest, as it came; or NULL */
	int64_t size;		/* bytes */
};

/**
 * typedef remote_done_fn - a job is over
 * @data:	what the job was started with
 * @answer:	what came, or NULL when it failed
 * @err:	why it failed; belongs to the callee (err_move)
 */
typedef void (*remote_done_fn)(void *data, const struct remote_answer *answer, struct err *err);

/**
 * typedef remote_progress_fn - a blob has grown
 * @data:	what the job was started with
 * @have:	bytes in the file
 */
typedef void (*remote_progress_fn)(void *data, int64_t have);

struct remote_manifest_request {
	const char *domain;
	const char *path;
	const char *tag;    /* or NULL */
	const char *digest; /* counts more than the tag; or NULL */
	const char *known;  /* digest that need not be fetched again, or NULL */
	remote_done_fn done;
	void *data;
};

struct remote_blob_request {
	const char *domain;
	const char *path;
	const char *digest;
	int64_t size; /* bytes the blob must have */
	int file;     /* regular, read and write; what it holds is kept; stays the caller's */
	int more;     /* pipe that gets a byte when the file has grown, non-blocking; or -1; the
		       * caller closes its own copy so that the reader sees the end */
	remote_done_fn done;
	remote_progress_fn progress; /* or NULL */
	void *data;
};

struct remote_verify_request {
	const char *keys;      /* public ones in PEM, one behind the other */
	const char *signature; /* base64 */
	int file;	       /* what is signed; stays the caller's */
	remote_done_fn done;
	void *data;
};

struct remote_search_request {
	const char *domain;
	const char *term; /* "": all that the registry lists */
	int limit;
	remote_done_fn done;
	void *data;
};

/**
 * remote_open() - start the helper
 * @host:	says where it is, and what the proxies are; outlives the client, whose credential
 *		helpers it finds
 * @settings:	sent to it
 * @loop:	calls the callbacks; must outlive the client
 * @out:	to be released with remote_close; set on success only
 * @err:	what is missing
 *
 * Return: 0 or a negative errno.
 */
must_check int remote_open(const struct host *host, const struct remote_settings *settings,
			   struct loop *loop, struct remote **out, struct err *err);

/**
 * remote_manifest() - begin to fetch a manifest or an index
 * @remote:	the client
 * @request:	the texts are copied
 * @out:	the job, for remote_cancel; may be NULL
 * @err:	says that the helper is gone
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_manifest(struct remote *remote, const struct remote_manifest_request *request,
			       struct remote_job **out, struct err *err);

/**
 * remote_tags() - begin to list the tags of a repository
 * @remote:	the client
 * @request:	the texts are copied; .tag, .digest and .known do not count
 * @out:	the job, for remote_cancel; may be NULL
 * @err:	says that the helper is gone
 *
 * The answer's bytes are a JSON list of texts, each of which can be a tag.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_tags(struct remote *remote, const struct remote_manifest_request *request,
			   struct remote_job **out, struct err *err);

/**
 * remote_tags_parse() - read the answer of remote_tags()
 * @text:	its bytes
 * @size:	how many
 * @out:	tags are added
 * @err:	says that it is no list
 *
 * Return: 0 or -EBADMSG.
 */
must_check int remote_tags_parse(const char *text, size_t size, struct strv *out, struct err *err);

/**
 * remote_check() - begin to ask whether a registry lets us in
 * @remote:	the client
 * @request:	.domain, .done and .data count
 * @out:	the job, for remote_cancel; may be NULL
 * @err:	says that the helper is gone
 *
 * The end is -EACCES when it does not.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_check(struct remote *remote, const struct remote_manifest_request *request,
			    struct remote_job **out, struct err *err);

/**
 * remote_search() - begin to look for repositories of a registry
 * @remote:	the client
 * @request:	the texts are copied
 * @out:	the job, for remote_cancel; may be NULL
 * @err:	says that the helper is gone
 *
 * The answer's bytes are for found_parse().
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_search(struct remote *remote, const struct remote_search_request *request,
			     struct remote_job **out, struct err *err);

/**
 * remote_verify() - begin to check a signature
 * @remote:	the client
 * @request:	the texts are copied; the descriptor may be closed when this returns
 * @out:	the job, for remote_cancel; may be NULL
 * @err:	says that the helper is gone
 *
 * The end is -EKEYREJECTED when it is of none of the keys; -EBADMSG when it is no signature, or there is no key.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_verify(struct remote *remote, const struct remote_verify_request *request,
			     struct remote_job **out, struct err *err);

/**
 * remote_blob() - begin to fetch a blob
 * @remote:	the client
 * @request:	the texts are copied; the descriptors may be closed when this returns
 * @out:	the job, for remote_cancel; may be NULL
 * @err:	says that the helper is gone
 *
 * Codes of the end: -ESTALE (what was there was wrong: the file is empty now, ask again); -EBADMSG
 * (size or digest are not those asked for); -ENOENT; -EACCES; -EPIPE; -ETIMEDOUT, -ECONNREFUSED
 * and others of the network; -ENOSPC and others of the file.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_blob(struct remote *remote, const struct remote_blob_request *request,
			   struct remote_job **out, struct err *err);

/**
 * remote_cancel() - end a job without a callback
 * @job:	under way; may be NULL; released
 */
void remote_cancel(struct remote_job *job);

/**
 * remote_close() - end the helper and all jobs
 * @remote:	may be NULL
 */
void remote_close(struct remote *remote);

DEFINE_AUTO_PTR(remote, struct remote, remote_close)
