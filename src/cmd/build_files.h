/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_files - the Dockerfile of a build, and the file that says what its context leaves out
 */
#pragma once

#include "build/dockerfile.h"
#include "cmd/build_opts.h"
#include "cmd/build_source.h"

/**
 * build_files_dockerfile() - read the Dockerfile
 * @app:	flavour: podman looks for a Containerfile first
 * @args:	as typed; -f is a file, an address, or - for the standard input; of a context that is no
 *		folder of the user's it is a file inside
 * @options:	of which .access counts
 * @source:	the context, open
 * @out:	to be released with dockerfile_free; set on success only
 * @err:	which file, or what is wrong in it
 *
 * Return: 0; -ENOENT; as dockerfile_parse().
 */
must_check int build_files_dockerfile(struct app *app, const struct build_args *args,
				      const struct build_options *options,
				      const struct build_source *source, struct dockerfile **out,
				      struct err *err);

/**
 * build_files_ignore() - read what the context leaves out
 * @args:	as typed
 * @source:	the context, open
 * @out_name:	of the file, to be freed; untouched when there is none
 * @out_text:	its text, likewise
 * @err:	which file
 *
 * --ignorefile comes first, then FILE.dockerignore beside the Dockerfile.
 *
 * Return: 0, also when there is none; otherwise a negative errno.
 */
must_check int build_files_ignore(const struct build_args *args, const struct build_source *source,
				  char **out_name, char **out_text, struct err *err);
