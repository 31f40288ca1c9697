/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * site - one registry: how it is reached and who we are there
 *
 * Ways. HTTPS with checked certificates is the only way to a registry, unless it is insecure (by
 * --tls-verify=false, a configuration file, or because it is this machine's own and docker would): then
 * HTTPS without checks, and when no TLS is spoken there, plain HTTP. The first way that brings an answer
 * is kept.
 *
 * Authorization. Nothing is sent until the registry asks. It may ask for the name and password itself
 * (Basic) or for a token of a given scope, which its token server gives for them, or for nothing. A token
 * is shared by all jobs of its scope; who needs one that is being fetched waits. Name and password
 * go to the registry and the token server that it names, and to nobody else. Where a credential helper has
 * them, the parent is asked to ask it; who needs them waits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "http.h"
#include "oci/auth_file.h"
#include "remote/protocol.h"
#include "remote/settings.h"

/* What stands for a repository where a thing of the whole registry is asked for. */
#define SITE_WHOLE ""	 /* whether we are let in at all */
#define SITE_CATALOG "*" /* the list of repositories */

enum token_state { TOKEN_FETCHING, TOKEN_READY, TOKEN_FAILED };

struct token {
	struct site *site;
	struct token *next;
	enum token_state state;
	char *scope;
	char *authorization; /* "Bearer …" */
	int64_t expires;     /* clock_mono() */
	struct err err;	     /* why it failed */
	struct transfer *transfer;
};

struct site {
	struct site *next;
	const struct remote_settings *settings;
	struct http *http;
	char *host;		/* as in references: docker.io */
	char *real;		/* where it is reached: registry-1.docker.io */
	bool insecure;		/* may be reached without TLS or checks */
	bool named;		/* --creds is for it */
	bool plain;		/* the way in use is plain HTTP */
	bool settled;		/* an answer has come */
	bool avoid;		/* as a mirror: it cannot be reached, or its bytes were wrong */
	struct challenge asked; /* what it asks for; kind NONE until it has */
	bool looked;		/* for credentials */
	bool has_credentials;
	struct credentials credentials;
	struct strv helpers; /* credential helpers that may have better ones, still to be asked */
	int64_t question;    /* number under which the first of them is being asked, or 0 */
	char *basic;	     /* "Basic …" of the credentials, once asked for */
	char *bearer;	     /* "Bearer …" of a registry token */
	char *trouble;	     /* why credentials could not be read */
	struct token *tokens;
	char *ca_file; /* of certs.d */
	char *cert;
	char *key;
};

/**
 * site_get() - the site of a host, made when it is new
 * @list:	all sites
 * @http:	for its token requests
 * @settings:	borrowed for its life
 * @model:	.host; .insecure: whether files say so; .named: whether the command line does, so that --creds is
 *		for it
 *
 * The same host is another site for who reaches or names it otherwise: what one may do the other may not.
 *
 * Return: the site, which belongs to @list.
 */
struct site *site_get(struct site **list, struct http *http, const struct remote_settings *settings,
		      const struct site *model);

/**
 * site_url() - where a thing of a repository is
 * @site:	the site
 * @path:	repository
 * @kind:	"manifests" or "blobs"
 * @what:	tag or digest, valid
 *
 * Return: the URL, to be freed; never NULL.
 */
must_check char *site_url(const struct site *site, const char *path, const char *kind,
			  const char *what);

/**
 * site_owns() - whether a URL is at the very same scheme, host and port
 * @site:	the site
 * @url:	whole URL
 *
 * Return: whether credentials for the site may go there.
 */
bool site_owns(const struct site *site, const char *url);

/**
 * site_trust() - how the other side of a URL is known
 * @site:	the site that led there
 * @url:	whole URL
 *
 * Return: texts belong to @site.
 */
struct http_trust site_trust(const struct site *site, const char *url);

/**
 * site_other_way() - go over to the next way after one that brought no answer
 * @site:	not settled
 * @answer:	of the one that failed
 *
 * Return: whether there is one.
 */
bool site_other_way(struct site *site, const struct http_answer *answer);

/**
 * site_scope() - the rights that a token is asked for
 * @path:	repository
 * @push:	not only to read it
 * @also:	other repositories to read
 *
 * Return: scopes with a space between them, to be freed; never NULL.
 * Source: distribution's token scope documentation.
 */
must_check char *site_scope(const char *path, bool push, const struct strv *also);

/**
 * site_authorize() - what to send along with a request
 * @site:	the site
 * @scope:	of site_scope()
 * @out:	value of the Authorization header, which belongs to @site, or NULL; set on success only
 * @err:	why no token can be had
 *
 * Return: 0; -EAGAIN while a token is being fetched; otherwise a negative errno.
 */
must_check int site_authorize(struct site *site, const char *scope, const char **out,
			      struct err *err);

/**
 * site_refused() - take note that the registry answered 401
 * @site:	the site
 * @path:	repository
 * @scope:	of site_scope()
 * @answer:	with the challenge
 * @sent:	what had been sent along, or NULL
 * @err:	why another try makes no sense
 *
 * Return: 0 when site_authorize() now knows more; -EACCES.
 */
must_check int site_refused(struct site *site, const char *path, const char *scope,
			    const struct http_answer *answer, const char *sent, struct err *err);

/**
 * site_question() - the helper that is to be asked now
 * @site:	the site
 * @number:	by which the answer will be known; not 0
 *
 * Return: its name, which belongs to @site; NULL when there is nothing to ask.
 */
const char *site_question(struct site *site, int64_t number);

/**
 * sites_answer() - take what a helper has
 * @list:	all sites
 * @message:	REMOTE_CREDENTIALS; its texts are taken over
 *
 * An answer that nobody waits for is passed over.
 */
void sites_answer(struct site *list, struct remote_message *message);

/**
 * sites_free() - release all, with the requests under way
 * @list:	emptied
 */
void sites_free(struct site **list);
