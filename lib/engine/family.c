/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * family - a process with all that it started
 *
 * The mounted /proc may number processes as another pid namespace does than the one we are in. Its "NSpid"
 * lists the numbers of every namespace from there inwards; ours has the same place in the list of every
 * process as in our own.
 */
#include "engine/family.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

enum { ROUNDS_MAX = 16, PATH_ROOM = 48, STATUS_BYTES = 8192 };

struct kin {
	int pid, parent, session;
	bool ours, alive;
};

struct kinship {
	struct kin *items;
	size_t count;
};

static bool read_kin(const char *name, struct kin *out)
{
	char path[PATH_ROOM], state;
	AUTO(mem) char *text = NULL;
	uint64_t pid;

	if (str_u64(name, INT32_MAX, &pid) < 0)
		return false;
	(void)snprintf(path, sizeof path, "/proc/%ju/stat", (uintmax_t)pid);
	if (file_read(AT_FDCWD, path, STATUS_BYTES, &text, NULL) < 0)
		return false;
	/* The name may hold spaces and parentheses: fields count from the last ')'. */
	const char *at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %c %d %*d %d", &state, &out->parent, &out->session) != 3)
		return false;
	out->pid = (int)pid;
	out->alive = state != 'Z' && state != 'X';
	out->ours = false;
	return true;
}

static void look(struct kinship *all)
{
	DIR *dir = opendir("/proc");
	struct kin kin;

	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
		if (read_kin(e->d_name, &kin))
			*vec_push(all) = kin;
	if (dir)
		closedir(dir);
}

static bool is_ours(const struct kinship *all, int pid)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].pid == pid)
			return all->items[i].ours;
	return false;
}

static void mark(struct kinship *all, int leader)
{
	bool more = true;

	for (size_t i = 0; i < all->count; i++) {
		struct kin *kin = &all->items[i];
		kin->ours = kin->pid == leader || kin->session == leader;
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < all->count; i++) {
			struct kin *kin = &all->items[i];
			if (kin->ours || !is_ours(all, kin->parent))
				continue;
			kin->ours = more = true;
		}
	}
}

/* The number at a place of the list, or how many there are; 0 when it cannot be read. */
static int own_number(const char *process, int place, int *out_count)
{
	char path[PATH_ROOM];
	AUTO(mem) char *text = NULL;
	int number = 0, count = 0, used = 0, value;

	(void)snprintf(path, sizeof path, "/proc/%s/status", process);
	if (file_read(AT_FDCWD, path, STATUS_BYTES, &text, NULL) < 0)
		return 0;
	const char *at = strstr(text, "\nNSpid:");
	for (at = at ? at + strlen("\nNSpid:") : ""; sscanf(at, "%d%n", &value, &used) == 1;
	     at += used)
		if (count++ == place)
			number = value;
	if (out_count)
		*out_count = count;
	return number;
}

static void kill_one(int pid, int place)
{
	AUTO(mem) char *name = str_fmt("%d", pid);
	int number = own_number(name, place, NULL);
	AUTO(fd) int pidfd = number > 0 ? (int)syscall(SYS_pidfd_open, number, 0) : -1;

	if (pidfd >= 0 && proc_host_pid(pidfd) == pid)
		/* It may have ended meanwhile. */
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

/* Return: whether somebody was alive. */
static bool kill_round(int leader, int place)
{
	struct kinship all = { 0 };
	bool found = false;

	look(&all);
	mark(&all, leader);
	for (size_t i = 0; i < all.count; i++) {
		if (!all.items[i].ours || !all.items[i].alive)
			continue;
		found = true;
		kill_one(all.items[i].pid, place);
	}
	free(all.items);
	return found;
}

void family_kill(int pidfd)
{
	int leader = proc_host_pid(pidfd), levels = 0;

	/* Itself in any case: /proc may be hidden. */
	(void)own_number("self", 0, &levels);
	for (int i = 0; leader > 0 && levels > 0 && i < ROUNDS_MAX; i++)
		if (!kill_round(leader, levels - 1))
			break;
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}
