/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * import - an image of one layer from a tar of a root file system
 */
#pragma once

#include "engine/engine.h"

struct import_options {
	const char *name;	    /* as typed, or NULL for an image without a name */
	const char *message;	    /* comment of the layer's history, or NULL */
	const struct strv *changes; /* see oci/change.h; or NULL */
	const char *platform;	    /* "os/arch[/variant]", or NULL for the host's */
};

/**
 * image_import() - make an image
 * @engine:	the engine
 * @from:	tar, possibly compressed; file or pipe, read from where it stands to its end
 * @source:	what the history calls it, for example the file's path
 * @options:	what the command line says
 * @out_id:	hex of the config's digest, to be freed; set on success only
 * @err:	what is wrong with the tar, the name or a change
 *
 * A name without a domain is localhost's; called as docker it is docker.io's. The image is on disk
 * when this returns.
 *
 * Return: 0; -EINVAL for options; -EBADMSG, -EFBIG for the tar; otherwise a negative errno.
 */
must_check int image_import(struct engine *engine, int from, const char *source,
			    const struct import_options *options, char **out_id, struct err *err);
