/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * facts - what is the case on this machine for one container
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "kern/host.h"
#include "kern/idmap.h"
#include "kern/userns.h"
#include "spec/user.h"
#include "store/container.h"

/* What spec_make() must know beside the configuration. */
struct spec_facts {
	enum identity identity;
	uint32_t ids; /* how many ids, from 0 on, the outer user namespace maps */
	uint32_t gids;
	const struct idmap *uid_map; /* of the outer user namespace */
	const struct idmap *gid_map;
	uint32_t host_uid; /* the caller's */
	uint32_t host_gid;
	const struct user *user; /* in the image */
	uint64_t caps;		 /* what can be given at all */
	const char *state_dir;	 /* absolute */
	bool hosts;		 /* state_dir/hosts is there, and so on */
	bool hostname;
	bool resolv;
	bool maps_owners;	 /* the root's driver can show other owners than the layers have */
	const char *volumes_dir; /* absolute */
	bool cgroup2;		 /* /sys/fs/cgroup is a cgroup2 file system */
	unsigned int fallbacks;	 /* enum fallback: what holds limits without a cgroup */
	cpu_set_t cpus;		 /* FALLBACK_CPUS: that the caller may run on */
	unsigned int seed;	 /* FALLBACK_CPUS: where they begin */
	uint64_t processes;	 /* FALLBACK_PIDS: the caller's own hard limit */
	const struct resources *resources; /* the container's limits */
	const struct strv *secret_env;	   /* NAME=VALUE, or NULL */
	const struct strv *host_devices;   /* --privileged: nodes that the caller may open */
};

/**
 * facts_measure() - fill in everything but the user
 * @host:	the caller
 * @identity:	of the outer user namespace
 * @config:	whether devices of the host are wanted
 * @state_dir:	absolute; belongs to the caller
 * @volumes_dir: absolute; belongs to the caller
 * @devices:	room for the names of the host's devices, borrowed by @out
 * @out:	filled in
 */
void facts_measure(const struct host *host, const struct identity_plan *identity,
		   const struct container_config *config, const char *state_dir,
		   const char *volumes_dir, struct strv *devices, struct spec_facts *out);
