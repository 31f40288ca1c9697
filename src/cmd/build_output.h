/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_output - where else a build goes: --output, --push
 *
 *	DIR, type=local,dest=DIR	its files, which belong to the caller
 *	-, type=tar[,dest=FILE]		its files as an archive
 *	type=oci|docker[,dest=FILE]	the image as an archive; oci also a list of images
 *	type=image[,name=N][,push=true]	the image in the store, where it is anyway
 *	type=registry[,name=N]		and in a registry
 */
#pragma once

#include "build/commit.h"
#include "cmd/build_opts.h"

enum build_output_kind {
	BUILD_OUTPUT_LOCAL,
	BUILD_OUTPUT_TAR,
	BUILD_OUTPUT_OCI,
	BUILD_OUTPUT_DOCKER,
	BUILD_OUTPUT_IMAGE,
	BUILD_OUTPUT_REGISTRY,
};

struct build_output {
	enum build_output_kind kind;
	char *dest;  /* NULL: the standard output */
	bool folder; /* of BUILD_OUTPUT_OCI: a layout, no archive */
	bool push;
};

struct build_outputs {
	struct build_output *items;
	size_t count;
	struct strv names; /* of images, as typed */
};

/**
 * build_outputs_parse() - read --output and --push
 * @args:	as typed
 * @out:	zeroed by the caller, who owns it (build_outputs_clear) in any case
 * @err:	names the word
 *
 * Return: 0 or -EINVAL.
 */
must_check int build_outputs_parse(const struct build_args *args, struct build_outputs *out,
				   struct err *err);

/**
 * build_outputs_only_files() - whether no image is wanted
 * @args:	as typed
 * @outputs:	parsed
 *
 * Return: whether only files are.
 */
bool build_outputs_only_files(const struct build_args *args, const struct build_outputs *outputs);

/**
 * build_outputs_check_several() - whether images of several platforms can go there
 * @outputs:	parsed
 * @err:	which cannot, and what can
 *
 * Return: 0 or -EINVAL.
 */
must_check int build_outputs_check_several(const struct build_outputs *outputs, struct err *err);

/**
 * build_outputs_files() - write the files
 * @app:	the program
 * @outputs:	parsed
 * @platform:	of several; its files have a folder of their own. Or NULL
 * @sofar:	what was built
 * @err:	which file, and why
 *
 * Return: 0 or a negative errno.
 */
must_check int build_outputs_files(struct app *app, const struct build_outputs *outputs,
				   const char *platform, const struct sofar *sofar,
				   struct err *err);

/**
 * build_outputs_images() - write and push the image
 * @app:	the program
 * @args:	as typed
 * @outputs:	parsed
 * @image:	entered
 * @list:	it is a list
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int build_outputs_images(struct app *app, const struct build_args *args,
				    const struct build_outputs *outputs,
				    const struct build_committed *image, bool list,
				    struct err *err);

/**
 * build_outputs_clear() - release
 * @outputs:	empty afterwards
 */
void build_outputs_clear(struct build_outputs *outputs);

static inline void auto_build_outputs(struct build_outputs *outputs)
{
	build_outputs_clear(outputs);
}
