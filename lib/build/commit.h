/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * commit - entering what a build came to as an image
 */
#pragma once

#include "base/err.h"
#include "build/options.h"
#include "build/sofar.h"
#include "engine/engine.h"
#include "layer/client.h"

struct build_committed {
	char *id;	   /* hex of the config's digest */
	char *digest;	   /* of the manifest */
	struct strv names; /* whole */
};

/**
 * build_commit() - make the image
 * @engine:	the engine
 * @options:	labels, form and time count
 * @names:	as typed; may be none
 * @annotations:	KEY=VALUE for the manifest
 * @sofar:	of the target; its config is completed
 * @helper:	hashes
 * @out:	to be released with build_committed_clear; set on success only
 * @err:	which name is wrong, or what failed
 *
 * Image and layers are on disk when this returns. The same result gives the same image, and then nothing is written.
 *
 * Return: 0; -EINVAL for a name; otherwise a negative errno.
 */
must_check int build_commit(struct engine *engine, const struct build_options *options,
			    const struct strv *names, const struct strv *annotations,
			    struct sofar *sofar, struct layer_helper *helper,
			    struct build_committed *out, struct err *err);

/**
 * build_committed_clear() - release
 * @committed:	zeroed afterwards
 */
void build_committed_clear(struct build_committed *committed);

static inline void auto_build_committed(struct build_committed *committed)
{
	build_committed_clear(committed);
}
