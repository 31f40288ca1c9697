/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect_usual - members of a container's document that say the same of every container
 *
 * docker and podman have them, scripts template them, and a template must not fail for want of one.
 * What a container has a value of its own for is there before and stays.
 */
#include "engine/inspect.h"

static const char usual[] =
	"{\"State\":{\"CheckpointedAt\":\"0001-01-01T00:00:00Z\","
	"\"RestoredAt\":\"0001-01-01T00:00:00Z\",\"StoppedByUser\":false},"
	"\"Pod\":\"\",\"OCIRuntime\":\"cubby\",\"ConmonPidFile\":\"\",\"PidFile\":\"\","
	"\"Dependencies\":[],\"Namespace\":\"\",\"IsInfra\":false,\"IsService\":false,\"lockNumber\":0,"
	"\"KubeExitCodePropagation\":\"\",\"UseImageHosts\":false,"
	"\"UseImageHostname\":false,"
	"\"Config\":{\"OnBuild\":[],\"Shell\":[],\"ArgsEscaped\":false,\"NetworkDisabled\":false,"
	"\"MacAddress\":\"\",\"Passwd\":true,\"Secrets\":[],\"sdNotifyMode\":\"ignore\","
	"\"SystemdMode\":false,\"HealthcheckOnFailureAction\":\"none\"},"
	"\"HostConfig\":{\"Cgroup\":\"\","
	"\"VolumeDriver\":\"\",\"VolumesFrom\":[],\"Links\":[],"
	"\"Runtime\":\"cubby\",\"ConsoleSize\":[0,0],\"Isolation\":\"\","
	"\"CpuRealtimePeriod\":0,"
	"\"CpuRealtimeRuntime\":0,\"DeviceCgroupRules\":[],"
	"\"DiskQuota\":0,\"KernelMemory\":0,"
	"\"MemorySwappiness\":0,\"OomKillDisable\":false,"
	"\"CpuCount\":0,\"CpuPercent\":0,\"IOMaximumIOps\":0,\"IOMaximumBandwidth\":0,"
	"\"StorageOpt\":{},\"Mounts\":[],\"MaskedPaths\":[],"
	"\"ReadonlyPaths\":[],\"IntelRdtClosID\":\"\"},"
	"\"NetworkSettings\":{\"EndpointID\":\"\",\"IPv6Gateway\":\"\",\"GlobalIPv6PrefixLen\":0,"
	"\"HairpinMode\":false,\"LinkLocalIPv6Address\":\"\",\"LinkLocalIPv6PrefixLen\":0,"
	"\"SecondaryIPAddresses\":[],\"SecondaryIPv6Addresses\":[]}}";

static const char usual_endpoint[] =
	"{\"IPAMConfig\":null,\"Links\":[],\"DriverOpts\":{},\"EndpointID\":\"\","
	"\"IPv6Gateway\":\"\",\"GlobalIPv6PrefixLen\":0,\"DNSNames\":[],\"GwPriority\":0}";

/* Moves what @to lacks from @from, which is used up. */
static void add_missing(cJSON *to, cJSON *from)
{
	while (from->child) {
		AUTO(json) cJSON *member = cJSON_DetachItemViaPointer(from, from->child);
		cJSON *own = cJSON_GetObjectItemCaseSensitive(to, member->string);
		if (!own) {
			AUTO(mem) char *key = str_dup(member->string);
			cJSON_AddItemToObject(to, key, take_ptr(member));
		} else if (cJSON_IsObject(own) && cJSON_IsObject(member)) {
			add_missing(own, member);
		}
	}
}

static void add_text(cJSON *to, const char *text)
{
	AUTO(json) cJSON *members = cJSON_Parse(text);

	bug_unless(members);
	add_missing(to, members);
}

void inspect_usual(cJSON *doc)
{
	cJSON *settings = cJSON_GetObjectItemCaseSensitive(doc, "NetworkSettings");
	cJSON *networks = cJSON_GetObjectItemCaseSensitive(settings, "Networks"), *network;

	add_text(doc, usual);
	cJSON_ArrayForEach(network, networks) add_text(network, usual_endpoint);
}
