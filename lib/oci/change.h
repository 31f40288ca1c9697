/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * change - instructions that change what an image runs: --change of import and commit
 *
 * One line as in a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME
 * and WORKDIR. Variables are not replaced: there is nothing that they could come from.
 */
#pragma once

#include "base/err.h"
#include "oci/image.h"

/**
 * change_apply() - change a process by one instruction
 * @process:	changed on success only
 * @line:	for example "CMD [\"nginx\", \"-g\", \"daemon off;\"]"
 * @err:	names @line
 *
 * Return: 0 or -EINVAL.
 * Source: docker's Dockerfile reference.
 */
must_check int change_apply(struct image_process *process, const char *line, struct err *err);
