/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_filter - the filters of network ls and of what prunes networks
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cli/app.h"
#include "engine/networks.h"

struct network_filter {
	const struct app *app;
	const struct strv *filters; /* as typed */
	struct strv used;	    /* names of networks that have containers; some several times */
};

/**
 * network_filter_init() - read filters
 * @app:	with the engine
 * @filters:	as typed; borrowed
 * @known:	names of filters, NULL at the end; NULL: those of network ls
 * @out:	to be released with network_filter_clear; set on success only
 * @err:	names the filter
 *
 * Return: 0; -EINVAL; what the kernel said when the containers cannot be read.
 */
must_check int network_filter_init(const struct app *app, const struct strv *filters,
				   const char *const *known, struct network_filter *out,
				   struct err *err);

/**
 * network_filter_match() - whether a network meets all filters
 * @filter:	initialised
 * @record:	of the network
 *
 * Return: whether it does.
 */
must_check bool network_filter_match(const struct network_filter *filter,
				     const struct network_record *record);

/**
 * network_filter_unused() - whether a network was made and has no container, running or not
 * @filter:	initialised
 * @record:	of the network
 *
 * Return: whether it is left over.
 */
must_check bool network_filter_unused(const struct network_filter *filter,
				      const struct network_record *record);

/**
 * network_filter_clear() - release filters
 * @filter:	empty afterwards
 */
void network_filter_clear(struct network_filter *filter);

static inline void auto_network_filter(struct network_filter *filter)
{
	network_filter_clear(filter);
}
