/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job - one manifest, blob, list of tags, search or log-in, fetched or pushed, from the request to its end
 */
#include "job.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "job_parts.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "validator.h"

#define ACCEPT                                                                                     \
	MEDIA_OCI_INDEX ", " MEDIA_OCI_MANIFEST ", " MEDIA_DOCKER_LIST ", " MEDIA_DOCKER_MANIFEST
#define MS INT64_C(1000000)

static void on_answer(void *data, struct http_answer *answer)
{
	struct job *job = data;

	job->transfer = NULL;
	job->empty = job->mark < 0;
	if (job->empty)
		job->mark = job_bytes_done(job);
	if (answer->status)
		job->site->settled = true;
	if (answer->code < 0)
		job_on_break(job, answer);
	else if (job->search && search_turn(job->search, answer))
		job->stage = JOB_ASK;
	else if (answer->status == 304 && job->download && job->known)
		job_on_unchanged(job);
	else if (answer->status / 100 == 3)
		job_on_redirect(job, answer);
	else if (answer->status == 401 && !job->address)
		job_on_refused(job, answer);
	else if (job->upload)
		job_on_upload(job, answer);
	else if (answer->status == 416)
		job_on_no_range(job);
	else if (job->put && answer->status / 100 == 2)
		job_on_put(job, answer);
	else if (answer->status != 200 && answer->status != 206)
		job_on_other(job, answer);
	else if (job->blob)
		job_on_blob_end(job);
	else if (job->address)
		job_on_file(job, answer);
	else if (job->check)
		job_over(job);
	else if (job->search)
		job_on_search(job, answer);
	else if (job->tags)
		job_on_tags(job, answer);
	else if (job->head)
		job_on_head(job, answer);
	else
		job_on_manifest(job, answer);
}

static bool is_document(const struct job *job)
{
	return !job->blob && !job->tags && !job->check && !job->search && !job->upload &&
	       !job->address;
}

static void start_request(struct job *job, const char *url, const char *authorization)
{
	struct http_request request = { .url = url,
					.head = job->head,
					.accept = is_document(job) ? ACCEPT : NULL,
					.authorization = authorization,
					.validator = job->download ? job->known : NULL,
					.from = job->blob && !job->whole ? job->blob->have : 0,
					.trust = site_trust(job->site, url),
					.take = job->download ? job_take_download
						: job->blob   ? job_take_blob
							      : NULL,
					.done = on_answer,
					.data = job };

	if (job->put) {
		request.method = "PUT";
		request.body = (struct http_body){ .type = job->media_type,
						   .size = (int64_t)job->put->size,
						   .give = document_give,
						   .data = job->put };
	}
	if (job->upload)
		upload_request(job->upload, &request);
	str_set(&job->sent, authorization);
	job->mark = job->upload ? job->upload->acked : -1;
	job->stage = JOB_RUNNING;
	if (http_start(job->world->http, &request, &job->transfer) < 0)
		job_give_up(job, -EINVAL, "its address cannot be used");
}

/* Where it is asked for first. */
static char *own_url(const struct job *job)
{
	const char *path = job->endpoints.items[job->at].path;
	const char *kind = job->tags ? "tags" : job->blob ? "blobs" : "manifests";
	const char *name = job->tags ? "list" : job->digest ? job->digest : job->tag;

	if (job->address)
		return str_dup(job->address);
	if (job->search)
		return search_url(job->search, job->site);
	if (job->check)
		return str_fmt("%s://%s/v2/", job->site->plain ? "http" : "https", job->site->real);
	if (job->upload)
		return upload_url(job->upload, job->site, path, job->url != NULL);
	return site_url(job->site, path, kind, name);
}

static void ask(struct job *job)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *own = own_url(job);
	const char *url = job->url ? job->url : own, *authorization = NULL;

	if (job->upload && upload_waits(job->upload)) {
		job->stage = JOB_GROW;
		return;
	}
	/* Nothing is left to fetch of an empty blob, or of one that was all there. */
	if (job->blob && job->blob->have == job->blob->size) {
		job_on_blob_end(job);
		return;
	}
	if (!job->address && site_owns(job->site, url)) {
		int r = site_authorize(job->site, job->scope, &authorization, &err);
		if (r == -EAGAIN) {
			job->stage = JOB_TOKEN;
			return;
		}
		if (r < 0) {
			job_fail_err(job, &err);
			return;
		}
	}
	start_request(job, url, authorization);
}

static void rehash(struct job *job)
{
	int r = job->blob ? blob_rehash(job->blob) : 0;

	if (r < 0)
		job_fail(job, r, "the file cannot be read");
	else if (r == 0)
		job_ask_endpoint(job, 0);
}

int job_step(struct job *job)
{
	if (job->stage == JOB_REHASH)
		rehash(job);
	if (job->stage == JOB_PAUSE && clock_mono() >= job->wake)
		job->stage = JOB_ASK;
	if (job->stage == JOB_ASK || job->stage == JOB_TOKEN)
		ask(job);
	switch (job->stage) {
	case JOB_REHASH:
	case JOB_ASK:
		return 0;
	case JOB_PAUSE:
		return (int)(max_of(job->wake - clock_mono(), (int64_t)0) / MS) + 1;
	case JOB_TOKEN:
	case JOB_RUNNING:
	case JOB_GROW:
	case JOB_OVER:
		break;
	}
	return -1;
}

/* Whom it is asked of, after a look at what is asked. */
static int find_endpoints(struct job *job, const struct remote_message *m)
{
	AUTO(reference) struct reference ref = { 0 };

	if (m->kind == REMOTE_FILE)
		return job_find_file(job, m, &job->err);
	int r = job_check_request(m, &ref, &job->err);
	job->domain = str_dup(ref.domain);
	if (r < 0)
		return r;
	if (m->kind == REMOTE_CHECK || m->kind == REMOTE_SEARCH)
		return job_find_whole(job, m, ref.domain, &job->err);
	job->tag = str_dup(ref.tag);
	return registries_conf_endpoints(&job->world->conf, &ref, job->digest != NULL,
					 &job->endpoints, &job->err);
}

struct job *job_new(struct job_world *world, const struct remote_message *message, int *fds)
{
	struct job *job = mem_new(struct job);

	job->world = world;
	job->number = message->job;
	job->memfd = job->fed = -1;
	job->digest = str_dup(message->digest);
	job->known = message->kind == REMOTE_FILE && !validator_usable(message->known)
			     ? NULL
			     : str_dup(message->known);
	job->tags = message->kind == REMOTE_TAGS;
	job->look = message->look && message->kind == REMOTE_MANIFEST;
	job->head = job->look || (message->known && message->kind == REMOTE_MANIFEST);
	job->pushing = message->pushing || message->kind == REMOTE_UPLOAD ||
		       message->kind == REMOTE_PUT;
	strv_extend(&job->also, &message->also);
	int r = find_endpoints(job, message);
	if (r == 0 && job->pushing)
		registry_endpoints_keep_last(&job->endpoints);
	if (r == 0)
		r = job_open_blob(job, message, fds, &job->err);
	job->stage = r < 0 ? JOB_OVER : JOB_REHASH;
	return job;
}

void job_more(struct job *job, const struct remote_message *message)
{
	if (!job->upload || (message->digest && !digest_valid(message->digest)))
		return;
	upload_grown(job->upload, message);
	if (job->stage == JOB_GROW)
		job->stage = JOB_ASK;
	else if (job->stage == JOB_RUNNING)
		http_resume(job->transfer);
}

void job_free(struct job *job)
{
	if (!job)
		return;
	http_cancel(job->transfer);
	blob_free(job->blob);
	download_free(job->download);
	upload_free(job->upload);
	if (job->put)
		free(job->put->bytes);
	free(job->put);
	fd_close(job->memfd);
	registry_endpoints_clear(&job->endpoints);
	if (job->sent)
		explicit_bzero(job->sent, strlen(job->sent));
	free(job->sent);
	search_free(job->search);
	free(job->domain);
	free(job->address);
	free(job->tag);
	free(job->scope);
	strv_clear(&job->also);
	strv_clear(&job->listed);
	free(job->digest);
	free(job->known);
	free(job->validator);
	free(job->url);
	free(job->media_type);
	err_clear(&job->err);
	free(job);
}
