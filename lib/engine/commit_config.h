/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * commit_config - the config of an image made from a container; pure
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "oci/image.h"
#include "store/container.h"

struct commit_changes {
	const char *author;
	const char *message;
	const struct strv *changes; /* see oci/change.h */
	const char *config;	    /* JSON of an image's "config" whose members win; or NULL */
	bool volumes;		    /* volumes of the container become the image's */
};

/**
 * commit_config() - what an image of a container runs
 * @image:	config of the container's image, which is changed; empty when there is none
 * @container:	what it ran
 * @changes:	what the user asked for
 * @created:	RFC 3339
 * @err:	names the change that is wrong
 *
 * Takes over command, environment, user, folder, ports, labels and stop signal, but nothing that was put into
 * the container's environment for it alone: proxies, terminal, the mark of a container. Adds a
 * line of history.
 *
 * Return: 0 or -EINVAL.
 */
must_check int commit_config(struct image_config *image, const struct container_config *container,
			     const struct commit_changes *changes, const char *created,
			     struct err *err);
