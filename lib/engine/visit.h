/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * visit - a program of the user on the networks that containers are on
 *
 *	visit_begin()	by the command line: becomes a member of every network that is held on this host
 *	visit_enter()	in a child with namespaces of its own for network and mounts, in the outer user
 *			namespace: has the interfaces, and a resolv.conf that asks for containers' names
 *	visit_end()	leaves the networks
 *
 * As a container that is not there: the networks give it addresses, and may stay for it alone.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "engine/members.h"
#include "store/temp.h"

struct visit {
	struct engine *engine;
	struct members members;
	struct temp *temp; /* a folder with resolv.conf */
};

/**
 * visit_begin() - become a member of all networks that containers are on
 * @engine:	the engine
 * @out:	zeroed; to be released with visit_end, also after a failure
 * @err:	that there is none, and what to do; or which cannot be joined
 *
 * Return: 0; -ENOENT when no network is held; otherwise as members_join().
 */
must_check int visit_begin(struct engine *engine, struct visit *out, struct err *err);

/**
 * visit_enter() - make the network namespace that the caller is in a part of them
 * @visit:	begun
 * @err:	which network cannot be connected to
 *
 * Return: 0 or a negative errno.
 */
must_check int visit_enter(const struct visit *visit, struct err *err);

/**
 * visit_end() - leave the networks
 * @visit:	empty afterwards
 */
void visit_end(struct visit *visit);

static inline void auto_visit(struct visit *visit)
{
	visit_end(visit);
}
