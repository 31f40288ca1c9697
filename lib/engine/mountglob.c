/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountglob - a pattern of --mount type=glob becomes one bind mount for each file that it finds
 */
#include "engine/mountglob.h"

#include <errno.h>
#include <glob.h>

#include "base/str.h"
#include "engine/mountspec.h"

static void auto_found(glob_t *found)
{
	globfree(found);
}

static int add_bind(const struct mount_config *glob, const char *path, struct mount_list *list,
		    struct err *err)
{
	AUTO(mount_config) struct mount_config mount = { .type = str_dup("bind") };
	const char *slash = strrchr(path, '/');
	AUTO(mem)
	char *target = glob->target ? str_fmt("%s/%s", glob->target, slash ? slash + 1 : path)
				    : str_dup(path);

	mount.source = str_dup(path);
	strv_extend(&mount.options, &glob->options);
	int r = mountplace_target(&mount, target, glob->source, err);
	if (r == 0)
		mountspec_keep(list, &mount);
	return r;
}

int mountglob_expand(struct mount_list *list, struct err *err)
{
	AUTO(mount_config) struct mount_config asked = list->items[--list->count];
	AUTO(found) glob_t found = { 0 };

	list->items[list->count] = (struct mount_config){ 0 };
	if (asked.target && str_eq(asked.target, "/"))
		str_set(&asked.target, "");
	int r = glob(asked.source, GLOB_NOSORT, NULL, &found);
	if (r == GLOB_NOSPACE)
		return err_set(err, -ENOMEM, "cannot search for '%s'", asked.source);
	if (r != 0)
		return err_set(err, -ENOENT, "cannot mount '%s': no file is found", asked.source);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		r = add_bind(&asked, found.gl_pathv[i], list, err);
		if (r < 0)
			return r;
	}
	return 0;
}
