/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * evolve - what instructions make of an image's config
 *
 * Pure: RUN, COPY and ADD change files, which is the solver's; all others change what a container of the image
 * runs, which is done here. Every instruction but FROM and ARG is a line of the history.
 *
 * Source: Dockerfile reference; image-spec v1.1 config.md.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "build/instruction.h"
#include "oci/image.h"

/* What is known of a stage beside its config. */
struct evolve_state {
	bool own_cmd; /* CMD stood in this stage: an ENTRYPOINT leaves it */
};

/**
 * evolve_apply() - change the config by an instruction
 * @config:	changed on success only
 * @state:	of the stage, zeroed at its begin
 * @instruction:	parsed
 * @err:	says what is wrong
 *
 * FROM, ARG, RUN, COPY and ADD change nothing. WORKDIR joins a relative path to the one before.
 *
 * Return: 0; -EINVAL, for a signal that there is not.
 */
must_check int evolve_apply(struct image_config *config, struct evolve_state *state,
			    const struct instruction *instruction, struct err *err);

/**
 * evolve_folder() - where a path of the Dockerfile is
 * @config:	has the working folder
 * @path:	absolute or relative to that
 *
 * Return: absolute and clean, to be freed; a slash at the end stays.
 */
must_check char *evolve_folder(const struct image_config *config, const char *path);

/**
 * evolve_shell() - the words that run a line
 * @config:	its SHELL counts
 * @line:	for the shell
 * @out:	words are added
 */
void evolve_shell(const struct image_config *config, const char *line, struct strv *out);

/**
 * evolve_history() - add a line to the history
 * @config:	grows
 * @text:	what was done
 * @created:	RFC 3339, or NULL
 * @empty:	no layer came of it
 */
void evolve_history(struct image_config *config, const char *text, const char *created, bool empty);
