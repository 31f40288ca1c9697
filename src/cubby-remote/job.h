/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job - one manifest, blob, list of tags, search or log-in, fetched or pushed, from the request to its end
 *
 *	REHASH ──▶ ASK ──▶ RUNNING ──▶ OVER
 *	            ▲ │        │
 *	      token │ └─▶ TOKEN│
 *	            └──── PAUSE◀┘ broken connection, 429, 5xx: after a while
 *
 * A job asks its endpoints in order: a mirror that fails in any way is left for the next one, the last
 * one is asked again until RETRY_MAX_ATTEMPTS in a row have brought nothing. A mirror that cannot be
 * reached, or whose bytes were wrong, is not asked any more (site.avoid): the blob is begun again without
 * it, here, or, where somebody reads it while it comes, by who asked for it (-ESTALE). Redirections are
 * followed without credentials unless they stay at the very same host; after a failure behind one the
 * registry is asked afresh, because such addresses expire. What is pushed goes to the registry itself,
 * never to a mirror.
 */
#pragma once

#include "job_state.h"

/**
 * job_new() - take a request on
 * @world:	shared; outlives the job
 * @message:	REMOTE_MANIFEST, REMOTE_BLOB, REMOTE_TAGS, REMOTE_CHECK, REMOTE_SEARCH, REMOTE_UPLOAD,
 *		REMOTE_PUT or REMOTE_FILE
 * @fds:	REMOTE_MAX_FDS that came with it, or -1; taken over and set to -1
 *
 * Return: the job, to be released with job_free; it may be over at once.
 */
struct job *job_new(struct job_world *world, const struct remote_message *message, int *fds);

/**
 * job_step() - do what can be done now
 * @job:	the job
 *
 * Return: milliseconds until it wants to be called again: 0 at once, -1 when something else wakes it.
 */
int job_step(struct job *job);

/**
 * job_more() - take note that the file of an upload has grown
 * @job:	the job
 * @message:	REMOTE_MORE
 */
void job_more(struct job *job, const struct remote_message *message);

/**
 * job_free() - release a job, with its request under way
 * @job:	may be NULL
 */
void job_free(struct job *job);
