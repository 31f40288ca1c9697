/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push - a blob or a manifest on its way into a registry, as a job
 */
#include "job_parts.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"

void job_on_upload(struct job *job, const struct http_answer *answer)
{
	struct upload *u = job->upload;
	const struct upload_verdict verdict = upload_answer(u, answer, job->site->insecure);

	switch (verdict.kind) {
	case UPLOAD_ASK:
		job->redirects = job->refusals = 0;
		str_set(&job->url, NULL);
		job->stage = JOB_ASK;
		break;
	case UPLOAD_OVER:
		str_set(&job->digest, u->digest);
		job->how = u->how;
		job->size = u->size;
		job_over(job);
		break;
	case UPLOAD_LATER:
		job_try_later(job, verdict.code, verdict.why, -1);
		break;
	case UPLOAD_FAIL:
		job_fail(job, verdict.code, verdict.why);
		break;
	case UPLOAD_UNEXPECTED:
		job_on_other(job, answer);
		break;
	}
}

ssize_t document_give(void *data, int64_t at, void *room, size_t size)
{
	const struct document *put = data;
	size_t n = min_of(size, put->size - (size_t)at);

	memcpy(room, put->bytes + at, n);
	return (ssize_t)n;
}

void job_on_put(struct job *job, const struct http_answer *answer)
{
	AUTO(mem) char *digest = document_digest(job->put->bytes, job->put->size);

	if (answer->digest && !str_eq(answer->digest, digest)) {
		job_fail(job, -EBADMSG, "the registry says that it got something else");
		return;
	}
	str_set(&job->digest, digest);
	job->how = REMOTE_HOW_SENT;
	job_over(job);
}

int job_open_document(struct job *job, const struct remote_message *m, int file, struct err *err)
{
	job->put = mem_new(struct document);
	job->media_type = str_dup(m->media_type);
	int r = file < 0 || !m->media_type
			? -EINVAL
			: fd_read_all(file, JSON_MAX_BYTES, &job->put->bytes, &job->put->size);
	if (r < 0)
		return err_sys(err, r, "cannot read the manifest to push");
	if (!m->tag && !m->digest)
		job->digest = document_digest(job->put->bytes, job->put->size);
	return 0;
}
