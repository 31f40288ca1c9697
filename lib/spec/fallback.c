/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fallback - limits that a process is held to by the kernel without a control group
 */
#include "spec/fallback.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "kern/cpus.h"

void fallback_measure(unsigned int fallbacks, struct spec_facts *out)
{
	struct rlimit processes;

	out->fallbacks = fallbacks;
	out->processes = RLIM_INFINITY;
	CPU_ZERO(&out->cpus);
	if ((fallbacks & FALLBACK_CPUS) && cpus_allowed(&out->cpus) < 0)
		CPU_ZERO(&out->cpus); /* then none is there, which is told */
	if ((fallbacks & FALLBACK_PIDS) && getrlimit(RLIMIT_NPROC, &processes) == 0)
		out->processes = processes.rlim_max;
}

unsigned int fallback_seed(const char *id)
{
	enum { DIGITS = 4, HEX = 16 };
	AUTO(mem) char *digits = str_ndup(str_or(id, ""), DIGITS);

	return (unsigned int)strtoul(digits, NULL, HEX);
}

int fallback_cpus(const struct resources *resources, const cpu_set_t *allowed, unsigned int seed,
		  cpu_set_t *out, struct err *err)
{
	const int64_t nano = resources_cpus(resources);
	cpu_set_t set = *allowed, asked;

	if (resources->cpus) {
		int r = cpus_parse(resources->cpus, &asked);
		CPU_AND(&set, allowed, &asked);
		if (r < 0 || !CPU_EQUAL(&set, &asked)) {
			AUTO(mem) char *there = cpus_print(allowed);
			return err_set(err, -EINVAL,
				       "--cpuset-cpus: not all of '%s' may be used here, only '%s'",
				       resources->cpus, there);
		}
	}
	if (nano)
		cpus_pick(&set,
			  (int)min_of((nano + RESOURCES_CPU - 1) / RESOURCES_CPU,
				      (int64_t)CPU_SETSIZE),
			  seed, &set);
	*out = set;
	return 0;
}

/* --ulimit nproc may ask for less. */
static void limit_processes(const struct spec_facts *facts, struct runtime_spec *spec)
{
	const uint64_t most = min_of((uint64_t)facts->resources->pids, facts->processes);

	for (size_t i = 0; i < spec->rlimits.count; i++) {
		struct runtime_rlimit *l = &spec->rlimits.items[i];
		if (l->resource != RLIMIT_NPROC)
			continue;
		l->hard = min_of(l->hard, most);
		l->soft = min_of(l->soft, most);
		return;
	}
	*vec_push(&spec->rlimits) = (struct runtime_rlimit){
		.name = "RLIMIT_NPROC", .resource = RLIMIT_NPROC, .soft = most, .hard = most
	};
}

int fallback_make(const struct spec_facts *facts, struct runtime_spec *spec, struct err *err)
{
	const struct resources *resources = facts->resources;
	cpu_set_t set;

	if (!resources)
		return 0;
	spec->scores = resources->scores;
	spec->oom_score = resources->oom_score;
	if ((facts->fallbacks & FALLBACK_PIDS) && resources->pids)
		limit_processes(facts, spec);
	if (!(facts->fallbacks & FALLBACK_CPUS) || (!resources_cpus(resources) && !resources->cpus))
		return 0;
	int r = fallback_cpus(resources, &facts->cpus, facts->seed, &set, err);
	if (r == 0)
		spec->cpus = cpus_print(&set);
	return r;
}
