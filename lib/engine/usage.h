/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage - what containers use of the machine now
 *
 * A container with a control group (version 2) of its own is measured by it. Else its processes are summed up
 * from /proc: processor time of those that live and of the children they have waited for, their share of
 * memory (PSS), what they moved to and from disks. The network is counted by its namespace in both cases.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/container.h"

/* How long processes waited for something: a share of the last 10, 60 and 300 s in %, and µs in all. */
struct pressure_line {
	double avg10, avg60, avg300;
	int64_t total;
};

struct pressure {
	bool known; /* the kernel measures it, and the container has a control group */
	struct pressure_line some; /* at least one waited */
	struct pressure_line full; /* all of them at once */
};

struct usage {
	bool runs;		     /* else all is zero */
	int64_t time;		     /* ns of clock_mono() when it was measured */
	int64_t cpu;		     /* ns of processor time since it started */
	int64_t cpu_system;	     /* of which in the kernel; 0 when it is not known */
	int64_t memory;		     /* bytes, without what the kernel would give up at once */
	int64_t limit;		     /* bytes: its own limit, or the machine's memory */
	int64_t net_in, net_out;     /* bytes; 0 with the host's network */
	int64_t block_in, block_out; /* bytes */
	int64_t pids;		     /* threads */
	struct pressure cpu_pressure, memory_pressure, io_pressure;
};

/**
 * usage_read() - measure containers
 * @engine:	the engine
 * @states:	of the containers, as loaded
 * @count:	how many
 * @out:	room for as many
 * @err:	what cannot be read
 *
 * /proc is read once for all. One that has just ended is one that does not run.
 *
 * Return: 0 or a negative errno.
 */
must_check int usage_read(struct engine *engine, struct container_state *const *states,
			  size_t count, struct usage *out, struct err *err);

/**
 * usage_of_cgroup() - what a control group of version 2 says of itself
 * @dirfd:	its folder
 * @out:	cpu, memory, limit, blocks and pids are set, on success only; the limit only when there is one
 *
 * Return: 0; -ENOENT when it has no memory controller; otherwise a negative errno.
 * Source: Documentation/admin-guide/cgroup-v2.rst of the kernel.
 */
must_check int usage_of_cgroup(int dirfd, struct usage *out);

/**
 * usage_of_pressure() - what a control group says of waiting
 * @text:	as in cpu.pressure
 * @out:	filled
 *
 * Source: Documentation/accounting/psi.rst of the kernel.
 */
void usage_of_pressure(const char *text, struct pressure *out);

/**
 * usage_of_net() - sum the bytes of all interfaces but the loopback
 * @text:	as in /proc/PID/net/dev
 * @out_in:	received
 * @out_out:	sent
 */
void usage_of_net(const char *text, int64_t *out_in, int64_t *out_out);
