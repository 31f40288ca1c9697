/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_test - containers from a plain folder with busybox, through rootfs, spec and run
 *
 * Needs a static busybox and user namespaces; is skipped where they are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/at.h"
#include "kern/userns.h"
#include "rootfs/rootfs.h"
#include "run/run.h"
#include "spec/spec.h"

enum { OUTPUT_MAX = 1 << 16, FAILED = 200 };

/* One container: what it is made of, and what came of it. */
struct trial {
	struct container_config config;
	char dir[64];
	int lower;	  /* the tree, before it is mounted */
	const char *exec; /* a line for sh, run as a further process */
	bool never_start;
	char *out;
	int status;
};

struct stage {
	struct host host;
	struct identity_plan identity;
	char *busybox;
	bool works;
};

static int setup(void **state)
{
	struct stage *s = mem_new(struct stage);
	AUTO(err) struct err err = { 0 };
	int pidfd;

	*state = s;
	if (host_measure(&s->host, &err) < 0 || identity_choose(&s->host, &s->identity, &err) < 0)
		return 0;
	s->busybox = host_tool(&s->host, "busybox");
	pid_t pid = userns_fork(&s->identity, -1, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET, &pidfd,
				&err);
	if (pid == 0)
		_exit(0);
	s->works = s->busybox && pid > 0 && proc_wait(pidfd) == 0;
	if (pid > 0)
		fd_close(pidfd);
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	host_clear(&s->host);
	identity_clear(&s->identity);
	free(s->busybox);
	free(s);
	return 0;
}

static void put(int dir, const char *name, const char *text, mode_t mode)
{
	assert_int_equal(file_write(dir, name, mode, text, strlen(text)), 0);
}

static void begin(const struct stage *s, struct trial *t, const char *line)
{
	static const char *const parts[] = { "l", "u", "w", "m" };
	AUTO(mem) char *program = NULL;
	size_t size;

	if (!s->works)
		skip();
	*t = (struct trial){ .dir = "/tmp/cubby-run-XXXXXX" };
	assert_non_null(mkdtemp(t->dir));
	assert_int_equal(chmod(t->dir, 0755), 0);
	AUTO(fd) int dir = open(t->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < array_len(parts); i++)
		assert_int_equal(mkdirat(dir, parts[i], 0755), 0);
	t->lower = openat(dir, "l", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(t->lower, "bin", 0755), 0);
	assert_int_equal(mkdirat(t->lower, "etc", 0755), 0);
	assert_int_equal(file_read(AT_FDCWD, s->busybox, 16 << 20, &program, &size), 0);
	assert_int_equal(file_write(t->lower, "bin/busybox", 0755, program, size), 0);
	assert_int_equal(symlinkat("busybox", t->lower, "bin/sh"), 0);
	put(t->lower, "etc/passwd", "root:x:0:0::/root:/bin/sh\nme:x:5:6::/me:/bin/sh\n", 0644);
	put(t->lower, "etc/group", "more:x:77:me\n", 0644);
	t->config.id = str_fmt("%064d", 7);
	strv_add(&t->config.env, "PATH=/usr/bin:/bin");
	strv_add(&t->config.command, "sh");
	strv_add(&t->config.command, "-c");
	strv_add(&t->config.command, line);
}

static void end(struct trial *t)
{
	free(t->config.id);
	free(t->config.workdir);
	free(t->config.user);
	strv_clear(&t->config.env);
	strv_clear(&t->config.command);
	free(t->out);
	close(t->lower);
	AUTO(mem) char *line = str_fmt("%s", t->dir);
	(void)!file_tree_remove(AT_FDCWD, line); /* what sub-ids own stays in /tmp */
}

static int exec_inside(const struct stage *s, struct trial *t, struct run_container *c,
		       const struct run_io *io, struct err *err)
{
	struct exec_config config = { 0 };
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	AUTO(fd) int pidfd = -1;
	AUTO(fd) int console = -1;

	strv_add(&config.argv, "sh");
	strv_add(&config.argv, "-c");
	strv_add(&config.argv, t->exec);
	struct spec_args made = { .host = &s->host,
				  .identity = &s->identity,
				  .config = &t->config,
				  .rootfs = run_root(c) };
	int r = spec_exec(&made, &config, &spec, err);
	exec_config_clear(&config);
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
				  .io = *io };
	pid_t pid = run_exec(&args, &pidfd, &console, err);
	return pid < 0 ? (int)pid : proc_wait(pidfd);
}

static int container(const struct stage *s, struct trial *t, int out, struct err *err)
{
	AUTO(rootfs_plan) struct rootfs_plan plan = { .driver = str_dup("overlay") };
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	AUTO(run_container) struct run_container *c = NULL;
	AUTO(fd) int helper = -1;

	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "slave");
	strv_addf(&plan.lower, "%s/l", t->dir);
	plan.upper = str_fmt("%s/u", t->dir);
	plan.work = str_fmt("%s/w", t->dir);
	plan.target = str_fmt("%s/m", t->dir);
	AUTO(fd) int root = rootfs_apply(&plan, &s->host, &helper, err);
	if (root < 0)
		return root;
	struct spec_args made = { .host = &s->host,
				  .identity = &s->identity,
				  .config = &t->config,
				  .rootfs = root,
				  .state_dir = t->dir,
				  .volumes_dir = t->dir };
	int r = spec_build(&made, &spec, err);
	if (r < 0)
		return r;
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
				 .io = { -1, out, out } };
	r = run_create(&args, &c, err);
	if (r < 0 || t->never_start)
		return r;
	r = run_start(c, err);
	if (r < 0)
		return run_exit_status(r, true);
	if (t->exec) {
		r = exec_inside(s, t, c, &args.io, err);
		(void)!pidfd_send_signal(run_pidfd(c), SIGKILL, NULL, 0);
		return r;
	}
	return proc_wait(run_pidfd(c));
}

/* The text that the container printed, or what failed. */
static const char *run(const struct stage *s, struct trial *t)
{
	AUTO(err) struct err err = { 0 };
	int pair[2], pidfd = -1;

	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	pid_t pid = userns_fork(&s->identity, -1, CLONE_NEWNS | CLONE_NEWPID, &pidfd, &err);
	assert_true(pid >= 0);
	if (pid == 0) {
		int r = container(s, t, pair[1], &err);
		if (err.text && fd_write_all(pair[1], err.text, strlen(err.text)) < 0)
			r = FAILED;
		_exit(r < 0 ? FAILED : r);
	}
	close(pair[1]);
	assert_int_equal(fd_read_all(pair[0], OUTPUT_MAX, &t->out, NULL), 0);
	close(pair[0]);
	t->status = proc_wait(pidfd);
	fd_close(pidfd);
	return t->out;
}

static void the_program_prints_and_its_status_is_kept(void **state)
{
	struct trial t;

	begin(*state, &t, "echo hello; exit 7");
	assert_string_equal(run(*state, &t), "hello\n");
	assert_int_equal(t.status, 7);
	end(&t);
}

static void a_program_that_is_not_there_is_127(void **state)
{
	struct trial t;

	begin(*state, &t, "");
	strv_clear(&t.config.command);
	strv_add(&t.config.command, "no-such");
	assert_non_null(strstr(run(*state, &t), "no-such"));
	assert_int_equal(t.status, 127);
	end(&t);
}

static void a_file_that_is_no_program_is_126(void **state)
{
	struct trial t;

	begin(*state, &t, "");
	strv_clear(&t.config.command);
	strv_add(&t.config.command, "/etc/passwd");
	(void)run(*state, &t);
	assert_int_equal(t.status, 126);
	end(&t);
}

static void only_the_standard_descriptors_are_open(void **state)
{
	struct trial t;

	begin(*state, &t, "for f in /proc/self/fd/*; do echo ${f##*/}; done | busybox sort -n");
	/* sh has one more for reading the folder */
	assert_string_equal(run(*state, &t), "0\n1\n2\n3\n");
	end(&t);
}

static void the_user_of_the_image_has_its_groups_and_no_capability(void **state)
{
	struct trial t;

	if (((struct stage *)*state)->identity.kind == IDENTITY_ONE_ID)
		skip(); /* the kernel forbids setgroups there */
	begin(*state, &t,
	      "busybox id -u; busybox id -G; echo $HOME; busybox grep CapPrm /proc/self/status");
	t.config.user = str_dup("me");
	assert_string_equal(run(*state, &t), "5\n6 77\n/me\nCapPrm:\t0000000000000000\n");
	end(&t);
}

static void a_working_folder_is_made_and_given_to_the_user(void **state)
{
	struct trial t;

	begin(*state, &t, "pwd; busybox stat -c %u .");
	t.config.user = str_dup("me");
	t.config.workdir = str_dup("/made/here");
	assert_string_equal(run(*state, &t), "/made/here\n5\n");
	end(&t);
}

static void a_working_folder_behind_a_descriptor_is_refused(void **state)
{
	for (int n = 3; n < 12; n++) {
		struct trial t;
		begin(*state, &t, "echo inside");
		t.config.workdir = str_fmt("/proc/self/fd/%d", n);
		assert_null(strstr(run(*state, &t), "inside"));
		assert_int_equal(t.status, FAILED);
		end(&t);
	}
}

static void links_in_place_of_proc_sys_and_dev_are_refused(void **state)
{
	static const char *const names[] = { "proc", "sys", "dev" };

	for (size_t i = 0; i < array_len(names); i++) {
		struct trial t;
		begin(*state, &t, "echo inside");
		assert_int_equal(symlinkat("/etc", t.lower, names[i]), 0);
		assert_null(strstr(run(*state, &t), "inside"));
		assert_int_equal(t.status, FAILED);
		end(&t);
	}
}

static void links_in_place_of_hosts_lead_nowhere_outside(void **state)
{
	static const char *const names[] = { "hosts", "hostname", "resolv.conf" };
	AUTO(mem) char *victim = str_fmt("/tmp/cubby-victim-%d", (int)getpid());
	AUTO(mem) char *text = NULL;
	struct trial t;

	begin(*state, &t, "busybox cat /etc/hosts /etc/hostname /etc/resolv.conf");
	put(AT_FDCWD, victim, "victim\n", 0644);
	AUTO(fd) int dir = open(t.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < array_len(names); i++) {
		AUTO(mem) char *link = str_fmt("etc/%s", names[i]);
		AUTO(mem) char *up = str_fmt("../../../../../../..%s.%zu", victim, i);
		assert_int_equal(symlinkat(i ? up : victim, t.lower, link), 0);
		put(dir, names[i], "ours\n", 0644);
	}
	assert_string_equal(run(*state, &t), "ours\nours\nours\n");
	assert_int_equal(file_read(AT_FDCWD, victim, 100, &text, NULL), 0);
	assert_string_equal(text, "victim\n");
	for (size_t i = 1; i < array_len(names); i++) {
		AUTO(mem) char *other = str_fmt("%s.%zu", victim, i);
		assert_int_equal(access(other, F_OK), -1);
	}
	assert_int_equal(unlink(victim), 0);
	end(&t);
}

static void the_host_does_not_learn_the_containers_name(void **state)
{
	char before[65] = "", after[65] = "";
	struct trial t;

	begin(*state, &t, "busybox hostname");
	assert_int_equal(gethostname(before, sizeof before), 0);
	assert_string_equal(run(*state, &t), "000000000000\n");
	assert_int_equal(gethostname(after, sizeof after), 0);
	assert_string_equal(before, after);
	end(&t);
}

static void init_reaps_and_ends_as_the_program_ends(void **state)
{
	struct trial t;

	begin(*state, &t, "busybox sleep 100 & echo $$; kill -TERM $$");
	t.config.init = true;
	assert_string_equal(run(*state, &t), "2\n");
	assert_int_equal(t.status, 128 + 15);
	end(&t);
}

static void a_further_process_sees_the_first_and_has_its_rights(void **state)
{
	struct trial t;

	begin(*state, &t, "busybox sleep 100");
	t.exec =
		"busybox cat /proc/1/comm; busybox grep -E '^(CapEff|Seccomp):' /proc/self/status; exit 3";
	assert_string_equal(run(*state, &t), "busybox\nCapEff:\t00000000800405fb\nSeccomp:\t2\n");
	assert_int_equal(t.status, 3);
	end(&t);
}

static void the_program_leads_a_session_of_its_own(void **state)
{
	struct trial t;

	begin(*state, &t, "busybox cut -d' ' -f6 /proc/1/stat");
	assert_string_equal(run(*state, &t), "1\n");
	end(&t);
}

static void what_is_never_started_leaves_nothing_behind(void **state)
{
	struct trial t;

	begin(*state, &t, "echo started");
	t.never_start = true;
	assert_string_equal(run(*state, &t), "");
	assert_int_equal(t.status, 0);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_prints_and_its_status_is_kept),
		cmocka_unit_test(a_program_that_is_not_there_is_127),
		cmocka_unit_test(a_file_that_is_no_program_is_126),
		cmocka_unit_test(only_the_standard_descriptors_are_open),
		cmocka_unit_test(the_user_of_the_image_has_its_groups_and_no_capability),
		cmocka_unit_test(a_working_folder_is_made_and_given_to_the_user),
		cmocka_unit_test(a_working_folder_behind_a_descriptor_is_refused),
		cmocka_unit_test(links_in_place_of_proc_sys_and_dev_are_refused),
		cmocka_unit_test(links_in_place_of_hosts_lead_nowhere_outside),
		cmocka_unit_test(the_host_does_not_learn_the_containers_name),
		cmocka_unit_test(init_reaps_and_ends_as_the_program_ends),
		cmocka_unit_test(a_further_process_sees_the_first_and_has_its_rights),
		cmocka_unit_test(the_program_leads_a_session_of_its_own),
		cmocka_unit_test(what_is_never_started_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
