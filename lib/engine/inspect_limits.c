/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect_limits - the members of a container's document that tell its limits, and who holds them
 */
#include "engine/enforce.h"
#include "engine/inspect.h"

static void add_devices(cJSON *o, const char *key, const char *value,
			const struct device_limits *list)
{
	cJSON *array = cJSON_AddArrayToObject(o, key);

	for (size_t i = 0; i < list->count; i++) {
		cJSON *one = cJSON_CreateObject();
		inspect_text(one, "Path", list->items[i].path);
		inspect_number(one, value, list->items[i].value);
		cJSON_AddItemToArray(array, one);
	}
}

static void add_numbers(cJSON *o, const struct resources *r)
{
	const struct {
		const char *key;
		int64_t value;
	} numbers[] = {
		{ "Memory", r->memory },
		{ "MemorySwap", r->memory ? resources_swap(r) : 0 },
		{ "MemoryReservation", r->memory_reservation },
		{ "NanoCpus", r->nano_cpus },
		{ "CpuQuota", r->cpu_quota },
		{ "CpuPeriod", r->cpu_period },
		{ "CpuShares", r->cpu_shares },
		{ "PidsLimit", r->pids },
		{ "BlkioWeight", r->blkio_weight },
		{ "OomScoreAdj", r->oom_score },
	};

	for (size_t i = 0; i < array_len(numbers); i++)
		inspect_number(o, numbers[i].key, numbers[i].value);
}

/* What holds each limit: of a container that has not run yet nobody knows. */
static void add_holders(cJSON *o, const struct resources *r, const struct container_state *s)
{
	const struct {
		const char *key;
		bool limited;
		int fallback;
		const char *holder;
	} kinds[] = {
		{ "Memory", r->memory, FALLBACK_MEMORY, "monitor" },
		{ "Pids", r->pids, FALLBACK_PIDS, "rlimit" },
		{ "Cpus", resources_cpus(r) || r->cpus, FALLBACK_CPUS, "affinity" },
	};
	cJSON *map = cJSON_AddObjectToObject(o, "LimitedBy");

	for (size_t i = 0; i < array_len(kinds); i++)
		if (kinds[i].limited && (s->cgroup || s->fallbacks & kinds[i].fallback))
			inspect_text(map, kinds[i].key, s->cgroup ? "cgroup" : kinds[i].holder);
}

void inspect_limits(cJSON *doc, const struct container_config *c, const struct container_state *s)
{
	const struct resources *r = &c->resources;
	cJSON *host_config = cJSON_GetObjectItemCaseSensitive(doc, "HostConfig");

	add_numbers(host_config, r);
	inspect_text(host_config, "CpusetCpus", r->cpus);
	inspect_text(host_config, "CpusetMems", r->mems);
	add_devices(host_config, "BlkioWeightDevice", "Weight", &r->weights);
	add_devices(host_config, "BlkioDeviceReadBps", "Rate", &r->read_bps);
	add_devices(host_config, "BlkioDeviceWriteBps", "Rate", &r->write_bps);
	add_devices(host_config, "BlkioDeviceReadIOps", "Rate", &r->read_iops);
	add_devices(host_config, "BlkioDeviceWriteIOps", "Rate", &r->write_iops);
	inspect_map(host_config, "CgroupConf", &r->conf);
	inspect_text(host_config, "CgroupParent", c->cgroup_parent);
	inspect_text(host_config, "CgroupManager", str_or(s->cgroup_manager, "disabled"));
	inspect_text(host_config, "Cgroups",
		     c->cgroups	 ? c->cgroups
		     : s->cgroup ? "enabled"
				 : "disabled");
	add_holders(host_config, r, s);
}
