/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container_filter - --filter over containers, for ps and for every command that chooses some
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cli/app.h"
#include "store/container.h"

/* All containers; what is filtered by is looked up among them. */
struct container_set {
	const struct store *store;	/* borrowed */
	struct container_state **items; /* newest first */
	size_t count;
};

/**
 * container_set_load() - read the states of all containers
 * @app:	with the engine; damaged records are told as warnings
 * @out:	to be released with container_set_clear; set on success only
 * @err:	what cannot be read
 *
 * Return: 0 or a negative errno.
 */
must_check int container_set_load(struct app *app, struct container_set *out, struct err *err);

/**
 * container_set_clear() - release the states
 * @set:	empty afterwards
 */
void container_set_clear(struct container_set *set);

/**
 * container_filter_check() - refuse filters that are not there, and values that cannot be
 * @filters:	as typed
 * @set:	all containers
 * @err:	names the filter
 *
 * Return: 0 or -EINVAL; -ENOENT for before and since of an unknown container.
 */
must_check int container_filter_check(const struct strv *filters, const struct container_set *set,
				      struct err *err);

/**
 * container_filter_match() - whether a container meets all filters
 * @filters:	checked
 * @set:	all containers
 * @state:	one of them
 *
 * Return: whether it does.
 */
must_check bool container_filter_match(const struct strv *filters, const struct container_set *set,
				       const struct container_state *state);

static inline void auto_container_set(struct container_set *set)
{
	container_set_clear(set);
}
