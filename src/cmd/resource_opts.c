/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resource_opts - the options that limit what a container may use, for every command that has them
 */
#include "cmd/resource_opts.h"

#include <errno.h>

#include "engine/resourceargs.h"

#define A struct resource_args

#define REAL_TIME                                                                                  \
	"control groups of version 2 have no real-time groups; --cap-add sys_nice and --ulimit "   \
	"rtprio=N let a program ask for it"
#define WINDOWS "that is Windows'"

static int set_oom_kill_disable(unused_arg void *args, const char *value, struct err *err)
{
	if (!str_eq(value, "true"))
		return 0;
	err_set(err, -EOPNOTSUPP,
		"control groups of version 2 always end a process when memory is "
		"short");
	return err_hint(err, "--oom-score-adj says how willingly; --memory-swap gives room");
}

const struct opt resource_step_opts[] = {
	OPT_TEXT('m', "memory", "SIZE", A, memory, COMPLETE_NONE,
		 "limit its memory, at least 6m; -1: not"),
	OPT_TEXT(0, "memory-swap", "SIZE", A, memory_swap, COMPLETE_NONE,
		 "limit memory and swap together (default twice the memory); -1: not"),
	OPT_TEXT(0, "cpu-period", "MICROSECONDS", A, cpu_period, COMPLETE_NONE,
		 "the period of --cpu-quota (default 100000)"),
	OPT_TEXT(0, "cpu-quota", "MICROSECONDS", A, cpu_quota, COMPLETE_NONE,
		 "limit its time on processors in each period; -1: not"),
	OPT_TEXT('c', "cpu-shares", "WEIGHT", A, cpu_shares, COMPLETE_NONE,
		 "its share where processors are short, 2 to 262144 (1024 is usual)"),
	OPT_TEXT(0, "cpuset-cpus", "LIST", A, cpuset_cpus, COMPLETE_NONE,
		 "run it on these processors alone: 0-3,5"),
	OPT_TEXT(0, "cpuset-mems", "LIST", A, cpuset_mems, COMPLETE_NONE,
		 "take its memory from these nodes alone"),
	OPT_END,
};

const struct opt resource_opts[] = {
	OPT_TEXT(0, "memory-reservation", "SIZE", A, memory_reservation, COMPLETE_NONE,
		 "memory that is left to it where memory is short"),
	OPT_TEXT(0, "memory-swappiness", "N", A, memory_swappiness, COMPLETE_NONE,
		 "only -1: groups have none of their own"),
	OPT_SWITCH(0, "oom-kill-disable", set_oom_kill_disable,
		   "only false: the kernel always may"),
	OPT_TEXT(0, "cpus", "NUMBER", A, cpus, COMPLETE_NONE,
		 "limit its time on processors: 1.5 is that of one and a half"),
	OPT_TEXT(0, "pids-limit", "N", A, pids, COMPLETE_NONE,
		 "limit its processes and threads; -1: not"),
	OPT_TEXT(0, "blkio-weight", "WEIGHT", A, blkio_weight, COMPLETE_NONE,
		 "its share where disks are busy, 10 to 1000"),
	OPT_LIST(0, "blkio-weight-device", "DEVICE:WEIGHT", A, weights, COMPLETE_FILE,
		 "the same for one disk"),
	OPT_LIST(0, "device-read-bps", "DEVICE:SIZE", A, read_bps, COMPLETE_FILE,
		 "limit what it reads from a disk in a second"),
	OPT_LIST(0, "device-write-bps", "DEVICE:SIZE", A, write_bps, COMPLETE_FILE,
		 "limit what it writes to a disk in a second"),
	OPT_LIST(0, "device-read-iops", "DEVICE:N", A, read_iops, COMPLETE_FILE,
		 "limit how often it reads from a disk in a second"),
	OPT_LIST(0, "device-write-iops", "DEVICE:N", A, write_iops, COMPLETE_FILE,
		 "limit how often it writes to a disk in a second"),
	OPT_REFUSED(0, "cpu-rt-period", REAL_TIME),
	OPT_REFUSED(0, "cpu-rt-runtime", REAL_TIME),
	OPT_REFUSED(0, "kernel-memory", "the kernel's memory is part of --memory"),
	OPT_REFUSED(0, "cpu-count", WINDOWS),
	OPT_REFUSED(0, "cpu-percent", WINDOWS),
	OPT_REFUSED(0, "io-maxbandwidth", WINDOWS),
	OPT_REFUSED(0, "io-maxiops", WINDOWS),
	OPT_REFUSED(0, "rdt-class", "only root may divide caches and memory bandwidth (resctrl)"),
	OPT_END,
};
