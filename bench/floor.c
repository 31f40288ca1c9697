/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * floor - the least a rootless container start can cost on this machine
 *
 * Makes a user namespace (newuidmap and newgidmap at once, or one id), mounts an overlay, enters new pid, mount, ipc, uts,
 * cgroup and (unless told not to) network namespaces, mounts what a container needs, pivots, runs LOWER/bin/busybox as
 * `true`, waits. No image, no record, no log, no filter: the budgets are ratios to it.
 *
 * Usage: floor [--one-id] [--no-net] LOWER STATE      STATE has the empty folders u, w and m
 * Build: cc -O2 -o floor floor.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static pid_t clone_with(unsigned long flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	return syscall(SYS_clone3, &args, sizeof args);
}

static void put(pid_t pid, const char *file, const char *text)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void map_one(pid_t pid)
{
	char line[64];
	put(pid, "setgroups", "deny");
	snprintf(line, sizeof line, "0 %d 1", getuid());
	put(pid, "uid_map", line);
	snprintf(line, sizeof line, "0 %d 1", getgid());
	put(pid, "gid_map", line);
}

/* The first range of the caller's name in FILE, "NAME:FIRST:COUNT". */
static void first_range(const char *file, char first[32], char count[32])
{
	char line[256], name[128];
	FILE *in = fopen(file, "re");
	while (in && fgets(line, sizeof line, in))
		if (sscanf(line, "%127[^:]:%31[^:]:%31[0-9]", name, first, count) == 3 &&
		    !strcmp(name, getenv("USER")))
			return;
	die(file);
}

static pid_t spawn_map(const char *tool, const char *file, pid_t pid, int own)
{
	char target[16], id[16], first[32], count[32];
	first_range(file, first, count);
	snprintf(target, sizeof target, "%d", pid);
	snprintf(id, sizeof id, "%d", own);
	pid_t child = vfork();
	if (child == 0) {
		execlp(tool, tool, target, "0", id, "1", "1", first, count, NULL);
		_exit(127);
	}
	return child;
}

static void map_range(pid_t pid)
{
	pid_t a = spawn_map("newuidmap", "/etc/subuid", pid, getuid());
	pid_t b = spawn_map("newgidmap", "/etc/subgid", pid, getgid());
	int status;
	waitpid(a, &status, 0);
	waitpid(b, &status, 0);
}

static void container(const char *root, int net)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	if (chdir(root))
		die(root);
	mkdir("proc", 0755), mkdir("sys", 0755), mkdir("dev", 0755);
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL))
		die("proc");
	if (mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755"))
		die("dev");
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		char from[32], to[32];
		snprintf(from, sizeof from, "/dev/%s", nodes[i]);
		snprintf(to, sizeof to, "dev/%s", nodes[i]);
		close(open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
		if (mount(from, to, NULL, MS_BIND, NULL))
			die(to);
	}
	mkdir("dev/pts", 0755), mkdir("dev/shm", 0755), mkdir("dev/mqueue", 0755);
	mount("devpts", "dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620");
	mount("tmpfs", "dev/shm", "tmpfs", 0, NULL);
	mount("mqueue", "dev/mqueue", "mqueue", 0, NULL);
	if (net && mount("sysfs", "sys", "sysfs", MS_RDONLY, NULL))
		die("sys");
	if (sethostname("floor", 5) || syscall(SYS_pivot_root, ".", ".") ||
	    umount2(".", MNT_DETACH) || chdir("/"))
		die("pivot_root");
	execl("/bin/busybox", "true", NULL);
	die("exec");
}

static void stage(int ready, const char *lower, const char *state, int net)
{
	char byte, options[2048], root[1024];
	if (read(ready, &byte, 1) != 1)
		_exit(99);
	if (setresgid(0, 0, 0) || setresuid(0, 0, 0))
		die("become root of the namespace");
	mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	snprintf(root, sizeof root, "%s/m", state);
	snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/u,workdir=%s/w,userxattr", lower,
		 state, state);
	if (mount("overlay", root, "overlay", 0, options))
		die("overlay");
	pid_t child = clone_with(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
				 CLONE_NEWCGROUP | (net ? CLONE_NEWNET : 0));
	if (child < 0)
		die("namespaces");
	if (child == 0)
		container(root, net);
	int status;
	waitpid(child, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
}

int main(int argc, char **argv)
{
	int one_id = 0, net = 1, i = 1, ready[2], status;
	for (; i < argc && argv[i][0] == '-'; i++) {
		one_id |= !strcmp(argv[i], "--one-id");
		net &= !!strcmp(argv[i], "--no-net");
	}
	if (argc - i != 2 || pipe2(ready, O_CLOEXEC)) {
		fputs("usage: floor [--one-id] [--no-net] LOWER STATE\n", stderr);
		return 2;
	}
	pid_t pid = clone_with(CLONE_NEWUSER | CLONE_NEWNS);
	if (pid < 0)
		die("user namespace");
	if (pid == 0)
		stage(ready[0], argv[i], argv[i + 1], net);
	if (one_id)
		map_one(pid);
	else
		map_range(pid);
	if (write(ready[1], "x", 1) != 1)
		die("pipe");
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
