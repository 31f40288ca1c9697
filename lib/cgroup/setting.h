/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * setting - limits as the files of a control group (version 2)
 *
 *	memory, memory_swap	memory.max; memory.swap.max, which is swap alone: the one minus the other
 *	memory_reservation	memory.low
 *	nano_cpus, quota	cpu.max "QUOTA PERIOD"
 *	cpu_shares		cpu.weight: 2…262144 becomes 1…10000, linearly
 *	cpus, mems		cpuset.cpus, cpuset.mems
 *	pids			pids.max
 *	blkio_weight		io.bfq.weight where that is, else io.weight: 10…1000 becomes 1…10000, linearly
 *	rates of devices	io.max "MAJOR:MINOR rbps=… wbps=… riops=… wiops=…"
 *	conf			as it is
 *
 * Source: Documentation/admin-guide/cgroup-v2.rst of the kernel; the conversions are crun's.
 */
#pragma once

#include "base/err.h"
#include "oci/resources.h"

struct setting {
	enum controller controller;
	char *file;
	char *key; /* of files with a line for each device: what the value begins with; else NULL */
	char *value;
	char *first; /* a file that is written instead where it exists, or NULL */
	char *first_value;
	bool as_parent; /* the value is what the group above has in FILE.effective */
	bool optional;	/* a kernel without that file has nothing to limit */
};

struct settings {
	struct setting *items;
	size_t count;
};

/**
 * settings_plan() - the files to be written for limits
 * @r:		the limits
 * @out:	filled; to be released with settings_clear
 */
void settings_plan(const struct resources *r, struct settings *out);

/**
 * settings_change() - the files to be written when limits change
 * @old:	as they were
 * @r:		as they are to be
 * @out:	filled: what @r asks for, and the kernel's default of what only @old asked for; to be released with
 *		settings_clear
 */
void settings_change(const struct resources *old, const struct resources *r, struct settings *out);

/**
 * settings_print() - settings as text, for tests
 * @list:	printed
 *
 * Return: "file: value" lines, to be freed.
 */
must_check char *settings_print(const struct settings *list);

/**
 * settings_clear() - release what they own
 * @list:	empty afterwards
 */
void settings_clear(struct settings *list);

static inline void auto_settings(struct settings *list)
{
	settings_clear(list);
}
