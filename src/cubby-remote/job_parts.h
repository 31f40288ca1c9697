/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job_parts - what the files of a job have for one another
 *
 *	request.c   what a message asks for, before the job begins
 *	job.c       the life of a job: its stages, the request that goes out, which answer goes where
 *	document.c  answers that are text: manifests, tags, what a search found
 *	fetch.c     answers with the bytes of a blob
 *	push.c      answers to what is pushed
 *	trouble.c   answers that are none of these
 *	attempt.c   what follows: the end, the next endpoint, the same one later
 *
 * Whoever takes an answer sets the next stage, by one of attempt.c or to JOB_ASK, in which case .url may
 * name another address. Nobody else than main.c releases a job.
 */
#pragma once

#include "job_state.h"
#include "oci/reference.h"

/* A manifest to push. */
struct document {
	char *bytes;
	size_t size;
};

/* ---- attempt.c -------------------------------------------------------------------------------- */

/**
 * job_over() - nothing is left to do
 * @job:	has what was asked for, or .err says why not
 */
void job_over(struct job *job);

/**
 * job_fail() - the end, without what was asked for
 * @job:	over afterwards; a hint that .err has stays
 * @code:	negative errno
 * @why:	what the sentence ends with
 */
void job_fail(struct job *job, int code, const char *why);

/**
 * job_fail_err() - the end, with the sentence of another error
 * @job:	over afterwards
 * @err:	cleared; its hint is taken
 */
void job_fail_err(struct job *job, struct err *err);

/**
 * job_last_endpoint() - whether no other endpoint could be asked after this one
 * @job:	being asked
 *
 * Return: true at the registry itself.
 */
bool job_last_endpoint(const struct job *job);

/**
 * job_endpoint_site() - who is reached at an endpoint
 * @job:	with endpoints
 * @at:		number of one
 *
 * Return: belongs to the world of the job.
 */
struct site *job_endpoint_site(const struct job *job, size_t at);

/**
 * job_ask_endpoint() - begin anew at an endpoint, or the next one that is not avoided
 * @job:	JOB_ASK afterwards; the bytes that it has stay
 * @at:		number of one
 */
void job_ask_endpoint(struct job *job, size_t at);

/**
 * job_give_up() - a failure that asking again will not mend: the next endpoint, or the end
 * @job:	asked in vain
 * @code:	negative errno
 * @why:	what the sentence ends with, if it is the end
 */
void job_give_up(struct job *job, int code, const char *why);

/**
 * job_begin_again() - the bytes of a blob turned out wrong, and may be had right
 * @job:	with .blob; at its first endpoint afterwards, or over with -ESTALE where somebody reads the bytes
 * @why:	what the sentence ends with, if it is the end
 */
void job_begin_again(struct job *job, const char *why);

/**
 * job_try_later() - a failure that may pass: a pause, or job_give_up() when there were too many
 * @job:	asked in vain
 * @code:	negative errno
 * @why:	what the sentence ends with, if it is the end
 * @after:	seconds that the registry asks to wait, or negative
 */
void job_try_later(struct job *job, int code, const char *why, int64_t after);

/**
 * job_bytes_done() - bytes that came, or that the registry has
 * @job:	any
 *
 * Return: 0 for what is no blob.
 */
int64_t job_bytes_done(const struct job *job);

/* ---- trouble.c -------------------------------------------------------------------------------- */

/**
 * job_on_break() - there was no whole answer
 * @job:	it was for
 * @answer:	with .code and .error
 */
void job_on_break(struct job *job, const struct http_answer *answer);

/**
 * job_on_redirect() - it is elsewhere
 * @job:	it was for; .url is where, when that may be asked
 * @answer:	of status 3xx
 */
void job_on_redirect(struct job *job, const struct http_answer *answer);

/**
 * job_on_refused() - who are you?
 * @job:	it was for
 * @answer:	of status 401
 */
void job_on_refused(struct job *job, const struct http_answer *answer);

/**
 * job_on_no_range() - what we have is beyond what the registry has
 * @job:	it was for
 */
void job_on_no_range(struct job *job);

/**
 * job_on_other() - the status says it
 * @job:	it was for
 * @answer:	of any status that nobody else takes
 */
void job_on_other(struct job *job, const struct http_answer *answer);

/* ---- document.c ------------------------------------------------------------------------------- */

/**
 * document_digest() - what a document is known by
 * @data:	its bytes
 * @size:	so many
 *
 * Return: "sha256:…", to be freed; never NULL.
 */
must_check char *document_digest(const void *data, size_t size);

/**
 * job_on_manifest() - a manifest came
 * @job:	gets .memfd, .digest and .media_type, if it is the one that was asked for
 * @answer:	whose type is taken
 */
void job_on_manifest(struct job *job, struct http_answer *answer);

/**
 * job_on_unchanged() - a file that is no registry's is what was known of it
 * @job:	over; nothing came
 */
void job_on_unchanged(struct job *job);

/**
 * job_on_file() - a file that is no registry's came
 * @job:	gets .memfd
 * @answer:	with a body, or none
 */
void job_on_file(struct job *job, const struct http_answer *answer);

/**
 * job_take_download() - write bytes of a file that is no registry's
 * @data:	the job
 * @answer:	the head of it
 * @bytes:	of its body
 * @size:	so many
 *
 * Return: 0; -EFBIG; else what the file said.
 */
must_check int job_take_download(void *data, const struct http_answer *answer, const void *bytes,
				 size_t size);

/**
 * job_on_head() - the digest of a manifest came: all that was asked for, or what we have, or to be fetched
 * @job:	with .look or .known
 * @answer:	of HEAD
 */
void job_on_head(struct job *job, const struct http_answer *answer);

/**
 * job_on_tags() - a part of the list of tags came
 * @job:	gets a JSON array in .memfd, after the last one
 * @answer:	with a body
 */
void job_on_tags(struct job *job, const struct http_answer *answer);

/**
 * job_on_search() - a part of what a search finds came
 * @job:	gets the text of found_print() in .memfd, after the last one
 * @answer:	with a body
 */
void job_on_search(struct job *job, const struct http_answer *answer);

/* ---- fetch.c ---------------------------------------------------------------------------------- */

/**
 * job_take_blob() - write bytes of a blob
 * @data:	the job
 * @answer:	the head of it
 * @bytes:	of its body
 * @size:	so many
 *
 * Return: 0; -ERANGE, -EFBIG or -EBADMSG when they are not those that were asked for; else what the file said.
 */
must_check int job_take_blob(void *data, const struct http_answer *answer, const void *bytes,
			     size_t size);

/**
 * job_on_blob_end() - no more bytes come: are they all, and the right ones?
 * @job:	with a blob
 */
void job_on_blob_end(struct job *job);

/* ---- push.c ----------------------------------------------------------------------------------- */

/**
 * job_on_upload() - an answer to a request of an upload
 * @job:	with one
 * @answer:	no redirection and no 401
 */
void job_on_upload(struct job *job, const struct http_answer *answer);

/**
 * document_give() - the bytes of a document that is pushed
 * @data:	the document
 * @at:		from here
 * @room:	for them
 * @size:	bytes of it
 *
 * Return: bytes given.
 */
ssize_t document_give(void *data, int64_t at, void *room, size_t size);

/**
 * job_on_put() - the registry took a manifest
 * @job:	over afterwards
 * @answer:	of status 2xx
 */
void job_on_put(struct job *job, const struct http_answer *answer);

/**
 * job_open_document() - read what is to be pushed
 * @job:	gets .put, and .digest when the manifest has no other name
 * @m:		REMOTE_PUT
 * @file:	which holds it; stays the caller's
 * @err:	says why not
 *
 * Return: 0 or a negative errno.
 */
must_check int job_open_document(struct job *job, const struct remote_message *m, int file,
				 struct err *err);

/* ---- request.c -------------------------------------------------------------------------------- */

/**
 * job_check_request() - what a request must have before any of it is used in a URL
 * @m:		of any kind that is a job
 * @ref:	zeroed by the caller, who owns it; set on success
 * @err:	says what is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int job_check_request(const struct remote_message *m, struct reference *ref,
				 struct err *err);

/**
 * job_open_blob() - take over the files that belong to a request
 * @job:	gets .upload, .put, .blob or nothing
 * @m:		checked
 * @fds:	REMOTE_MAX_FDS; those that are taken are -1 afterwards
 * @err:	says why not
 *
 * Return: 0 or a negative errno.
 */
must_check int job_open_blob(struct job *job, const struct remote_message *m, int *fds,
			     struct err *err);

/**
 * job_find_file() - where a file that is no registry's is asked for
 * @job:	gets .address, and one endpoint
 * @m:		REMOTE_FILE
 * @err:	says why not
 *
 * Return: 0 or -EINVAL.
 */
must_check int job_find_file(struct job *job, const struct remote_message *m, struct err *err);

/**
 * job_find_whole() - where a thing of the whole registry is asked for
 * @job:	gets one endpoint, since mirrors have no such thing of their own, and .check or .search
 * @m:		REMOTE_CHECK or REMOTE_SEARCH
 * @domain:	of the registry
 * @err:	says why not
 *
 * Return: 0 or a negative errno.
 */
must_check int job_find_whole(struct job *job, const struct remote_message *m, const char *domain,
			      struct err *err);
