/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountplace - where a mount comes from and where it goes
 */
#include "engine/mountplace.h"

#include <errno.h>

#include "base/str.h"

/* Collapses "//", "/./" and "/../" and cuts the last slash; the text is absolute. */
static char *clean_path(const char *path)
{
	AUTO(strv) struct strv parts = { 0 };
	AUTO(strv) struct strv kept = { 0 };

	strv_split(&parts, path, '/');
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = parts.items[i];
		if (str_empty(part) || str_eq(part, "."))
			continue;
		if (!str_eq(part, ".."))
			strv_add(&kept, part);
		else if (kept.count)
			strv_remove(&kept, kept.count - 1);
	}
	AUTO(mem) char *joined = str_join(&kept, "/");
	return str_fmt("/%s", joined);
}

int mountplace_target(struct mount_config *mount, const char *target, const char *whole,
		      struct err *err)
{
	if (str_empty(target) || *target != '/')
		return err_set(err, -EINVAL, "'%s': the target '%s' is no absolute path", whole,
			       str_or(target, ""));
	mount->target = clean_path(target);
	if (str_eq(mount->target, "/"))
		return err_set(err, -EINVAL, "'%s': the target may not be '/'", whole);
	return 0;
}

int mountplace_path(struct mount_config *mount, const char *source,
		    const struct mountspec_paths *paths, const char *whole, struct err *err)
{
	AUTO(mem) char *joined = NULL;

	if (*source == '/') {
		mount->source = clean_path(source);
		return 0;
	}
	if (*source == '~' && (source[1] == '/' || !source[1])) {
		joined = str_fmt("%s%s", paths->home, source + 1);
	} else {
		if (!paths->cwd)
			return err_set(
				err, -EINVAL,
				"'%s': the working folder cannot be read, so '%s' means nothing",
				whole, source);
		joined = str_fmt("%s/%s", paths->cwd, source);
	}
	mount->source = clean_path(joined);
	return 0;
}

int mountplace_volume(struct mount_config *mount, const char *name, const char *whole,
		      struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";

	if (!*name || name[strspn(name, allowed)] || strchr("_.-", *name)) {
		err_set(err, -EINVAL, "'%s': '%s' is no name for a volume", whole, name);
		return err_hint(err, "a folder is named with a slash: './%s'", name);
	}
	mount->source = str_dup(name);
	return 0;
}
