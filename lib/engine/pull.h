/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull - from a name to an image in the store
 *
 *	name ─▶ candidates ─▶ index? ─▶ manifest ─▶ config ─▶ layers (fetch.h) ─▶ entered in the index
 *
 * A short name means what aliases and search registries of registries.conf say, else docker.io's; called
 * as docker, always docker.io's. The image is entered last, so that whoever sees it has all of it. Two
 * pulls of one image: the second waits for the first at the config's lock, or at the layers'.
 *
 * What policy.json asks for (trust.h) is met before anything of the image but its manifest is fetched.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "engine/pull_options.h"
#include "store/images.h"

/**
 * pull_image() - have an image in the store, fetching it where the policy says so
 * @engine:	the engine
 * @options:	what and how
 * @out:	to be released with image_free; set on success only
 * @err:	what failed: which registry, which repository, why
 *
 * Return: 0; -EINVAL for a wrong name or platform; -ENOENT when no registry has it, or none is here and
 * the policy is never; -EPERM when policy.json refuses it; -EBADMSG when what came is not what it
 * says; -EINTR; otherwise a negative errno.
 */
must_check int pull_image(struct engine *engine, const struct pull_options *options,
			  struct image **out, struct err *err);

/**
 * pull_tags() - list the tags of a repository
 * @engine:	the engine
 * @options:	.name without tag and digest, and how registries are asked
 * @out:	whole references are added, in the registry's order
 * @err:	what failed
 *
 * Return: 0; -EINVAL when the name has a tag or a digest; otherwise as pull_image().
 */
must_check int pull_tags(struct engine *engine, const struct pull_options *options,
			 struct strv *out, struct err *err);
