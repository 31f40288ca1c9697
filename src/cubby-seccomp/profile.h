/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * profile - a seccomp profile in docker's and podman's JSON, reduced to what counts here
 *
 * A profile names rules for several machines and several sets of capabilities. Reading it leaves those
 * that hold for this machine and the capabilities at hand.
 */
#pragma once

#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { PROFILE_ARGS = 6, PROFILE_ARCHES = 8 };

struct profile_arg {
	unsigned int index;
	enum scmp_compare op;
	uint64_t value;
	uint64_t value_two;
};

struct profile_rule {
	struct strv names;
	uint32_t action; /* SCMP_ACT_* */
	struct profile_arg args[PROFILE_ARGS];
	unsigned int arg_count;
};

struct profile {
	uint32_t default_action;
	uint32_t arches[PROFILE_ARCHES]; /* beside the native one */
	size_t arch_count;
	struct profile_rule *items;
	size_t count;
};

/**
 * profile_parse() - read a profile
 * @text:	JSON
 * @size:	bytes
 * @caps:	the container's bounding set, a bit for each
 * @out:	to be released with profile_clear; set on success only
 * @err:	names what is wrong
 *
 * Return: 0; -EBADMSG; -EINVAL for what cannot be had here, as notify.
 */
must_check int profile_parse(const char *text, size_t size, uint64_t caps, struct profile *out,
			     struct err *err);

/**
 * profile_clear() - release a profile
 * @profile:	empty afterwards
 */
void profile_clear(struct profile *profile);

static inline void auto_profile(struct profile *profile)
{
	profile_clear(profile);
}
