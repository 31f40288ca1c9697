/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpus - which processors a process may run on
 */
#include "kern/cpus.h"

#include <errno.h>

#include "base/str.h"

int cpus_allowed(cpu_set_t *out)
{
	return sched_getaffinity(0, sizeof *out, out) < 0 ? -errno : 0;
}

/* "3" or "0-3" */
static int add_range(const char *text, cpu_set_t *set)
{
	AUTO(mem) char *first = str_dup(text);
	const char *last = str_cut(first, '-');
	uint64_t from = 0, to = 0;
	int r = str_u64(first, CPU_SETSIZE - 1, &from);

	to = from;
	if (r == 0 && last)
		r = str_u64(last, CPU_SETSIZE - 1, &to);
	for (uint64_t i = from; r == 0 && i <= to; i++)
		CPU_SET(i, set);
	return r;
}

int cpus_parse(const char *text, cpu_set_t *out)
{
	AUTO(strv) struct strv parts = { 0 };
	cpu_set_t set;

	CPU_ZERO(&set);
	strv_split(&parts, text, ',');
	for (size_t i = 0; i < parts.count; i++) {
		int r = add_range(parts.items[i], &set);
		if (r < 0)
			return r;
	}
	*out = set;
	return 0;
}

char *cpus_print(const cpu_set_t *set)
{
	AUTO(strv) struct strv parts = { 0 };

	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, set))
			continue;
		int last = i;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		if (last == i)
			strv_addf(&parts, "%d", i);
		else
			strv_addf(&parts, "%d-%d", i, last);
		i = last;
	}
	return str_join(&parts, ",");
}

void cpus_pick(const cpu_set_t *from, int count, unsigned int seed, cpu_set_t *out)
{
	const int there = CPU_COUNT(from);
	int skip = there > 0 ? (int)(seed % (unsigned int)there) : 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; count < there && count > 0; i = (i + 1) % CPU_SETSIZE) {
		if (!CPU_ISSET(i, from) || skip-- > 0)
			continue;
		CPU_SET(i, &set);
		count--;
	}
	*out = count < there && CPU_COUNT(&set) ? set : *from;
}

int cpus_set(pid_t tid, const cpu_set_t *set)
{
	return sched_setaffinity(tid, sizeof *set, set) < 0 ? -errno : 0;
}
