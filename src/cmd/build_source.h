/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_source - the last word of a build: where its files come from
 *
 *	DIR			a folder
 *	-			the standard input: a tar, however compressed, or a Dockerfile
 *	http(s)://…		the same from there
 *	…git…			a repository, as build/gitsource.h has it
 *
 * What is no folder of the user's is brought into a temporary one of the store. It was made by strangers: a tar is
 * unpacked by the helper for layers, and no link leads out of it.
 */
#pragma once

#include "build/options.h"
#include "cli/command.h"
#include "store/temp.h"

struct build_source {
	char *folder; /* absolute; NULL: there is none */
	bool foreign; /* it is in .temp */
	char *text;   /* the Dockerfile, where it is all that came; or NULL */
	size_t size;
	const struct store *store;
	struct temp *temp; /* or NULL */
};

/**
 * build_source_open() - have the files
 * @app:	the program
 * @word:	as typed, or NULL
 * @options:	of which .access counts
 * @out:	zeroed by the caller, who owns it (build_source_close) in any case
 * @err:	names the word
 *
 * Return: 0; as download_file(), gitsource_fetch() and layer_apply_finish().
 */
must_check int build_source_open(struct app *app, const char *word,
				 const struct build_options *options, struct build_source *out,
				 struct err *err);

/**
 * build_source_read() - read a file that stands in it
 * @source:	opened
 * @name:	in its folder; of a foreign one it is that inside, whatever links say
 * @max:	bytes
 * @out:	to be freed; set on success only
 * @out_size:	may be NULL
 *
 * Return: 0; -ENOENT, also when there is no folder; otherwise a negative errno.
 */
must_check int build_source_read(const struct build_source *source, const char *name, size_t max,
				 char **out, size_t *out_size);

/**
 * build_source_fetch() - read a text from an address
 * @app:	the program
 * @address:	http:// or https://
 * @options:	of which .access counts
 * @max:	bytes
 * @out:	to be freed; set on success only
 * @out_size:	likewise
 * @err:	names the address
 *
 * Return: as download_file().
 */
must_check int build_source_fetch(struct app *app, const char *address,
				  const struct build_options *options, size_t max, char **out,
				  size_t *out_size, struct err *err);

/**
 * build_source_close() - remove what was brought
 * @source:	zeroed afterwards
 */
void build_source_close(struct build_source *source);

struct build_sources {
	struct build_source *items;
	size_t count;
};

/**
 * build_sources_open() - have the files of named contexts that come from an address
 * @app:	the program
 * @options:	.folder of each .contexts with an .address is set
 * @out:	zeroed by the caller, who owns it (build_sources_close) in any case
 * @err:	names the context
 *
 * Return: as build_source_open(); -EINVAL when what came is a Dockerfile alone.
 */
must_check int build_sources_open(struct app *app, struct build_options *options,
				  struct build_sources *out, struct err *err);

/**
 * build_sources_close() - remove what was brought
 * @sources:	empty afterwards
 */
void build_sources_close(struct build_sources *sources);

static inline void auto_build_sources(struct build_sources *sources)
{
	build_sources_close(sources);
}

static inline void auto_build_source(struct build_source *source)
{
	build_source_close(source);
}
