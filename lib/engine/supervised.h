/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervised - the container of a monitor, in the monitor
 *
 *	supervise.c		the monitor comes to be, and goes
 *	supervise_up.c		the container comes up and is let go, for each run of it
 *	supervise_asked.c	what the monitor's loop (monitor/monitor.h) calls while it lives
 *
 * Only these three use it. What is held here belongs to the monitor's process; the caller's own part of a
 * start is in supervise.c, and shares nothing with it but the gate and a lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/activation.h"
#include "engine/cdi.h"
#include "engine/detached.h"
#include "engine/joins.h"
#include "engine/plug.h"
#include "engine/supervise_args.h"
#include "engine/wiring.h"
#include "monitor/args.h"
#include "monitor/monitor.h"
#include "net/fresh.h"
#include "rootfs/rootfs.h"
#include "run/run.h"
#include "spec/spec.h"
#include "store/container.h"
#include "store/temp.h"

/* All that a monitor holds. */
struct supervised {
	struct detached_list detached;
	const struct supervise_args *args;
	const struct container_config *config;
	const struct cdi_edits *edits;	   /* what its described devices need */
	const struct runtime_hooks *hooks; /* that files of hooks ask for */
	struct joins joins;
	int gate;     /* where the control group comes from, or -1: none is made, or it is here */
	int group;    /* its folder, or -1 */
	char *folder; /* absolute */
	char *volumes;
	int dir;
	struct monitor *monitor;
	struct plug plug;
	int notice[2];	      /* --network fast: brings the listener of PID 1 */
	struct wiring wiring; /* what changes of it while the container lives */
	struct fresh fresh;
	struct strv ports; /* as they were bound: a further run has the same */
	struct activated_list activated;
	int handed[ACTIVATION_MAX + 1]; /* for who restarts it: the sockets, and their names */
	size_t handed_count;
	struct rootfs_plan plan;
	int root;   /* O_PATH of the mounted root */
	int helper; /* pidfd of the file system's process, or -1 */
	struct runtime_spec *spec;
	struct run_container *container;
	int userns;   /* the outer user namespace, for those who enter the container */
	int caller;   /* who waits for the start hears of it here; -1: nobody does */
	bool started; /* run_start was reached */
	struct container_config *fresh_config; /* of a further run: limits may have changed */
	struct temps gone; /* of a removed container: deleted once nobody waits */
	bool born;	   /* the process is a monitor already, of a sandbox */
	int nest;	   /* of a sandbox: where the next step is asked for; else -1 */
	char *mounts;	   /* of a sandbox: a list of them, as it was before the first step */
	int netns;	   /* of a sandbox: what all of its steps are in, or -1 */
};

/**
 * supervised_up() - bring the container up: its network, root, process, and the answer STARTED
 * @s:		with a monitor, and nothing of an earlier run
 * @err:	what failed
 *
 * On failure the caller lets go of what was made until then; .started tells how far it came.
 *
 * Return: 0 or a negative errno, which run_exit_status() turns into a status.
 */
must_check int supervised_up(struct supervised *s, struct err *err);

/**
 * supervised_let_go() - end what a run holds: processes, networks, mounts
 * @s:	what is not there is passed over; ready for another supervised_up()
 *
 * Memberships in networks and the control group are kept for a further run.
 */
void supervised_let_go(struct supervised *s);

/**
 * supervised_end() - let go of a run that has ended or failed, and run the hooks that come after it
 * @s:		what is not there is passed over
 * @again:	the control group is kept for a further run
 */
void supervised_end(struct supervised *s, bool again);

/**
 * supervised_end_network() - end the helpers of the network
 * @s:	memberships are kept for a further run, and in a sandbox all of it
 */
void supervised_end_network(struct supervised *s);

/**
 * supervised_end_others() - kill what is left beside the container's own processes
 * @s:	nothing is in a sandbox, whose network lives on
 */
void supervised_end_others(const struct supervised *s);

/**
 * supervised_end_group() - remove the control group
 * @s:	nobody is in it any more; without a group nothing is done
 */
void supervised_end_group(struct supervised *s);

/**
 * supervised_watch_helper() - have a helper of the network watched, which is begun anew when it ends
 * @s:	with a monitor
 * @at:	its number for plug_helper(); one that does not run is passed over
 */
void supervised_watch_helper(struct supervised *s, int at);

/**
 * supervised_spec() - what a specification is made from, of the container or of a process in it
 * @s:		the container
 * @root:	descriptor of its root; borrowed, as all that is returned
 * @err:	what is wrong with the user's ids: they are those of nobody else then
 *
 * Return: the arguments, without secrets.
 */
struct spec_args supervised_spec(const struct supervised *s, int root, struct err *err);

/**
 * supervised_target() - where further processes of the container enter
 * @s:	with a container
 *
 * Return: descriptors that belong to @s.
 */
struct run_target supervised_target(const struct supervised *s);

/**
 * supervised_hooks() - what the monitor calls while the container lives
 * @s:	outlives the monitor
 *
 * Return: all of them; monitor/args.h says what each is.
 */
struct monitor_hooks supervised_hooks(struct supervised *s);
