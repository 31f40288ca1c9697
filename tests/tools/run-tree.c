/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run-tree - a container from a plain folder: the runtime without store, image, monitor and network
 *
 * Usage: run-tree [OPTION...] LOWER STATE PROGRAM [ARG...]
 *	LOWER becomes the lower layer; STATE gets the folders u, w and m (made when missing)
 *	-u USER  -w DIR  -t  -i  -r (read-only)  -n (no new privileges)  -p (privileged)
 *	-v SRC:DST[:OPTIONS]  -T DST (tmpfs)  -e K=V  -H (host network)  -U MODE (user namespace)
 *	-a CAP  -d CAP  -s PROFILE  -D DRIVER  -x (print spec and plan, run nothing)
 *	-X LINE (as exec: run `sh -c LINE` inside before waiting)
 *
 * For the tests of the runtime alone, and for measuring it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/host.h"
#include "kern/userns.h"
#include "rootfs/rootfs.h"
#include "run/plan.h"
#include "run/run.h"
#include "spec/spec.h"

struct setup {
	struct host host;
	struct identity_plan identity;
	struct container_config config;
	struct rootfs_plan root;
	const char *state;
	bool print;
	char *exec;
};

static void say(const struct err *err)
{
	fprintf(stderr, "run-tree: %s\n", err->text ? err->text : "?");
	if (err->hint)
		fprintf(stderr, "run-tree: %s\n", err->hint);
}

static void add_mount(struct container_config *c, const char *type, const char *text)
{
	AUTO(strv) struct strv parts = { 0 };
	struct mount_config *m = vec_push(&c->mounts);
	bool bind = str_eq(type, "bind");

	strv_split(&parts, text, ':');
	m->type = str_dup(type);
	m->source = bind ? str_dup(parts.items[0]) : NULL;
	m->target = str_dup(parts.items[bind && parts.count > 1 ? 1 : 0]);
	if (parts.count > (bind ? 2 : 1))
		strv_split(&m->options, parts.items[bind ? 2 : 1], ',');
}

static int parse(struct setup *s, int argc, char **argv)
{
	struct container_config *c = &s->config;
	int o;

	while ((o = getopt(argc, argv, "+u:w:tirnpv:T:e:HU:a:d:s:D:xX:")) >= 0)
		switch (o) {
		case 'u':
			str_set(&c->user, optarg);
			break;
		case 'w':
			str_set(&c->workdir, optarg);
			break;
		case 't':
			c->tty = true;
			break;
		case 'i':
			c->init = true;
			break;
		case 'r':
			c->read_only = c->read_only_tmpfs = true;
			break;
		case 'n':
			c->no_new_privs = true;
			break;
		case 'p':
			c->privileged = true;
			break;
		case 'v':
			add_mount(c, "bind", optarg);
			break;
		case 'T':
			add_mount(c, "tmpfs", optarg);
			break;
		case 'e':
			strv_add(&c->env, optarg);
			break;
		case 'H':
			str_set(&c->network_mode, "host");
			break;
		case 'U':
			str_set(&c->userns_mode, optarg);
			break;
		case 'a':
			strv_add(&c->cap_add, optarg);
			break;
		case 'd':
			strv_add(&c->cap_drop, optarg);
			break;
		case 's':
			str_set(&c->seccomp, optarg);
			break;
		case 'D':
			str_set(&s->root.driver, optarg);
			break;
		case 'x':
			s->print = true;
			break;
		case 'X':
			str_set(&s->exec, optarg);
			break;
		default:
			return -EINVAL;
		}
	if (argc - optind < 3)
		return -EINVAL;
	strv_add(&s->root.lower, argv[optind]);
	s->state = argv[optind + 1];
	for (int i = optind + 2; i < argc; i++)
		strv_add(&c->command, argv[i]);
	return 0;
}

static int prepare(struct setup *s)
{
	static const char *const parts[] = { "u", "w", "m" };

	for (size_t i = 0; i < array_len(parts); i++) {
		AUTO(mem) char *path = str_fmt("%s/%s", s->state, parts[i]);
		int r = file_tree_make(path, 0755);
		if (r < 0)
			return r;
	}
	if (!s->root.driver)
		s->root.driver = str_dup("overlay");
	s->root.upper = str_fmt("%s/u", s->state);
	s->root.work = str_fmt("%s/w", s->state);
	s->root.target = str_fmt("%s/m", s->state);
	s->config.id = str_fmt("%064d", 7);
	strv_add(&s->config.env,
		 "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strv_add(&s->config.env, "container=cubby");
	return 0;
}

static int print(const struct runtime_spec *spec, struct err *err)
{
	AUTO(plan) struct plan plan = { 0 };
	AUTO(json) cJSON *json = runtime_spec_json(spec);
	AUTO(mem) char *text = json_print(json, 2);
	int r = plan_make(spec, &plan, err);

	if (r < 0)
		return r;
	AUTO(mem) char *lines = plan_print(&plan);
	printf("%s\n%s", text, lines);
	return 0;
}

static int pump(int console)
{
	char bytes[4096];
	ssize_t n;

	while (console >= 0 && (n = read(console, bytes, sizeof bytes)) > 0)
		if (fd_write_all(1, bytes, (size_t)n) < 0)
			break;
	return 0;
}

static void auto_exec_config(struct exec_config *exec)
{
	exec_config_clear(exec);
}

static int exec_inside(struct setup *s, struct run_container *c, struct err *err)
{
	AUTO(exec_config) struct exec_config config = { .tty = s->config.tty };
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	AUTO(fd) int pidfd = -1;
	AUTO(fd) int console = -1;

	strv_add(&config.argv, "sh");
	strv_add(&config.argv, "-c");
	strv_add(&config.argv, s->exec);
	struct spec_args made = { .host = &s->host,
				  .identity = &s->identity,
				  .config = &s->config,
				  .rootfs = run_root(c) };
	int r = spec_exec(&made, &config, &spec, err);
	if (r < 0)
		return r;
	struct exec_args args = { .host = &s->host,
				  .notice = -1,
				  .spec = spec,
				  .target = { .user = run_namespace(c, "user"),
					      .mnt = run_namespace(c, "mnt"),
					      .pid = run_namespace(c, "pid"),
					      .net = run_namespace(c, "net"),
					      .ipc = run_namespace(c, "ipc"),
					      .uts = run_namespace(c, "uts"),
					      .cgroup = run_namespace(c, "cgroup"),
					      .root = run_root(c),
					      .group = -1 },
				  .io = { 0, 1, 2 },
				  .size = { 24, 80 } };
	pid_t pid = run_exec(&args, &pidfd, &console, err);
	if (pid < 0)
		return (int)pid;
	(void)pump(console);
	return proc_wait(pidfd);
}

static int run(struct setup *s, struct err *err)
{
	AUTO(fd) int helper = -1;
	AUTO(run_container) struct run_container *c = NULL;
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;

	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "mounts");
	AUTO(fd) int root = rootfs_apply(&s->root, &s->host, &helper, err);
	if (root < 0)
		return root;
	struct spec_args made = { .host = &s->host,
				  .identity = &s->identity,
				  .config = &s->config,
				  .rootfs = root,
				  .state_dir = s->state,
				  .volumes_dir = s->state };
	int r = spec_build(&made, &spec, err);
	if (r < 0 || s->print)
		return r < 0 ? r : print(spec, err);
	struct run_args args = { .host = &s->host,
				 .notice = -1,
				 .identity = &s->identity,
				 .spec = spec,
				 .rootfs = root,
				 .join_pid = -1,
				 .join_ipc = -1,
				 .join_uts = -1,
				 .join_net = -1,
				 .fresh_net = -1,
				 .group = -1,
				 .io = { 0, 1, 2 },
				 .size = { 24, 80 } };
	r = run_create(&args, &c, err);
	if (r < 0)
		return r;
	AUTO(fd) int console = run_console(c);
	r = run_start(c, err);
	if (r < 0) {
		say(err);
		return run_exit_status(r, true);
	}
	if (s->exec) {
		r = exec_inside(s, c, err);
		if (r < 0)
			say(err);
		fprintf(stderr, "exec: %d\n", r < 0 ? -r : r);
	}
	(void)pump(console);
	return proc_wait(run_pidfd(c));
}

int main(int argc, char **argv)
{
	struct setup s = { 0 };
	struct err err = { 0 };
	int pidfd = -1;

	if (parse(&s, argc, argv) < 0 || prepare(&s) < 0) {
		fputs("usage: run-tree [OPTION...] LOWER STATE PROGRAM [ARG...]\n", stderr);
		return 2;
	}
	if (host_measure(&s.host, &err) < 0 || identity_choose(&s.host, &s.identity, &err) < 0) {
		say(&err);
		return 125;
	}
	pid_t pid = userns_fork(&s.identity, -1, CLONE_NEWNS | CLONE_NEWPID, &pidfd, &err);
	if (pid < 0) {
		say(&err);
		return 125;
	}
	if (pid > 0)
		return proc_wait(pidfd);
	int r = run(&s, &err);
	if (r < 0)
		say(&err);
	fflush(stdout);
	_exit(r < 0 ? 125 : r);
}
