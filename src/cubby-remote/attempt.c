/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attempt - how one attempt of a job ends: over, failed, at the next endpoint, or once more later
 */
#include "job_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/str.h"
#include "remote/retry.h"

enum { MIRROR_ATTEMPTS = 2 };
#define MS INT64_C(1000000)

void job_over(struct job *job)
{
	job->stage = JOB_OVER;
}

/* The thing in words: "the manifest '1.22' of 'localhost:5000/library/nginx'". */
static char *what(const struct job *job)
{
	const struct registry_endpoint *e =
		job->at < job->endpoints.count ? &job->endpoints.items[job->at] : NULL;
	const char *name = job->digest ? job->digest : job->tag;

	if (job->download)
		return str_fmt("'%.200s'", job->address);
	if (job->address)
		return str_fmt("the signature '%.200s'", job->address);
	if (job->check || job->search)
		return str_fmt("repositories of '%s'", e ? e->host : "?");
	if (job->tags)
		return str_fmt("the tags of '%s/%s'", e ? e->host : "?", e ? e->path : "?");
	if (!name)
		return str_fmt("a layer of '%s/%s'", e ? e->host : "?", e ? e->path : "?");
	return str_fmt("the %s '%.19s%s' of '%s/%s'",
		       job->blob || job->upload ? "blob" : "manifest", name,
		       strlen(name) > 19 ? "…" : "", e ? e->host : "?", e ? e->path : "?");
}

void job_fail(struct job *job, int code, const char *why)
{
	AUTO(mem) char *thing = what(job);
	AUTO(mem) char *hint = take_ptr(job->err.hint);

	if (job->check)
		(void)err_set(&job->err, code, "%s", why);
	else
		(void)err_set(&job->err, code, "cannot %s %s: %s",
			      job->upload || job->put ? "push" : "get", thing, why);
	if (hint)
		(void)err_hint(&job->err, "%s", hint);
	job_over(job);
}

/* Fails with the sentence of another error. */
void job_fail_err(struct job *job, struct err *err)
{
	AUTO(mem) char *why = str_dup(str_or(err->text, "unknown reason"));
	int code = err->code;

	job->err.hint = take_ptr(err->hint);
	err_clear(err);
	/* Told apart from what bars the way to the registry. */
	if (job->check && code == -EACCES)
		code = -ENOKEY;
	job_fail(job, code < 0 ? code : -EIO, why);
}

bool job_last_endpoint(const struct job *job)
{
	return job->at + 1 >= job->endpoints.count;
}

struct site *job_endpoint_site(const struct job *job, size_t at)
{
	const struct registry_endpoint *e = &job->endpoints.items[at];
	const struct remote_settings *settings = &job->world->settings;
	const char *only = settings->credentials_for;
	const struct site model = { .host = e->host,
				    .insecure = e->insecure,
				    .named = !e->mirror && (!only || str_eq(only, job->domain)) };

	return site_get(&job->world->sites, job->world->http, settings, &model);
}

void job_ask_endpoint(struct job *job, size_t at)
{
	while (at + 1 < job->endpoints.count && job_endpoint_site(job, at)->avoid)
		at++;
	job->at = at;
	job->site = job_endpoint_site(job, at);
	job->whole = false;
	job->redirects = job->refusals = job->attempts = 0;
	str_set(&job->url, NULL);
	free(job->scope);
	job->scope = site_scope(job->endpoints.items[at].path, job->pushing, &job->also);
	/* What would have helped the one before helps nobody now. */
	str_set(&job->err.hint, NULL);
	job->stage = JOB_ASK;
}

/* Waiting for it once more would be waiting for each thing that is asked for. */
static bool is_away(int code)
{
	return code == -ETIMEDOUT || code == -EHOSTUNREACH || code == -ECONNREFUSED ||
	       code == -ECONNRESET;
}

/* A failure that asking again will not mend: the next endpoint, or the end. */
void job_give_up(struct job *job, int code, const char *why)
{
	if (job_last_endpoint(job) || code == -ENOSPC || code == -EDQUOT) {
		job_fail(job, code, why);
		return;
	}
	job->site->avoid |= is_away(code);
	job_ask_endpoint(job, job->at + 1);
}

/*
 * Of bytes that turned out wrong none stays. Who reads them while they come must begin again, too; for all
 * others it is done here.
 */
void job_begin_again(struct job *job, const char *why)
{
	AUTO(err) struct err err = { 0 };
	int r = blob_restart(job->blob);

	job->fed = -1;
	if (r < 0) {
		(void)err_sys(&err, r, "cannot empty the file");
		job_fail_err(job, &err);
	} else if (job->blob->more >= 0) {
		job_fail(job, -ESTALE, why);
	} else {
		job_ask_endpoint(job, 0);
	}
}

static void pause_for(struct job *job, int64_t ns)
{
	job->wake = clock_mono() + ns;
	job->stage = JOB_PAUSE;
	job->redirects = job->refusals = 0;
	str_set(&job->url, NULL);
}

/* Bytes that came, or that the registry has. */
int64_t job_bytes_done(const struct job *job)
{
	return job->blob ? job->blob->have : job->upload ? job->upload->acked : 0;
}

/* A failure that may pass. @after: seconds the registry asks to wait, or negative. */
void job_try_later(struct job *job, int code, const char *why, int64_t after)
{
	uint32_t random = 0;
	bool moved = job_bytes_done(job) > job->mark;

	/* Bytes that came count as success of the attempt. */
	job->attempts = moved ? 1 : job->attempts + 1;
	int all = job->world->settings.attempts;
	int most = job_last_endpoint(job) ? all : min_of(all, (int)MIRROR_ATTEMPTS);
	/* While a mirror wants to be left alone the next one can be asked. */
	if (job->attempts >= most || (after > 0 && !job_last_endpoint(job))) {
		job_give_up(job, code, why);
		return;
	}
	if (after > RETRY_MAX_AFTER) {
		AUTO(mem)
		char *said = str_fmt("%s; it asks to come back in %lld s", why, (long long)after);
		job_give_up(job, code, said);
		return;
	}
	/* Without chance all wait as long: no harm. */
	(void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
	int64_t delay = retry_delay(job->attempts, job->world->settings.retry_ms * MS, random);
	pause_for(job, after >= 0 ? max_of(after * CLOCK_SECOND, delay) : delay);
}
