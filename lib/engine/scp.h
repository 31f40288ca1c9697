/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scp - images to and from other machines over ssh, and other users of this one through sudo
 *
 *	here:   save ──pipe──▶ ssh HOST "cubby load"
 *	there:  ssh HOST "cubby save IMAGE" ──pipe──▶ load
 *
 * At the other side cubby is used, else podman or docker: docker's archive is what all of them read. Who the
 * user is there, keys and ports are ssh's business (~/.ssh/config).
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/load.h"

/* One side: [[ssh://][USER@]HOST[:PORT]::][IMAGE] */
struct scp_side {
	char *user;  /* or NULL */
	char *host;  /* or NULL: this store */
	char *port;  /* or NULL */
	char *image; /* or NULL */
};

/**
 * scp_side_parse() - read one side
 * @text:	as typed
 * @out:	zeroed by the caller, who releases it with scp_side_clear; set on success only
 * @err:	what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
must_check int scp_side_parse(const char *text, struct scp_side *out, struct err *err);

/**
 * scp_side_clear() - release the texts
 * @side:	empty afterwards
 */
void scp_side_clear(struct scp_side *side);

static inline void auto_scp_side(struct scp_side *side)
{
	scp_side_clear(side);
}

/**
 * image_scp() - copy an image
 * @engine:	the engine
 * @from:	with an image
 * @to:		without one; at least one side has a host
 * @quiet:	what the other side says of its images is dropped; its errors never are
 * @out:	what came into this store is added
 * @err:	which side failed
 *
 * "localhost" with a user is that user of this machine, through sudo.
 *
 * Return: 0; -ENOENT when ssh or the image is not there; -EREMOTEIO when the other side failed; otherwise
 * a negative errno.
 */
must_check int image_scp(struct engine *engine, const struct scp_side *from,
			 const struct scp_side *to, bool quiet, struct loaded *out,
			 struct err *err);
