/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * identity - how this caller gets ids: sub-ids, one id, or as real root
 *
 * Sub-ids come from the files, and from libsubid only where nsswitch names another source: loading it
 * costs 0.8 ms. Whatever is missing for ranges is put into one sentence, and one id is chosen.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "kern/userns.h"

enum { SUBID_BYTES = 16 << 20 };

const char *const identity_names[] = { "ranges", "one-id", "root", NULL };

/* Of libsubid, shadow/subid.h; taken over because the library is loaded on demand. */
struct subid_range {
	unsigned long start;
	unsigned long count;
};
typedef int (*subid_ranges_fn)(const char *owner, struct subid_range **ranges);

/* What tells the two maps apart. */
struct id_kind {
	const char *file;
	const char *function;
	const char *tool;
	uint32_t cap;
	const char *cap_name;
};

static const struct id_kind uid_kind = { "/etc/subuid", "subid_get_uid_ranges", "newuidmap",
					 CAP_SETUID, "cap_setuid" };
static const struct id_kind gid_kind = { "/etc/subgid", "subid_get_gid_ranges", "newgidmap",
					 CAP_SETGID, "cap_setgid" };

/* Whether a line of nsswitch.conf says that sub-ids come from elsewhere than the files. */
static bool other_source(void)
{
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv lines = { 0 };

	if (file_read(AT_FDCWD, "/etc/nsswitch.conf", SUBID_BYTES, &text, NULL) < 0)
		return false;
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		const char *rest = str_starts(str_trim(lines.items[i]), "subid:");
		if (rest && rest[strspn(rest, " \t")])
			return !str_eq(rest + strspn(rest, " \t"), "files");
	}
	return false;
}

static void from_library(const struct id_kind *kind, const char *user, struct idmap *out)
{
	void *library = dlopen("libsubid.so.5", RTLD_NOW | RTLD_LOCAL);
	struct subid_range *ranges = NULL;

	if (!library)
		library = dlopen("libsubid.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return;
	subid_ranges_fn ask = (subid_ranges_fn)dlsym(library, kind->function);
	int count = ask ? ask(user, &ranges) : 0;
	for (int i = 0; i < count; i++)
		if (ranges[i].count > 0 && ranges[i].start <= UINT32_MAX &&
		    ranges[i].count <= UINT32_MAX - ranges[i].start)
			*vec_push(out) = (struct id_range){
				.outside = (uint32_t)ranges[i].start,
				.count = (uint32_t)ranges[i].count,
			};
	free(ranges);
	dlclose(library);
}

static void find_subids(const struct id_kind *kind, const struct host *host, bool library,
			struct idmap *out)
{
	AUTO(mem) char *text = NULL;

	if (library)
		from_library(kind, host->user, out);
	else if (file_read(AT_FDCWD, kind->file, SUBID_BYTES, &text, NULL) == 0)
		(void)idmap_subids(text, host->user, host->uid, out); /* how many shows in out */
}

/* Whether a file's capabilities hold one in the permitted and effective set. */
static bool file_has_cap(const char *path, uint32_t cap)
{
	struct vfs_ns_cap_data data;
	ssize_t n = getxattr(path, "security.capability", &data, sizeof data);

	if (n < (ssize_t)sizeof(struct vfs_cap_data))
		return false;
	return data.magic_etc & VFS_CAP_FLAGS_EFFECTIVE && data.data[0].permitted & (1U << cap);
}

/* Why a tool cannot do its work goes into the plan, with its repair. */
static void check_tool(const struct id_kind *kind, const char *path, struct identity_plan *plan)
{
	struct stat st;
	struct statvfs fs;

	if (!path) {
		plan->why = str_fmt("'%s' is not installed (package uidmap or shadow-utils)",
				    kind->tool);
		plan->repair = str_dup("sudo apt-get install uidmap   (shadow-utils elsewhere)");
		return;
	}
	if (stat(path, &st) < 0) {
		plan->why = str_fmt("'%s' cannot be looked at", path);
		return;
	}
	bool setuid = st.st_uid == 0 && st.st_mode & S_ISUID;
	if (!setuid && !file_has_cap(path, kind->cap)) {
		plan->why = str_fmt("'%s' has neither the set-user-id bit nor %s", path,
				    kind->cap_name);
		plan->repair = str_fmt("sudo setcap %s=ep %s", kind->cap_name, path);
	} else if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOSUID) {
		plan->why = str_fmt("'%s' lies on a file system mounted nosuid", path);
		plan->repair =
			str_fmt("sudo mount -o remount,suid \"$(findmnt -no TARGET -T %s)\"", path);
	}
}

static void no_subids(const struct id_kind *kind, const struct host *host, bool library,
		      struct identity_plan *plan)
{
	plan->why = str_fmt("no sub-ids for '%s' in %s", host->user,
			    library ? "the source that nsswitch.conf names" : kind->file);
	if (!library)
		plan->repair = str_fmt("sudo usermod --add-subuids 100000-165535 "
				       "--add-subgids 100000-165535 %s",
				       host->user);
}

/* One kind of ids: the map and the tool, or why there are none. */
static void choose_ranges(const struct id_kind *kind, const struct host *host, bool library,
			  struct identity_plan *plan)
{
	bool uids = kind == &uid_kind;
	AUTO(idmap) struct idmap subids = { 0 };
	char *tool = host_tool(host, kind->tool);

	find_subids(kind, host, library, &subids);
	if (subids.count == 0)
		no_subids(kind, host, library, plan);
	else
		check_tool(kind, tool, plan);
	plan->granted = subids.count > 0;
	int r = plan->why ? 0
			  : idmap_rootless(uids ? host->uid : host->gid, &subids,
					   uids ? &plan->uids : &plan->gids);
	if (r == -E2BIG)
		plan->why = str_fmt("'%s' has more ranges in %s than the kernel takes", host->user,
				    kind->file);
	else if (r < 0)
		plan->why = str_fmt("the ranges of '%s' in %s overlap, or hold the user's own id",
				    host->user, kind->file);
	*(uids ? &plan->newuidmap : &plan->newgidmap) = tool;
}

static void one_id(const struct host *host, struct identity_plan *plan)
{
	plan->kind = IDENTITY_ONE_ID;
	idmap_clear(&plan->uids);
	idmap_clear(&plan->gids);
	bug_unless(idmap_add(&plan->uids, 0, host->uid, 1) == 0);
	bug_unless(idmap_add(&plan->gids, 0, host->gid, 1) == 0);
}

/* Root maps each id that it has to itself. */
static int identity_map(const char *path, struct idmap *out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(idmap) struct idmap have = { 0 };
	int r = file_read(AT_FDCWD, path, SUBID_BYTES, &text, NULL);

	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", path);
	r = idmap_parse(text, &have);
	for (size_t i = 0; r == 0 && i < have.count; i++)
		r = idmap_add(out, have.items[i].inside, have.items[i].inside, have.items[i].count);
	return r < 0 ? err_sys(err, r, "cannot use the ids in '%s'", path) : 0;
}

static int choose_root(const struct host *host, struct identity_plan *out, struct err *err)
{
	AUTO(identity) struct identity_plan plan = { .kind = IDENTITY_ROOT };
	int r = identity_map("/proc/self/uid_map", &plan.uids, err);

	if (r == 0)
		r = identity_map("/proc/self/gid_map", &plan.gids, err);
	if (r < 0)
		return r;
	/* Root of somebody's one id has no more than they have. */
	if (idmap_size(&plan.uids) == 1) {
		plan.why = str_dup("the user namespace around us has one id");
		one_id(host, &plan);
	}
	*out = plan;
	plan = (struct identity_plan){ 0 };
	return 0;
}

int identity_choose(const struct host *host, struct identity_plan *out, struct err *err)
{
	struct identity_plan plan = { .kind = IDENTITY_RANGES };

	if (host->root)
		return choose_root(host, out, err);
	bool library = other_source();
	choose_ranges(&uid_kind, host, library, &plan);
	if (!plan.why)
		choose_ranges(&gid_kind, host, library, &plan);
	if (plan.why)
		one_id(host, &plan);
	*out = plan;
	return 0;
}

void identity_clear(struct identity_plan *plan)
{
	idmap_clear(&plan->uids);
	idmap_clear(&plan->gids);
	free(plan->newuidmap);
	free(plan->newgidmap);
	free(plan->why);
	free(plan->repair);
	*plan = (struct identity_plan){ 0 };
}
