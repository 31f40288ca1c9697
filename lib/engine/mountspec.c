/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountspec - the texts of -v and --tmpfs; that of --mount is mountfields.c
 */
#include "engine/mountspec.h"

#include <errno.h>
#include <stdbool.h>

#include "base/str.h"
#include "engine/mountoption.h"

void mountspec_clear(struct mount_config *mount)
{
	free(mount->type);
	free(mount->source);
	free(mount->target);
	free(mount->name);
	free(mount->subpath);
	strv_clear(&mount->options);
	strv_clear(&mount->labels);
	strv_clear(&mount->layers);
	*mount = (struct mount_config){ 0 };
}

void mountspec_list_clear(struct mount_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		mountspec_clear(&list->items[i]);
	free(list->items);
	*list = (struct mount_list){ 0 };
}

static bool is_path(const char *source)
{
	return strchr(source, '/') || str_eq(source, ".") || str_eq(source, "..") ||
	       str_eq(source, "~");
}

static int set_source(struct mount_config *mount, const char *source,
		      const struct mountspec_paths *paths, const char *whole, struct err *err)
{
	bool path = is_path(source);

	mount->type = str_dup(path ? "bind" : "volume");
	return path ? mountplace_path(mount, source, paths, whole, err)
		    : mountplace_volume(mount, source, whole, err);
}

void mountspec_keep(struct mount_list *out, struct mount_config *mount)
{
	*vec_push(out) = *mount;
	*mount = (struct mount_config){ 0 };
}

int mountspec_volume(const char *text, const struct mountspec_paths *paths, struct mount_list *out,
		     struct err *err)
{
	AUTO(mount_config) struct mount_config mount = { 0 };
	AUTO(strv) struct strv parts = { 0 };
	int r;

	strv_split(&parts, text, ':');
	if (parts.count > 3 || str_empty(parts.items[0])) {
		err_set(err, -EINVAL, "'%s' is no volume", text);
		return err_hint(err, "volumes are written [SOURCE:]TARGET[:OPTIONS]");
	}
	if (parts.count == 1) {
		mount.type = str_dup("volume");
		mount.anonymous = true;
		r = mountplace_target(&mount, parts.items[0], text, err);
	} else {
		r = set_source(&mount, parts.items[0], paths, text, err);
		if (r == 0)
			r = mountplace_target(&mount, parts.items[1], text, err);
	}
	if (r == 0 && parts.count == 3)
		r = mountoption_add_list(&mount, parts.items[2], text, err);
	if (r < 0)
		return r;
	mountspec_keep(out, &mount);
	return 0;
}

int mountspec_tmpfs(const char *text, struct mount_list *out, struct err *err)
{
	AUTO(mount_config) struct mount_config mount = { .type = str_dup("tmpfs") };
	AUTO(mem) char *target = str_dup(text);
	const char *list = str_cut(target, ':');

	int r = mountplace_target(&mount, target, text, err);
	if (r == 0)
		r = mountoption_add_list(&mount, list, text, err);
	if (r < 0)
		return r;
	mountspec_keep(out, &mount);
	return 0;
}

struct mount_config *mountspec_find(const struct mount_list *list, const char *target)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].target, target))
			return &list->items[i];
	return NULL;
}
