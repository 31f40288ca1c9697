/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch - the bytes of a blob, from an answer into its file
 */
#include "job_parts.h"

#include <errno.h>
#include <stdio.h>

/* Once, with the first bytes of an answer: is it the part that was asked for? */
static int check_part(const struct job *job, const struct http_answer *answer)
{
	struct blob *blob = job->blob;
	long long from = 0, asked = job->whole ? 0 : (long long)blob->have;

	if (answer->status == 206) {
		if (!answer->range || sscanf(answer->range, "bytes %lld-", &from) != 1 ||
		    from != asked)
			return -ERANGE;
	} else if (answer->length >= 0 && answer->length != blob->size) {
		return answer->length > blob->size ? -EFBIG : -EBADMSG;
	}
	/* What is there and comes again is passed over. */
	blob->skip = blob->have - from;
	return 0;
}

int job_take_blob(void *data, const struct http_answer *answer, const void *bytes, size_t size)
{
	struct job *job = data;

	if (job->mark < 0) {
		int r = check_part(job, answer);
		if (r < 0)
			return r;
		job->mark = job->blob->have;
		job->fed = job->fed < 0 ? (int)job->at : job->fed;
	}
	return blob_write(job->blob, bytes, size);
}

/* When a mirror brought them the whole can begin again without it. */
static void on_wrong(struct job *job, int code)
{
	if (code == -ESTALE) {
		job_begin_again(job, "what was there of it is wrong");
	} else if (job->fed >= 0 && (size_t)job->fed + 1 < job->endpoints.count) {
		job->at = (size_t)job->fed;
		job_endpoint_site(job, job->at)->avoid = true;
		job_begin_again(job, "what came has another digest or size");
	} else {
		job_fail(job, code, "what came has another digest or size");
	}
}

void job_on_blob_end(struct job *job)
{
	struct blob *blob = job->blob;

	if (blob->have < blob->size) {
		job_try_later(job, -ECONNRESET, "the connection ended too early", -1);
		return;
	}
	int r = blob_check(blob);
	if (r < 0)
		on_wrong(job, r);
	else
		job_over(job);
	job->size = blob->size;
}
