/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search - looking for repositories, and for the tags of one
 *
 * A term that begins with a registry ("quay.io/nginx") asks that one; else all search registries of
 * registries.conf are asked at the same time, and docker.io where there are none. Called as docker it
 * is always docker.io.
 */
#pragma once

#include "base/err.h"
#include "engine/registry.h"
#include "remote/found.h"

struct search_request {
	const struct host *host;
	bool docker;
	const char *term; /* as typed */
	int limit;	  /* of each registry */
	struct registry_access access;
	void (*warn)(void *data, const char *sentence); /* a registry that cannot be asked */
	void *warn_data;
};

struct search_result {
	char *registry;
	struct found found;
};

struct search_results {
	struct search_result *items;
	size_t count;
};

/**
 * search_images() - ask registries for repositories
 * @request:	what and how
 * @out:	one for each registry that answered, in their order; to be released with
 *		search_results_clear; set on success only
 * @err:	what failed
 *
 * A registry that fails is told by @request->warn when another one answers.
 *
 * Return: 0; -EINVAL for a term that is none; otherwise what the first registry failed with.
 */
must_check int search_images(const struct search_request *request, struct search_results *out,
			     struct err *err);

/**
 * search_tags() - ask for the tags of a repository
 * @request:	.term without a tag; .limit at most so many
 * @out_name:	the repository, to be freed; set on success only
 * @out:	tags are added
 * @err:	what failed
 *
 * Return: 0; -EINVAL when the term is no repository's name; otherwise a negative errno.
 */
must_check int search_tags(const struct search_request *request, char **out_name, struct strv *out,
			   struct err *err);

/**
 * search_results_clear() - release results
 * @results:	empty afterwards
 */
void search_results_clear(struct search_results *results);

static inline void auto_search_results(struct search_results *results)
{
	search_results_clear(results);
}
