/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * limits - --ulimit and --sysctl
 */
#include "spec/limits.h"

#include <errno.h>
#include <sys/resource.h>

static const struct {
	const char *name;
	const char *full;
	int resource;
} limits[] = {
	{ "as", "RLIMIT_AS", RLIMIT_AS },
	{ "core", "RLIMIT_CORE", RLIMIT_CORE },
	{ "cpu", "RLIMIT_CPU", RLIMIT_CPU },
	{ "data", "RLIMIT_DATA", RLIMIT_DATA },
	{ "fsize", "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "locks", "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "memlock", "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "msgqueue", "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "nice", "RLIMIT_NICE", RLIMIT_NICE },
	{ "nofile", "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "nproc", "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "rss", "RLIMIT_RSS", RLIMIT_RSS },
	{ "rtprio", "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "rttime", "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "sigpending", "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "stack", "RLIMIT_STACK", RLIMIT_STACK },
};

/* Settings that belong to a namespace; a name that ends in "." stands for all below it. */
static const struct {
	const char *name;
	enum runtime_namespace owner;
} owners[] = {
	{ "net.", RUNTIME_NETWORK },
	{ "kernel.msgmax", RUNTIME_IPC },
	{ "kernel.msgmnb", RUNTIME_IPC },
	{ "kernel.msgmni", RUNTIME_IPC },
	{ "kernel.sem", RUNTIME_IPC },
	{ "kernel.shmall", RUNTIME_IPC },
	{ "kernel.shmmax", RUNTIME_IPC },
	{ "kernel.shmmni", RUNTIME_IPC },
	{ "kernel.shm_rmid_forced", RUNTIME_IPC },
	{ "fs.mqueue.", RUNTIME_IPC },
	{ "kernel.domainname", RUNTIME_UTS },
	{ "kernel.hostname", RUNTIME_UTS },
};

static int find_limit(const char *name, struct runtime_rlimit *out)
{
	for (size_t i = 0; i < array_len(limits); i++) {
		if (!str_eq(limits[i].name, name))
			continue;
		out->name = limits[i].full;
		out->resource = limits[i].resource;
		return 0;
	}
	return -EINVAL;
}

static int parse_value(const char *text, uint64_t *out)
{
	if (str_eq(text, "-1") || str_eq(text, "unlimited")) {
		*out = RLIM_INFINITY;
		return 0;
	}
	return str_u64(text, UINT64_MAX - 1, out);
}

static struct runtime_rlimit *place(struct runtime_rlimits *list, int resource)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].resource == resource)
			return &list->items[i];
	return vec_push(list);
}

static int parse_one(const char *text, struct runtime_rlimit *out)
{
	AUTO(mem) char *name = str_dup(text);
	char *value = str_cut(name, '=');
	char *hard = value ? str_cut(value, ':') : NULL;

	if (find_limit(name, out) < 0 || !value || parse_value(value, &out->soft) < 0)
		return -EINVAL;
	out->hard = out->soft;
	if (hard && parse_value(hard, &out->hard) < 0)
		return -EINVAL;
	return out->soft > out->hard ? -EINVAL : 0;
}

int limits_parse(const struct strv *ulimits, struct runtime_rlimits *out, struct err *err)
{
	for (size_t i = 0; i < ulimits->count; i++) {
		struct runtime_rlimit one;
		if (str_eq(ulimits->items[i], "host")) /* as they are: nothing to set */
			continue;
		if (parse_one(ulimits->items[i], &one) < 0)
			return err_set(err, -EINVAL, "'%s' is no limit: name=soft[:hard]",
				       ulimits->items[i]);
		*place(out, one.resource) = one;
	}
	return 0;
}

static int owner_of(const char *name)
{
	for (size_t i = 0; i < array_len(owners); i++) {
		const char *rest = str_starts(name, owners[i].name);
		if (rest && (!*rest || str_ends(owners[i].name, ".")))
			return (int)owners[i].owner;
	}
	return -ENOENT;
}

static int check(const char *setting, const bool own[RUNTIME_NAMESPACES], struct err *err)
{
	AUTO(mem) char *name = str_dup(setting);

	if (!str_cut(name, '=') || strstr(name, "..") || strchr(name, '/'))
		return err_set(err, -EINVAL, "'%s' is no setting: name=value", setting);
	int owner = owner_of(name);
	if (owner < 0)
		return err_set(err, -EINVAL,
			       "cannot set '%s': it belongs to the host, not to a container", name);
	if (!own[owner])
		return err_set(err, -EINVAL, "cannot set '%s': the %s namespace is shared", name,
			       runtime_namespace_names[owner]);
	return 0;
}

int limits_sysctls(const struct strv *asked, const bool own[RUNTIME_NAMESPACES], struct strv *out,
		   struct err *err)
{
	for (size_t i = 0; i < asked->count; i++) {
		int r = check(asked->items[i], own, err);
		if (r < 0)
			return r;
		strv_env_set(out, asked->items[i]);
	}
	return 0;
}
