/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upload - a blob on its way into a registry
 */
#include "upload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

enum {
	SMALL = 4 << 20,     /* goes along with the last request */
	CHUNK = 8 << 20,     /* for registries that refuse larger bodies */
	ANSWER_SECONDS = 600 /* who has got a large blob may have to copy it */
};
#define OCTETS "application/octet-stream"

struct upload *upload_new(int file, const struct remote_message *message)
{
	struct upload *u = mem_new(struct upload);

	u->file = file;
	u->size = message->size;
	u->there = max_of(message->size, INT64_C(0));
	u->digest = str_dup(message->digest);
	u->mount = str_dup(message->mount);
	u->step = file < 0 && !u->mount ? UPLOAD_LOOK : UPLOAD_OPEN;
	return u;
}

static bool is_small(const struct upload *u)
{
	return u->size >= 0 && u->size <= SMALL && u->acked == 0;
}

/* What comes once the registry has a session: .acked bytes are there. */
static enum upload_step next_step(const struct upload *u)
{
	return is_small(u) || u->acked == u->size ? UPLOAD_FINISH : UPLOAD_SEND;
}

/* Nobody knows how much of a broken request has arrived. */
static void mend(struct upload *u)
{
	if (!u->broken)
		return;
	u->broken = false;
	if (u->step == UPLOAD_FINISH)
		u->step = UPLOAD_LOOK;
	else if (u->step == UPLOAD_SEND)
		u->step = UPLOAD_STATUS;
}

static char *open_url(const struct upload *u, const struct site *site, const char *path)
{
	AUTO(mem) char *base = site_url(site, path, "blobs", "uploads/");

	if (!u->mount || !u->digest)
		return take_ptr(base);
	return str_fmt("%s?mount=%s&from=%s", base, u->digest, u->mount);
}

char *upload_url(struct upload *upload, const struct site *site, const char *path, bool redirected)
{
	/* A request that was only sent elsewhere is the same one. */
	if (!redirected)
		mend(upload);
	switch (upload->step) {
	case UPLOAD_LOOK:
		return site_url(site, path, "blobs", upload->digest);
	case UPLOAD_OPEN:
		return open_url(upload, site, path);
	case UPLOAD_STATUS:
	case UPLOAD_SEND:
		break;
	case UPLOAD_FINISH:
		return str_fmt("%s%cdigest=%s", upload->location,
			       strchr(upload->location, '?') ? '&' : '?', upload->digest);
	}
	return str_dup(upload->location);
}

bool upload_waits(const struct upload *upload)
{
	const struct upload *u = upload;

	if (u->size >= 0 || u->step != UPLOAD_SEND)
		return false;
	/* A first request without a length follows the file; a later one takes what is there. */
	if (u->acked == 0 && !u->chunk)
		return false;
	return u->there - u->acked < max_of(u->least, (int64_t)CHUNK);
}

/* ---- requests --------------------------------------------------------------------------------- */

static ssize_t give(void *data, int64_t at, void *room, size_t size)
{
	struct upload *u = data;
	int64_t end = u->until >= 0 ? u->until : u->there;
	ssize_t n;

	if (at >= end)
		return u->until >= 0 || u->size >= 0 ? 0 : -EAGAIN;
	do
		n = pread(u->file, room, (size_t)min_of((int64_t)size, end - at), at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* Somebody has cut it. */
	if (n == 0)
		return -EIO;
	u->given = max_of(u->given, at + n);
	return n;
}

/* The part that the next request sends. */
static void choose_part(struct upload *u, struct http_body *body)
{
	bool follow = u->size < 0 && u->acked == 0 && !u->chunk;
	int64_t most = max_of(u->chunk, u->least);

	u->until = u->there;
	if (u->chunk)
		u->until = min_of(u->until, u->acked + most);
	if (follow)
		u->until = -1;
	*body = (struct http_body){ .from = u->acked,
				    .size = follow ? -1 : u->until - u->acked,
				    .type = OCTETS,
				    .give = give,
				    .data = u };
}

void upload_request(struct upload *upload, struct http_request *request)
{
	struct upload *u = upload;
	struct http_body *body = &request->body;

	u->broken = true;
	free(take_ptr(u->range));
	switch (u->step) {
	case UPLOAD_LOOK:
		request->head = true;
		return;
	case UPLOAD_STATUS:
		return;
	case UPLOAD_OPEN:
		request->method = "POST";
		return;
	case UPLOAD_SEND:
		request->method = "PATCH";
		choose_part(u, body);
		/* One that is not split is sent as docker does it. */
		if (body->size >= 0 && (u->acked > 0 || u->until != u->size))
			u->range =
				str_fmt("%lld-%lld", (long long)u->acked, (long long)u->until - 1);
		body->range = u->range;
		return;
	case UPLOAD_FINISH:
		request->method = "PUT";
		request->stall_seconds = ANSWER_SECONDS;
		if (is_small(u))
			choose_part(u, body);
		return;
	}
}

/* ---- answers ---------------------------------------------------------------------------------- */

static struct upload_verdict verdict(int kind, int code, const char *why)
{
	return (struct upload_verdict){ .kind = kind, .code = code, .why = why };
}

static struct upload_verdict unexpected(void)
{
	return verdict(UPLOAD_UNEXPECTED, 0, NULL);
}

static struct upload_verdict go_on(struct upload *u, enum upload_step step)
{
	u->step = step;
	u->broken = false;
	return verdict(UPLOAD_ASK, 0, NULL);
}

static struct upload_verdict finish(struct upload *u, int how)
{
	u->how = how;
	return verdict(UPLOAD_OVER, 0, NULL);
}

/* The session is gone, or nobody knows what is in it: from the beginning. */
static struct upload_verdict again(struct upload *u)
{
	free(take_ptr(u->location));
	u->acked = 0;
	u->step = UPLOAD_OPEN;
	u->broken = false;
	return verdict(UPLOAD_LATER, -EPROTO, "the registry has lost what was sent");
}

/* Takes the session's address, which is checked as a redirection's is, and goes on there. */
static struct upload_verdict go_there(struct upload *u, const struct http_answer *answer,
				      bool insecure)
{
	const char *to = answer->location;

	if (!to && !u->location)
		return verdict(UPLOAD_FAIL, -EPROTO, "the registry does not say where to send it");
	if (to && strncasecmp(to, "https://", 8) != 0 &&
	    (strncasecmp(to, "http://", 7) != 0 || !insecure))
		return verdict(UPLOAD_FAIL, -EACCES,
			       "the registry wants it sent to an address without TLS");
	if (to)
		str_set(&u->location, to);
	if (answer->chunk_min && str_i64(answer->chunk_min, 0, INT64_C(1) << 30, &u->least) < 0)
		u->least = 0;
	return go_on(u, next_step(u));
}

/* How many bytes "0-N" means, or negative. A registry says 0-0 for none, too. */
static int64_t range_bytes(const char *range)
{
	long long first, last;

	if (!range)
		return -1;
	const char *rest = str_starts(range, "bytes=");
	if (sscanf(rest ? rest : range, "%lld-%lld", &first, &last) != 2 || first != 0 || last < 0)
		return -1;
	return last ? last + 1 : 0;
}

static bool passes(const struct http_answer *answer)
{
	return answer->status >= 500 || answer->status == 429 || answer->status == 408;
}

static struct upload_verdict on_look(struct upload *u, const struct http_answer *answer)
{
	if (answer->status == 200)
		return finish(u, REMOTE_HOW_THERE);
	if (passes(answer))
		return unexpected();
	if (u->file < 0)
		return verdict(UPLOAD_FAIL, -ENOENT, "the registry does not have it");
	return go_on(u, u->location ? UPLOAD_STATUS : UPLOAD_OPEN);
}

static struct upload_verdict on_open(struct upload *u, const struct http_answer *answer,
				     bool insecure)
{
	int status = answer->status;

	if (status == 201 && u->mount)
		return finish(u, REMOTE_HOW_MOUNTED);
	if (passes(answer))
		return unexpected();
	if (u->file < 0)
		return verdict(UPLOAD_FAIL, -ENOENT,
			       "the registry does not take it from its other repository");
	if (status == 202 || status == 201) {
		u->acked = u->given = 0;
		return go_there(u, answer, insecure);
	}
	if (!u->mount || status / 100 != 4)
		return unexpected();
	/* The other repository may be none of ours; without it all may be well. */
	str_set(&u->mount, NULL);
	return go_on(u, UPLOAD_OPEN);
}

static struct upload_verdict on_status(struct upload *u, const struct http_answer *answer,
				       bool insecure)
{
	int64_t have = range_bytes(answer->range);

	if (passes(answer))
		return unexpected();
	if (answer->status / 100 != 2 || have < 0 || have > u->there)
		return again(u);
	u->acked = have;
	return go_there(u, answer, insecure);
}

static struct upload_verdict on_sent(struct upload *u, const struct http_answer *answer,
				     bool insecure)
{
	int64_t have = range_bytes(answer->range), sent = u->until >= 0 ? u->until : u->there;

	if (answer->status == 413 && !u->chunk) {
		u->chunk = CHUNK;
		return verdict(UPLOAD_ASK, 0, NULL);
	}
	if (answer->status == 404)
		return again(u);
	if (answer->status == 416)
		return verdict(UPLOAD_LATER, -EPROTO, "the registry has another part of it (416)");
	if (answer->status / 100 != 2)
		return unexpected();
	if (have > sent || (have >= 0 && have <= u->acked && sent > u->acked + 1))
		return verdict(UPLOAD_LATER, -EPROTO, "the registry has not taken what was sent");
	/* One byte alone cannot be told from none. */
	u->acked = have > 0 ? have : sent;
	return go_there(u, answer, insecure);
}

static struct upload_verdict on_finished(struct upload *u, const struct http_answer *answer)
{
	if (answer->status == 404 || answer->status == 416)
		return again(u);
	if (answer->status / 100 != 2)
		return unexpected();
	if (answer->digest && !str_eq(answer->digest, u->digest))
		return verdict(UPLOAD_FAIL, -EBADMSG,
			       "the registry says that it got something else");
	return finish(u, REMOTE_HOW_SENT);
}

struct upload_verdict upload_answer(struct upload *upload, const struct http_answer *answer,
				    bool insecure)
{
	switch (upload->step) {
	case UPLOAD_LOOK:
		return on_look(upload, answer);
	case UPLOAD_OPEN:
		return on_open(upload, answer, insecure);
	case UPLOAD_STATUS:
		return on_status(upload, answer, insecure);
	case UPLOAD_SEND:
		return on_sent(upload, answer, insecure);
	case UPLOAD_FINISH:
		break;
	}
	return on_finished(upload, answer);
}

void upload_refused(struct upload *upload)
{
	upload->broken = false;
}

void upload_grown(struct upload *upload, const struct remote_message *message)
{
	if (upload->size >= 0 || message->size < upload->there)
		return;
	upload->there = message->size;
	if (!message->digest)
		return;
	upload->size = message->size;
	str_set(&upload->digest, message->digest);
}

void upload_free(struct upload *upload)
{
	if (!upload)
		return;
	fd_close(upload->file);
	free(upload->digest);
	free(upload->mount);
	free(upload->location);
	free(upload->range);
	free(upload);
}
