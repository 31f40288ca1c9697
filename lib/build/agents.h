/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * agents - ssh agents by sockets of a RUN's own
 *
 * The socket of an agent is the caller's alone: another user of the container may not ask it, nor may root where RUN
 * has ids of its own. So a process of the builder's listens by a socket that belongs to who is to ask, and hands on
 * what is said, each connection by a process of its own. All of them end with the step, or with the builder.
 *
 *	RUN ── socket of the step ──▶ who listens ── socket of the agent ──▶ agent
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/temp.h"

struct agent {
	struct engine *engine;
	struct temp *temp; /* folder of the socket */
	char *path;	   /* of the socket, absolute */
	pid_t pid;	   /* who listens */
};

/**
 * agent_serve() - have an agent asked by another socket
 * @engine:	the engine
 * @socket:	the agent's, absolute
 * @uid:	whose the other one is, in the user's namespace
 * @gid:	likewise
 * @mode:	likewise
 * @out:	to be released with agent_end; set on success only
 * @err:	what is not there
 *
 * Return: 0 or a negative errno.
 */
must_check int agent_serve(struct engine *engine, const char *socket, uint32_t uid, uint32_t gid,
			   mode_t mode, struct agent *out, struct err *err);

/**
 * agent_end() - end who listens; connections end, too
 * @agent:	zeroed afterwards
 */
void agent_end(struct agent *agent);

static inline void auto_agent(struct agent *agent)
{
	agent_end(agent);
}
