/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * needs - the containers that a container cannot be without
 *
 * Those whose namespaces it shares, and those of --requires. All were there before it was made, so there are
 * no circles, but damaged records may pretend one.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "store/container.h"

/**
 * needs_of() - whom a container needs
 * @config:	looked at
 * @out:	full ids are added, each once
 */
void needs_of(const struct container_config *config, struct strv *out);

/**
 * needs_resolve() - replace the names of --requires by ids, which no rename changes
 * @engine:	the engine
 * @config:	changed
 * @err:	names the container that is not there
 *
 * Return: 0; -ENOENT; -ENOTUNIQ.
 */
must_check int needs_resolve(struct engine *engine, struct container_config *config,
			     struct err *err);

/**
 * needs_at_boot() - the containers that are to be started when the machine or the session begins
 * @engine:	the engine
 * @out:	names are added, those that others need first
 * @err:	the store cannot be read
 *
 * Those of restart policy always and unless-stopped (monitor/restart.h) that ran on this host and do not run
 * now, the oldest first, each behind those that it needs; what is needed is started whatever its policy.
 *
 * Return: 0 or a negative errno.
 */
must_check int needs_at_boot(struct engine *engine, struct strv *out, struct err *err);
