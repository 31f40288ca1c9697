/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resources - how much of the machine a container may use
 */
#include "oci/resources.h"

#include <string.h>

const char *const controller_names[] = {
	[CONTROLLER_CPU] = "cpu",
	[CONTROLLER_CPUSET] = "cpuset",
	[CONTROLLER_IO] = "io",
	[CONTROLLER_MEMORY] = "memory",
	[CONTROLLER_PIDS] = "pids",
	[CONTROLLER_OTHER] = NULL,
	NULL,
};

#define D(kind, f) J_##kind(#f, struct device_limit, f)
static const struct jfield device_fields[] = { D(TEXT, path), D(TEXT, node), D(I64, value), J_END };
#undef D

#define R(kind, f) J_##kind(#f, struct resources, f)
const struct jfield resources_fields[] = {
	R(I64, memory),
	R(I64, memory_swap),
	R(I64, memory_reservation),
	R(I64, nano_cpus),
	R(I64, cpu_quota),
	R(I64, cpu_period),
	R(I64, cpu_shares),
	R(TEXT, cpus),
	R(TEXT, mems),
	R(I64, pids),
	R(INT, blkio_weight),
	J_LIST("weights", struct resources, weights, device_fields),
	J_LIST("read_bps", struct resources, read_bps, device_fields),
	J_LIST("write_bps", struct resources, write_bps, device_fields),
	J_LIST("read_iops", struct resources, read_iops, device_fields),
	J_LIST("write_iops", struct resources, write_iops, device_fields),
	R(STRV, conf),
	R(BOOL, scores),
	R(INT, oom_score),
	J_END,
};
#undef R

static unsigned int controller_of(const char *file)
{
	const size_t n = strcspn(file, ".");

	for (unsigned int i = 0; controller_names[i]; i++)
		if (strlen(controller_names[i]) == n && !strncmp(controller_names[i], file, n))
			return CONTROLLER_BIT(i);
	return CONTROLLER_BIT(CONTROLLER_OTHER);
}

unsigned int resources_needs(const struct resources *r)
{
	unsigned int needs = 0;

	if (r->memory || r->memory_swap || r->memory_reservation)
		needs |= CONTROLLER_BIT(CONTROLLER_MEMORY);
	if (resources_cpus(r) || r->cpu_shares)
		needs |= CONTROLLER_BIT(CONTROLLER_CPU);
	if (r->cpus || r->mems)
		needs |= CONTROLLER_BIT(CONTROLLER_CPUSET);
	if (r->pids)
		needs |= CONTROLLER_BIT(CONTROLLER_PIDS);
	if (r->blkio_weight || r->weights.count || r->read_bps.count || r->write_bps.count ||
	    r->read_iops.count || r->write_iops.count)
		needs |= CONTROLLER_BIT(CONTROLLER_IO);
	for (size_t i = 0; i < r->conf.count; i++)
		needs |= controller_of(r->conf.items[i]);
	return needs;
}

unsigned int resources_fallbacks(const struct resources *r, const char **out_rest)
{
	const struct {
		bool given;
		const char *flag;
	} rest[] = {
		{ r->memory_reservation, "memory-reservation" },
		{ r->cpu_shares, "cpu-shares" },
		{ r->mems, "cpuset-mems" },
		{ r->blkio_weight, "blkio-weight" },
		{ r->weights.count, "blkio-weight-device" },
		{ r->read_bps.count, "device-read-bps" },
		{ r->write_bps.count, "device-write-bps" },
		{ r->read_iops.count, "device-read-iops" },
		{ r->write_iops.count, "device-write-iops" },
		{ r->conf.count, "cgroup-conf" },
	};

	*out_rest = NULL;
	for (size_t i = array_len(rest); i > 0; i--)
		if (rest[i - 1].given)
			*out_rest = rest[i - 1].flag;
	return (resources_cpus(r) || r->cpus ? FALLBACK_CPUS : 0U) |
	       (r->memory ? FALLBACK_MEMORY : 0U) | (r->pids ? FALLBACK_PIDS : 0U);
}

int64_t resources_swap(const struct resources *r)
{
	if (!r->memory)
		return RESOURCES_SWAP_NONE;
	if (r->memory_swap)
		return r->memory_swap;
	return r->memory > INT64_MAX / 2 ? RESOURCES_SWAP_NONE : 2 * r->memory;
}

int64_t resources_cpus(const struct resources *r)
{
	const int64_t period = r->cpu_period ? r->cpu_period : RESOURCES_PERIOD;

	if (r->nano_cpus || r->cpu_quota <= 0)
		return r->nano_cpus;
	return r->cpu_quota > INT64_MAX / RESOURCES_CPU ? INT64_MAX
							: r->cpu_quota * RESOURCES_CPU / period;
}

static void copy_devices(const struct device_limits *from, struct device_limits *to)
{
	for (size_t i = 0; i < from->count; i++)
		*vec_push(to) = (struct device_limit){ .path = str_dup(from->items[i].path),
						       .node = str_dup(from->items[i].node),
						       .value = from->items[i].value };
}

void resources_copy(const struct resources *from, struct resources *to)
{
	*to = *from;
	to->cpus = str_dup(from->cpus);
	to->mems = str_dup(from->mems);
	to->weights = to->read_bps = to->write_bps = to->read_iops = to->write_iops =
		(struct device_limits){ 0 };
	copy_devices(&from->weights, &to->weights);
	copy_devices(&from->read_bps, &to->read_bps);
	copy_devices(&from->write_bps, &to->write_bps);
	copy_devices(&from->read_iops, &to->read_iops);
	copy_devices(&from->write_iops, &to->write_iops);
	to->conf = (struct strv){ 0 };
	strv_extend(&to->conf, &from->conf);
}

void resources_clear(struct resources *r)
{
	jfield_clear(resources_fields, r);
}
