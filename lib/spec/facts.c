/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * facts - what is the case on this machine for one container
 */
#include "spec/facts.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kern/caps.h"

/* Made fresh in every container, or meaningless there. */
static const char *const never_passed[] = { "null", "zero", "full", "random",  "urandom", "tty",
					    "ptmx", "pts",  "shm",  "console", "mqueue",  NULL };

static bool has_file(const char *dir, const char *name)
{
	AUTO(mem) char *path = str_fmt("%s/%s", dir, name);

	return access(path, F_OK) == 0;
}

static bool is_passed(const char *name)
{
	for (size_t i = 0; never_passed[i]; i++)
		if (str_eq(never_passed[i], name))
			return false;
	return !str_starts(name, "tty");
}

/* The nodes that the caller may read and write; folders of /dev one level deep. */
static void list_devices(const char *dir, bool deeper, struct strv *out)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || !is_passed(e->d_name))
			continue;
		AUTO(mem) char *path = str_fmt("%s/%s", dir, e->d_name);
		if (lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && deeper)
			list_devices(path, false, out);
		else if ((S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) &&
			 access(path, R_OK | W_OK) == 0)
			strv_add(out, path);
	}
	if (d)
		(void)closedir(d);
}

static bool has_cgroup2(void)
{
	struct statfs fs;

	return statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

void facts_measure(const struct host *host, const struct identity_plan *identity,
		   const struct container_config *config, const char *state_dir,
		   const char *volumes_dir, struct strv *devices, struct spec_facts *out)
{
	*out = (struct spec_facts){
		.identity = identity->kind,
		.ids = idmap_size(&identity->uids),
		.gids = idmap_size(&identity->gids),
		.uid_map = &identity->uids,
		.gid_map = &identity->gids,
		.host_uid = host->uid,
		.host_gid = host->gid,
		.caps = caps_all(),
		.state_dir = state_dir,
		.volumes_dir = volumes_dir,
		.cgroup2 = has_cgroup2(),
		.host_devices = devices,
		.maps_owners = (str_eq(config->driver, "fuse-overlayfs") || config->show_owners) &&
			       !config->rootfs,
	};
	/* A user namespace gives all; real root in a container may lack some. */
	if (identity->kind == IDENTITY_ROOT)
		(void)!caps_current(&out->caps);
	if (state_dir) {
		out->hosts = has_file(state_dir, "hosts");
		out->hostname = has_file(state_dir, "hostname");
		out->resolv = has_file(state_dir, "resolv.conf");
	}
	if (config->privileged)
		list_devices("/dev", true, devices);
}
