/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * streams - the names of -a, --attach
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* Which of a container's streams are carried. */
struct streams {
	bool in, out, errout;
};

/**
 * streams_choose() - the streams that were named
 * @names:	"stdin", "stdout", "stderr", in any case; none means all
 * @in:		whether standard input is one of all
 * @out:	set on success only
 * @err:	names what is none of them
 *
 * Return: 0 or -EINVAL.
 */
must_check int streams_choose(const struct strv *names, bool in, struct streams *out,
			      struct err *err);
