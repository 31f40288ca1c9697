/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounts - what is mounted in a container, in order
 */
#include "spec/mounts.h"

#include <errno.h>
#include <inttypes.h>

#include "spec/ids.h"

enum { SHM_DEFAULT = 64 << 20, TTY_GROUP = 5 };

/* The file systems of every container; options are separated by commas. */
static const struct {
	const char *destination, *type, *source, *options;
} usual[] = {
	{ "/proc", "proc", "proc", "nosuid,noexec,nodev" },
	{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
	{ "/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620" },
	{ "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev" },
	{ "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro" },
	{ "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777" },
	{ "/sys/fs/cgroup", "cgroup2", "cgroup", "nosuid,noexec,nodev,relatime,ro" },
};

/* Stay writable under --read-only. */
static const char *const writable[] = { "/tmp", "/var/tmp", "/run" };

static struct runtime_mount *add(struct runtime_spec *spec, const char *destination,
				 const char *type, const char *source, const char *options)
{
	struct runtime_mount *m = vec_push(&spec->mounts);

	*m = (struct runtime_mount){ .destination = str_dup(destination),
				     .type = str_dup(type),
				     .source = str_dup(source) };
	strv_split(&m->options, options, ',');
	return m;
}

static bool asked_for(const struct container_config *config, const char *destination)
{
	for (size_t i = 0; i < config->mounts.count; i++)
		if (str_eq(config->mounts.items[i].target, destination))
			return true;
	return false;
}

static bool is_host(const char *mode)
{
	return str_eq(mode, "host");
}

/* What shows a namespace of the host's, which only its owner could mount, is bound from the host;
 * of the shared memory of another container there is one, too. */
static bool is_inherited(const struct container_config *config, const struct runtime_spec *spec,
			 const char *destination)
{
	if (str_eq(destination, "/proc"))
		return is_host(config->pid_mode);
	if (str_eq(destination, "/sys"))
		return is_host(config->network_mode);
	if (str_eq(destination, "/dev/mqueue"))
		return is_host(config->ipc_mode);
	return str_eq(destination, "/dev/shm") && !spec->own[RUNTIME_IPC];
}

static void inherit(struct runtime_mount *m)
{
	str_set(&m->type, "bind");
	str_set(&m->source, m->destination);
	strv_clear(&m->options);
	strv_split(&m->options, "rbind,nosuid,noexec,nodev", ',');
	if (str_eq(m->destination, "/sys"))
		strv_add(&m->options, "ro");
}

static void add_usual(const struct container_config *config, const struct spec_facts *facts,
		      struct runtime_spec *spec)
{
	for (size_t i = 0; i < array_len(usual); i++) {
		const char *to = usual[i].destination;
		if (asked_for(config, to) || (str_eq(to, "/sys/fs/cgroup") && !facts->cgroup2))
			continue;
		struct runtime_mount *m =
			add(spec, to, usual[i].type, usual[i].source, usual[i].options);
		if (str_eq(to, "/dev/shm"))
			strv_addf(&m->options, "size=%" PRId64,
				  config->shm_size ? config->shm_size : SHM_DEFAULT);
		if (str_eq(to, "/dev/pts") && TTY_GROUP < spec_group_count(spec, facts))
			strv_addf(&m->options, "gid=%d", TTY_GROUP);
		if (str_eq(to, "/proc"))
			strv_extend(&m->options, &config->proc_options);
		bool own = config->privileged || (config->systemd && str_eq(to, "/sys/fs/cgroup"));
		if (own && strv_find(&m->options, "ro") >= 0)
			strv_remove(&m->options, (size_t)strv_find(&m->options, "ro"));
		if (is_inherited(config, spec, to))
			inherit(m);
	}
}

static void add_file(const struct container_config *config, const struct spec_facts *facts,
		     struct runtime_spec *spec, const char *name, const char *destination)
{
	if (asked_for(config, destination))
		return;
	AUTO(mem) char *source = str_fmt("%s/%s", facts->state_dir, name);
	add(spec, destination, "bind", source, "bind,rprivate,nosuid,nodev");
}

static bool has_mount(const struct runtime_spec *spec, const char *destination)
{
	for (size_t i = 0; i < spec->mounts.count; i++)
		if (str_eq(spec->mounts.items[i].destination, destination))
			return true;
	return false;
}

/* What systemd wants to be in memory. Source: systemd's CONTAINER_INTERFACE. */
static void add_systemd(const struct container_config *config, struct runtime_spec *spec)
{
	static const struct {
		const char *path, *options;
	} folders[] = {
		{ "/run", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=755" },
		{ "/run/lock", "rw,rprivate,nosuid,nodev,noexec,mode=1777" },
		{ "/tmp", "rw,rprivate,nosuid,nodev,mode=1777" },
		{ "/var/log/journal", "rw,rprivate,nosuid,nodev,noexec,mode=755" },
	};

	for (size_t i = 0; i < array_len(folders); i++) {
		if (asked_for(config, folders[i].path))
			continue;
		struct runtime_mount *m =
			add(spec, folders[i].path, "tmpfs", "tmpfs", folders[i].options);
		if (config->systemd_size)
			strv_addf(&m->options, "size=%" PRId64, config->systemd_size);
	}
}

static void add_writable(const struct container_config *config, struct runtime_spec *spec)
{
	for (size_t i = 0; i < array_len(writable); i++)
		if (!asked_for(config, writable[i]) && !has_mount(spec, writable[i]))
			add(spec, writable[i], "tmpfs", "tmpfs",
			    "rw,rprivate,nosuid,nodev,tmpcopyup");
}

static int add_timezone(const struct container_config *config, struct runtime_spec *spec,
			struct err *err)
{
	if (str_empty(config->timezone) || asked_for(config, "/etc/localtime"))
		return 0;
	if (strstr(config->timezone, "..") || config->timezone[0] == '/')
		return err_set(err, -EINVAL, "'%s' is no time zone", config->timezone);
	bool local = str_eq(config->timezone, "local");
	AUTO(mem)
	char *source = local ? str_dup("/etc/localtime")
			     : str_fmt("/usr/share/zoneinfo/%s", config->timezone);
	add(spec, "/etc/localtime", "bind", source, "bind,rprivate,nosuid,nodev,ro");
	return 0;
}

static bool has_any(const struct strv *options, const char *a, const char *b)
{
	return strv_find(options, a) >= 0 || strv_find(options, b) >= 0;
}

static bool is_in_memory(const struct runtime_mount *m)
{
	return str_eq(m->type, "tmpfs") || str_eq(m->type, "ramfs");
}

static bool has_value(const struct runtime_mount *m, const char *name)
{
	return strv_env_get(&m->options, name) != NULL;
}

/* What a terminal needs of a devpts that was asked for. */
static void add_pts_defaults(const struct runtime_spec *spec, const struct spec_facts *facts,
			     struct runtime_mount *m)
{
	strv_add(&m->options, "newinstance");
	if (!has_value(m, "ptmxmode"))
		strv_add(&m->options, "ptmxmode=0666");
	if (!has_value(m, "mode"))
		strv_add(&m->options, "mode=0620");
	if (!has_value(m, "gid") && TTY_GROUP < spec_group_count(spec, facts))
		strv_addf(&m->options, "gid=%d", TTY_GROUP);
}

/* "U" of a file system in memory: it is the user's from the start. */
static void own_memory(const struct spec_facts *facts, struct runtime_mount *m)
{
	ssize_t at = strv_find(&m->options, "U");

	if (at < 0 || !is_in_memory(m) || !facts->user)
		return;
	strv_remove(&m->options, (size_t)at);
	if (!has_value(m, "uid"))
		strv_addf(&m->options, "uid=%u", facts->user->uid);
	if (!has_value(m, "gid"))
		strv_addf(&m->options, "gid=%u", facts->user->gid);
}

/* Podman's defaults for what a user mounts: no devices, no set-user-id. */
static void add_user_defaults(struct runtime_mount *m)
{
	if (!has_any(&m->options, "suid", "nosuid"))
		strv_add(&m->options, "nosuid");
	if (!has_any(&m->options, "dev", "nodev") && !str_eq(m->type, "devpts"))
		strv_add(&m->options, "nodev");
	if (str_eq(m->type, "bind") && !has_any(&m->options, "bind", "rbind"))
		strv_add(&m->options, "rbind");
	if (is_in_memory(m) && !has_any(&m->options, "tmpcopyup", "notmpcopyup"))
		strv_add(&m->options, "tmpcopyup");
}

static const struct {
	const char *type, *becomes;
} known_types[] = {
	{ "bind", "bind" },   { "volume", "bind" }, { "image", "bind" },
	{ "tmpfs", "tmpfs" }, { "ramfs", "ramfs" }, { "devpts", "devpts" },
};

static const char *runtime_type(const char *type)
{
	for (size_t i = 0; i < array_len(known_types); i++)
		if (str_eq(known_types[i].type, type))
			return known_types[i].becomes;
	return NULL;
}

static char *source_of(const struct spec_facts *facts, const struct mount_config *from, size_t at)
{
	if (str_eq(from->type, "volume"))
		return str_fmt("%s/%s/_data", facts->volumes_dir, from->source);
	if (str_eq(from->type, "image")) /* where engine/imagemount mounts it */
		return str_fmt("%s/image-%zu", facts->state_dir, at);
	return str_dup(str_or(from->source, from->type));
}

static int add_asked(const struct container_config *config, size_t at,
		     const struct spec_facts *facts, struct runtime_spec *spec, struct err *err)
{
	const struct mount_config *from = &config->mounts.items[at];
	const char *type = runtime_type(str_or(from->type, "bind"));

	if (!from->target || from->target[0] != '/')
		return err_set(err, -EINVAL, "the target '%s' of a mount is not absolute",
			       str_or(from->target, ""));
	if (!from->target[strspn(from->target, "/")])
		return err_set(err, -EINVAL, "nothing can be mounted on '/'");
	if (!type)
		return err_set(err, -ENOTSUP, "cannot mount '%s': there is no mount type '%s'",
			       from->target, from->type);
	struct runtime_mount *m = vec_push(&spec->mounts);
	m->destination = str_dup(from->target);
	m->type = str_dup(type);
	m->source = source_of(facts, from, at);
	m->subpath = str_dup(from->subpath);
	strv_extend(&m->options, &from->options);
	own_memory(facts, m);
	if (str_eq(type, "devpts"))
		add_pts_defaults(spec, facts, m);
	add_user_defaults(m);
	return 0;
}

/* Where engine/secretmount writes them. */
static void add_secrets(const struct container_config *config, const struct spec_facts *facts,
			struct runtime_spec *spec)
{
	static const char options[] = "bind,rprivate,ro,nosuid,nodev,noexec";
	bool folder = false;

	for (size_t i = 0; i < config->secrets.count; i++) {
		const struct secret_use *use = &config->secrets.items[i];
		if (use->env)
			continue;
		AUTO(mem)
		char *source = use->target[0] == '/'
				       ? str_fmt("%s/secrets/%zu", facts->state_dir, i)
				       : str_fmt("%s/secrets/run", facts->state_dir);
		if (use->target[0] == '/')
			add(spec, use->target, "bind", source, options);
		else if (!folder)
			add(spec, "/run/secrets", "bind", source, options);
		folder |= use->target[0] != '/';
	}
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (const char *p = path; *p; p++)
		n += p[0] == '/' && p[1] && p[1] != '/';
	return n;
}

int mounts_make(const struct container_config *config, const struct spec_facts *facts,
		struct runtime_spec *spec, struct err *err)
{
	size_t deepest = 0;

	add_usual(config, facts, spec);
	if (config->systemd)
		add_systemd(config, spec);
	if (config->read_only && config->read_only_tmpfs)
		add_writable(config, spec);
	if (facts->resolv)
		add_file(config, facts, spec, "resolv.conf", "/etc/resolv.conf");
	if (facts->hosts && !config->no_hosts)
		add_file(config, facts, spec, "hosts", "/etc/hosts");
	if (facts->hostname && !config->no_hostname)
		add_file(config, facts, spec, "hostname", "/etc/hostname");
	int r = add_timezone(config, spec, err);
	for (size_t i = 0; i < config->mounts.count; i++)
		deepest = max_of(deepest, depth(str_or(config->mounts.items[i].target, "")));
	for (size_t level = 0; r == 0 && level <= deepest; level++)
		for (size_t i = 0; r == 0 && i < config->mounts.count; i++)
			if (depth(str_or(config->mounts.items[i].target, "")) == level)
				r = add_asked(config, i, facts, spec, err);
	if (config->init_path)
		add(spec, MOUNTS_INIT, "bind", config->init_path, "bind,rprivate,ro,nosuid,nodev");
	add_secrets(config, facts, spec); /* above a tmpfs that was asked for on /run */
	return r;
}
