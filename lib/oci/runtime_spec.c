/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime_spec - what a runtime needs to know to make a container: OCI's config.json as a struct
 */
#include "oci/runtime_spec.h"

#include <errno.h>

const char *const runtime_namespace_names[RUNTIME_NAMESPACES] = {
	[RUNTIME_PID] = "pid",	 [RUNTIME_NETWORK] = "network", [RUNTIME_IPC] = "ipc",
	[RUNTIME_UTS] = "uts",	 [RUNTIME_CGROUP] = "cgroup",	[RUNTIME_MOUNT] = "mount",
	[RUNTIME_USER] = "user",
};

const char *const runtime_hook_names[RUNTIME_HOOK_KINDS] = {
	[RUNTIME_HOOK_PRESTART] = "prestart",
	[RUNTIME_HOOK_CREATE_RUNTIME] = "createRuntime",
	[RUNTIME_HOOK_CREATE_CONTAINER] = "createContainer",
	[RUNTIME_HOOK_START_CONTAINER] = "startContainer",
	[RUNTIME_HOOK_POSTSTART] = "poststart",
	[RUNTIME_HOOK_POSTSTOP] = "poststop",
};

static cJSON *texts(const struct strv *list)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->items[i]));
	return array;
}

static void put_number(cJSON *object, const char *key, uint64_t value)
{
	AUTO(mem) char *digits = str_fmt("%llu", (unsigned long long)value);

	cJSON_AddRawToObject(object, key, digits); /* a double cannot hold every limit */
}

static cJSON *user(const struct runtime_spec *spec)
{
	cJSON *o = cJSON_CreateObject(), *groups = cJSON_CreateArray();

	put_number(o, "uid", spec->uid);
	put_number(o, "gid", spec->gid);
	put_number(o, "umask", spec->umask);
	for (size_t i = 0; i < spec->groups.count; i++)
		cJSON_AddItemToArray(groups, cJSON_CreateNumber(spec->groups.items[i]));
	cJSON_AddItemToObject(o, "additionalGids", groups);
	return o;
}

static cJSON *capabilities(const struct runtime_caps *caps)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "bounding", texts(&caps->bounding));
	cJSON_AddItemToObject(o, "effective", texts(&caps->effective));
	cJSON_AddItemToObject(o, "permitted", texts(&caps->permitted));
	cJSON_AddItemToObject(o, "inheritable", texts(&caps->inheritable));
	cJSON_AddItemToObject(o, "ambient", texts(&caps->ambient));
	return o;
}

static cJSON *rlimits(const struct runtime_rlimits *list)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "type", list->items[i].name);
		put_number(o, "soft", list->items[i].soft);
		put_number(o, "hard", list->items[i].hard);
		cJSON_AddItemToArray(array, o);
	}
	return array;
}

static cJSON *process(const struct runtime_spec *spec)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddBoolToObject(o, "terminal", spec->terminal);
	cJSON_AddItemToObject(o, "user", user(spec));
	cJSON_AddItemToObject(o, "args", texts(&spec->args));
	cJSON_AddItemToObject(o, "env", texts(&spec->env));
	cJSON_AddStringToObject(o, "cwd", str_or(spec->cwd, "/"));
	cJSON_AddItemToObject(o, "capabilities", capabilities(&spec->caps));
	if (spec->rlimits.count)
		cJSON_AddItemToObject(o, "rlimits", rlimits(&spec->rlimits));
	cJSON_AddBoolToObject(o, "noNewPrivileges", spec->no_new_privs);
	if (spec->scores)
		cJSON_AddNumberToObject(o, "oomScoreAdj", spec->oom_score);
	return o;
}

static cJSON *mounts(const struct runtime_mounts *list)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++) {
		const struct runtime_mount *m = &list->items[i];
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "destination", m->destination);
		cJSON_AddStringToObject(o, "type", m->type);
		cJSON_AddStringToObject(o, "source", str_or(m->source, m->type));
		cJSON_AddItemToObject(o, "options", texts(&m->options));
		if (m->subpath)
			cJSON_AddStringToObject(o, "subpath", m->subpath);
		cJSON_AddItemToArray(array, o);
	}
	/* Devices are bound, as nobody without root can make nodes. */
	return array;
}

static void add_devices(cJSON *array, const struct runtime_devices *list)
{
	for (size_t i = 0; i < list->count; i++) {
		cJSON *o = cJSON_CreateObject(), *options = cJSON_CreateArray();
		cJSON_AddStringToObject(o, "destination", list->items[i].path);
		cJSON_AddStringToObject(o, "type", "bind");
		cJSON_AddStringToObject(o, "source", list->items[i].source);
		cJSON_AddItemToArray(options, cJSON_CreateString("bind"));
		cJSON_AddItemToObject(o, "options", options);
		cJSON_AddItemToArray(array, o);
	}
}

static cJSON *maps(const struct runtime_maps *list)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++) {
		cJSON *o = cJSON_CreateObject();
		put_number(o, "containerID", list->items[i].inside);
		put_number(o, "hostID", list->items[i].outside);
		put_number(o, "size", list->items[i].count);
		cJSON_AddItemToArray(array, o);
	}
	return array;
}

static cJSON *namespaces(const bool own[RUNTIME_NAMESPACES])
{
	cJSON *array = cJSON_CreateArray();

	for (int i = 0; i < RUNTIME_NAMESPACES; i++) {
		if (!own[i])
			continue;
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "type", runtime_namespace_names[i]);
		cJSON_AddItemToArray(array, o);
	}
	return array;
}

static void add_pairs(cJSON *o, const struct strv *list)
{
	for (size_t i = 0; i < list->count; i++) {
		AUTO(mem) char *name = str_dup(list->items[i]);
		const char *value = str_cut(name, '=');
		cJSON_AddStringToObject(o, name, str_or(value, ""));
	}
}

static void add_hooks(cJSON *o, const struct runtime_hooks *list)
{
	const char *const *names = runtime_hook_names;
	cJSON *all = cJSON_AddObjectToObject(o, "hooks");

	for (size_t i = 0; i < list->count; i++) {
		const struct runtime_hook *hook = &list->items[i];
		cJSON *of_kind = cJSON_GetObjectItemCaseSensitive(all, names[hook->kind]);
		if (!of_kind)
			of_kind = cJSON_AddArrayToObject(all, names[hook->kind]);
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "path", hook->path);
		cJSON_AddItemToObject(one, "args", texts(&hook->args));
		cJSON_AddItemToObject(one, "env", texts(&hook->env));
		if (hook->timeout)
			cJSON_AddNumberToObject(one, "timeout", hook->timeout);
		cJSON_AddItemToArray(of_kind, one);
	}
}

static cJSON *linux_part(const struct runtime_spec *spec)
{
	cJSON *o = cJSON_CreateObject();

	if (spec->uids.count)
		cJSON_AddItemToObject(o, "uidMappings", maps(&spec->uids));
	if (spec->gids.count)
		cJSON_AddItemToObject(o, "gidMappings", maps(&spec->gids));
	if (spec->sysctls.count)
		add_pairs(cJSON_AddObjectToObject(o, "sysctl"), &spec->sysctls);
	cJSON_AddItemToObject(o, "namespaces", namespaces(spec->own));
	cJSON_AddItemToObject(o, "maskedPaths", texts(&spec->masked));
	cJSON_AddItemToObject(o, "readonlyPaths", texts(&spec->read_only_paths));
	return o;
}

static cJSON *annotations(const struct runtime_spec *spec)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "cubby.seccomp", str_or(spec->seccomp, "default"));
	cJSON_AddStringToObject(o, "cubby.init", spec->init ? "true" : "false");
	cJSON_AddStringToObject(o, "cubby.keep-groups", spec->keep_groups ? "true" : "false");
	cJSON_AddStringToObject(o, "cubby.emulate-root", spec->emulate_root ? "true" : "false");
	if (spec->cpus)
		cJSON_AddStringToObject(o, "cubby.cpus", spec->cpus);
	add_pairs(o, &spec->annotations);
	return o;
}

cJSON *runtime_spec_json(const struct runtime_spec *spec)
{
	cJSON *o = cJSON_CreateObject(), *list = mounts(&spec->mounts);

	cJSON_AddStringToObject(o, "ociVersion", RUNTIME_SPEC_VERSION);
	cJSON_AddItemToObject(o, "process", process(spec));
	cJSON *root = cJSON_AddObjectToObject(o, "root");
	cJSON_AddStringToObject(root, "path", str_or(spec->root_path, "rootfs"));
	cJSON_AddBoolToObject(root, "readonly", spec->read_only);
	if (spec->hostname)
		cJSON_AddStringToObject(o, "hostname", spec->hostname);
	if (spec->domainname)
		cJSON_AddStringToObject(o, "domainname", spec->domainname);
	add_devices(list, &spec->devices);
	cJSON_AddItemToObject(o, "mounts", list);
	cJSON_AddItemToObject(o, "linux", linux_part(spec));
	if (spec->hooks.count)
		add_hooks(o, &spec->hooks);
	cJSON_AddItemToObject(o, "annotations", annotations(spec));
	return o;
}

static void free_mounts(struct runtime_mounts *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].destination);
		free(list->items[i].type);
		free(list->items[i].source);
		free(list->items[i].subpath);
		strv_clear(&list->items[i].options);
	}
	free(list->items);
}

static void free_devices(struct runtime_devices *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].source);
		free(list->items[i].path);
	}
	free(list->items);
}

static void free_caps(struct runtime_caps *caps)
{
	strv_clear(&caps->bounding);
	strv_clear(&caps->permitted);
	strv_clear(&caps->effective);
	strv_clear(&caps->inheritable);
	strv_clear(&caps->ambient);
}

int runtime_hook_kind(const char *name)
{
	for (int i = 0; i < RUNTIME_HOOK_KINDS; i++)
		if (str_eq(name, runtime_hook_names[i]))
			return i;
	return -EINVAL;
}

void runtime_hooks_clear(struct runtime_hooks *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].path);
		free(list->items[i].origin);
		strv_clear(&list->items[i].args);
		strv_clear(&list->items[i].env);
	}
	free(list->items);
	*list = (struct runtime_hooks){ 0 };
}

int runtime_maps_outside(const struct runtime_maps *maps, bool own, uint32_t id, uint32_t *out)
{
	for (size_t i = 0; own && i < maps->count; i++)
		if (id - maps->items[i].inside < maps->items[i].count) {
			*out = maps->items[i].outside + (id - maps->items[i].inside);
			return 0;
		}
	if (own)
		return -ERANGE;
	*out = id;
	return 0;
}

void runtime_spec_free(struct runtime_spec *spec)
{
	if (!spec)
		return;
	free_mounts(&spec->mounts);
	free_devices(&spec->devices);
	free_caps(&spec->caps);
	runtime_hooks_clear(&spec->hooks);
	strv_clear(&spec->annotations);
	free(spec->program);
	free(spec->id);
	free(spec->bundle);
	free(spec->root_path);
	free(spec->groups.items);
	free(spec->rlimits.items);
	free(spec->uids.items);
	free(spec->gids.items);
	strv_clear(&spec->args);
	strv_clear(&spec->env);
	strv_clear(&spec->masked);
	strv_clear(&spec->read_only_paths);
	strv_clear(&spec->sysctls);
	free(spec->cwd);
	free(spec->cpus);
	free(spec->hostname);
	free(spec->domainname);
	free(spec->seccomp);
	free(spec);
}
