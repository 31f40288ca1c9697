/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source - an opened tree that COPY and ADD take files from, and what a step takes of it
 *
 * A tree is the build context, the root of another stage or image, or a folder with what was downloaded. Its
 * files were put there by strangers: no link leads out of it, each folder is opened by its own name in its own
 * folder, and what is swapped meanwhile is an error or what was there before, never another place.
 *
 * Rules as BuildKit has them: a source is a Go pattern, each component for itself; links on the way to it and
 * in its last name are followed inside the tree; of a folder the content is taken; what the ignore rules leave
 * out is not there. With --parents the names from the tree's top on (or from behind "/./") are kept, and "**"
 * is any number of folders.
 *
 * Source: Dockerfile reference, "COPY"; the behaviour of docker 27 where that is silent.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "build/selection.h"

struct source_options {
	bool parents;			     /* --parents */
	const struct source_rules *excludes; /* --exclude: paths below each part; or NULL */
};

/**
 * source_select() - what a step takes of a tree
 * @source:	opened
 * @patterns:	as the Dockerfile has them, variables expanded
 * @options:	how
 * @out:	to be released with selection_clear; set on success only
 * @err:	names the word of the Dockerfile, and the file
 *
 * Return: 0; -ENOENT when a source is not there, or left out by the rules; -EINVAL for a malformed pattern; -ELOOP
 * for too many links or folders in each other; otherwise what the kernel said of a folder.
 */
must_check int source_select(const struct source *source, const struct strv *patterns,
			     const struct source_options *options, struct selection *out,
			     struct err *err);
