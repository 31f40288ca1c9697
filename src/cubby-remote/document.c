/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document - what a job gives as text: a manifest or its digest, a list of tags, what a search found
 */
#include "job_parts.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "oci/digest.h"
#include "validator.h"

enum {
	MAX_TAGS = 10000,
	MAX_PAGES = 1000,
};

static int keep_bytes(struct job *job, const char *bytes, size_t size)
{
	int fd = fd_memory("manifest", bytes, size);

	if (fd < 0)
		return fd;
	job->memfd = fd;
	return 0;
}

char *document_digest(const void *data, size_t size)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	bug_unless(EVP_Digest(data, size, sum, &length, EVP_sha256(), NULL) == 1);
	return digest_print(sum);
}

void job_on_manifest(struct job *job, struct http_answer *answer)
{
	const char *bytes = str_or(answer->body, "");
	AUTO(mem) char *digest = document_digest(bytes, answer->body_size);

	if (answer->type && strncasecmp(answer->type, "text/html", 9) == 0) {
		job_give_up(job, -EBADMSG, "what came is a page for people (text/html)");
		return;
	}
	if (job->digest && !str_eq(digest, job->digest)) {
		job_give_up(job, -EBADMSG, "what came has another digest");
		return;
	}
	if (!job->digest && digest_valid(answer->digest) && !str_eq(digest, answer->digest)) {
		job_give_up(job, -EBADMSG, "what came has not the digest that came with it");
		return;
	}
	int r = keep_bytes(job, bytes, answer->body_size);
	if (r < 0) {
		job_fail(job, r, "no memory for it");
		return;
	}
	str_set(&job->digest, digest);
	job->size = (int64_t)answer->body_size;
	job->media_type = take_ptr(answer->type);
	job_over(job);
}

int job_take_download(void *data, const struct http_answer *answer, const void *bytes, size_t size)
{
	struct job *job = data;
	int r = 0;

	(void)answer;
	if (job->mark < 0) {
		r = download_begin(job->download);
		job->mark = 0;
	}
	return r < 0 ? r : download_write(job->download, bytes, size);
}

/* An empty one has brought no bytes that the file was emptied for. */
static void end_download(struct job *job, const struct http_answer *answer)
{
	struct download *d = job->download;
	AUTO(mem) char *digest = NULL;
	int r = job->empty ? download_begin(d) : 0;

	if (r == 0)
		r = download_end(d, answer->modified, &digest);
	job->validator = validator_of(answer->etag, answer->modified, answer->date);
	job->size = d->have;
	job->digest = take_ptr(digest);
	if (r < 0)
		job_fail(job, r, "the file cannot be written");
	else
		job_over(job);
}

/* The file stays as it was given. */
void job_on_unchanged(struct job *job)
{
	job->how = REMOTE_HOW_THERE;
	job_over(job);
}

void job_on_file(struct job *job, const struct http_answer *answer)
{
	if (job->download) {
		end_download(job, answer);
		return;
	}
	int r = keep_bytes(job, str_or(answer->body, ""), answer->body_size);

	job->size = (int64_t)answer->body_size;
	if (r < 0)
		job_fail(job, r, "no memory for it");
	else
		job_over(job);
}

/* HEAD was answered: the same as we have, or to be fetched. */
void job_on_head(struct job *job, const struct http_answer *answer)
{
	if (job->look) {
		str_set(&job->digest, digest_valid(answer->digest) ? answer->digest : NULL);
		job_over(job);
		return;
	}
	job->head = false;
	if (!str_eq(answer->digest, job->known)) {
		job->stage = JOB_ASK;
		return;
	}
	str_set(&job->digest, job->known);
	job_over(job);
}

/* The address of the next part in a Link header: <…>; rel="next". */
static char *next_part(const struct job *job, const char *link)
{
	const char *start = link ? strchr(link, '<') : NULL;
	const char *end = start ? strchr(start, '>') : NULL;

	if (!end || !strstr(end, "next"))
		return NULL;
	AUTO(mem) char *to = str_ndup(start + 1, (size_t)(end - start - 1));
	if (*to != '/')
		return take_ptr(to);
	return str_fmt("%s://%s%s", job->site->plain ? "http" : "https", job->site->real, to);
}

/* What cannot be a tag is none, whatever the registry says. */
static bool can_be_tag(const char *text)
{
	AUTO(mem) char *name = str_fmt("x.y/z:%s", text);
	AUTO(reference) struct reference ref = { 0 };

	return reference_parse(name, &ref, NULL) == 0 && !ref.digest && str_eq(ref.tag, text);
}

static void finish_tags(struct job *job)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < job->listed.count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(job->listed.items[i]));
	AUTO(mem) char *text = json_print(list, 0);
	int r = keep_bytes(job, text, strlen(text));
	if (r < 0) {
		job_fail(job, r, "no memory for it");
		return;
	}
	job->size = (int64_t)strlen(text);
	job_over(job);
}

void job_on_tags(struct job *job, const struct http_answer *answer)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(strv) struct strv tags = { 0 };
	AUTO(mem) char *next = next_part(job, answer->link);

	if (json_parse(str_or(answer->body, ""), answer->body_size, &doc, NULL) < 0 ||
	    json_strv(doc, "tags", &tags) < 0) {
		job_give_up(job, -EBADMSG, "the registry gives no list");
		return;
	}
	size_t before = job->listed.count;
	for (size_t i = 0; i < tags.count && job->listed.count < MAX_TAGS; i++)
		if (can_be_tag(tags.items[i]) && strv_find(&job->listed, tags.items[i]) < 0)
			strv_add(&job->listed, tags.items[i]);
	/* A part that brings nothing new is the last one: the next may lead back to the first. */
	if (!next || job->listed.count == before || job->listed.count >= MAX_TAGS ||
	    ++job->pages >= MAX_PAGES || !site_owns(job->site, next)) {
		finish_tags(job);
		return;
	}
	str_set(&job->url, next);
	job->stage = JOB_ASK;
}

static void finish_search(struct job *job)
{
	AUTO(mem) char *text = found_print(&job->search->found);
	int r = keep_bytes(job, text, strlen(text));

	job->size = (int64_t)strlen(text);
	if (r < 0)
		job_fail(job, r, "no memory for it");
	else
		job_over(job);
}

void job_on_search(struct job *job, const struct http_answer *answer)
{
	AUTO(mem) char *next = next_part(job, answer->link);

	int r = search_take(job->search, answer);
	if (r < 0) {
		job_give_up(job, r, "the registry gives no list");
		return;
	}
	if (r == 0 || !next || !site_owns(job->site, next)) {
		finish_search(job);
		return;
	}
	str_set(&job->url, next);
	job->stage = JOB_ASK;
}
