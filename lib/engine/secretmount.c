/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secretmount - the files of a container's secrets, in memory
 */
#include "engine/secretmount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/secretuse.h"

enum { FOLDER_MODE = 0755 };

struct writer {
	const struct container_config *config;
	const struct runtime_spec *spec;
	const char *folder;
};

static bool any_file(const struct container_config *config)
{
	for (size_t i = 0; i < config->secrets.count; i++)
		if (!config->secrets.items[i].env)
			return true;
	return false;
}

static int give(const struct writer *w, const struct secret_use *use, int fd)
{
	bool own = w->spec->own[RUNTIME_USER];
	uint32_t uid, gid;

	/* Where root is not mapped, its files are ours. */
	if (runtime_maps_outside(&w->spec->uids, own, (uint32_t)use->uid, &uid) < 0)
		uid = use->uid == 0 ? 0 : UINT32_MAX;
	if (runtime_maps_outside(&w->spec->gids, own, (uint32_t)use->gid, &gid) < 0)
		gid = use->gid == 0 ? 0 : UINT32_MAX;
	if (uid == UINT32_MAX || gid == UINT32_MAX || fchown(fd, uid, gid) < 0)
		return -EINVAL;
	return fchmod(fd, (mode_t)use->mode) < 0 ? -errno : 0;
}

static char *path_of(const struct writer *w, size_t at)
{
	const struct secret_use *use = &w->config->secrets.items[at];

	return use->target[0] == '/' ? str_fmt("%s/%zu", w->folder, at)
				     : str_fmt("%s/run/%s", w->folder, use->target);
}

static int write_file(void *data, size_t at, const char *bytes, size_t size, struct err *err)
{
	const struct writer *w = data;
	const struct secret_use *use = &w->config->secrets.items[at];

	if (use->env)
		return 0;
	AUTO(mem) char *path = path_of(w, at);
	AUTO(mem) char *parent = str_ndup(path, (size_t)(strrchr(path, '/') - path));
	int r = file_tree_make(parent, FOLDER_MODE);
	AUTO(fd)
	int fd = r < 0 ? r : open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, r < 0 ? r : -errno, "cannot write the secret '%s'", use->name);
	r = fd_write_all(fd, bytes, size);
	if (r < 0)
		return err_sys(err, r, "cannot write the secret '%s'", use->name);
	r = give(w, use, fd);
	if (r == -EINVAL)
		return err_set(err, r,
			       "the secret '%s' cannot be given to %lld:%lld: beyond the ids at "
			       "hand",
			       use->name, (long long)use->uid, (long long)use->gid);
	return r < 0 ? err_sys(err, r, "cannot give the secret '%s' away", use->name) : 0;
}

int secretmount_apply(const struct store *store, const struct container_config *config,
		      const struct runtime_spec *spec, struct err *err)
{
	if (!any_file(config))
		return 0;
	AUTO(mem) char *path = store_container_path(store, config->id, "secrets");
	struct writer w = { config, spec, path };
	if (mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST)
		return err_sys(err, -errno, "cannot make '%s'", path);
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") < 0)
		return err_sys(err, -errno, "cannot mount a tmpfs for secrets");
	AUTO(mem) char *run = str_fmt("%s/run", path);
	int r = file_tree_make(run, FOLDER_MODE);
	if (r < 0)
		return err_sys(err, r, "cannot make '%s'", run);
	return secretuse_each(store, config, write_file, &w, err);
}

void secretmount_release(const struct store *store, const struct container_config *config)
{
	if (!any_file(config))
		return;
	AUTO(mem) char *path = store_container_path(store, config->id, "secrets");
	(void)umount2(path, MNT_DETACH); /* it may not be mounted */
}
