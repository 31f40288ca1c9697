/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan - a runtime spec becomes a list of small steps
 */
#include "run/plan.h"

#include <errno.h>
#include <stdio.h>

#include "kern/mount.h"
#include "run/option.h"

static const char *const kind_names[] = {
	[PLAN_MOUNT] = "mount",		  [PLAN_DEV] = "dev",
	[PLAN_DEVICE] = "device",	  [PLAN_LINK] = "link",
	[PLAN_DEVPTS] = "devpts",	  [PLAN_BIND] = "bind",
	[PLAN_TOUCH] = "touch",		  [PLAN_FILE] = "file",
	[PLAN_SYSCTL] = "sysctl",	  [PLAN_MASK] = "mask",
	[PLAN_READ_ONLY] = "read-only",	  [PLAN_ROOT_READ_ONLY] = "root-read-only",
	[PLAN_LOOPBACK] = "loopback",	  [PLAN_HOSTNAME] = "hostname",
	[PLAN_DOMAINNAME] = "domainname", [PLAN_HOOKS] = "hooks",
};

static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

static const struct {
	const char *name, *to;
} links[] = {
	{ "fd", "/proc/self/fd" },	 { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "core", "/proc/kcore" },	 { "ptmx", "pts/ptmx" },
};

static struct plan_op *add(struct plan *plan, enum plan_kind kind, const char *source,
			   const char *target)
{
	struct plan_op *op = vec_push(plan);

	op->kind = kind;
	op->source = str_dup(source);
	op->target = str_dup(target);
	return op;
}

/* Nothing of the image is under the fresh tmpfs, so what stands in it is reached by name. */
static void fill_dev(struct plan *plan)
{
	for (size_t i = 0; i < array_len(nodes); i++) {
		AUTO(mem) char *source = str_fmt("/dev/%s", nodes[i]);
		add(plan, PLAN_DEVICE, source, source);
	}
	for (size_t i = 0; i < array_len(links); i++) {
		AUTO(mem) char *target = str_fmt("/dev/%s", links[i].name);
		add(plan, PLAN_LINK, links[i].to, target);
	}
}

static enum plan_kind kind_of(const struct runtime_mount *m)
{
	if (str_eq(m->type, "bind"))
		return PLAN_BIND;
	if (str_eq(m->type, "devpts"))
		return PLAN_DEVPTS;
	if (str_eq(m->type, "tmpfs") && str_eq(m->destination, "/dev"))
		return PLAN_DEV;
	return PLAN_MOUNT;
}

static bool maps_root(const struct runtime_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].inside == 0)
			return true;
	return false;
}

/* In a user namespace of the container's own, the maker of a file system is not its root. */
static void own_by_root(const struct runtime_spec *spec, struct plan_op *op)
{
	if (!spec->own[RUNTIME_USER] || !str_eq(op->type, "tmpfs"))
		return;
	if (maps_root(&spec->uids) && !strv_env_get(&op->data, "uid"))
		strv_add(&op->data, "uid=0");
	if (maps_root(&spec->gids) && !strv_env_get(&op->data, "gid"))
		strv_add(&op->data, "gid=0");
}

static int add_mount(const struct runtime_spec *spec, const struct runtime_mount *m,
		     struct plan *plan, struct err *err)
{
	struct plan_op *op = add(plan, kind_of(m), m->source, m->destination);

	op->type = str_dup(m->type);
	op->subpath = str_dup(m->subpath);
	if (op->kind == PLAN_BIND)
		op->propagation = MS_PRIVATE;
	for (size_t i = 0; i < m->options.count; i++)
		if (*m->options.items[i] && option_apply(m->options.items[i], op) < 0)
			return err_set(err, -EINVAL, "'%s' is no option for the mount '%s'",
				       m->options.items[i], m->destination);
	if ((op->flags & PLAN_COPY_UP) && !str_eq(op->type, "tmpfs") && !str_eq(op->type, "ramfs"))
		return err_set(err, -EINVAL, "tmpcopyup is only for tmpfs, '%s' is none",
			       m->destination);
	if (!strv_env_get(&op->data, "upperdir") != !strv_env_get(&op->data, "workdir") ||
	    (strv_env_get(&op->data, "upperdir") && !(op->flags & PLAN_OVERLAY)))
		return err_set(err, -EINVAL,
			       "'upperdir' and 'workdir' of '%s' go together, and with 'O'",
			       m->destination);
	if ((op->flags & (PLAN_OVERLAY | PLAN_CHOWN)) && op->kind != PLAN_BIND)
		return err_set(err, -EINVAL, "'O' and 'U' are for binds and volumes, '%s' is none",
			       m->destination);
	/* Queues of a shared namespace may have another owner, or the host shows none. */
	bool queues = str_eq(op->target, "/dev/mqueue") && !spec->own[RUNTIME_IPC];
	if (str_eq(op->type, "cgroup2") || queues)
		op->flags |= PLAN_OPTIONAL;
	own_by_root(spec, op);
	if (op->kind != PLAN_DEV)
		return 0;
	fill_dev(plan); /* the plan grows: op may lie elsewhere from here on */
	if (spec->emulate_root)
		add(plan, PLAN_FILE, "APT::Sandbox::User \"root\";", RUNTIME_APT_CONFIG);
	return 0;
}

static void add_paths(struct plan *plan, enum plan_kind kind, const struct strv *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		add(plan, kind, NULL, paths->items[i]);
}

static void add_sysctls(struct plan *plan, const struct strv *sysctls)
{
	for (size_t i = 0; i < sysctls->count; i++) {
		AUTO(mem) char *name = str_dup(sysctls->items[i]);
		const char *value = str_cut(name, '=');
		for (char *p = name; *p; p++)
			if (*p == '.')
				*p = '/';
		add(plan, PLAN_SYSCTL, value, name);
	}
}

static void add_names(struct plan *plan, const struct runtime_spec *spec)
{
	if (!str_empty(spec->hostname))
		add(plan, PLAN_HOSTNAME, NULL, spec->hostname);
	if (!str_empty(spec->domainname))
		add(plan, PLAN_DOMAINNAME, NULL, spec->domainname);
}

int plan_make(const struct runtime_spec *spec, struct plan *out, struct err *err)
{
	AUTO(plan) struct plan plan = { 0 };

	for (size_t i = 0; i < spec->mounts.count; i++) {
		int r = add_mount(spec, &spec->mounts.items[i], &plan, err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < spec->devices.count; i++)
		add(&plan, PLAN_DEVICE, spec->devices.items[i].source, spec->devices.items[i].path);
	add(&plan, PLAN_TOUCH, NULL, "/run/.containerenv");
	add(&plan, PLAN_TOUCH, NULL, "/.dockerenv");
	if (spec->own[RUNTIME_NETWORK])
		add(&plan, PLAN_LOOPBACK, NULL, NULL);
	add_sysctls(&plan, &spec->sysctls);
	add_names(&plan, spec);
	/* They may still write to the root, and see what is masked afterwards. */
	if (spec->hooks.count)
		add(&plan, PLAN_HOOKS, NULL, NULL);
	add_paths(&plan, PLAN_READ_ONLY, &spec->read_only_paths);
	add_paths(&plan, PLAN_MASK, &spec->masked);
	if (spec->read_only)
		add(&plan, PLAN_ROOT_READ_ONLY, NULL, NULL);
	*out = plan;
	plan = (struct plan){ 0 };
	return 0;
}

static void print_op(FILE *out, const struct plan_op *op)
{
	AUTO(strv) struct strv words = { 0 };

	fputs(kind_names[op->kind], out);
	if (op->target)
		fprintf(out, " %s", op->target);
	if (op->type && op->kind != PLAN_BIND)
		fprintf(out, " %s", op->type);
	else if (op->source)
		fprintf(out, " %s %s", op->kind == PLAN_SYSCTL ? "=" : "<-", op->source);
	if (op->subpath)
		fprintf(out, " @%s", op->subpath);
	option_print(op, &words);
	if (words.count) {
		AUTO(mem) char *text = str_join(&words, ",");
		fprintf(out, " %s", text);
	}
	fputc('\n', out);
}

char *plan_print(const struct plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	bug_unless(out);
	for (size_t i = 0; i < plan->count; i++)
		print_op(out, &plan->items[i]);
	(void)fclose(out); /* into memory: nothing to lose */
	return text;
}

void plan_clear(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->items[i].type);
		free(plan->items[i].source);
		free(plan->items[i].subpath);
		free(plan->items[i].target);
		strv_clear(&plan->items[i].data);
	}
	free(plan->items);
	*plan = (struct plan){ 0 };
}
