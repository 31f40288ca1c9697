/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_caches - where steps of a build are taken from and kept: --cache-from, --cache-to
 */
#pragma once

#include "base/err.h"
#include "build/options.h"

/**
 * build_caches_read() - read the options
 * @from:	--cache-from, as typed
 * @to:		--cache-to, as typed
 * @out:	.cache_from and .cache_to are added to; to be released with build_caches_clear in any case
 * @err:	names the option and the word
 *
 * Return: 0 or -EINVAL.
 */
must_check int build_caches_read(const struct strv *from, const struct strv *to,
				 struct build_options *out, struct err *err);

/**
 * build_caches_clear() - release
 * @options:	the lists are empty afterwards
 */
void build_caches_clear(struct build_options *options);
