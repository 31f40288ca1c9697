/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trouble - answers that are not what was asked for: none, elsewhere, who are you, no
 */
#include "job_parts.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "remote/ratelimit.h"
#include "remote/retry.h"

enum {
	MAX_REDIRECTS = 10,
	MAX_REFUSALS = 2,
	REASON_BYTES = 200,
};

/* The registry's own words, if there are any: {"errors":[{"code":"…","message":"…"}]}. */
static char *own_words(const struct http_answer *answer)
{
	AUTO(json) cJSON *doc = NULL;

	if (!answer->body || json_parse(answer->body, answer->body_size, &doc, NULL) < 0)
		return NULL;
	const cJSON *first = cJSON_GetArrayItem(json_get(doc, "errors"), 0);
	const char *message = json_text(first, "message");
	if (str_empty(message))
		return NULL;
	char *words = str_ndup(message, REASON_BYTES);
	for (char *p = words; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	return words;
}

static char *status_text(const struct http_answer *answer, const char *meaning)
{
	AUTO(mem) char *words = own_words(answer);

	return str_fmt("%s (%d%s%s)", meaning, answer->status, words ? ": " : "",
		       str_or(words, ""));
}

static void hint_trust(struct job *job)
{
	free(job->err.hint);
	job->err.hint = str_fmt("if you trust it, put its CA certificate into "
				"~/.config/containers/certs.d/%s/ca.crt, or use --tls-verify=false",
				job->site->host);
}

/* What the body was refused with, where asking again brings the same; else NULL. */
static const char *refusal(const struct job *job, const struct http_answer *answer)
{
	if (answer->unknown)
		return job->site->cert ? "the registry does not take our certificate"
				       : "the registry wants a certificate of the client";
	switch (answer->code) {
	case -EFBIG:
		return job->download ? "it is larger than a file may be here"
		       : job->blob   ? "it is larger than the manifest says"
				     : "it is too large";
	case -EBADMSG:
		return "the registry has it in another size than the manifest says";
	case -EMSGSIZE:
		return "its headers are too large";
	case -ERANGE:
		return "the registry gives another part of it than the one asked for";
	case -ENOSPC:
	case -EDQUOT:
		return "there is no space left on the device";
	case -EIO:
		return "the file cannot be written";
	default:
		return NULL;
	}
}

static void hint_own(struct job *job)
{
	free(job->err.hint);
	job->err.hint = str_fmt("put yours into ~/.config/containers/certs.d/%s as client.cert and "
				"client.key, or name their folder with --cert-dir",
				job->site->host);
}

void job_on_break(struct job *job, const struct http_answer *answer)
{
	/* An address says itself which way leads there. */
	if (!job->address && site_other_way(job->site, answer)) {
		job->stage = JOB_ASK;
		return;
	}
	if (answer->code == -ERANGE && !job->whole) {
		job->whole = true;
		job->stage = JOB_ASK;
		return;
	}
	if (answer->plain)
		str_set(&job->err.hint, "use --tls-verify=false, or 'insecure = true' for it in "
					"registries.conf");
	else if (answer->unsure)
		hint_trust(job);
	else if (answer->unknown)
		hint_own(job);
	const char *why = refusal(job, answer);
	/* Whom nobody ever reached need not be asked six times. */
	bool final = answer->plain || answer->unsure || answer->barred ||
		     (answer->refused && !job->site->settled);
	int code = answer->code == -EFBIG || answer->code == -ERANGE ? -EBADMSG : answer->code;
	if (why)
		job_give_up(job, code, why);
	else if (final)
		job_give_up(job, answer->code, answer->error);
	else
		job_try_later(job, answer->code, answer->error, -1);
}

void job_on_redirect(struct job *job, const struct http_answer *answer)
{
	const char *to = answer->location;

	if (!to || ++job->redirects > MAX_REDIRECTS) {
		job_give_up(job, -ELOOP,
			    to ? "the registry redirects in circles"
			       : "the registry redirects to nowhere");
		return;
	}
	if (strncasecmp(to, "https://", 8) != 0 &&
	    (strncasecmp(to, "http://", 7) != 0 || !job->site->insecure)) {
		job_give_up(job, -EACCES, "the registry redirects to an address without TLS");
		return;
	}
	str_set(&job->url, to);
	job->stage = JOB_ASK;
}

void job_on_refused(struct job *job, const struct http_answer *answer)
{
	AUTO(err) struct err err = { 0 };

	/* Behind a redirection there is nobody to tell who we are. */
	if (job->url && !site_owns(job->site, job->url)) {
		job_try_later(job, -EACCES, "the storage behind the registry refuses us (401)", -1);
		return;
	}
	int r = ++job->refusals > MAX_REFUSALS
			? err_set(&err, -EACCES, "the registry does not let us in (401)")
			: site_refused(job->site, job->endpoints.items[job->at].path, job->scope,
				       answer, job->sent, &err);
	if (r == 0 && job->upload)
		upload_refused(job->upload);
	if (r == 0)
		job->stage = JOB_ASK;
	else if (job_last_endpoint(job))
		job_fail_err(job, &err);
	else
		job_ask_endpoint(job, job->at + 1);
}

/* 416: what we have is beyond what the registry has. */
void job_on_no_range(struct job *job)
{
	AUTO(err) struct err err = { 0 };

	if (!job->blob || !job->blob->have) {
		job_give_up(job, -EPROTO, "the registry cannot give a part of it (416)");
		return;
	}
	if (job->blob->present > 0) {
		job_begin_again(job, "what was there of it is wrong");
		return;
	}
	int r = blob_restart(job->blob);
	if (r < 0) {
		(void)err_sys(&err, r, "cannot empty the file");
		job_fail_err(job, &err);
	} else {
		job_try_later(job, -EPROTO, "the registry cannot give a part of it (416)", -1);
	}
}

/* Nothing is left for hours: to ask again would only cost time. */
static void give_up_limit(struct job *job, const struct http_answer *answer, const char *text)
{
	AUTO(mem) char *left = ratelimit_print(answer->limit, answer->left);
	AUTO(mem) char *said = str_fmt("%s%s%s", text, left ? "; " : "", str_or(left, ""));

	job_give_up(job, -EBUSY, said);
	if (job->stage != JOB_OVER || job->err.hint)
		return;
	if (job->site->has_credentials)
		(void)err_hint(&job->err, "wait, or name a mirror of '%s' in registries.conf",
			       job->site->host);
	else
		(void)err_hint(&job->err, "who is logged in may have more: cubby login %s",
			       job->site->host);
}

void job_on_other(struct job *job, const struct http_answer *answer)
{
	static const struct {
		int status, code;
		const char *meaning;
		bool passes;
	} table[] = {
		{ 403, -EACCES, "the registry denies access", false },
		{ 404, -ENOENT, "the registry does not have it", false },
		{ 408, -ETIMEDOUT, "the registry lost patience", true },
		{ 429, -EBUSY, "too many requests", true },
	};
	int code = answer->status >= 500 ? -EREMOTEIO : -EPROTO;
	const char *meaning = answer->status >= 500 ? "the registry has a failure"
						    : "the registry gives an unexpected answer";
	bool passes = answer->status >= 500;
	int64_t after = answer->retry_after ? retry_after(answer->retry_after, clock_now()) : -1;

	for (size_t i = 0; i < array_len(table); i++) {
		if (table[i].status != answer->status)
			continue;
		code = table[i].code;
		meaning = table[i].meaning;
		passes = table[i].passes;
	}
	/* Of a file that is no registry's the number says it all. */
	AUTO(mem)
	char *text = job->download ? str_fmt("the answer is status %d%s", answer->status,
					     answer->status == 404 ? ", not found" : "")
				   : status_text(answer, meaning);
	if (answer->status == 429 && after < 0 && ratelimit_spent(answer->left)) {
		give_up_limit(job, answer, text);
		return;
	}
	/* Signed addresses behind a redirection run out with 403. */
	if (passes || (answer->status == 403 && job->url))
		job_try_later(job, code, text, after);
	else
		job_give_up(job, code, text);
}
