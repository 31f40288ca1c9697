/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * site - one registry: how it is reached and who we are there
 */
#include "site.h"

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

#define DOCKER_HOST "docker.io"
#define DOCKER_REAL "registry-1.docker.io"
#define CLIENT_ID "cubby"
#define TOKEN_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=:|,"

#define OWN_FILES "containers-auth.json" /* the name by which files are a helper, too */

enum {
	TOKEN_MAX = 64 << 10,
	TOKEN_SECONDS = 60,	 /* when the server does not say; the specification's own default */
	TOKEN_SPARE_SECONDS = 5, /* not used so short before its end */
	TOKEN_MAX_SECONDS = 86400,
};

static bool is_local(const char *host)
{
	const char *rest = str_starts(host, "localhost");

	if (!rest)
		rest = str_starts(host, "[::1]");
	if (rest)
		return !*rest || *rest == ':';
	/* 127.evil.example is none of ours. */
	return str_starts(host, "127.") && strspn(host, "0123456789.") == strcspn(host, ":");
}

/* Takes the CA's certificate and the client's own from a folder. Return: whether it is there. */
static bool read_certs_dir(struct site *site, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		return false;
	while ((entry = readdir(d))) {
		char **slot = str_ends(entry->d_name, ".crt")	 ? &site->ca_file
			      : str_ends(entry->d_name, ".cert") ? &site->cert
			      : str_ends(entry->d_name, ".key")	 ? &site->key
								 : NULL;
		if (slot && !*slot)
			*slot = str_fmt("%s/%s", dir, entry->d_name);
	}
	(void)closedir(d); /* was only read */
	return true;
}

/* The first folder that there is for this host. */
static void find_certificates(struct site *site)
{
	const struct strv *dirs = &site->settings->certs_dirs;
	bool found = site->settings->cert_dir && read_certs_dir(site, site->settings->cert_dir);

	for (size_t i = 0; i < dirs->count && !found; i++) {
		AUTO(mem) char *dir = str_fmt("%s/%s", dirs->items[i], site->host);
		found = read_certs_dir(site, dir);
	}
}

static bool may_be_insecure(const struct remote_settings *settings, const struct site *model)
{
	return !settings->secure && (settings->insecure || model->insecure ||
				     (settings->insecure_local && is_local(model->host)));
}

struct site *site_get(struct site **list, struct http *http, const struct remote_settings *settings,
		      const struct site *model)
{
	bool insecure = may_be_insecure(settings, model);

	for (struct site *s = *list; s; s = s->next)
		if (str_eq(s->host, model->host) && s->insecure == insecure &&
		    s->named == model->named)
			return s;
	struct site *site = mem_new(struct site);
	site->settings = settings;
	site->http = http;
	site->host = str_dup(model->host);
	site->real = str_dup(str_eq(model->host, DOCKER_HOST) ? DOCKER_REAL : model->host);
	site->insecure = insecure;
	site->named = model->named;
	find_certificates(site);
	site->next = *list;
	*list = site;
	return site;
}

char *site_url(const struct site *site, const char *path, const char *kind, const char *what)
{
	return str_fmt("%s://%s/v2/%s/%s/%s", site->plain ? "http" : "https", site->real, path,
		       kind, what);
}

bool site_owns(const struct site *site, const char *url)
{
	AUTO(mem) char *base = str_fmt("%s://%s/", site->plain ? "http" : "https", site->real);

	return strncasecmp(url, base, strlen(base)) == 0;
}

struct http_trust site_trust(const struct site *site, const char *url)
{
	bool own = site_owns(site, url);
	const struct remote_settings *s = site->settings;

	/* The system's folder of certificates counts beside a file of certs.d. */
	return (struct http_trust){ .verify = !site->insecure,
				    .ca_file = site->ca_file ? site->ca_file : s->ca_file,
				    .ca_dir = s->ca_dir,
				    .cert = own ? site->cert : NULL,
				    .key = own ? site->key : NULL };
}

bool site_other_way(struct site *site, const struct http_answer *answer)
{
	/* Another job has gone over meanwhile. */
	if (site->plain && answer->plain)
		return true;
	if (site->settled || site->plain || !site->insecure || answer->status)
		return false;
	if (!answer->plain && !answer->refused && answer->code != -EPROTO &&
	    answer->code != -ECONNRESET)
		return false;
	site->plain = true;
	return true;
}

/* What one auth file has; 1 when it names a helper; -ENOENT when nothing. */
static int read_auth_file(struct site *site, const char *file, const char *path, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(mem) char *helper = NULL;
	size_t size;

	int r = file_read(AT_FDCWD, file, AUTH_FILE_MAX, &text, &size);
	/* docker makes empty ones. */
	if (r == -ENOENT || r == -ENOTDIR || (r == 0 && !size))
		return -ENOENT;
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", file);
	r = auth_file_find(text, size, site->host, path, &site->credentials, &helper, err);
	explicit_bzero(text, size);
	if (r < 0 && r != -ENOENT)
		return err_wrap(err, "cannot use '%s'", file);
	if (r == 1)
		strv_add(&site->helpers, helper);
	return r;
}

static void look_into_files(struct site *site, const char *path)
{
	const struct strv *files = &site->settings->auth_files;

	for (size_t i = 0; i < files->count && !site->has_credentials; i++) {
		AUTO(err) struct err err = { 0 };
		int r = read_auth_file(site, files->items[i], path, &err);
		site->has_credentials = r == 0;
		if (r < 0 && r != -ENOENT && !site->trouble)
			site->trouble = str_dup(err.text);
	}
}

/* Only when a registry asks: most never do. */
static void find_credentials(struct site *site, const char *path)
{
	const struct strv *order = &site->settings->helpers;

	if (site->looked)
		return;
	site->looked = true;
	if (site->settings->credentials && site->named) {
		credentials_parse(site->settings->credentials, &site->credentials);
		site->has_credentials = true;
		return;
	}
	if (!order->count)
		look_into_files(site, path);
	for (size_t i = 0; i < order->count && !site->has_credentials; i++) {
		if (str_eq(order->items[i], OWN_FILES))
			look_into_files(site, path);
		else
			strv_add(&site->helpers, order->items[i]);
	}
}

const char *site_question(struct site *site, int64_t number)
{
	if (site->question || !site->helpers.count)
		return NULL;
	site->question = number;
	return site->helpers.items[0];
}

static void take_answer(struct site *site, struct remote_message *m)
{
	site->question = 0;
	strv_remove(&site->helpers, 0);
	if (m->code < 0 || (!m->user && !m->token)) {
		if (m->code != -ENOENT && m->text && !site->trouble)
			site->trouble = take_ptr(m->text);
		return;
	}
	credentials_clear(&site->credentials);
	site->credentials.user = take_ptr(m->user);
	site->credentials.password = take_ptr(m->secret);
	site->credentials.identity_token = take_ptr(m->token);
	site->has_credentials = true;
	strv_clear(&site->helpers);
}

void sites_answer(struct site *list, struct remote_message *message)
{
	for (struct site *s = list; s; s = s->next)
		if (s->question && s->question == message->job)
			take_answer(s, message);
}

char *site_scope(const char *path, bool push, const struct strv *also)
{
	AUTO(strv) struct strv list = { 0 };

	if (str_eq(path, SITE_WHOLE))
		return str_dup("");
	if (str_eq(path, SITE_CATALOG))
		return str_dup("registry:catalog:*");
	strv_addf(&list, "repository:%s:pull%s", path, push ? ",push" : "");
	for (size_t i = 0; i < also->count; i++)
		strv_addf(&list, "repository:%s:pull", also->items[i]);
	return str_join(&list, " ");
}

static struct token *find_token(const struct site *site, const char *scope)
{
	for (struct token *t = site->tokens; t; t = t->next)
		if (str_eq(t->scope, scope))
			return t;
	return NULL;
}

static void token_fail(struct token *token, int code, const char *why)
{
	token->state = TOKEN_FAILED;
	(void)err_set(&token->err, code, "the token server of '%s' %s", token->site->host, why);
}

static void read_token(struct token *token, const struct http_answer *answer)
{
	AUTO(json) cJSON *doc = NULL;
	int64_t seconds = TOKEN_SECONDS;

	if (!answer->body || json_parse(answer->body, answer->body_size, &doc, NULL) < 0) {
		token_fail(token, -EBADMSG, "gave no JSON");
		return;
	}
	const char *text = json_text(doc, "token");
	if (str_empty(text))
		text = json_text(doc, "access_token");
	/* It becomes a header: no line end, nothing that is no visible ASCII. */
	if (str_empty(text) || strlen(text) > TOKEN_MAX || text[strspn(text, TOKEN_LETTERS)]) {
		token_fail(token, -EBADMSG, "gave no token");
		return;
	}
	if (json_i64(doc, "expires_in", &seconds) < 0 || seconds <= 0)
		seconds = TOKEN_SECONDS;
	seconds = min_of(seconds, (int64_t)TOKEN_MAX_SECONDS);
	token->authorization = str_fmt("Bearer %s", text);
	token->expires =
		clock_mono() + max_of(seconds - TOKEN_SPARE_SECONDS, (int64_t)1) * CLOCK_SECOND;
	token->state = TOKEN_READY;
}

static void on_token(void *data, struct http_answer *answer)
{
	struct token *token = data;

	token->transfer = NULL;
	if (answer->code < 0)
		token_fail(token, answer->code, answer->error);
	else if (answer->status == 401 || answer->status == 403)
		token_fail(token, -EACCES,
			   token->site->has_credentials ? "refuses the name or the password"
							: "asks for a name and a password");
	else if (answer->status == 429)
		token_fail(token, -EBUSY, "is asked too often (429)");
	else if (answer->status / 100 == 3)
		token_fail(token, -EPROTO, "redirects, and nobody else is told who we are");
	else if (answer->status != 200)
		token_fail(token, -EPROTO, "gave no token");
	else
		read_token(token, answer);
}

static void add_parameter(struct strv *out, const char *name, const char *value)
{
	if (str_empty(value))
		return;
	char *coded = curl_easy_escape(NULL, value, 0);
	bug_unless(coded);
	strv_addf(out, "%s=%s", name, coded);
	curl_free(coded);
}

/* The URL of a token request, or the form of one that shows an identity token. */
static char *token_parameters(const struct site *site, const char *scope, bool form)
{
	AUTO(strv) struct strv list = { 0 };
	AUTO(strv) struct strv scopes = { 0 };

	add_parameter(&list, "service", site->asked.service);
	strv_split(&scopes, scope, ' ');
	for (size_t i = 0; !form && i < scopes.count; i++)
		add_parameter(&list, "scope", scopes.items[i]);
	if (form) {
		add_parameter(&list, "scope", scope);
		add_parameter(&list, "grant_type", "refresh_token");
		add_parameter(&list, "refresh_token", site->credentials.identity_token);
		add_parameter(&list, "client_id", CLIENT_ID);
	} else if (site->has_credentials) {
		add_parameter(&list, "account", site->credentials.user);
	}
	return str_join(&list, "&");
}

static void request_token(struct token *token)
{
	struct site *site = token->site;
	const char *realm = site->asked.realm;
	bool form = site->has_credentials && site->credentials.identity_token;
	bool plain = strncasecmp(realm, "http://", 7) == 0;
	AUTO(mem) char *parameters = token_parameters(site, token->scope, form);
	AUTO(mem)
	char *url = form ? str_dup(realm)
			 : str_fmt("%s%c%s", realm, strchr(realm, '?') ? '&' : '?', parameters);
	AUTO(mem)
	char *basic = site->has_credentials && !form ? credentials_basic(&site->credentials) : NULL;

	if ((!plain && strncasecmp(realm, "https://", 8) != 0) ||
	    (plain && site->has_credentials && !site->insecure)) {
		token_fail(token, -EPROTO, "cannot be reached by TLS");
		return;
	}
	const struct http_request request = { .url = url,
					      .post = form ? parameters : NULL,
					      .authorization = basic,
					      .trust = site_trust(site, url),
					      .done = on_token,
					      .data = token };
	if (http_start(site->http, &request, &token->transfer) < 0)
		token_fail(token, -EPROTO, "has no usable address");
	if (basic)
		explicit_bzero(basic, strlen(basic));
}

static void token_free(struct token *token)
{
	http_cancel(token->transfer);
	if (token->authorization)
		explicit_bzero(token->authorization, strlen(token->authorization));
	free(token->authorization);
	free(token->scope);
	err_clear(&token->err);
	free(token);
}

static void drop_token(struct site *site, struct token *token)
{
	for (struct token **at = &site->tokens; *at; at = &(*at)->next) {
		if (*at != token)
			continue;
		*at = token->next;
		token_free(token);
		return;
	}
}

static struct token *new_token(struct site *site, const char *scope)
{
	struct token *token = mem_new(struct token);

	token->site = site;
	token->scope = str_dup(scope);
	token->next = site->tokens;
	site->tokens = token;
	request_token(token);
	return token;
}

static int hint_credentials(const struct site *site, struct err *err)
{
	if (site->trouble)
		return err_hint(err, "%s", site->trouble);
	if (site->has_credentials)
		return err_hint(err, "check the name and the password for '%s'", site->host);
	return err_hint(err, "log in with: cubby login %s", site->host);
}

static int refuse(const struct site *site, const char *why, struct err *err)
{
	(void)err_set(err, -EACCES, "%s", why);
	return hint_credentials(site, err);
}

static int authorize_bearer(struct site *site, const char *scope, const char **out, struct err *err)
{
	struct token *token = find_token(site, scope);

	if (token && token->state == TOKEN_READY && clock_mono() > token->expires) {
		drop_token(site, token);
		token = NULL;
	}
	if (!token)
		token = new_token(site, scope);
	switch (token->state) {
	case TOKEN_FETCHING:
		return -EAGAIN;
	case TOKEN_READY:
		*out = token->authorization;
		return 0;
	case TOKEN_FAILED:
		break;
	}
	/* Told once; who asks again later tries again. */
	int code = err_move(err, &token->err);
	drop_token(site, token);
	return code == -EACCES ? hint_credentials(site, err) : code;
}

static int authorize_basic(struct site *site, const char **out, struct err *err)
{
	if (!site->credentials.user)
		return refuse(site, "the registry asks for a name and a password (401)", err);
	if (!site->basic)
		site->basic = credentials_basic(&site->credentials);
	*out = site->basic;
	return 0;
}

/* A token that the registry itself takes needs no token server. */
static int authorize_ready(struct site *site, const char **out)
{
	if (!site->bearer)
		site->bearer = str_fmt("Bearer %s", site->credentials.registry_token);
	*out = site->bearer;
	return 0;
}

int site_authorize(struct site *site, const char *scope, const char **out, struct err *err)
{
	if (site->helpers.count)
		return -EAGAIN;
	switch (site->asked.kind) {
	case CHALLENGE_BEARER:
		return site->credentials.registry_token ? authorize_ready(site, out)
							: authorize_bearer(site, scope, out, err);
	case CHALLENGE_BASIC:
		return authorize_basic(site, out, err);
	case CHALLENGE_NONE:
		break;
	}
	*out = NULL;
	return 0;
}

int site_refused(struct site *site, const char *path, const char *scope,
		 const struct http_answer *answer, const char *sent, struct err *err)
{
	const struct challenge *c = &answer->challenge;

	find_credentials(site, path);
	if (c->kind == CHALLENGE_BASIC && !site->has_credentials && !site->helpers.count)
		return refuse(site, "the registry asks for a name and a password (401)", err);
	if (c->kind == CHALLENGE_NONE || (sent && c->kind == CHALLENGE_BASIC) ||
	    (sent && str_eq(sent, site->bearer)))
		return refuse(site, "the registry does not let us in (401)", err);
	if (c->kind == CHALLENGE_BEARER && sent) {
		/* It may have run out before its time; whether to try again is the job's to count. */
		struct token *token = find_token(site, scope);
		if (token && token->state == TOKEN_READY && str_eq(token->authorization, sent))
			drop_token(site, token);
	}
	if (site->asked.kind == CHALLENGE_NONE) {
		site->asked.kind = c->kind;
		if (c->kind == CHALLENGE_BEARER) {
			str_set(&site->asked.realm, c->realm);
			str_set(&site->asked.service, c->service);
		}
	}
	return 0;
}

void sites_free(struct site **list)
{
	while (*list) {
		struct site *site = *list;
		*list = site->next;
		while (site->tokens)
			drop_token(site, site->tokens);
		challenge_clear(&site->asked);
		credentials_clear(&site->credentials);
		if (site->basic)
			explicit_bzero(site->basic, strlen(site->basic));
		free(site->basic);
		if (site->bearer)
			explicit_bzero(site->bearer, strlen(site->bearer));
		free(site->bearer);
		strv_clear(&site->helpers);
		free(site->trouble);
		free(site->host);
		free(site->real);
		free(site->ca_file);
		free(site->cert);
		free(site->key);
		free(site);
	}
}
