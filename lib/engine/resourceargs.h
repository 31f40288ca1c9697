/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resourceargs - limits of resources as typed, and what they mean
 *
 * Each number is read strictly: what is no number, is out of range or contradicts another limit is refused
 * with the rule.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "oci/resources.h"

/* As typed; texts are borrowed, lists owned. NULL and empty mean "not given". */
struct resource_args {
	const char *memory;
	const char *memory_swap;
	const char *memory_reservation;
	const char *memory_swappiness;
	const char *cpus;
	const char *cpu_quota;
	const char *cpu_period;
	const char *cpu_shares;
	const char *cpuset_cpus;
	const char *cpuset_mems;
	const char *pids;
	const char *blkio_weight;
	struct strv weights; /* DEVICE:WEIGHT */
	struct strv read_bps;
	struct strv write_bps;
	struct strv read_iops;
	struct strv write_iops;
	struct strv conf; /* FILE=VALUE */
	const char *oom_score;
};

/**
 * resource_args_given() - whether anything was typed
 * @args:	as typed
 *
 * Return: whether that is so.
 */
must_check bool resource_args_given(const struct resource_args *args);

/**
 * resource_args_set() - change limits by what was typed
 * @args:	as typed
 * @out:	zeroed, or what holds already (update): what is not given stays; changed on failure too
 * @err:	names the flag, the value and the rule
 *
 * Return: 0; -EINVAL; -ERANGE; -EOPNOTSUPP for what no kernel of ours can do; what is wrong with a device.
 */
must_check int resource_args_set(const struct resource_args *args, struct resources *out,
				 struct err *err);
