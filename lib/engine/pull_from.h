/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull_from - pulling from files instead of registries: oci:, oci-archive:, docker-archive:, dir:
 *
 * A file is always read, whatever --policy says: nobody else is asked. "containers-storage:" is what is
 * here already.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "store/images.h"

/**
 * pull_from() - have images in the store that a transport names
 * @engine:	the engine
 * @name:	as typed; transport_given() is true of it
 * @how:	as images_load_file(); several images in a layout are an error in any case
 * @out:	digests of the manifests are added
 * @err:	what failed
 *
 * Return: 0; -EINVAL for a wrong transport; -EOPNOTSUPP; otherwise as images_load_file().
 */
must_check int pull_from(struct engine *engine, const char *name, const struct load_request *how,
			 struct strv *out, struct err *err);

/**
 * pull_from_one() - the same for one image
 * @engine:	the engine
 * @name:	likewise
 * @how:	likewise
 * @out:	to be released with image_free; set on success only
 * @err:	what failed
 *
 * Return: as pull_from().
 */
must_check int pull_from_one(struct engine *engine, const char *name,
			     const struct load_request *how, struct image **out, struct err *err);
