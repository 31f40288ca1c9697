/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - where a process stands in the tree of control groups (version 2)
 */
#include "cgroup/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { TEXT_MAX = 64 << 10 };

static const struct {
	enum cgroup_kind kind;
	const char *mount;
} mounts[] = {
	{ CGROUP_UNIFIED, "/sys/fs/cgroup" },
	{ CGROUP_HYBRID, "/sys/fs/cgroup/unified" },
};

/* The line of version 2 has no number and no names. */
static char *own_path(const char *root, int pid)
{
	AUTO(mem) char *self = str_fmt("%s/proc/self/cgroup", root);
	AUTO(mem) char *other = str_fmt("%s/proc/%d/cgroup", root, pid);
	AUTO(mem) char *text = NULL;
	const char *line;

	if (file_read(AT_FDCWD, pid ? other : self, TEXT_MAX, &text, NULL) < 0)
		return NULL;
	line = str_starts(text, "0::");
	if (!line && (line = strstr(text, "\n0::")))
		line += strlen("\n0::");
	/* Behind "/.." lies what is outside of the caller's namespace. */
	if (!line || *line != '/' || str_starts(line, "/.."))
		return NULL;
	return str_ndup(line, strcspn(line, "\n"));
}

void cgroup_place_read(const char *root, int pid, struct cgroup_place *out)
{
	*out = (struct cgroup_place){ .kind = CGROUP_NONE };
	for (size_t i = 0; i < array_len(mounts) && !out->mount; i++) {
		AUTO(mem) char *list = str_fmt("%s%s/cgroup.controllers", root, mounts[i].mount);
		if (access(list, R_OK) < 0)
			continue;
		out->kind = mounts[i].kind;
		out->mount = str_fmt("%s%s", root, mounts[i].mount);
	}
	if (out->mount)
		out->path = own_path(root, pid);
}

void cgroup_place_clear(struct cgroup_place *place)
{
	free(place->mount);
	free(place->path);
	*place = (struct cgroup_place){ 0 };
}

int cgroup_open(const struct cgroup_place *place, const char *path)
{
	AUTO(mem) char *whole = str_fmt("%s%s", place->mount, path);
	int fd = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool cgroup_is_ours(int dir)
{
	static const char *const files[] = { ".", "cgroup.procs", "cgroup.subtree_control" };

	for (size_t i = 0; i < array_len(files); i++)
		if (faccessat(dir, files[i], W_OK, AT_EACCESS) < 0)
			return false;
	return true;
}

static unsigned int bit_of(const char *word)
{
	for (unsigned int i = 0; controller_names[i]; i++)
		if (str_eq(controller_names[i], word))
			return CONTROLLER_BIT(i);
	return *word ? CONTROLLER_BIT(CONTROLLER_OTHER) : 0;
}

unsigned int cgroup_controllers(int dir, const char *file)
{
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv words = { 0 };
	unsigned int set = 0;

	if (file_read(dir, file, TEXT_MAX, &text, NULL) < 0)
		return 0;
	strv_split(&words, str_trim(text), ' ');
	for (size_t i = 0; i < words.count; i++)
		set |= bit_of(words.items[i]);
	return set;
}

char *cgroup_print_controllers(unsigned int set)
{
	AUTO(strv) struct strv names = { 0 };

	for (unsigned int i = 0; controller_names[i]; i++)
		if (set & CONTROLLER_BIT(i))
			strv_add(&names, controller_names[i]);
	return str_join(&names, " ");
}
