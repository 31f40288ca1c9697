/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust_gpg - whether an image has a signature of GPG that policy.json asks for
 */
#pragma once

#include "engine/trust_image.h"
#include "kern/host.h"

/**
 * trust_meet_gpg() - whether an image has a signature of GPG that fits
 * @host:	the facts
 * @need:	of the kind signedBy
 * @image:	the image
 * @err:	why not
 *
 * Return: 0, or a negative errno.
 */
must_check int trust_meet_gpg(const struct host *host, const struct policy_requirement *need,
			      const struct trust_image *image, struct err *err);
