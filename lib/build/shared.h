/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shared - steps that a registry keeps for builds elsewhere: --cache-from, --cache-to
 *
 *	NAME:TAG		an index: each entry's annotation is the key of a step
 *	  NAME@sha256:…		an image: the layers up to the step's, and a config whose labels are the step's record
 *
 * Keys tell all that a step sees (build/stepkey.h), so a record that was found is what doing the step would give, as
 * far as whoever may write there is trusted. A name without a tag has the tag buildcache.
 */
#pragma once

#include "base/err.h"
#include "build/options.h"
#include "build/solve.h"
#include "build/work.h"
#include "engine/engine.h"
#include "layer/client.h"

/**
 * shared_load() - find out which steps registries keep
 * @engine:	the engine; warned of what cannot be read, without which a build is merely slower
 * @options:	.cache_from is read, .shared is added to
 */
void shared_load(struct engine *engine, struct build_options *options);

/**
 * shared_ask() - find out whether registries will take the steps of a build
 * @engine:	the engine
 * @options:	.cache_to, and how registries are asked
 * @err:	which does not, and why
 *
 * What they have stays; where there is nothing an empty index is made.
 *
 * Return: 0; -EEXIST when a name is an image's; otherwise a negative errno.
 */
must_check int shared_ask(struct engine *engine, const struct build_options *options,
			  struct err *err);

/**
 * shared_take() - have a step's record and layer from a registry
 * @work:	at work
 * @key:	hex of the step
 *
 * Return: whether the build cache has it now. What fails is told as a warning.
 */
bool shared_take(struct work *work, const char *key);

/**
 * shared_export() - keep the steps of a build in registries
 * @engine:	the engine
 * @options:	.cache_to, and how registries are asked
 * @solution:	.built and .steps count
 * @helper:	hashes
 * @err:	what failed
 *
 * What an index named before stays in it, up to a bound; the oldest go first.
 *
 * Return: 0; -EEXIST when a name is an image's; otherwise a negative errno.
 */
must_check int shared_export(struct engine *engine, const struct build_options *options,
			     const struct solution *solution, struct layer_helper *helper,
			     struct err *err);
