/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_platforms - for which machines a build is, and the list that several images become
 *
 * Each platform is a build of its own. Of several the images get no names: those of --tag are the list's.
 */
#pragma once

#include "build/commit.h"
#include "build/stages.h"
#include "cmd/build_output.h"

/**
 * build_platforms_parse() - read --platform, or --os, --arch and --variant
 * @app:	the program
 * @args:	as typed
 * @out:	"os/arch[/variant]", each once, are added; none when nothing is said
 * @err:	names the word
 *
 * Return: 0 or -EINVAL.
 */
must_check int build_platforms_parse(const struct app *app, const struct build_args *args,
				     struct strv *out, struct err *err);

/**
 * build_platforms_all() - the platforms that all bases of a target are there for
 * @app:	the program
 * @options:	how registries are asked, and contexts
 * @stages:	found
 * @target:	an index
 * @out:	"os/arch[/variant]" are added
 * @err:	which base cannot be asked for, or that none is for a machine
 *
 * Return: 0; -EINVAL; otherwise a negative errno.
 */
must_check int build_platforms_all(const struct app *app, const struct build_options *options,
				   const struct stages *stages, size_t target, struct strv *out,
				   struct err *err);

/**
 * build_platforms_use() - build for one
 * @app:	the program
 * @platform:	"os/arch[/variant]", or NULL: this machine's
 * @options:	.platform and .platform_args are set
 */
void build_platforms_use(const struct app *app, const char *platform,
			 struct build_options *options);

/**
 * build_platforms_order() - which is built when
 * @app:	the program
 * @platforms:	parsed
 * @at:		a number below their count
 *
 * A base's name stays with the image that was pulled last: this machine's, where it is among them.
 *
 * Return: the index of that one.
 */
size_t build_platforms_order(const struct app *app, const struct strv *platforms, size_t at);

/**
 * build_platforms_join() - enter the images of several platforms as a list
 * @app:	the program
 * @names:	as typed; may be none
 * @digests:	of their manifests
 * @out:	to be released with build_committed_clear; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int build_platforms_join(const struct app *app, const struct strv *names,
				    const struct strv *digests, struct build_committed *out,
				    struct err *err);

/**
 * build_platforms_add() - add images to a list (--manifest)
 * @app:	the program
 * @list:	as typed
 * @digests:	of their manifests
 * @err:	what failed
 *
 * Return: 0; -EEXIST when the name is an image's; otherwise a negative errno.
 */
must_check int build_platforms_add(const struct app *app, const char *list,
				   const struct strv *digests, struct err *err);

/**
 * build_platforms_log() - the file that --logfile means for a platform
 * @app:	the program
 * @args:	--logfile and --logsplit count
 * @platforms:	of the build; none: this machine's
 * @platform:	one of them, or NULL: this machine's
 *
 * A name has the variant where the build has another one of its system and architecture.
 *
 * Return: to be freed; NULL when there is none.
 */
must_check char *build_platforms_log(const struct app *app, const struct build_args *args,
				     const struct strv *platforms, const char *platform);
