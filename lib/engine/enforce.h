/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enforce - who holds a container to its limits on this machine
 *
 *	control group	of version 2, where the caller has a part of the tree: see cgroup/place.h
 *	fall-backs	where there is none at all: enum fallback of oci/resources.h
 *
 * A limit that neither can hold is refused, naming what is missing. Nothing is looked at for a container without
 * limits, so that its start costs nothing.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "cgroup/place.h"
#include "engine/engine.h"
#include "store/container.h"

/* Who makes a container's control group. */
enum group_manager {
	GROUP_NONE,
	GROUP_CGROUPFS, /* we do, in a group that is the caller's */
	GROUP_SYSTEMD,	/* systemd does, as a scope */
};

/* Names of enum group_manager: "none", "cgroupfs", "systemd"; NULL-ended. */
extern const char *const group_manager_names[];

struct enforcement {
	enum group_manager manager;
	unsigned int needs;	/* controllers */
	unsigned int fallbacks; /* enum fallback; 0 with a manager */
	char *why;  /* there is no control group; NULL: nothing needs one, or there is */
	char *base; /* GROUP_CGROUPFS: the group that the container's is made in */
	struct cgroup_place place; /* of the caller */
};

/**
 * enforce_plan() - decide who holds a container to its limits
 * @engine:	the engine
 * @config:	of the container
 * @out:	to be released with enforce_clear; set on success only
 * @err:	the limit that nothing can hold, and what would help
 *
 * Return: 0; -EOPNOTSUPP; otherwise a negative errno.
 */
must_check int enforce_plan(struct engine *engine, const struct container_config *config,
			    struct enforcement *out, struct err *err);

/**
 * enforce_survey() - what there is on this machine, for reports
 * @engine:	the engine
 * @out:	manager, why and needs (the controllers that can be had) are set; to be released with enforce_clear
 */
void enforce_survey(struct engine *engine, struct enforcement *out);

/**
 * enforce_warn() - say in one line that limits are held without a control group, where that is so
 * @engine:	the engine
 * @config:	of the container
 * @e:		as planned
 */
void enforce_warn(struct engine *engine, const struct container_config *config,
		  const struct enforcement *e);

/**
 * enforce_clear() - release what it owns
 * @e:	zeroed afterwards
 */
void enforce_clear(struct enforcement *e);

static inline void auto_enforcement(struct enforcement *e)
{
	enforce_clear(e);
}

/**
 * enforce_state() - note in a state who holds the limits
 * @e:		as planned
 * @config:	of the container
 * @state:	changed
 */
void enforce_state(const struct enforcement *e, const struct container_config *config,
		   struct container_state *state);

/**
 * enforce_check_change() - whether changed limits can hold
 * @engine:	the engine
 * @state:	of the container
 * @old:	as it was
 * @config:	as it shall be
 * @err:	the limit that cannot, and why
 *
 * Return: 0; -EOPNOTSUPP; otherwise a negative errno. Nothing is changed.
 */
must_check int enforce_check_change(struct engine *engine, const struct container_state *state,
				    const struct container_config *old,
				    const struct container_config *config, struct err *err);

/**
 * enforce_change() - put changed limits into effect where the container runs
 * @engine:	the engine
 * @state:	of the container
 * @old:	as it was
 * @config:	as it is now, and was found good by enforce_check_change()
 * @err:	what failed
 *
 * Memory that the monitor watches is the monitor's: it reads the configuration again when it is told.
 *
 * Return: 0 or a negative errno.
 */
must_check int enforce_change(struct engine *engine, const struct container_state *state,
			      const struct container_config *old,
			      const struct container_config *config, struct err *err);

/**
 * enforce_begin() - make a container's control group
 * @engine:	the engine
 * @config:	of the container
 * @e:		as planned, with a manager
 * @monitor:	its monitor, a child of the caller that waits; with systemd it is moved beside the group
 * @out_path:	of the group, as /proc/PID/cgroup names it, to be freed; set on success only
 * @err:	what failed
 *
 * Return: the group's folder, or a negative errno.
 */
must_check int enforce_begin(struct engine *engine, const struct container_config *config,
			     const struct enforcement *e, pid_t monitor, char **out_path,
			     struct err *err);

/**
 * enforce_release_monitor() - with --cgroups no-conmon, put a monitor back where its caller is
 * @config:	of the container, whose first process is in its group
 * @e:		as planned
 * @monitor:	of the container
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int enforce_release_monitor(const struct container_config *config,
				       const struct enforcement *e, pid_t monitor, struct err *err);

/**
 * enforce_attach() - put a process of the caller's into a container's group, which it cannot enter itself
 * @engine:	the engine
 * @state:	of the container
 * @pid:	of the process
 * @err:	why it cannot be
 *
 * Return: 0 or a negative errno.
 */
must_check int enforce_attach(struct engine *engine, const struct container_state *state, pid_t pid,
			      struct err *err);

/**
 * enforce_open() - a container's control group
 * @state:	of the container
 *
 * Return: its folder; -ENOENT when there is none; otherwise a negative errno.
 */
must_check int enforce_open(const struct container_state *state);

/**
 * enforce_end() - remove a container's control group
 * @state:	of the container, whose processes have ended; what is left is killed
 */
void enforce_end(const struct container_state *state);
