/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * savestages - the stages that a target was built from, entered as images without names (--save-stages)
 *
 * A stage that only has a FROM is its base, and no image of its own. What an image is given beside what its stage says
 * (--label, --env and their kin) is the target's alone; a stage has the --layer-label instead. With --stage-labels
 * each, the target too, says which stage it is:
 *
 *	io.buildah.stage.name	its name, or its number, from 0
 *	io.buildah.stage.base	what its FROM names; the id of the image, where that is another stage
 *
 * Source: buildah-build(1), "--save-stages", "--stage-labels", "--layer-label".
 */
#pragma once

#include "build/options.h"
#include "build/solve.h"
#include "build/stages.h"

/**
 * savestages() - enter them
 * @engine:	the engine
 * @options:	.save_stages; else nothing is done
 * @stages:	of the Dockerfile
 * @target:	which was built
 * @solution:	has .built; not changed
 * @helper:	hashes
 * @out_labels:	KEY=VALUE that the target's image shall have are added
 * @err:	what failed
 *
 * The same result gives the same images, and then nothing is written.
 *
 * Return: 0 or a negative errno.
 */
must_check int savestages(struct engine *engine, const struct build_options *options,
			  const struct stages *stages, size_t target,
			  const struct solution *solution, struct layer_helper *helper,
			  struct strv *out_labels, struct err *err);
