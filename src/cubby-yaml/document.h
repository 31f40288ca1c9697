/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document - from YAML to JSON, with limits
 *
 * Anchors and aliases, merge keys ("<<") and several documents are understood. Keys become texts. What an
 * alias names is written again at each place, so the length of what is written is limited, as are
 * depth and number of values: a small file cannot become a large one. A key that stands twice in a mapping is an
 * error, as is a tag that is not YAML's own, unless tags are wanted: then "!reset x" is {"!reset": x}.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum document_limits {
	DOCUMENT_MAX_BYTES = 4 << 20,  /* of YAML */
	DOCUMENT_MAX_OUTPUT = 4 << 20, /* of JSON */
	DOCUMENT_MAX_DEPTH = 60,
	DOCUMENT_MAX_VALUES = 500000,
};

/**
 * document_convert() - the JSON of every document of a stream
 * @text:	YAML
 * @size:	bytes
 * @tags:	whether tags of others are kept
 * @out:	a document a line, to be freed; set on success only
 * @err:	says where and what
 *
 * Return: 0; -EBADMSG for what is no YAML or cannot be JSON; -EFBIG beyond the limits.
 */
must_check int document_convert(const char *text, size_t size, bool tags, char **out,
				struct err *err);
