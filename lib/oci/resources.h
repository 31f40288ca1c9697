/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resources - how much of the machine a container may use
 *
 * A plain value, kept in the container's configuration. Zero, NULL and empty stand for "no limit". Who
 * enforces a limit is decided elsewhere: each belongs to one controller of the kernel's control groups, and
 * some can be enforced without one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"

/* Controllers of control groups, version 2. */
enum controller {
	CONTROLLER_CPU,
	CONTROLLER_CPUSET,
	CONTROLLER_IO,
	CONTROLLER_MEMORY,
	CONTROLLER_PIDS,
	CONTROLLER_OTHER, /* of --cgroup-conf: the part of the file's name in front of the dot */
	CONTROLLERS,
};

/* "cpu", "cpuset", "io", "memory", "pids"; NULL-ended. */
extern const char *const controller_names[];

#define CONTROLLER_BIT(c) (1U << (c))

/* What holds a limit where no control group does. */
enum fallback {
	FALLBACK_CPUS = 1 << 0,	  /* each thread is bound to some processors */
	FALLBACK_MEMORY = 1 << 1, /* the monitor looks again and again, and kills */
	FALLBACK_PIDS = 1 << 2,	  /* RLIMIT_NPROC in a user namespace of the container's own */
};

enum {
	RESOURCES_PERIOD = 100000, /* µs of the usual period */
	RESOURCES_SWAP_NONE = -1,  /* memory_swap: no limit */
};

#define RESOURCES_CPU INT64_C(1000000000) /* nano_cpus of one processor */

/* One device's share. */
struct device_limit {
	char *path; /* as typed */
	char *node; /* MAJOR:MINOR */
	int64_t value;
};

struct device_limits {
	struct device_limit *items;
	size_t count;
};

struct resources {
	int64_t memory;		    /* bytes */
	int64_t memory_swap;	    /* bytes of both; RESOURCES_SWAP_NONE; 0: twice the memory */
	int64_t memory_reservation; /* bytes */
	int64_t nano_cpus;	    /* RESOURCES_CPU is one processor */
	int64_t cpu_quota;	    /* µs in each period; negative: none */
	int64_t cpu_period;	    /* µs; 0: RESOURCES_PERIOD */
	int64_t cpu_shares;	    /* 2 to 262144 */
	char *cpus;		    /* list of processors: 0-3,5 */
	char *mems;		    /* list of memory nodes */
	int64_t pids;
	int blkio_weight; /* 10 to 1000 */
	struct device_limits weights;
	struct device_limits read_bps, write_bps; /* bytes a second */
	struct device_limits read_iops, write_iops;
	struct strv conf; /* FILE=VALUE of --cgroup-conf */
	bool scores;	  /* oom_score is given */
	int oom_score;	  /* -1000 to 1000 */
};

/* Table of struct resources; for jfield_load, jfield_save and jfield_clear. */
extern const struct jfield resources_fields[];

/**
 * resources_needs() - the controllers that limits belong to
 * @r:	the limits
 *
 * Return: CONTROLLER_BIT() of each; 0 when nothing is limited. What the kernel lets every process do to itself
 * (oom_score) needs none.
 */
must_check unsigned int resources_needs(const struct resources *r);

/**
 * resources_fallbacks() - what can hold limits without control groups
 * @r:		the limits
 * @out_rest:	a flag of run that nothing can hold, without "--"; NULL when there is none; static
 *
 * Return: bits of enum fallback.
 */
must_check unsigned int resources_fallbacks(const struct resources *r, const char **out_rest);

/**
 * resources_swap() - memory and swap together
 * @r:	the limits
 *
 * Return: bytes; RESOURCES_SWAP_NONE for no limit, which holds without a limit of memory too.
 */
must_check int64_t resources_swap(const struct resources *r);

/**
 * resources_cpus() - how many processors' time may be used
 * @r:	the limits
 *
 * Return: as nano_cpus, from there or from quota and period; 0 for no limit.
 */
must_check int64_t resources_cpus(const struct resources *r);

/**
 * resources_copy() - copy a value
 * @from:	copied
 * @to:		zeroed; to be released with resources_clear
 */
void resources_copy(const struct resources *from, struct resources *to);

/**
 * resources_clear() - release what it owns
 * @r:	zeroed afterwards
 */
void resources_clear(struct resources *r);

static inline void auto_resources(struct resources *r)
{
	resources_clear(r);
}
