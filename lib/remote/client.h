/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - asking the registry helper for manifests and blobs, and giving it some
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
	const char *validator;	/* of a file: what its server knows it by, or NULL */
	int64_t size;		/* bytes */
	int how;		/* of what was pushed: enum remote_how of remote/protocol.h */
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

/* What may be asked of a registry that is pushed to: the rights of all jobs of a push are the same. */
struct remote_target {
	const char *domain;
	const char *path;
	const struct strv *also; /* repositories that blobs may be mounted from */
};

struct remote_upload_request {
	const struct remote_target *target;
	const char *digest; /* NULL for one that grows */
	int64_t size;	    /* bytes; negative for one that grows */
	const char *mount;  /* one of .also that is likely to have it, or NULL */
	int file; /* regular, read; or -1: is it there, or with .mount: can it be had so? (-ENOENT);
		   * stays the caller's */
	remote_done_fn done;
	void (*progress)(void *data, int64_t sent); /* or NULL */
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
 * remote_proxies() - the environment that the helper gets
 * @host:	the facts
 * @out:	"NAME=VALUE" texts are added, those of proxies
 */
void remote_proxies(const struct host *host, struct strv *out);

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
 * The end is -ENOKEY when it does not let these in.
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
 * remote_file() - begin to fetch a small file that is no registry's
 * @remote:	the client
 * @address:	http:// or https://; copied
 * @done:	as of remote_manifest(); there is neither digest nor media type
 * @data:	for @done
 * @err:	says that the helper is gone
 *
 * Nobody is told who we are. The end is -ENOENT when there is no such file.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_file(struct remote *remote, const char *address, remote_done_fn done,
			   void *data, struct err *err);

struct remote_download_request {
	const char *address; /* http:// or https:// */
	const char *known;   /* a validator: what has not changed since need not come; or NULL */
	int64_t most;	     /* bytes that it may have */
	int file;	     /* regular, written from its start; stays the caller's */
	remote_done_fn
		done; /* .digest and .size are those of the bytes; REMOTE_HOW_THERE: it has not changed */
	void *data;
};

/**
 * remote_download() - begin to fetch a file of any size that is no registry's
 * @remote:	the client
 * @request:	the texts are copied; the descriptor may be closed when this returns
 * @err:	says that the helper is gone
 *
 * Nobody is told who we are. The file gets the time that the other side tells, or that of the epoch.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_download(struct remote *remote, const struct remote_download_request *request,
			       struct err *err);

/**
 * remote_blob() - begin to fetch a blob
 * @remote:	the client
 * @request:	the texts are copied; the descriptors may be closed when this returns
 * @out:	the job, for remote_cancel; may be NULL
 * @err:	says that the helper is gone
 *
 * Codes of the end: -ESTALE (with .more alone: what was read was wrong, the file is empty now, ask again);
 * -EBADMSG (size or digest are not those asked for); -ENOENT; -EACCES; -EPIPE; -ETIMEDOUT, -ECONNREFUSED
 * and others of the network; -ENOSPC and others of the file.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_blob(struct remote *remote, const struct remote_blob_request *request,
			   struct remote_job **out, struct err *err);

/**
 * remote_look() - begin to ask for the digest under a name, with the rights of a push
 * @remote:	the client
 * @target:	registry and repository; the texts are copied
 * @tag:	copied
 * @done:	.digest is NULL where the registry does not tell it
 * @data:	for @done
 * @err:	says that the helper is gone
 *
 * Codes of the end: -ENOENT when there is nothing of that name; others of the network.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_look(struct remote *remote, const struct remote_target *target,
			   const char *tag, remote_done_fn done, void *data, struct err *err);

/**
 * remote_upload() - begin to bring a blob into a registry
 * @remote:	the client
 * @request:	the texts are copied; the file may be closed when this returns
 * @out:	the job, for remote_cancel and remote_upload_more; may be NULL
 * @err:	says that the helper is gone
 *
 * Codes of the end: as remote_blob(), and -ENOENT for one that was only asked for.
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_upload(struct remote *remote, const struct remote_upload_request *request,
			     struct remote_job **out, struct err *err);

/**
 * remote_upload_more() - tell that the file of an upload has grown
 * @job:	under way
 * @size:	bytes that it has now
 * @digest:	with the last bytes: of the whole; else NULL
 *
 * Where the helper is gone, the end of the job tells.
 */
void remote_upload_more(struct remote_job *job, int64_t size, const char *digest);

/**
 * remote_put() - begin to bring a manifest into a registry
 * @remote:	the client
 * @target:	registry and repository; the texts are copied
 * @name:	tag or digest; copied; NULL: its own digest
 * @media_type:	copied
 * @file:	its bytes, read from where it stands; may be closed when this returns
 * @done:	.digest is that of the bytes
 * @data:	for @done
 * @err:	says that the helper is gone
 *
 * Return: 0 or a negative errno; then no callback comes.
 */
must_check int remote_put(struct remote *remote, const struct remote_target *target,
			  const char *name, const char *media_type, int file, remote_done_fn done,
			  void *data, struct err *err);

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
