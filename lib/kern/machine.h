/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine - facts that only reports need: processors, memory, control groups, the distribution
 *
 * Not part of struct host, because measuring them costs time that no start shall pay.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct machine {
	int cpus;	 /* that this process may use */
	int64_t memory;	 /* bytes */
	int64_t free;	 /* bytes that are not used at all */
	int64_t swap;	 /* bytes */
	int64_t uptime;	 /* seconds */
	int cgroup;	 /* version of the control groups: 1 or 2; 0 when there are none */
	char *system;	 /* "Debian GNU/Linux 12 (bookworm)", or "Linux" */
	char *distro;	 /* "debian" */
	char *release;	 /* "12" */
	int lowest_port; /* that an unprivileged program may bind */
	bool fuse;	 /* /dev/fuse can be opened */
	bool tun;	 /* /dev/net/tun can be opened */
};

/**
 * machine_measure() - find the facts
 * @out:	to be released with machine_clear
 *
 * What cannot be found out is left zero.
 */
void machine_measure(struct machine *out);

/**
 * machine_clear() - release what the facts own
 * @machine:	empty afterwards
 */
void machine_clear(struct machine *machine);

static inline void auto_machine(struct machine *machine)
{
	machine_clear(machine);
}
