/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search - looking for repositories of a registry
 *
 * Two ways. docker.io, and registries that copied it, have an index: GET /v1/search?q=TERM&n=LIMIT, with
 * descriptions, asked without a name. Others have only the list of their repositories,
 * GET /v2/_catalog, in parts; those whose names hold the term are found, the one that is the term
 * first. The index is tried first, the list where there is none; docker.io has no list.
 */
#pragma once

#include <stdbool.h>

#include "http.h"
#include "remote/found.h"
#include "site.h"

struct search {
	char *term;
	int limit;
	bool catalog; /* the second way */
	bool only_index;
	size_t scanned; /* names read of the list */
	struct found found;
	size_t pages; /* of the catalog that came */
	char *first;  /* name of the catalog: a page that begins with it leads in a circle */
};

/**
 * search_new() - begin
 * @term:	what is looked for, or NULL for all
 * @limit:	at most so many
 * @only_index:	whether there is no second way
 *
 * Return: the search, to be released with search_free.
 */
struct search *search_new(const char *term, int limit, bool only_index);

/**
 * search_url() - what to ask first
 * @search:	the search
 * @site:	registry
 *
 * Return: the URL, to be freed; never NULL.
 */
must_check char *search_url(const struct search *search, const struct site *site);

/**
 * search_turn() - go over to the second way when an answer says that there is no first
 * @search:	the search
 * @answer:	of the registry, or of whoever is there
 *
 * Return: whether search_url() is another one now.
 */
bool search_turn(struct search *search, const struct http_answer *answer);

/**
 * search_take() - read an answer of status 200
 * @search:	what it holds is added, up to the limit
 * @answer:	with a body
 *
 * Return: 1 when a further part of the list would be read, 0 when this was all, -EBADMSG.
 */
must_check int search_take(struct search *search, const struct http_answer *answer);

/**
 * search_free() - release it
 * @search:	may be NULL
 */
void search_free(struct search *search);
