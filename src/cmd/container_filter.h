/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container_filter - --filter over containers, for ps and for every command that chooses some
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

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

struct container_filter {
	const struct strv *filters; /* as typed; borrowed */
	const struct store *store;  /* borrowed */
	int64_t before;		    /* of the filter "before"; INT64_MAX: any */
	int64_t since;		    /* of "since" and "after"; INT64_MIN: any */
};

/**
 * container_filter_init() - read filters, refuse those that are not there and values that cannot be
 * @filters:	as typed; borrowed
 * @set:	all containers; not used any more afterwards
 * @out:	holds nothing to release; set on success only
 * @err:	names the filter
 *
 * Return: 0 or -EINVAL; -ENOENT for before and since of an unknown container.
 */
must_check int container_filter_init(const struct strv *filters, const struct container_set *set,
				     struct container_filter *out, struct err *err);

/**
 * container_filter_met() - whether a container meets all filters
 * @filter:	initialised
 * @state:	a container
 *
 * Return: whether it does.
 */
must_check bool container_filter_met(const struct container_filter *filter,
				     const struct container_state *state);

static inline void auto_container_set(struct container_set *set)
{
	container_set_clear(set);
}
