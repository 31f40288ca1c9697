/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info - the document that `info` shows
 *
 * Both tools' fields are made; the name the program is called by says which are listed. A template
 * finds either.
 */
#include "engine/info.h"

#include "base/clock.h"
#include "base/str.h"
#include "engine/driver.h"
#include "engine/enforce.h"
#include "kern/idmap.h"
#include "kern/machine.h"
#include "monitor/logformat.h"
#include "oci/platform.h"
#include "store/images.h"
#include "store/record.h"
#include "store/volume.h"

struct counts {
	int containers, running, paused, images, volumes;
};

/* What both halves are made of. */
struct facts {
	struct engine *engine;
	const char *version;
	const char *driver;
	const struct identity_plan *identity;
	struct machine machine;
	struct platform platform;
	struct counts counts;
	struct enforcement limits;
	bool rootless;
};

static int count_one(void *data, unused_arg const char *id, struct container_state *state)
{
	struct counts *counts = data;

	counts->containers++;
	counts->running += state && state->status == CONTAINER_RUNNING;
	counts->paused += state && state->status == CONTAINER_PAUSED;
	container_state_free(state);
	return 0;
}

static int count(struct engine *engine, struct counts *out, struct err *err)
{
	AUTO(strv) struct strv volumes = { 0 };
	AUTO(images) struct images images = { 0 };
	int r = record_each_state(engine->store, count_one, out, err);

	if (r >= 0)
		r = images_load_all(engine->store, &images, err);
	if (r >= 0)
		r = volume_list(engine->store, &volumes, err);
	/* An image with two names is one image. */
	for (size_t i = 0; i < images.count; i++) {
		bool again = false;
		for (size_t j = 0; j < i && !again; j++)
			again = str_eq(images.items[i].id, images.items[j].id);
		out->images += !again;
	}
	out->volumes = (int)volumes.count;
	return r;
}

static void put(cJSON *object, const char *key, const char *text)
{
	cJSON_AddStringToObject(object, key, str_or(text, ""));
}

static void put_number(cJSON *object, const char *key, int64_t number)
{
	cJSON_AddNumberToObject(object, key, (double)number);
}

static bool can_limit(const struct facts *facts, enum controller controller, unsigned int fallback)
{
	if (facts->limits.manager == GROUP_NONE)
		return fallback;
	return facts->limits.needs & CONTROLLER_BIT(controller);
}

/* What docker says it can limit. */
static void add_abilities(cJSON *o, const struct facts *facts)
{
	bool cpus = can_limit(facts, CONTROLLER_CPU, FALLBACK_CPUS);

	put(o, "CgroupDriver", group_manager_names[facts->limits.manager]);
	cJSON_AddBoolToObject(o, "MemoryLimit",
			      can_limit(facts, CONTROLLER_MEMORY, FALLBACK_MEMORY));
	cJSON_AddBoolToObject(o, "SwapLimit", can_limit(facts, CONTROLLER_MEMORY, 0));
	cJSON_AddBoolToObject(o, "CpuCfsPeriod", cpus);
	cJSON_AddBoolToObject(o, "CpuCfsQuota", cpus);
	cJSON_AddBoolToObject(o, "CPUShares", can_limit(facts, CONTROLLER_CPU, 0));
	cJSON_AddBoolToObject(o, "CPUSet", can_limit(facts, CONTROLLER_CPUSET, FALLBACK_CPUS));
	cJSON_AddBoolToObject(o, "PidsLimit", can_limit(facts, CONTROLLER_PIDS, FALLBACK_PIDS));
	cJSON_AddBoolToObject(o, "OomKillDisable", false);
}

/* Who holds limits here. */
static void add_limits(cJSON *o, const struct facts *facts)
{
	const struct {
		const char *key;
		enum controller controller;
		unsigned int fallback;
		const char *holder;
	} kinds[] = {
		{ "memory", CONTROLLER_MEMORY, FALLBACK_MEMORY, "monitor" },
		{ "pids", CONTROLLER_PIDS, FALLBACK_PIDS, "rlimit" },
		{ "cpus", CONTROLLER_CPU, FALLBACK_CPUS, "affinity" },
		{ "cpuset", CONTROLLER_CPUSET, FALLBACK_CPUS, "affinity" },
		{ "io", CONTROLLER_IO, 0, "none" },
	};
	bool none = facts->limits.manager == GROUP_NONE;
	cJSON *list = cJSON_AddArrayToObject(o, "cgroupControllers");
	cJSON *map = cJSON_AddObjectToObject(o, "limits");

	for (size_t i = 0; i < array_len(kinds); i++) {
		bool can = can_limit(facts, kinds[i].controller, kinds[i].fallback);
		put(map, kinds[i].key, !can ? "none" : none ? kinds[i].holder : "cgroup");
		if (!none && can)
			cJSON_AddItemToArray(
				list, cJSON_CreateString(controller_names[kinds[i].controller]));
	}
	if (facts->limits.why)
		put(map, "why", facts->limits.why);
}

static cJSON *word_list(const char *const *words)
{
	cJSON *list = cJSON_CreateArray();

	for (; *words; words++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*words));
	return list;
}

/* What there is of each kind that other programs plug in; docker and podman spell the kinds differently. */
static cJSON *plugins(const char *volume, const char *network, const char *log)
{
	static const char *const volumes[] = { "local", NULL };
	static const char *const networks[] = { "bridge", "host", "none", NULL };
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, volume, word_list(volumes));
	cJSON_AddItemToObject(o, network, word_list(networks));
	cJSON_AddItemToObject(o, log, word_list(log_driver_names));
	return o;
}

static cJSON *docker_half(const struct facts *facts)
{
	const struct host *host = facts->engine->host;
	cJSON *o = cJSON_CreateObject(), *list;
	AUTO(mem) char *cgroup = str_fmt("%d", facts->machine.cgroup);
	AUTO(mem) char *now = clock_rfc3339(clock_now());

	put(o, "ID", facts->engine->store->host_id);
	put_number(o, "Containers", facts->counts.containers);
	put_number(o, "ContainersRunning", facts->counts.running);
	put_number(o, "ContainersPaused", facts->counts.paused);
	put_number(o, "ContainersStopped",
		   facts->counts.containers - facts->counts.running - facts->counts.paused);
	put_number(o, "Images", facts->counts.images);
	put(o, "Driver", facts->driver);
	put(o, "DockerRootDir", facts->engine->store->path);
	put(o, "SystemTime", now);
	put(o, "LoggingDriver", "json-file");
	add_abilities(o, facts);
	put(o, "CgroupVersion", cgroup);
	put(o, "KernelVersion", host->kernel);
	put(o, "OperatingSystem", facts->machine.system);
	put(o, "OSVersion", facts->machine.release);
	put(o, "OSType", "linux");
	put(o, "Architecture", host->machine);
	put_number(o, "NCPU", facts->machine.cpus);
	put_number(o, "MemTotal", facts->machine.memory);
	put(o, "Name", host->hostname);
	put(o, "ServerVersion", facts->version);
	put(o, "DefaultRuntime", "cubby");
	put(o, "IndexServerAddress", "https://index.docker.io/v1/");
	list = cJSON_AddArrayToObject(o, "SecurityOptions");
	cJSON_AddItemToArray(list, cJSON_CreateString("name=seccomp,profile=builtin"));
	if (facts->rootless)
		cJSON_AddItemToArray(list, cJSON_CreateString("name=rootless"));
	cJSON_AddArrayToObject(o, "Warnings");
	cJSON_AddItemToObject(o, "Plugins", plugins("Volume", "Network", "Log"));
	cJSON *swarm = cJSON_AddObjectToObject(o, "Swarm");
	put(swarm, "NodeID", "");
	put(swarm, "LocalNodeState", "inactive");
	cJSON_AddBoolToObject(swarm, "ControlAvailable", false);
	cJSON_AddArrayToObject(o, "Labels");
	cJSON_AddBoolToObject(o, "Debug", false);
	cJSON_AddBoolToObject(o, "ExperimentalBuild", false);
	cJSON_AddBoolToObject(o, "LiveRestoreEnabled", true);
	put(o, "HttpProxy", host_env(host, "http_proxy"));
	put(o, "HttpsProxy", host_env(host, "https_proxy"));
	put(o, "NoProxy", host_env(host, "no_proxy"));
	put(o, "InitBinary", "cubby-init");
	return o;
}

static cJSON *map_list(const struct idmap *map)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < map->count; i++) {
		cJSON *range = cJSON_CreateObject();
		put_number(range, "container_id", map->items[i].inside);
		put_number(range, "host_id", map->items[i].outside);
		put_number(range, "size", map->items[i].count);
		cJSON_AddItemToArray(list, range);
	}
	return list;
}

static void add_maps(cJSON *o, const struct identity_plan *plan)
{
	cJSON *maps = cJSON_AddObjectToObject(o, "idMappings");

	cJSON_AddItemToObject(maps, "gidmap", map_list(&plan->gids));
	cJSON_AddItemToObject(maps, "uidmap", map_list(&plan->uids));
	put(maps, "kind", identity_names[plan->kind]);
	if (plan->why)
		put(maps, "why", plan->why);
}

static cJSON *host_part(const struct facts *facts)
{
	const struct host *host = facts->engine->host;
	cJSON *o = cJSON_CreateObject(), *inner;
	AUTO(mem) char *cgroup = str_fmt("v%d", facts->machine.cgroup);
	int64_t up = facts->machine.uptime;
	AUTO(mem)
	char *uptime = str_fmt("%jdh %jdm %jds", (intmax_t)(up / 3600), (intmax_t)(up / 60 % 60),
			       (intmax_t)(up % 60));

	put(o, "arch", facts->platform.architecture);
	put(o, "cgroupManager", group_manager_names[facts->limits.manager]);
	put(o, "cgroupVersion", cgroup);
	add_limits(o, facts);
	put_number(o, "cpus", facts->machine.cpus);
	inner = cJSON_AddObjectToObject(o, "distribution");
	put(inner, "distribution", facts->machine.distro);
	put(inner, "version", facts->machine.release);
	put(o, "hostname", host->hostname);
	add_maps(o, facts->identity);
	put(o, "kernel", host->kernel);
	put(o, "logDriver", "json-file");
	put_number(o, "memFree", facts->machine.free);
	put_number(o, "memTotal", facts->machine.memory);
	put(o, "networkBackend", "cubby-net");
	inner = cJSON_AddObjectToObject(o, "ociRuntime");
	put(inner, "name", "cubby");
	put(inner, "version", facts->version);
	put(o, "os", "linux");
	inner = cJSON_AddObjectToObject(o, "conmon");
	put(inner, "version", facts->version);
	inner = cJSON_AddObjectToObject(o, "remoteSocket");
	put(inner, "path", "");
	cJSON_AddBoolToObject(inner, "exists", false);
	cJSON_AddBoolToObject(o, "serviceIsRemote", false);
	inner = cJSON_AddObjectToObject(o, "security");
	cJSON_AddBoolToObject(inner, "rootless", facts->rootless);
	cJSON_AddBoolToObject(inner, "seccompEnabled", true);
	cJSON_AddBoolToObject(inner, "selinuxEnabled", false);
	cJSON_AddBoolToObject(inner, "apparmorEnabled", false);
	put_number(o, "swapTotal", facts->machine.swap);
	put(o, "uptime", uptime);
	return o;
}

static cJSON *store_part(const struct facts *facts)
{
	cJSON *o = cJSON_CreateObject(), *inner;
	AUTO(mem) char *volumes = store_path(facts->engine->store, "volumes");
	const struct counts *counts = &facts->counts;

	put(o, "graphRoot", facts->engine->store->path);
	put(o, "graphDriverName", facts->driver);
	put(o, "runRoot", facts->engine->store->path);
	put(o, "configFile", "");
	put(o, "volumePath", volumes);
	cJSON_AddBoolToObject(o, "readOnly", facts->engine->store->read_only);
	inner = cJSON_AddObjectToObject(o, "containerStore");
	put_number(inner, "number", counts->containers);
	put_number(inner, "paused", counts->paused);
	put_number(inner, "running", counts->running);
	put_number(inner, "stopped", counts->containers - counts->running - counts->paused);
	inner = cJSON_AddObjectToObject(o, "imageStore");
	put_number(inner, "number", counts->images);
	inner = cJSON_AddObjectToObject(o, "volumeStore");
	put_number(inner, "number", counts->volumes);
	return o;
}

/* Templates name Go's fields: Host.CgroupVersion for cgroupVersion, OS and OCIRuntime in capitals. */
static void add_go_names(cJSON *object)
{
	static const struct {
		const char *key;
		const char *go;
	} odd[] = {
		{ "cpus", "CPUs" },
		{ "ociRuntime", "OCIRuntime" },
		{ "os", "OS" },
		{ "idMappings", "IDMappings" },
		{ "uidmap", "UIDMap" },
		{ "gidmap", "GIDMap" },
		{ "selinuxEnabled", "SELinuxEnabled" },
		{ "seccompEnabled", "SECCOMPEnabled" },
		{ "apparmorEnabled", "AppArmorEnabled" },
	};
	cJSON *last = object->child ? object->child->prev : NULL;

	for (cJSON *member = object->child; member; member = member->next) {
		if (cJSON_IsObject(member))
			add_go_names(member);
		AUTO(mem) char *name = str_fmt("%s()", member->string);
		name[0] = (char)(name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0]);
		for (size_t i = 0; i < array_len(odd); i++) {
			if (str_eq(odd[i].key, member->string)) {
				free(name);
				name = str_fmt("%s()", odd[i].go);
			}
		}
		bool done = member == last;
		cJSON_AddItemToObject(object, name, cJSON_Duplicate(member, true));
		if (done)
			break;
	}
}

/* Moves the members of a half into the document, hidden or not. */
static void add_half(cJSON *document, cJSON *half, bool hidden)
{
	while (half->child) {
		cJSON *member = cJSON_DetachItemViaPointer(half, half->child);
		AUTO(mem)
		char *name = str_fmt("%s%s", member->string,
				     hidden && !str_ends(member->string, "()") ? "()" : "");
		cJSON_AddItemToObject(document, name, member);
	}
	cJSON_Delete(half);
}

static cJSON *podman_half(const struct facts *facts)
{
	cJSON *o = cJSON_CreateObject(), *version = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "host", host_part(facts));
	cJSON_AddItemToObject(o, "plugins", plugins("volume", "network", "log"));
	cJSON_AddItemToObject(o, "store", store_part(facts));
	put(version, "APIVersion", facts->version);
	put(version, "Version", facts->version);
	AUTO(mem) char *both = platform_print(&facts->platform);
	put(version, "OsArch", both);
	put(version, "Os", "linux");
	put(version, "GoVersion", "");
	put(version, "GitCommit", "");
	put(version, "BuiltTime", "");
	cJSON_AddItemToObject(o, "version", version);
	add_go_names(o);
	return o;
}

int engine_info(struct engine *engine, const char *version, cJSON **out, struct err *err)
{
	struct facts facts = { .engine = engine, .version = version };
	int r = count(engine, &facts.counts, err);

	facts.driver = r < 0 ? NULL : driver_choose(engine, err);
	facts.identity = facts.driver ? engine_identity(engine, err) : NULL;
	if (!facts.identity)
		return r < 0 ? r : err->code;
	facts.rootless = facts.identity->kind != IDENTITY_ROOT;
	machine_measure(&facts.machine);
	enforce_survey(engine, &facts.limits);
	platform_host(engine->host->machine, &facts.platform);
	cJSON *document = cJSON_CreateObject();
	add_half(document, docker_half(&facts), !engine->docker);
	add_half(document, podman_half(&facts), engine->docker);
	machine_clear(&facts.machine);
	enforce_clear(&facts.limits);
	platform_clear(&facts.platform);
	*out = document;
	return 0;
}
