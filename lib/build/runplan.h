/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runplan - what the box of a RUN is given: its command, its environment, its mounts
 *
 *	runplan_check	whether the build was given what it needs
 *	runplan_make	what the instruction says, names looked up
 *	runplan_key	what of it counts for the cache
 *	runplan_prepare	(runplan_prepare.c) what the mounts need: the maps of ids, sockets for agents, folders of caches, which one step at a time may have
 *	runplan_args	}
 *	runplan_adjust	} the container
 *
 * Secrets and agents are not in the key, nor is what is in a cache. A secret's bytes stand beside the record of the
 * box alone, which is removed with it; they are never in its upper folder.
 */
#pragma once

#include "base/err.h"
#include "build/agents.h"
#include "build/runids.h"
#include "build/work.h"
#include "store/container.h"
#include "store/temp.h"

struct runplan_from {
	struct sofar *items; /* of mounts that have a "from=", else empty; one for each mount */
	size_t count;
};

struct runplan {
	struct work *work;
	const struct instruction *in;
	struct strv command; /* what is run */
	struct strv args;    /* NAME=VALUE of ARGs in its environment, which are shown */
	struct strv proxies; /* those of --build-arg that need no ARG, and count for nothing */
	struct runplan_from from;
	struct strv targets; /* of the mounts, absolute */
	struct strv mounted; /* the same without leading slash */
	struct strv
		made; /* paths of caches' folders and of sockets that agents are asked by; "" for other mounts */
	struct strv ssh_env; /* SSH_AUTH_SOCK=… */
	struct strv secrets_env;
	struct runids ids; /* with mounts alone */
	struct {
		struct agent *items;
		size_t count;
	} agents;
	struct temps copies; /* of folders of the context */
	struct {
		int *items;
		size_t count;
	} locks; /* of the caches */
};

/**
 * runplan_check() - whether the build was given what a RUN needs
 * @options:	secrets, agents, and what is allowed
 * @in:		the instruction; may have been read beforehand
 * @err:	names what was not given, and the option
 *
 * Return: 0; -ENOENT for a secret or an agent that is required; -EPERM for rights.
 */
must_check int runplan_check(const struct build_options *options, const struct instruction *in,
			     struct err *err);

/**
 * runplan_make() - find out what a RUN needs
 * @work:	at work; borrowed
 * @in:		the instruction; borrowed
 * @out:	zeroed by the caller, who owns it (runplan_clear) in any case
 * @err:	names what is not there
 *
 * Return: 0; -ENOENT for a secret or an agent that is required; otherwise a negative errno.
 */
must_check int runplan_make(struct work *work, const struct instruction *in, struct runplan *out,
			    struct err *err);

/**
 * runplan_text() - the line of the history
 * @plan:	made
 * @line:	the instruction
 *
 * Return: to be freed; never NULL.
 */
must_check char *runplan_text(const struct runplan *plan, const struct dockerfile_line *line);

/**
 * runplan_key() - add what the command sees
 * @plan:	made
 * @key:	grows
 * @err:	which file of a mount cannot be read
 *
 * Return: 0 or a negative errno.
 */
must_check int runplan_key(struct runplan *plan, struct stepkey *key, struct err *err);

/**
 * runplan_prepare() - have the folders of caches, a range of ids that they are for, and agents answer
 * @plan:	made
 * @err:	what the kernel said
 *
 * Waits for a cache that is locked.
 *
 * Return: 0 or a negative errno.
 */
must_check int runplan_prepare(struct runplan *plan, struct err *err);

/**
 * runplan_args() - how the box is made
 * @plan:	made; must live as long as @args
 * @args:	those of the build; changed; owns nothing new
 */
void runplan_args(struct runplan *plan, struct create_args *args);

/**
 * runplan_adjust() - add mounts and secrets: struct create_step.adjust
 * @data:	struct runplan
 * @config:	changed
 * @out_secrets:	set when there are secrets
 * @err:	what is missing
 *
 * Return: 0 or a negative errno.
 */
must_check int runplan_adjust(void *data, struct container_config *config, char **out_secrets,
			      struct err *err);

/**
 * runplan_clear() - release; other steps may have the caches
 * @plan:	zeroed afterwards
 */
void runplan_clear(struct runplan *plan);

/**
 * runplan_mounts() - how many mounts the instruction has
 * @plan:	made
 *
 * Return: their number.
 */
static inline size_t runplan_mounts(const struct runplan *plan)
{
	return plan->in->run.mounts.count;
}

/**
 * runplan_mount() - one of them
 * @plan:	made
 * @at:		below runplan_mounts()
 *
 * Return: belongs to the instruction.
 */
static inline const struct runmount *runplan_mount(const struct runplan *plan, size_t at)
{
	return &plan->in->run.mounts.items[at];
}

/**
 * runplan_agent() - the socket of an agent
 * @plan:	made
 * @id:		of the mount
 *
 * Return: absolute; belongs to the options; NULL when none was given.
 */
static inline const char *runplan_agent(const struct runplan *plan, const char *id)
{
	return strv_env_get(&plan->work->options->ssh, id);
}
