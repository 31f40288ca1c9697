/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request - what a message asks for, checked before any of it is used
 */
#include "job_parts.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "oci/digest.h"

#define DOCKER_HOST "docker.io"
#define DOCKER_INDEX "index.docker.io"

static int check_path(const char *domain, const char *path, struct err *err)
{
	AUTO(mem) char *name = str_fmt("%s/%s", domain, path);
	AUTO(reference) struct reference ref = { 0 };

	int r = reference_parse(name, &ref, err);
	if (r == 0 && !str_eq(ref.path, path))
		r = err_set(err, -EINVAL, "'%.100s' is no repository", path);
	return r;
}

/* What a request must have before any of it is used in a URL. */
int job_check_request(const struct remote_message *m, struct reference *ref, struct err *err)
{
	bool whole = m->kind == REMOTE_CHECK || m->kind == REMOTE_SEARCH;
	AUTO(mem)
	char *name = str_fmt("%s/%s%s%s", str_or(m->domain, ""), whole ? "x" : str_or(m->path, ""),
			     m->tag ? ":" : "", str_or(m->tag, ""));

	int r = reference_parse(name, ref, err);
	if (r < 0)
		return r;
	if (m->digest && !digest_valid(m->digest))
		return err_set(err, -EINVAL, "'%.100s' is no digest", m->digest);
	if (m->kind == REMOTE_BLOB && (!m->digest || m->size < 0))
		return err_set(err, -EINVAL, "a blob without digest or size");
	/* Only one that grows gets its digest later. */
	if (m->kind == REMOTE_UPLOAD && !m->digest && m->size >= 0)
		return err_set(err, -EINVAL, "an upload without digest");
	r = m->mount ? check_path(m->domain, m->mount, err) : 0;
	for (size_t i = 0; r == 0 && i < m->also.count; i++)
		r = check_path(m->domain, m->also.items[i], err);
	return r;
}

int job_open_blob(struct job *job, const struct remote_message *m, int *fds, struct err *err)
{
	if (m->kind == REMOTE_UPLOAD) {
		job->upload = upload_new(take_fd(fds[0]), m);
		return 0;
	}
	if (m->kind == REMOTE_PUT)
		return job_open_document(job, m, fds[0], err);
	if (m->kind == REMOTE_FILE && fds[0] >= 0) {
		int into = take_fd(fds[0]);
		int r = download_new(into, m->size, &job->download);
		return r < 0 ? err_sys(err, r, "cannot use the file of '%.200s'", m->text) : 0;
	}
	if (m->kind != REMOTE_BLOB)
		return 0;
	if (fds[0] < 0)
		return err_set(err, -EINVAL, "a blob without a file");
	int file = take_fd(fds[0]), more = take_fd(fds[1]);
	int r = blob_new(file, more, m->digest, m->size, &job->blob);
	return r < 0 ? err_sys(err, r, "cannot use the file of '%s'", m->digest) : 0;
}

int job_find_file(struct job *job, const struct remote_message *m, struct err *err)
{
	const char *address = str_or(m->text, "");
	const char *plain = str_starts(address, "http://");
	const char *host = plain ? plain : str_starts(address, "https://");
	size_t length = host ? strcspn(host, "/?#") : 0;

	if (!length || memchr(host, '@', length))
		return err_set(err, -EINVAL, "'%.200s' is no address", address);
	job->address = str_dup(address);
	job->endpoints.items = mem_push(NULL, &job->endpoints.count, sizeof *job->endpoints.items);
	job->endpoints.items[0] = (struct registry_endpoint){ .host = str_ndup(host, length),
							      .path = str_dup(""),
							      .insecure = plain != NULL };
	return 0;
}

/* A thing of the whole registry is asked of one place, and mirrors have none of their own. */
int job_find_whole(struct job *job, const struct remote_message *m, const char *domain,
		   struct err *err)
{
	int r = registries_conf_host(&job->world->conf, domain, m->kind == REMOTE_SEARCH,
				     &job->endpoints, err);

	if (r < 0)
		return r;
	struct registry_endpoint *e = &job->endpoints.items[0];
	bool hub = str_eq(e->host, DOCKER_HOST);
	str_set(&e->path, m->kind == REMOTE_SEARCH ? SITE_CATALOG : SITE_WHOLE);
	job->check = m->kind == REMOTE_CHECK;
	if (job->check)
		return 0;
	job->search = search_new(m->text, (int)min_of(m->size, (int64_t)INT_MAX), hub);
	if (hub)
		str_set(&e->host, DOCKER_INDEX);
	return 0;
}
