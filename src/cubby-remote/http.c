/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * http - one request and its answer, over libcurl
 */
#include "http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <curl/urlapi.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "remote/noproxy.h"
#include "validator.h"

enum { CONNECT_SECONDS = 30, BUFFER = 256 << 10, MAX_CONNECTIONS = 8 };

struct http {
	CURLM *multi;
	char *user_agent;
	int stall_seconds;
	char *no_proxy;
};

struct transfer {
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	char *post;
	char problem[CURL_ERROR_SIZE];
	int broke;   /* what .take refused with */
	bool enough; /* of an error's words: the rest was not read */
	size_t header_bytes;
	int64_t at; /* place of the next byte of the body */
	struct http_request request;
	struct http_answer answer;
	size_t room;
};

/* Which errno a failure of curl is. */
static int failure(CURLcode c, const struct transfer *t)
{
	static const struct {
		CURLcode curl;
		int code;
	} table[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH },
		{ CURLE_COULDNT_RESOLVE_PROXY, -EHOSTUNREACH },
		{ CURLE_COULDNT_CONNECT, -ECONNREFUSED },
		{ CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
		{ CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
		{ CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED },
		{ CURLE_SSL_CERTPROBLEM, -EKEYREJECTED },
		{ CURLE_SSL_CONNECT_ERROR, -EPROTO },
		{ CURLE_URL_MALFORMAT, -EPROTO },
		{ CURLE_UNSUPPORTED_PROTOCOL, -EPROTO },
	};

	if (t->broke < 0)
		return t->broke;
	for (size_t i = 0; i < array_len(table); i++)
		if (table[i].curl == c)
			return table[i].code;
	/* Everything else is a connection that broke. */
	return -ECONNRESET;
}

static void copy_header(char **slot, const char *value)
{
	free(*slot);
	*slot = str_dup(value);
}

static void read_header(struct http_answer *a, const char *name, const char *value)
{
	const struct {
		const char *name;
		char **slot;
		size_t max;
	} known[] = { { "content-type", &a->type, HTTP_MAX_VALUE },
		      { "docker-content-digest", &a->digest, HTTP_MAX_VALUE },
		      { "retry-after", &a->retry_after, HTTP_MAX_VALUE },
		      { "ratelimit-limit", &a->limit, HTTP_MAX_VALUE },
		      { "ratelimit-remaining", &a->left, HTTP_MAX_VALUE },
		      { "content-range", &a->range, HTTP_MAX_VALUE },
		      { "range", &a->range, HTTP_MAX_VALUE },
		      { "oci-chunk-min-length", &a->chunk_min, HTTP_MAX_VALUE },
		      { "last-modified", &a->modified, HTTP_MAX_VALUE },
		      { "etag", &a->etag, HTTP_MAX_VALUE },
		      { "date", &a->date, HTTP_MAX_VALUE },
		      { "location", &a->location, HTTP_MAX_URL },
		      { "link", &a->link, HTTP_MAX_URL } };

	for (size_t i = 0; i < array_len(known); i++)
		if (strcasecmp(name, known[i].name) == 0 && strlen(value) <= known[i].max)
			copy_header(known[i].slot, value);
	if (strcasecmp(name, "www-authenticate") == 0)
		challenge_add(&a->challenge, value);
}

static void answer_clear(struct http_answer *a)
{
	free(a->type);
	free(a->digest);
	free(a->location);
	free(a->retry_after);
	free(a->limit);
	free(a->left);
	free(a->range);
	free(a->chunk_min);
	free(a->link);
	free(a->modified);
	free(a->etag);
	free(a->date);
	challenge_clear(&a->challenge);
	free(a->body);
	*a = (struct http_answer){ .length = -1 };
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
	struct transfer *t = user;
	size_t n = size * count;
	AUTO(mem) char *line = str_ndup(data, n);

	t->header_bytes += n;
	if (t->header_bytes > HTTP_MAX_HEADERS) {
		t->broke = -EMSGSIZE;
		return 0;
	}
	/* A proxy's answer, or "100 Continue", may come before the real one. */
	if (str_starts(line, "HTTP/"))
		answer_clear(&t->answer);
	char *value = str_cut(line, ':');
	if (value)
		read_header(&t->answer, line, str_trim(value));
	return n;
}

/* What a Location header means where this answer came from; NULL when it is no address. */
static char *resolve(struct transfer *t, const char *location)
{
	CURLU *url = curl_url();
	char *base = NULL, *whole = NULL, *out = NULL;

	bug_unless(url);
	(void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &base);
	if (base && curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_URL, location, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK)
		out = str_dup(whole);
	curl_free(whole);
	curl_url_cleanup(url);
	return out;
}

/* Once, when the body begins or the end has come. */
static void note_status(struct transfer *t)
{
	struct http_answer *a = &t->answer;
	long status = 0;
	curl_off_t length = -1;

	if (a->status)
		return;
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	a->status = (int)status;
	a->length = length;
	if (a->location) {
		AUTO(mem) char *said = take_ptr(a->location);
		a->location = resolve(t, said);
	}
}

static int keep_body(struct transfer *t, const char *data, size_t n)
{
	struct http_answer *a = &t->answer;
	bool wanted = a->status / 100 == 2;
	size_t max = wanted ? HTTP_MAX_BODY : HTTP_MAX_ERROR;

	if (n > max - a->body_size) {
		t->enough = !wanted;
		return -EFBIG;
	}
	if (a->body_size + n + 1 > t->room) {
		t->room = 2 * (a->body_size + n + 1);
		a->body = mem_resize(a->body, t->room, 1);
	}
	memcpy(a->body + a->body_size, data, n);
	a->body_size += n;
	a->body[a->body_size] = 0;
	return 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
	struct transfer *t = user;
	size_t n = size * count;

	note_status(t);
	bool wanted = t->answer.status == 200 || t->answer.status == 206;
	int r = wanted && t->request.take ? t->request.take(t->request.data, &t->answer, data, n)
					  : keep_body(t, data, n);
	if (r == 0)
		return n;
	t->broke = r;
	return 0;
}

static size_t on_give(char *room, size_t size, size_t count, void *user)
{
	struct transfer *t = user;
	const struct http_body *body = &t->request.body;

	ssize_t n = body->give ? body->give(body->data, t->at, room, size * count) : 0;
	if (n == -EAGAIN)
		return CURL_READFUNC_PAUSE;
	if (n < 0) {
		t->broke = (int)n;
		return CURL_READFUNC_ABORT;
	}
	t->at += n;
	return (size_t)n;
}

/* A kept connection that the other side has closed: all of it goes over a new one. */
static int on_seek(void *user, curl_off_t offset, int origin)
{
	struct transfer *t = user;

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	t->at = t->request.body.from + offset;
	return CURL_SEEKFUNC_OK;
}

static void add_header(struct transfer *t, const char *name, const char *value)
{
	if (!value)
		return;
	AUTO(mem) char *line = str_fmt("%s: %s", name, value);
	t->headers = curl_slist_append(t->headers, line);
	bug_unless(t->headers);
}

#define SET(option, value) bug_unless(curl_easy_setopt(t->easy, option, value) == CURLE_OK)

static void set_trust(struct transfer *t)
{
	const struct http_trust *trust = &t->request.trust;

	SET(CURLOPT_SSL_VERIFYPEER, trust->verify ? 1L : 0L);
	SET(CURLOPT_SSL_VERIFYHOST, trust->verify ? 2L : 0L);
	if (trust->ca_file)
		SET(CURLOPT_CAINFO, trust->ca_file);
	if (trust->ca_dir)
		SET(CURLOPT_CAPATH, trust->ca_dir);
	if (trust->cert)
		SET(CURLOPT_SSLCERT, trust->cert);
	if (trust->key)
		SET(CURLOPT_SSLKEY, trust->key);
}

/* Whether a URL is reached without the proxy; one that cannot be read is refused later. */
static bool goes_straight(const struct http *http, const char *url)
{
	CURLU *parts = curl_url();
	char *host = NULL, *port = NULL;
	uint64_t number = 0;
	bool straight = false;

	bug_unless(parts);
	if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    str_u64(port, UINT16_MAX, &number) == 0)
		straight = noproxy_matches(http->no_proxy, host, (int)number);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return straight;
}

static void set_body(struct transfer *t)
{
	const struct http_body *body = &t->request.body;

	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_CUSTOMREQUEST, t->request.method);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)body->size);
	SET(CURLOPT_READFUNCTION, on_give);
	SET(CURLOPT_READDATA, t);
	SET(CURLOPT_SEEKFUNCTION, on_seek);
	SET(CURLOPT_SEEKDATA, t);
	SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)BUFFER);
	t->at = body->from;
	add_header(t, "Content-Type", body->type);
	add_header(t, "Content-Range", body->range);
	/* Whoever would refuse the body has had its chance with the request before. */
	t->headers = curl_slist_append(t->headers, "Expect:");
	bug_unless(t->headers);
}

static void set_up(struct transfer *t)
{
	const struct http_request *r = &t->request;

#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
	SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	/* Its own reading of no_proxy knows no ports. */
	if (goes_straight(t->http, r->url))
		SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_USERAGENT, t->http->user_agent);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME,
	    (long)(r->stall_seconds ? r->stall_seconds : t->http->stall_seconds));
	/* A document is small: drop by drop it would take for ever. */
	if (!r->take && !r->method)
		SET(CURLOPT_TIMEOUT, (long)t->http->stall_seconds * HTTP_KEPT_STALLS);
	SET(CURLOPT_BUFFERSIZE, (long)BUFFER);
	SET(CURLOPT_ERRORBUFFER, t->problem);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_NOBODY, r->head ? 1L : 0L);
	if (t->post)
		SET(CURLOPT_POSTFIELDS, t->post);
	if (r->method)
		set_body(t);
	add_header(t, "Accept", r->accept);
	add_header(t, "Authorization", r->authorization);
	if (r->validator)
		add_header(t, validator_header(r->validator), validator_value(r->validator));
	if (r->from > 0) {
		AUTO(mem) char *range = str_fmt("%lld-", (long long)r->from);
		SET(CURLOPT_RANGE, range);
	}
	SET(CURLOPT_HTTPHEADER, t->headers);
	set_trust(t);
}

int http_new(const char *user_agent, int stall_seconds, const char *no_proxy, struct http **out)
{
	AUTO(http) struct http *http = mem_new(struct http);

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOSYS;
	http->multi = curl_multi_init();
	bug_unless(http->multi);
	(void)curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)MAX_CONNECTIONS);
	http->user_agent = str_dup(user_agent);
	http->stall_seconds = stall_seconds;
	http->no_proxy = str_dup(no_proxy);
	*out = take_ptr(http);
	return 0;
}

static void transfer_free(struct transfer *t)
{
	if (t->easy) {
		(void)curl_multi_remove_handle(t->http->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->headers);
	if (t->post)
		explicit_bzero(t->post, strlen(t->post));
	free(t->post);
	answer_clear(&t->answer);
	free(t);
}

int http_start(struct http *http, const struct http_request *request, struct transfer **out)
{
	struct transfer *t = mem_new(struct transfer);

	t->http = http;
	t->request = *request;
	t->post = str_dup(request->post);
	t->answer.length = -1;
	t->easy = curl_easy_init();
	bug_unless(t->easy);
	set_up(t);
	if (curl_easy_setopt(t->easy, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_multi_add_handle(http->multi, t->easy) != CURLM_OK) {
		transfer_free(t);
		return -EINVAL;
	}
	/* These lived in the caller. */
	t->request.url = t->request.post = t->request.accept = t->request.authorization = NULL;
	t->request.method = t->request.body.type = t->request.body.range = NULL;
	*out = t;
	return 0;
}

void http_cancel(struct transfer *transfer)
{
	if (transfer)
		transfer_free(transfer);
}

void http_resume(struct transfer *transfer)
{
	/* What it could fail with shows as the end of the transfer. */
	if (transfer)
		(void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

/* curl's words in the form of ours: its sentences begin with a capital, its names of things too. */
static void say(struct http_answer *a, const char *words)
{
	if (a->plain)
		words = "no TLS is spoken there";
	(void)snprintf(a->error, sizeof a->error, "%s", words);
	if (islower((unsigned char)a->error[1]))
		a->error[0] = (char)tolower((unsigned char)a->error[0]);
}

/* Whether a proxy was asked for a tunnel and gave none. */
static bool is_barred(const struct transfer *t, struct http_answer *a)
{
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (!status || status / 100 == 2)
		return false;
	a->barred = true;
	a->status = 0;
	a->code = -EACCES;
	(void)snprintf(a->error, sizeof a->error, "the proxy does not let us through (%ld)",
		       status);
	return true;
}

/* The other side's last words, which OpenSSL passes on. In TLS 1.3 they come when the handshake is over. */
static bool wants_certificate(const char *problem)
{
	static const char *const alerts[] = {
		"alert certificate required", "alert bad certificate",
		"alert unknown ca",	      "alert certificate unknown",
		"alert certificate expired",  "alert certificate revoked",
	};

	for (size_t i = 0; i < array_len(alerts); i++)
		if (strstr(problem, alerts[i]))
			return true;
	return false;
}

static void finish(struct transfer *t, CURLcode result)
{
	struct http_answer *a = &t->answer;

	note_status(t);
	if (result != CURLE_OK && is_barred(t, a)) {
		t->request.done(t->request.data, a);
		transfer_free(t);
		return;
	}
	if (result != CURLE_OK && !t->enough) {
		a->code = failure(result, t);
		a->plain = result == CURLE_SSL_CONNECT_ERROR &&
			   strstr(t->problem, "wrong version number");
		a->unsure = result == CURLE_PEER_FAILED_VERIFICATION;
		a->unknown = wants_certificate(t->problem);
		a->refused = result == CURLE_COULDNT_CONNECT ||
			     result == CURLE_COULDNT_RESOLVE_HOST;
		say(a, *t->problem ? t->problem : curl_easy_strerror(result));
	}
	t->request.done(t->request.data, a);
	transfer_free(t);
}

static void finish_all(struct http *http)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		char *private = NULL;
		if (msg->msg != CURLMSG_DONE)
			continue;
		CURLcode result = msg->data.result;
		(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
		finish((struct transfer *)(void *)private, result);
	}
}

int http_move(struct http *http)
{
	int running;

	if (curl_multi_perform(http->multi, &running) != CURLM_OK)
		return -EIO;
	finish_all(http);
	return 0;
}

int http_wait(struct http *http, int sock, short events, int timeout_ms)
{
	struct curl_waitfd wait = { .fd = sock };

	wait.events = (short)((events & POLLIN ? CURL_WAIT_POLLIN : 0) |
			      (events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
	return curl_multi_poll(http->multi, &wait, 1, timeout_ms, NULL) == CURLM_OK ? 0 : -EIO;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	if (http->multi)
		(void)curl_multi_cleanup(http->multi);
	free(http->user_agent);
	free(http->no_proxy);
	free(http);
}
