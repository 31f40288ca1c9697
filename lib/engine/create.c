/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * create - from what the user asked for to a container's configuration
 *
 * One function for each part of the configuration (process, environment, namespaces, files, rights), each
 * a few lines of "argument, else image, else default". The network is netplan.c's, how it is kept is
 * keepplan.c's. Making the record of it is make.c's.
 */
#include "engine/create.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/accounts.h"
#include "engine/envfile.h"
#include "engine/envmerge.h"
#include "engine/initmode.h"
#include "engine/keepplan.h"
#include "engine/mountplan.h"
#include "engine/netplan.h"
#include "engine/secretuse.h"
#include "engine/security.h"
#include "kern/signame.h"
#include "oci/digest.h"

enum { STOP_TIMEOUT = 10, STOP_SIGNAL = 15 };

static const char default_path[] =
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* What the parts work with. */
struct plan {
	const struct host *host;
	const struct create_args *args;
	const struct image_process *image; /* an empty one with --rootfs */
	bool docker;
	char *cwd; /* NULL when it cannot be read */
	struct container_config *config;
};

/* ---- the process ---- */

static int parse_entrypoint(const char *text, struct strv *out, struct err *err)
{
	AUTO(json) cJSON *list = NULL;

	if (*text != '[' || json_parse(text, strlen(text), &list, NULL) < 0) {
		if (*text)
			strv_add(out, text);
		return 0;
	}
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return err_set(err, -EINVAL, "--entrypoint: '%s' is no list of texts",
				       text);
		strv_add(out, item->valuestring);
	}
	return 0;
}

static int plan_command(struct plan *p, struct err *err)
{
	struct container_config *c = p->config;

	if (p->args->entrypoint) {
		int r = parse_entrypoint(p->args->entrypoint, &c->entrypoint, err);
		if (r < 0)
			return r;
	} else {
		strv_extend(&c->entrypoint, &p->image->entrypoint);
	}
	if (p->args->command.count)
		strv_extend(&c->command, &p->args->command);
	else if (!p->args->entrypoint)
		strv_extend(&c->command, &p->image->cmd);
	if (c->entrypoint.count + c->command.count)
		return 0;
	if (p->args->entrypoint)
		err_set(err, -EINVAL, "no command to run: --entrypoint drops the image's own");
	else
		err_set(err, -EINVAL, "no command to run: '%s' has neither entrypoint nor command",
			p->args->image);
	return err_hint(err, "give one behind the image, for example: sh");
}

static int plan_stop(struct plan *p, struct err *err)
{
	const char *text = str_or(p->args->stop_signal, p->image->stop_signal);

	p->config->stop_signal = STOP_SIGNAL;
	p->config->stop_timeout = p->args->stop_timeout;
	if (p->config->stop_timeout < 0)
		p->config->stop_timeout = p->image->stop_timeout;
	if (p->config->stop_timeout < 0)
		p->config->stop_timeout = STOP_TIMEOUT;
	p->config->timeout = p->args->timeout;
	return str_empty(text) ? 0 : signame_parse(text, &p->config->stop_signal, err);
}

static int check_umask(const char *text, struct err *err)
{
	if (!text || (strlen(text) <= 4 && *text && text[strspn(text, "01234567")] == 0))
		return 0;
	return err_set(err, -EINVAL, "--umask: '%s' is not three or four octal digits", text);
}

/* Here already, so that nothing is made that cannot start. */
static int check_timezone(const char *zone, struct err *err)
{
	AUTO(mem) char *path = str_fmt("/usr/share/zoneinfo/%s", str_or(zone, ""));

	if (str_empty(zone) || str_eq(zone, "local"))
		return 0;
	if (*zone == '/' || strstr(zone, ".."))
		return err_set(err, -EINVAL, "--tz: '%s' is no time zone", zone);
	if (access(path, R_OK) == 0)
		return 0;
	(void)err_set(err, -ENOENT, "--tz: the host has no time zone '%s'", zone);
	return err_hint(err, "zones are the files below /usr/share/zoneinfo, for example "
			     "Europe/Berlin (package tzdata)");
}

static int plan_process(struct plan *p, struct err *err)
{
	struct container_config *c = p->config;
	const struct create_args *a = p->args;
	const char *workdir = str_empty(a->workdir) ? p->image->workdir : a->workdir;

	c->workdir = str_dup(str_empty(workdir) ? "/" : workdir);
	if (*c->workdir != '/')
		return err_set(err, -EINVAL, "the working directory '%s' is no absolute path",
			       c->workdir);
	c->user = str_dup(a->user ? a->user : p->image->user);
	strv_extend(&c->groups, &a->groups);
	int accounts = accounts_plan(a, c, p->docker, err);
	if (accounts < 0)
		return accounts;
	c->tty = a->tty;
	c->open_stdin = a->interactive;
	c->init = a->init;
	c->umask = str_dup(a->umask);
	c->timezone = str_dup(a->timezone);
	c->detach_keys = str_dup(a->detach_keys);
	int r = check_umask(a->umask, err);
	if (r == 0)
		r = check_timezone(a->timezone, err);
	if (r == 0)
		r = plan_command(p, err);
	if (r == 0)
		r = plan_stop(p, err);
	bool chosen = !str_empty(str_or(a->stop_signal, p->image->stop_signal));
	return r == 0 ? initmode_plan(a, c, chosen, p->docker, err) : r;
}

/* ---- its environment ---- */

static const char *const proxy_names[] = { "http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
					   "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY" };

static void add_proxies(struct plan *p)
{
	for (size_t i = 0; i < array_len(proxy_names); i++) {
		const char *value = host_env(p->host, proxy_names[i]);
		if (!value || strv_env_get(&p->config->env, proxy_names[i]))
			continue;
		strv_addf(&p->config->env, "%s=%s", proxy_names[i], value);
	}
}

static void unset_one(struct strv *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < env->count; i++)
		if (!strncmp(env->items[i], name, n) && env->items[i][n] == '=') {
			strv_remove(env, i);
			return;
		}
}

static int plan_env_files(struct plan *p, struct err *err)
{
	const struct create_args *a = p->args;
	struct strv *env = &p->config->env;
	int r = 0;

	for (size_t i = 0; i < a->env_files.count && r == 0; i++)
		r = envfile_load(a->env_files.items[i], p->host, env, err);
	for (size_t i = 0; i < a->env.count && r == 0; i++)
		r = envfile_assign(a->env.items[i], p->host, env, err);
	return r;
}

/* What a container has without being told; --env-merge changes this, -e and the like are upon it. */
static int plan_env_default(struct plan *p, struct err *err)
{
	const struct create_args *a = p->args;
	struct strv *env = &p->config->env;
	int r = 0;

	strv_add(env, default_path);
	strv_add(env, "container=cubby");
	if (a->tty)
		strv_add(env, "TERM=xterm");
	for (size_t i = 0; i < p->image->env.count; i++)
		strv_env_set(env, p->image->env.items[i]);
	for (size_t i = 0; i < a->env_merge.count && r == 0; i++)
		r = envmerge_set(env, a->env_merge.items[i], err);
	if (a->unset_env_all)
		strv_clear(env);
	return r;
}

static int plan_env(struct plan *p, struct err *err)
{
	const struct create_args *a = p->args;
	struct strv *env = &p->config->env;

	int r = plan_env_default(p, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < a->unset_env.count; i++)
		unset_one(env, a->unset_env.items[i]);
	for (size_t i = 0; a->env_host && i < p->host->env.count; i++)
		if (strchr(p->host->env.items[i], '='))
			strv_env_set(env, p->host->env.items[i]);
	r = plan_env_files(p, err);
	if (r == 0 && a->http_proxy)
		add_proxies(p);
	return r;
}

/* ---- namespaces ---- */

static int check_mode(const char *flag, const char *mode, const char *const *words, struct err *err)
{
	if (!mode || str_starts(mode, "container:") || str_starts(mode, "ns:"))
		return 0;
	for (; *words; words++)
		if (str_eq(mode, *words))
			return 0;
	return err_set(err, -EINVAL, "--%s: there is no mode '%s'", flag, mode);
}

static int check_userns(const struct create_args *a, struct err *err)
{
	const char *mode = a->userns;
	bool maps = a->uid_maps.count || a->gid_maps.count || a->subuid || a->subgid;

	if (!mode || !*mode || str_eq(mode, "host") || str_eq(mode, "nomap") ||
	    str_eq(mode, "keep-id") || str_starts(mode, "keep-id:") || str_eq(mode, "auto") ||
	    str_starts(mode, "auto:") || (maps && str_eq(mode, "private")))
		return 0;
	if (str_starts(mode, "container:") || str_starts(mode, "ns:")) {
		err_set(err, -EOPNOTSUPP, "--userns %s: a user namespace cannot be shared", mode);
		return err_hint(err, "containers without --userns share one already");
	}
	if (str_eq(mode, "private")) {
		err_set(err, -EOPNOTSUPP, "--userns private needs ids of its own");
		return err_hint(err, "a container's ids are separate from the caller's already; "
				     "leave --userns out, or use auto, or --uidmap");
	}
	err_set(err, -EINVAL, "--userns: there is no mode '%s'", mode);
	return err_hint(err, "modes are host, keep-id[:uid=N,gid=N], nomap and auto[:size=N]");
}

static int plan_namespaces(struct plan *p, struct err *err)
{
	static const char *const pid[] = { "", "private", "host", NULL };
	static const char *const ipc[] = { "", "private", "host", "shareable", "none", NULL };
	const struct create_args *a = p->args;
	struct container_config *c = p->config;

	int r = check_mode("pid", a->pid, pid, err);
	if (r == 0)
		r = check_mode("ipc", a->ipc, ipc, err);
	if (r == 0)
		r = check_mode("uts", a->uts, pid, err);
	if (r == 0)
		r = check_mode("cgroupns", a->cgroupns, pid, err);
	if (r == 0)
		r = check_userns(a, err);
	c->pid_mode = str_dup(str_empty(a->pid) ? NULL : a->pid);
	c->ipc_mode = str_dup(str_empty(a->ipc) ? NULL : a->ipc);
	c->uts_mode = str_dup(str_empty(a->uts) ? NULL : a->uts);
	c->cgroupns_mode = str_dup(str_empty(a->cgroupns) ? NULL : a->cgroupns);
	c->userns_mode = str_dup(str_empty(a->userns) ? NULL : a->userns);
	return r;
}

/* ---- files ---- */

static int plan_mounts(struct plan *p, struct err *err)
{
	struct mountspec_paths paths = { p->host->home, p->cwd };
	struct mount_list *list = &p->config->mounts;
	int r = mountplan_asked(p->args, &paths, p->docker, list, err);

	if (r < 0)
		return r;
	return mountplan_image(p->args->image_volume, &p->image->volumes, list, err);
}

static int plan_files(struct plan *p, struct err *err)
{
	const struct create_args *a = p->args;
	struct container_config *c = p->config;
	uint64_t shm = 0;

	c->read_only = a->read_only;
	c->read_only_tmpfs = a->read_only && a->read_only_tmpfs;
	if (a->shm_size && (str_size(a->shm_size, &shm) < 0 || shm == 0 || shm > INT64_MAX))
		return err_set(err, -EINVAL, "--shm-size: '%s' is no size above 0 (64m, 1g)",
			       a->shm_size);
	c->shm_size = (int64_t)shm;
	strv_extend(&c->devices, &a->devices);
	for (size_t i = 0; i < a->secrets.count; i++) {
		int r = secretuse_parse(a->secrets.items[i], &c->secrets, err);
		if (r < 0)
			return r;
	}
	return plan_mounts(p, err);
}

static int check_cgroups(const char *word, struct err *err)
{
	static const char *const known[] = { "enabled", "disabled", "no-conmon", "split" };

	for (size_t i = 0; i < array_len(known); i++)
		if (!word || str_eq(word, known[i]))
			return 0;
	return err_set(err, -EINVAL,
		       "--cgroups: '%s' is not one of enabled, disabled, no-conmon, split", word);
}

static int plan_resources(struct plan *p, struct err *err)
{
	const struct create_args *a = p->args;
	struct container_config *c = p->config;
	int r = check_cgroups(a->cgroups, err);

	if (r == 0)
		r = resource_args_set(&a->resources, &c->resources, err);
	if (r == 0 && str_eq(a->cgroups, "disabled") && !str_empty(a->cgroup_parent))
		return err_set(err, -EINVAL,
			       "--cgroup-parent cannot be given with --cgroups disabled");
	c->cgroups = str_dup(a->cgroups);
	c->cgroup_parent = str_dup(str_empty(a->cgroup_parent) ? NULL : a->cgroup_parent);
	return r;
}

static int plan_network(struct plan *p, struct err *err)
{
	return network_plan(p->args, p->image, p->config, err);
}

static int plan_rights(struct plan *p, struct err *err)
{
	return security_plan(p->args, p->config, err);
}

static int plan_keeping(struct plan *p, struct err *err)
{
	const struct keep_args args = { p->args, p->image, p->docker, p->cwd };

	return keep_plan(&args, p->config, err);
}

/* ---- the image ---- */

static int plan_rootfs(struct plan *p, struct err *err)
{
	AUTO(mem) char *path = str_dup(p->args->image);
	size_t n = strlen(path);
	struct stat st;

	if (n > 2 && str_eq(path + n - 2, ":O")) {
		path[n - 2] = 0;
		p->config->rootfs_overlay = true;
	}
	if (*path != '/' && !p->cwd)
		return err_set(err, -EINVAL, "--rootfs: the working folder cannot be read");
	p->config->rootfs = *path == '/' ? str_dup(path) : str_fmt("%s/%s", p->cwd, path);
	if (stat(p->config->rootfs, &st) < 0)
		return err_sys(err, -errno, "--rootfs: cannot use '%s'", p->config->rootfs);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "--rootfs: '%s' is no folder", p->config->rootfs);
	return 0;
}

static int plan_image(struct plan *p, const struct create_image *image, struct err *err)
{
	struct container_config *c = p->config;

	if (!image)
		return plan_rootfs(p, err);
	c->image_id = str_dup(image->id);
	c->image_name = str_dup(image->name);
	c->image_digest = str_dup(image->digest);
	c->platform = platform_print(&image->config->platform);
	if (image->layers)
		strv_extend(&c->layers, image->layers);
	for (size_t i = 0; !image->layers && i < image->config->diff_ids.count; i++)
		strv_add(&c->layers, digest_hex(image->config->diff_ids.items[i]));
	return 0;
}

int create_plan(const struct host *host, const struct create_args *args,
		const struct create_image *image, bool docker, struct container_config **out,
		struct err *err)
{
	static const struct image_process none = { .stop_timeout = -1 };
	static int (*const parts[])(struct plan *, struct err *) = {
		plan_process, plan_env,	      plan_namespaces, plan_network,
		plan_files,   plan_resources, plan_rights,     plan_keeping,
	};
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);
	AUTO(mem) char *cwd = getcwd(NULL, 0);
	struct plan p = { host, args, image ? &image->config->config : &none, docker, cwd, config };

	int r = plan_image(&p, image, err);
	for (size_t i = 0; i < array_len(parts) && r == 0; i++)
		r = parts[i](&p, err);
	if (r < 0)
		return r;
	*out = take_ptr(config);
	return 0;
}
