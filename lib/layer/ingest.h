/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ingest - copying a stream into a file while hashing it, inside cubby-layer
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * ingest_stream() - copy and hash
 * @from:	read from where it stands to its end
 * @to:		empty file, or -1
 * @flags:	as layer_ingest()
 * @out:	to be released with layer_digest_clear; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int ingest_stream(int from, int to, int flags, struct layer_digest *out,
			     struct err *err);
