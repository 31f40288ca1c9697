/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountplan - which mounts a container has: those asked for, those of other containers, the image's
 */
#include "engine/mountplan.h"

#include <errno.h>

#include "base/str.h"
#include "engine/mountglob.h"

static int check_targets(const struct mount_list *list, struct err *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (mountspec_find(list, list->items[i].target) != &list->items[i])
			return err_set(err, -EINVAL, "two mounts have the target '%s'",
				       list->items[i].target);
	return 0;
}

static int take_mount(const char *text, const struct mountspec_paths *paths,
		      struct mount_list *list, struct err *err)
{
	int r = mountspec_mount(text, paths, list, err);

	if (r == 0 && str_eq(list->items[list->count - 1].type, "glob"))
		r = mountglob_expand(list, err);
	return r;
}

static void prefer(struct strv *options, const char *a, const char *b)
{
	if (strv_find(options, a) < 0 && strv_find(options, b) < 0)
		strv_add(options, a);
}

static void as_docker(struct mount_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct mount_config *m = &list->items[i];
		if (!str_eq(m->type, "tmpfs"))
			continue;
		prefer(&m->options, "notmpcopyup", "tmpcopyup");
		prefer(&m->options, "noexec", "exec");
	}
}

int mountplan_asked(const struct create_args *args, const struct mountspec_paths *paths,
		    bool docker, struct mount_list *out, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < args->volumes.count && r == 0; i++)
		r = mountspec_volume(args->volumes.items[i], paths, out, err);
	for (size_t i = 0; i < args->mounts.count && r == 0; i++)
		r = take_mount(args->mounts.items[i], paths, out, err);
	for (size_t i = 0; i < args->tmpfs.count && r == 0; i++)
		r = mountspec_tmpfs(args->tmpfs.items[i], out, err);
	if (docker)
		as_docker(out);
	return r == 0 ? check_targets(out, err) : r;
}

static int add_wanted(const char *target, bool memory, struct mount_list *out, struct err *err)
{
	AUTO(mount_config)
	struct mount_config mount = {
		.type = str_dup(memory ? "tmpfs" : "volume"),
		.anonymous = !memory,
		.from_image = true,
	};
	int r = mountplace_target(&mount, target, target, err);

	if (r == 0 && !mountspec_find(out, mount.target))
		mountspec_keep(out, &mount);
	return r;
}

int mountplan_image(const char *how, const struct strv *volumes, struct mount_list *out,
		    struct err *err)
{
	bool memory = str_eq(how, "tmpfs");

	if (str_eq(how, "ignore"))
		return 0;
	if (how && !memory && !str_eq(how, "anonymous") && !str_eq(how, "bind"))
		return err_set(err, -EINVAL,
			       "--image-volume: '%s' is not one of anonymous, bind, tmpfs, ignore",
			       how);
	for (size_t i = 0; i < volumes->count; i++)
		if (add_wanted(volumes->items[i], memory, out, err) < 0)
			return err_wrap(err, "volume of the image");
	return 0;
}

/* The last of "ro" and "rw" would count: the other one goes. */
static void take_option(struct strv *options, const char *option)
{
	const char *other = str_eq(option, "ro") ? "rw" : str_eq(option, "rw") ? "ro" : NULL;
	ssize_t at = other ? strv_find(options, other) : -1;

	if (at >= 0)
		strv_remove(options, (size_t)at);
	if (strv_find(options, option) < 0)
		strv_add(options, option);
}

static void add_copy(const struct mount_config *from, const struct strv *options,
		     struct mount_list *out)
{
	struct mount_config *wish = mountspec_find(out, from->target);
	struct mount_config copy = {
		.type = str_dup(from->type),
		.source = str_dup(from->source),
		.name = str_dup(from->name),
		.target = str_dup(from->target),
		.subpath = str_dup(from->subpath),
	};

	strv_extend(&copy.options, &from->options);
	strv_extend(&copy.layers, &from->layers);
	for (size_t i = 0; i < options->count; i++)
		take_option(&copy.options, options->items[i]);
	if (!wish) {
		mountspec_keep(out, &copy);
		return;
	}
	mountspec_clear(wish);
	*wish = copy;
}

static bool is_in_memory(const char *type)
{
	return str_eq(type, "tmpfs") || str_eq(type, "ramfs") || str_eq(type, "devpts");
}

int mountplan_inherit(const char *options, const struct mount_list *from, struct mount_list *out,
		      struct err *err)
{
	AUTO(strv) struct strv words = { 0 };

	if (!str_empty(options))
		strv_split(&words, options, ',');
	for (size_t i = 0; i < words.count; i++)
		if (!str_eq(words.items[i], "ro") && !str_eq(words.items[i], "rw") &&
		    !str_eq(words.items[i], "z"))
			return err_set(err, -EINVAL, "--volumes-from: '%s' is not one of ro, rw, z",
				       words.items[i]);
	for (size_t i = 0; i < from->count; i++) {
		const struct mount_config *m = &from->items[i];
		const struct mount_config *there = mountspec_find(out, m->target);
		if (!is_in_memory(m->type) && (!there || there->from_image))
			add_copy(m, &words, out);
	}
	return 0;
}
