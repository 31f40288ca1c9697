/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sbom - what a build is to have scanned, by what, and where the list of what is in it goes
 *
 * A software bill of materials is a document of CycloneDX or SPDX that lists packages. A scanner is an image; its
 * commands are run in a container each and write one document each, which are merged (build/sbommerge.h).
 *
 *	{ROOTFS}	the root of the built image
 *	{CONTEXT}	the build context; a command that names it is run for each context of the build
 *	{OUTPUT}	the file that the command is to write
 *
 * A command is words with quotes as a shell has them, so that images without a shell can be used; one in which a
 * shell would do more than that is handed to the image's shell.
 *
 * Source: buildah-build(1), "--sbom" and those behind it; facts of buildah's presets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum sbom_strategy {
	SBOM_NONE, /* there is one document */
	SBOM_CAT,
	SBOM_CYCLONEDX,
	SBOM_SPDX,
};

/* As typed; NULL and empty: not given. */
struct sbom_typed {
	const char *preset;
	const char *image;
	struct strv commands;
	const char *strategy;
	const char *output, *purl_output;
	const char *image_output, *image_purl_output;
};

struct sbom_command {
	char *text;	   /* as typed */
	struct strv words; /* without .shell */
	bool shell;	   /* the image's shell reads it */
	bool context;	   /* it is run for each context */
};

struct sbom {
	char *image; /* NULL: nothing is scanned */
	struct {
		struct sbom_command *items;
		size_t count;
	} commands;
	enum sbom_strategy strategy;
	char *image_output; /* absolute path in the image, or NULL */
	char *image_purl_output;
	const char
		*folder; /* of the host: what is found is left there, under these names; borrowed */
};

#define SBOM_FILE "sbom"
#define SBOM_PURL_FILE "purls"

/* Where a run finds what its placeholders name. */
struct sbom_places {
	const char *rootfs;
	const char *context; /* NULL: there is none */
	const char *output;
};

/**
 * sbom_choose() - what options ask for
 * @typed:	as typed; options outweigh what the preset says
 * @out:	zeroed by the caller, who owns it (sbom_clear) in any case
 * @err:	names the option that is wrong or missing
 *
 * Return: 0, also where nothing is asked for, and then .image is NULL; -EINVAL.
 */
must_check int sbom_choose(const struct sbom_typed *typed, struct sbom *out, struct err *err);

/**
 * sbom_command_words() - what is run
 * @command:	of sbom_choose()
 * @shell:	of the scanner's image; empty: the usual one
 * @places:	put in
 * @out:	words are added
 */
void sbom_command_words(const struct sbom_command *command, const struct strv *shell,
			const struct sbom_places *places, struct strv *out);

/**
 * sbom_clear() - release
 * @sbom:	zeroed afterwards
 */
void sbom_clear(struct sbom *sbom);

static inline void auto_sbom(struct sbom *sbom)
{
	sbom_clear(sbom);
}
