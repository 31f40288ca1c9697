/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter - the system call filter that belongs to a spec
 *
 * The usual ones are compiled when cubby is built and are part of it. Any other profile is compiled
 * by the program cubby-seccomp, once for each profile and set of capabilities.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "kern/host.h"
#include "oci/runtime_spec.h"

struct filter {
	const void *code; /* NULL: none */
	size_t size;
	void *owned; /* memory behind @code, or NULL */
};

/**
 * filter_find() - find or make the filter
 * @host:	facts, for the path of cubby-seccomp
 * @spec:	seccomp, caps, emulate_root
 * @out:	to be released with filter_clear; set on success only
 * @err:	names the profile and what is wrong with it
 *
 * Return: 0; -EINVAL for a profile that cannot be used; otherwise a negative errno.
 */
must_check int filter_find(const struct host *host, const struct runtime_spec *spec,
			   struct filter *out, struct err *err);

/**
 * filter_clear() - release a filter
 * @filter:	empty afterwards
 */
void filter_clear(struct filter *filter);

static inline void auto_filter(struct filter *filter)
{
	filter_clear(filter);
}
