/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job - one manifest, blob, list of tags, search or log-in, fetched or pushed, from the request to its end
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "remote/ratelimit.h"
#include "remote/retry.h"

#define ACCEPT                                                                                     \
	MEDIA_OCI_INDEX ", " MEDIA_OCI_MANIFEST ", " MEDIA_DOCKER_LIST ", " MEDIA_DOCKER_MANIFEST

#define DOCKER_HOST "docker.io"
#define DOCKER_INDEX "index.docker.io"

enum {
	MAX_REDIRECTS = 10,
	MAX_REFUSALS = 2,
	MIRROR_ATTEMPTS = 2,
	REASON_BYTES = 200,
	MAX_TAGS = 10000,
	MAX_PAGES = 1000,
};
#define MS INT64_C(1000000)

/* A manifest to push. */
struct document {
	char *bytes;
	size_t size;
};

static void over(struct job *job)
{
	job->stage = JOB_OVER;
}

/* The thing in words: "the manifest '1.22' of 'localhost:5000/library/nginx'". */
static char *what(const struct job *job)
{
	const struct registry_endpoint *e =
		job->at < job->endpoints.count ? &job->endpoints.items[job->at] : NULL;
	const char *name = job->digest ? job->digest : job->tag;

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

static void fail(struct job *job, int code, const char *why)
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
	over(job);
}

/* Fails with the sentence of another error. */
static void fail_err(struct job *job, struct err *err)
{
	AUTO(mem) char *why = str_dup(str_or(err->text, "unknown reason"));
	int code = err->code;

	job->err.hint = take_ptr(err->hint);
	err_clear(err);
	/* Told apart from what bars the way to the registry. */
	if (job->check && code == -EACCES)
		code = -ENOKEY;
	fail(job, code < 0 ? code : -EIO, why);
}

static bool last_endpoint(const struct job *job)
{
	return job->at + 1 >= job->endpoints.count;
}

static struct site *endpoint_site(const struct job *job, size_t at)
{
	const struct registry_endpoint *e = &job->endpoints.items[at];

	return site_get(&job->world->sites, job->world->http, &job->world->settings, e->host,
			e->insecure);
}

static void ask_endpoint(struct job *job, size_t at)
{
	while (at + 1 < job->endpoints.count && endpoint_site(job, at)->avoid)
		at++;
	job->at = at;
	job->site = endpoint_site(job, at);
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
static void give_up(struct job *job, int code, const char *why)
{
	if (last_endpoint(job) || code == -ENOSPC || code == -EDQUOT) {
		fail(job, code, why);
		return;
	}
	job->site->avoid |= is_away(code);
	ask_endpoint(job, job->at + 1);
}

static void pause_for(struct job *job, int64_t ns)
{
	job->wake = clock_mono() + ns;
	job->stage = JOB_PAUSE;
	job->redirects = job->refusals = 0;
	str_set(&job->url, NULL);
}

/* Bytes that came, or that the registry has. */
static int64_t bytes_done(const struct job *job)
{
	return job->blob ? job->blob->have : job->upload ? job->upload->acked : 0;
}

/* A failure that may pass. @after: seconds the registry asks to wait, or negative. */
static void try_later(struct job *job, int code, const char *why, int64_t after)
{
	uint32_t random = 0;
	bool moved = bytes_done(job) > job->mark;

	/* Bytes that came count as success of the attempt. */
	job->attempts = moved ? 1 : job->attempts + 1;
	int all = job->world->settings.attempts;
	int most = last_endpoint(job) ? all : min_of(all, (int)MIRROR_ATTEMPTS);
	/* While a mirror wants to be left alone the next one can be asked. */
	if (job->attempts >= most || (after > 0 && !last_endpoint(job))) {
		give_up(job, code, why);
		return;
	}
	if (after > RETRY_MAX_AFTER) {
		AUTO(mem)
		char *said = str_fmt("%s; it asks to come back in %lld s", why, (long long)after);
		give_up(job, code, said);
		return;
	}
	/* Without chance all wait as long: no harm. */
	(void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
	int64_t delay = retry_delay(job->attempts, job->world->settings.retry_ms * MS, random);
	pause_for(job, after >= 0 ? max_of(after * CLOCK_SECOND, delay) : delay);
}

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
static const char *refusal(const struct job *job, int code)
{
	switch (code) {
	case -EFBIG:
		return job->blob ? "it is larger than the manifest says" : "it is too large";
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

static void on_break(struct job *job, const struct http_answer *answer)
{
	if (site_other_way(job->site, answer)) {
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
	const char *why = refusal(job, answer->code);
	/* Whom nobody ever reached need not be asked six times. */
	bool final = answer->plain || answer->unsure || answer->barred ||
		     (answer->refused && !job->site->settled);
	int code = answer->code == -EFBIG || answer->code == -ERANGE ? -EBADMSG : answer->code;
	if (why)
		give_up(job, code, why);
	else if (final)
		give_up(job, answer->code, answer->error);
	else
		try_later(job, answer->code, answer->error, -1);
}

static void on_redirect(struct job *job, const struct http_answer *answer)
{
	const char *to = answer->location;

	if (!to || ++job->redirects > MAX_REDIRECTS) {
		give_up(job, -ELOOP,
			to ? "the registry redirects in circles"
			   : "the registry redirects to nowhere");
		return;
	}
	if (strncasecmp(to, "https://", 8) != 0 &&
	    (strncasecmp(to, "http://", 7) != 0 || !job->site->insecure)) {
		give_up(job, -EACCES, "the registry redirects to an address without TLS");
		return;
	}
	str_set(&job->url, to);
	job->stage = JOB_ASK;
}

static void on_refused(struct job *job, const struct http_answer *answer)
{
	AUTO(err) struct err err = { 0 };

	/* Behind a redirection there is nobody to tell who we are. */
	if (job->url && !site_owns(job->site, job->url)) {
		try_later(job, -EACCES, "the storage behind the registry refuses us (401)", -1);
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
	else if (last_endpoint(job))
		fail_err(job, &err);
	else
		ask_endpoint(job, job->at + 1);
}

/* 416: what we have is beyond what the registry has. */
static void on_no_range(struct job *job)
{
	AUTO(err) struct err err = { 0 };

	if (!job->blob || !job->blob->have) {
		give_up(job, -EPROTO, "the registry cannot give a part of it (416)");
		return;
	}
	bool there = job->blob->present > 0;
	int r = blob_restart(job->blob);
	if (r < 0) {
		(void)err_sys(&err, r, "cannot empty the file");
		fail_err(job, &err);
	} else if (there) {
		fail(job, -ESTALE, "what was there of it is wrong");
	} else {
		try_later(job, -EPROTO, "the registry cannot give a part of it (416)", -1);
	}
}

/* Nothing is left for hours: to ask again would only cost time. */
static void give_up_limit(struct job *job, const struct http_answer *answer, const char *text)
{
	AUTO(mem) char *left = ratelimit_print(answer->limit, answer->left);
	AUTO(mem) char *said = str_fmt("%s%s%s", text, left ? "; " : "", str_or(left, ""));

	give_up(job, -EBUSY, said);
	if (job->stage != JOB_OVER || job->err.hint)
		return;
	if (job->site->has_credentials)
		(void)err_hint(&job->err, "wait, or name a mirror of '%s' in registries.conf",
			       job->site->host);
	else
		(void)err_hint(&job->err, "who is logged in may have more: cubby login %s",
			       job->site->host);
}

static void on_other(struct job *job, const struct http_answer *answer)
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
	AUTO(mem) char *text = status_text(answer, meaning);
	if (answer->status == 429 && after < 0 && ratelimit_spent(answer->left)) {
		give_up_limit(job, answer, text);
		return;
	}
	/* Signed addresses behind a redirection run out with 403. */
	if (passes || (answer->status == 403 && job->url))
		try_later(job, code, text, after);
	else
		give_up(job, code, text);
}

/* --- manifests ----------------------------------------------------------------------- */

static int keep_bytes(struct job *job, const char *bytes, size_t size)
{
	int fd = fd_memory("manifest", bytes, size);

	if (fd < 0)
		return fd;
	job->memfd = fd;
	return 0;
}

static char *digest_of(const void *data, size_t size)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	bug_unless(EVP_Digest(data, size, sum, &length, EVP_sha256(), NULL) == 1);
	return digest_print(sum);
}

static void on_manifest(struct job *job, struct http_answer *answer)
{
	const char *bytes = str_or(answer->body, "");
	AUTO(mem) char *digest = digest_of(bytes, answer->body_size);

	if (answer->type && strncasecmp(answer->type, "text/html", 9) == 0) {
		give_up(job, -EBADMSG, "what came is a page for people (text/html)");
		return;
	}
	if (job->digest && !str_eq(digest, job->digest)) {
		give_up(job, -EBADMSG, "what came has another digest");
		return;
	}
	if (!job->digest && digest_valid(answer->digest) && !str_eq(digest, answer->digest)) {
		give_up(job, -EBADMSG, "what came has not the digest that came with it");
		return;
	}
	int r = keep_bytes(job, bytes, answer->body_size);
	if (r < 0) {
		fail(job, r, "no memory for it");
		return;
	}
	str_set(&job->digest, digest);
	job->size = (int64_t)answer->body_size;
	job->media_type = take_ptr(answer->type);
	over(job);
}

/* HEAD was answered: the same as we have, or to be fetched. */
static void on_head(struct job *job, const struct http_answer *answer)
{
	if (job->look) {
		str_set(&job->digest, digest_valid(answer->digest) ? answer->digest : NULL);
		over(job);
		return;
	}
	job->head = false;
	if (!str_eq(answer->digest, job->known)) {
		job->stage = JOB_ASK;
		return;
	}
	str_set(&job->digest, job->known);
	over(job);
}

/* --- tags ---------------------------------------------------------------------------- */

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
		fail(job, r, "no memory for it");
		return;
	}
	job->size = (int64_t)strlen(text);
	over(job);
}

static void on_tags(struct job *job, const struct http_answer *answer)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(strv) struct strv tags = { 0 };
	AUTO(mem) char *next = next_part(job, answer->link);

	if (json_parse(str_or(answer->body, ""), answer->body_size, &doc, NULL) < 0 ||
	    json_strv(doc, "tags", &tags) < 0) {
		give_up(job, -EBADMSG, "the registry gives no list");
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

/* --- the registry as a whole ---------------------------------------------------------- */

static void finish_search(struct job *job)
{
	AUTO(mem) char *text = found_print(&job->search->found);
	int r = keep_bytes(job, text, strlen(text));

	job->size = (int64_t)strlen(text);
	if (r < 0)
		fail(job, r, "no memory for it");
	else
		over(job);
}

static void on_search(struct job *job, const struct http_answer *answer)
{
	AUTO(mem) char *next = next_part(job, answer->link);

	int r = search_take(job->search, answer);
	if (r < 0) {
		give_up(job, r, "the registry gives no list");
		return;
	}
	if (r == 0 || !next || !site_owns(job->site, next)) {
		finish_search(job);
		return;
	}
	str_set(&job->url, next);
	job->stage = JOB_ASK;
}

/* --- blobs --------------------------------------------------------------------------- */

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

static int take_blob(void *data, const struct http_answer *answer, const void *bytes, size_t size)
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

/*
 * Wrong bytes that a reader has seen cannot be mended, but when a mirror brought them the whole can begin
 * again without it.
 */
static void on_wrong(struct job *job, int code)
{
	if (code == -ESTALE) {
		fail(job, code, "what was there of it is wrong");
	} else if (job->fed >= 0 && (size_t)job->fed + 1 < job->endpoints.count) {
		job->at = (size_t)job->fed;
		endpoint_site(job, job->at)->avoid = true;
		fail(job, -ESTALE, "what came has another digest or size");
	} else {
		fail(job, code, "what came has another digest or size");
	}
}

static void on_blob_end(struct job *job)
{
	struct blob *blob = job->blob;

	if (blob->have < blob->size) {
		try_later(job, -ECONNRESET, "the connection ended too early", -1);
		return;
	}
	int r = blob_check(blob);
	if (r < 0)
		on_wrong(job, r);
	else
		over(job);
	job->size = blob->size;
}

/* --- pushing a blob ------------------------------------------------------------------ */

static void on_upload(struct job *job, const struct http_answer *answer)
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
		over(job);
		break;
	case UPLOAD_LATER:
		try_later(job, verdict.code, verdict.why, -1);
		break;
	case UPLOAD_FAIL:
		fail(job, verdict.code, verdict.why);
		break;
	case UPLOAD_UNEXPECTED:
		on_other(job, answer);
		break;
	}
}

/* --- pushing a manifest -------------------------------------------------------------- */

static ssize_t give_document(void *data, int64_t at, void *room, size_t size)
{
	const struct document *put = data;
	size_t n = min_of(size, put->size - (size_t)at);

	memcpy(room, put->bytes + at, n);
	return (ssize_t)n;
}

static void on_put(struct job *job, const struct http_answer *answer)
{
	AUTO(mem) char *digest = digest_of(job->put->bytes, job->put->size);

	if (answer->digest && !str_eq(answer->digest, digest)) {
		fail(job, -EBADMSG, "the registry says that it got something else");
		return;
	}
	str_set(&job->digest, digest);
	job->how = REMOTE_HOW_SENT;
	over(job);
}

static int open_document(struct job *job, const struct remote_message *m, int file, struct err *err)
{
	job->put = mem_new(struct document);
	job->media_type = str_dup(m->media_type);
	int r = file < 0 || !m->media_type
			? -EINVAL
			: fd_read_all(file, JSON_MAX_BYTES, &job->put->bytes, &job->put->size);
	if (r < 0)
		return err_sys(err, r, "cannot read the manifest to push");
	if (!m->tag && !m->digest)
		job->digest = digest_of(job->put->bytes, job->put->size);
	return 0;
}

/* --- the request --------------------------------------------------------------------- */

static void on_answer(void *data, struct http_answer *answer)
{
	struct job *job = data;

	job->transfer = NULL;
	if (job->mark < 0)
		job->mark = bytes_done(job);
	if (answer->status)
		job->site->settled = true;
	if (answer->code < 0)
		on_break(job, answer);
	else if (job->search && search_turn(job->search, answer))
		job->stage = JOB_ASK;
	else if (answer->status / 100 == 3)
		on_redirect(job, answer);
	else if (answer->status == 401)
		on_refused(job, answer);
	else if (job->upload)
		on_upload(job, answer);
	else if (answer->status == 416)
		on_no_range(job);
	else if (job->put && answer->status / 100 == 2)
		on_put(job, answer);
	else if (answer->status != 200 && answer->status != 206)
		on_other(job, answer);
	else if (job->blob)
		on_blob_end(job);
	else if (job->check)
		over(job);
	else if (job->search)
		on_search(job, answer);
	else if (job->tags)
		on_tags(job, answer);
	else if (job->head)
		on_head(job, answer);
	else
		on_manifest(job, answer);
}

static bool is_document(const struct job *job)
{
	return !job->blob && !job->tags && !job->check && !job->search && !job->upload;
}

static void start_request(struct job *job, const char *url, const char *authorization)
{
	struct http_request request = { .url = url,
					.head = job->head,
					.accept = is_document(job) ? ACCEPT : NULL,
					.authorization = authorization,
					.from = job->blob && !job->whole ? job->blob->have : 0,
					.trust = site_trust(job->site, url),
					.take = job->blob ? take_blob : NULL,
					.done = on_answer,
					.data = job };

	if (job->put) {
		request.method = "PUT";
		request.body = (struct http_body){ .type = job->media_type,
						   .size = (int64_t)job->put->size,
						   .give = give_document,
						   .data = job->put };
	}
	if (job->upload)
		upload_request(job->upload, &request);
	str_set(&job->sent, authorization);
	job->mark = job->upload ? job->upload->acked : -1;
	job->stage = JOB_RUNNING;
	if (http_start(job->world->http, &request, &job->transfer) < 0)
		give_up(job, -EINVAL, "its address cannot be used");
}

/* Where it is asked for first. */
static char *own_url(const struct job *job)
{
	const char *path = job->endpoints.items[job->at].path;
	const char *kind = job->tags ? "tags" : job->blob ? "blobs" : "manifests";
	const char *name = job->tags ? "list" : job->digest ? job->digest : job->tag;

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
		on_blob_end(job);
		return;
	}
	if (site_owns(job->site, url)) {
		int r = site_authorize(job->site, job->scope, &authorization, &err);
		if (r == -EAGAIN) {
			job->stage = JOB_TOKEN;
			return;
		}
		if (r < 0) {
			fail_err(job, &err);
			return;
		}
	}
	start_request(job, url, authorization);
}

static void rehash(struct job *job)
{
	int r = job->blob ? blob_rehash(job->blob) : 0;

	if (r < 0)
		fail(job, r, "the file cannot be read");
	else if (r == 0)
		ask_endpoint(job, 0);
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
static int check_request(const struct remote_message *m, struct reference *ref, struct err *err)
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

static int open_blob(struct job *job, const struct remote_message *m, int *fds, struct err *err)
{
	if (m->kind == REMOTE_UPLOAD) {
		job->upload = upload_new(take_fd(fds[0]), m);
		return 0;
	}
	if (m->kind == REMOTE_PUT)
		return open_document(job, m, fds[0], err);
	if (m->kind != REMOTE_BLOB)
		return 0;
	if (fds[0] < 0)
		return err_set(err, -EINVAL, "a blob without a file");
	int file = take_fd(fds[0]), more = take_fd(fds[1]);
	int r = blob_new(file, more, m->digest, m->size, &job->blob);
	return r < 0 ? err_sys(err, r, "cannot use the file of '%s'", m->digest) : 0;
}

/* A thing of the whole registry is asked of one place, and mirrors have none of their own. */
static int find_whole(struct job *job, const struct remote_message *m, const char *domain,
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

struct job *job_new(struct job_world *world, const struct remote_message *message, int *fds)
{
	struct job *job = mem_new(struct job);
	AUTO(reference) struct reference ref = { 0 };

	job->world = world;
	job->number = message->job;
	job->memfd = job->fed = -1;
	job->digest = str_dup(message->digest);
	job->known = str_dup(message->known);
	job->tags = message->kind == REMOTE_TAGS;
	job->look = message->look && message->kind == REMOTE_MANIFEST;
	job->head = job->look || (message->known && message->kind == REMOTE_MANIFEST);
	job->pushing = message->pushing || message->kind == REMOTE_UPLOAD ||
		       message->kind == REMOTE_PUT;
	strv_extend(&job->also, &message->also);
	int r = check_request(message, &ref, &job->err);
	if (r == 0 && (message->kind == REMOTE_CHECK || message->kind == REMOTE_SEARCH)) {
		r = find_whole(job, message, ref.domain, &job->err);
	} else if (r == 0) {
		job->tag = str_dup(ref.tag);
		r = registries_conf_endpoints(&world->conf, &ref, job->digest != NULL,
					      &job->endpoints, &job->err);
	}
	if (r == 0 && job->pushing)
		registry_endpoints_keep_last(&job->endpoints);
	if (r == 0)
		r = open_blob(job, message, fds, &job->err);
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
	free(job->tag);
	free(job->scope);
	strv_clear(&job->also);
	strv_clear(&job->listed);
	free(job->digest);
	free(job->known);
	free(job->url);
	free(job->media_type);
	err_clear(&job->err);
	free(job);
}
