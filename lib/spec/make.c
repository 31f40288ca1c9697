/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * make - the pure part of the room: configuration and facts become a runtime spec
 */
#include "spec/make.h"

#include <errno.h>

#include "spec/device.h"
#include "spec/fallback.h"
#include "spec/ids.h"
#include "spec/limits.h"
#include "spec/mounts.h"
#include "spec/rights.h"

enum { UMASK_DEFAULT = 0022, UMASK_MAX = 0777 };

static const char *const masked[] = {
	"/proc/acpi",	       "/proc/kcore",	   "/proc/keys",
	"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	"/proc/sched_debug",   "/proc/scsi",	   "/sys/firmware",
	"/sys/fs/selinux",     "/sys/dev/block",   "/sys/devices/virtual/powercap",
};

static const char *const read_only[] = {
	"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

/* Whether a mode means a namespace of the container's own. */
static bool is_own(const char *mode)
{
	return !mode || (!str_eq(mode, "host") && !str_starts(mode, "container:") &&
			 !str_starts(mode, "ns:"));
}

static void decide_namespaces(const struct container_config *config, struct runtime_spec *spec)
{
	spec->own[RUNTIME_PID] = is_own(config->pid_mode);
	spec->own[RUNTIME_NETWORK] = is_own(config->network_mode);
	spec->own[RUNTIME_IPC] = is_own(config->ipc_mode);
	spec->own[RUNTIME_UTS] = is_own(config->uts_mode);
	spec->own[RUNTIME_CGROUP] = is_own(config->cgroupns_mode);
	spec->own[RUNTIME_MOUNT] = true;
}

static int parse_umask(const char *text, uint32_t *out, struct err *err)
{
	uint32_t n = 0;

	for (const char *p = str_or(text, ""); *p; p++) {
		if (*p < '0' || *p > '7' || n > UMASK_MAX)
			return err_set(err, -EINVAL, "'%s' is no umask", text);
		n = n * 8 + (uint32_t)(*p - '0');
	}
	if (n > UMASK_MAX)
		return err_set(err, -EINVAL, "'%s' is no umask", text);
	*out = str_empty(text) ? UMASK_DEFAULT : n;
	return 0;
}

/* An entry without "=" would take the host's value in some tools: it is dropped. */
static void add_env(const struct strv *env, struct strv *out)
{
	for (size_t i = 0; i < env->count; i++)
		if (strchr(env->items[i], '=') && env->items[i][0] != '=')
			strv_env_set(out, env->items[i]);
}

static void make_env(const struct container_config *config, const struct strv *more,
		     const struct spec_facts *facts, struct strv *out)
{
	const struct user *user = facts->user;

	add_env(&config->env, out);
	if (facts->secret_env)
		add_env(facts->secret_env, out);
	if (more)
		add_env(more, out);
	if (!strv_env_get(out, "HOME"))
		strv_addf(out, "HOME=%s", user->home);
	if (facts->identity == IDENTITY_ONE_ID && user->uid == 0 &&
	    !strv_env_get(out, "APT_CONFIG"))
		strv_add(out, "APT_CONFIG=" RUNTIME_APT_CONFIG);
}

static void make_user(const struct container_config *config, const struct spec_facts *facts,
		      struct runtime_spec *spec)
{
	const struct user *user = facts->user;

	spec->uid = user->uid;
	spec->gid = user->gid;
	for (size_t i = 0; i < user->groups.count; i++)
		*vec_push(&spec->groups) = user->groups.items[i];
	spec->keep_groups = strv_find(&config->groups, "keep-groups") >= 0;
	spec->no_new_privs = config->no_new_privs;
	spec->emulate_root = facts->identity == IDENTITY_ONE_ID;
}

static void make_process(const struct container_config *config, const struct spec_facts *facts,
			 struct runtime_spec *spec)
{
	if (config->init_path) {
		strv_add(&spec->args, MOUNTS_INIT);
		strv_add(&spec->args, "--");
	}
	strv_extend(&spec->args, &config->entrypoint);
	strv_extend(&spec->args, &config->command);
	make_env(config, NULL, facts, &spec->env);
	spec->cwd = str_dup(str_empty(config->workdir) ? "/" : config->workdir);
	spec->terminal = config->tty;
	spec->init = config->init;
	make_user(config, facts, spec);
}

static bool is_unmasked(const struct container_config *config, const char *path)
{
	for (size_t i = 0; i < config->unmask.count; i++) {
		AUTO(strv) struct strv paths = { 0 };
		strv_split(&paths, config->unmask.items[i], ':');
		if (strv_find(&paths, path) >= 0 || strv_find(&paths, "ALL") >= 0 ||
		    strv_find(&paths, "all") >= 0)
			return true;
	}
	return false;
}

static void make_paths(const struct container_config *config, struct runtime_spec *spec)
{
	for (size_t i = 0; !config->privileged && i < array_len(masked); i++)
		if (!is_unmasked(config, masked[i]))
			strv_add(&spec->masked, masked[i]);
	for (size_t i = 0; i < config->mask.count; i++)
		strv_split(&spec->masked, config->mask.items[i], ':');
	for (size_t i = 0; !config->privileged && i < array_len(read_only); i++)
		if (!is_unmasked(config, read_only[i]))
			strv_add(&spec->read_only_paths, read_only[i]);
}

static void add_device(struct runtime_spec *spec, const char *source, const char *path)
{
	struct runtime_device *d = vec_push(&spec->devices);

	*d = (struct runtime_device){ .source = str_dup(source), .path = str_dup(path) };
}

static int make_devices(const struct container_config *config, const struct spec_facts *facts,
			struct runtime_spec *spec, struct err *err)
{
	for (size_t i = 0;
	     config->privileged && facts->host_devices && i < facts->host_devices->count; i++)
		add_device(spec, facts->host_devices->items[i], facts->host_devices->items[i]);
	for (size_t i = 0; i < config->devices.count; i++) {
		AUTO(device_text) struct device_text device = { 0 };
		int r = device_parse(config->devices.items[i], &device, err);
		if (r < 0)
			return r;
		add_device(spec, device.source, device.path);
	}
	return 0;
}

static void make_names(const struct container_config *config, struct runtime_spec *spec)
{
	if (!spec->own[RUNTIME_UTS])
		return;
	spec->hostname = str_empty(config->hostname) ? str_ndup(config->id, CONTAINER_ID_SHORT)
						     : str_dup(config->hostname);
	spec->domainname = str_dup(config->domainname);
}

static void copy_map(const struct idmap *from, struct runtime_maps *to)
{
	for (size_t i = 0; i < from->count; i++)
		*vec_push(to) = (struct runtime_map){ .inside = from->items[i].inside,
						      .outside = from->items[i].outside,
						      .count = from->items[i].count };
}

static int decide_maps(const struct container_config *config, const struct spec_facts *facts,
		       struct runtime_spec *spec, struct err *err)
{
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };
	int r = spec_maps(config, facts, &uids, &gids, err);

	if (r <= 0)
		return r;
	spec->own[RUNTIME_USER] = true;
	copy_map(&uids, &spec->uids);
	copy_map(&gids, &spec->gids);
	return 0;
}

static char *seccomp_of(const struct container_config *config, bool privileged)
{
	return privileged && !config->seccomp ? str_dup("unconfined") : str_dup(config->seccomp);
}

static int make(const struct container_config *config, const struct spec_facts *facts,
		struct runtime_spec *spec, struct err *err)
{
	decide_namespaces(config, spec);
	int r = decide_maps(config, facts, spec, err);
	if (r < 0)
		return r;
	make_process(config, facts, spec);
	make_names(config, spec);
	make_paths(config, spec);
	spec->read_only = config->read_only;
	spec->seccomp = seccomp_of(config, config->privileged);
	r = parse_umask(config->umask, &spec->umask, err);
	if (r == 0)
		r = spec_caps(config, NULL, spec->uid == 0, facts->caps, &spec->caps, err);
	if (r == 0)
		r = make_devices(config, facts, spec, err);
	if (r == 0)
		r = limits_parse(&config->ulimits, &spec->rlimits, err);
	if (r == 0)
		r = fallback_make(facts, spec, err);
	if (r == 0)
		r = limits_sysctls(&config->sysctls, spec->own, &spec->sysctls, err);
	if (r == 0)
		r = mounts_make(config, facts, spec, err);
	return r;
}

int spec_make(const struct container_config *config, const struct spec_facts *facts,
	      struct runtime_spec **out, struct err *err)
{
	AUTO(runtime_spec) struct runtime_spec *spec = mem_new(struct runtime_spec);

	if (!config->entrypoint.count && !config->command.count)
		return err_set(err, -EINVAL,
			       "there is no command to run: neither given nor in the image");
	int r = make(config, facts, spec, err);
	if (r < 0)
		return r;
	*out = take_ptr(spec);
	return 0;
}

int spec_make_process(const struct container_config *config, const struct spec_facts *facts,
		      const struct spec_process *process, struct runtime_spec **out,
		      struct err *err)
{
	AUTO(strv) struct strv all = { 0 };
	AUTO(runtime_spec) struct runtime_spec *spec = mem_new(struct runtime_spec);

	if (!process->args->count)
		return err_set(err, -EINVAL, "there is no command to run");
	if (process->privileged)
		strv_add(&all, "ALL");
	strv_extend(&all, process->cap_add);
	strv_extend(&spec->args, process->args);
	make_env(config, process->env, facts, &spec->env);
	/* The container itself may have none. */
	if (process->terminal && !strv_env_get(&spec->env, "TERM"))
		strv_add(&spec->env, "TERM=xterm");
	spec->cwd = str_dup(
		str_or(process->workdir, str_empty(config->workdir) ? "/" : config->workdir));
	spec->terminal = process->terminal;
	make_user(config, facts, spec);
	spec->seccomp = seccomp_of(config, process->privileged || config->privileged);
	int r = parse_umask(str_or(process->umask, config->umask), &spec->umask, err);
	if (r == 0)
		r = limits_parse(&config->ulimits, &spec->rlimits, err);
	if (r == 0)
		r = fallback_make(facts, spec, err);
	if (r == 0)
		r = spec_caps(config, &all, spec->uid == 0, facts->caps, &spec->caps, err);
	if (r < 0)
		return r;
	*out = take_ptr(spec);
	return 0;
}
