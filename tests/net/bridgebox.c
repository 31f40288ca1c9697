/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bridgebox - run commands in network namespaces that share a network, without containers
 *
 * Usage: bridgebox [-4 CIDR] [-6 CIDR] [-n COUNT] [-i] [-l] [-k] COMMAND...
 *	-4, -6	subnets; 10.99.0.0/24 without either
 *	-n	members that run nothing, before the others
 *	-i	an internal network		-l	the gateway leads to the host's loopback
 *	-k	before the commands run the holder is killed, and the members join a new one
 *
 * Each COMMAND is a line of the shell and has a namespace of its own; they run at once, all members are
 * there before. Members are called m0, m1, ...; the line finds IP, IP6, GATEWAY and NAME in its
 * environment. The caller is root of a user namespace (unshare -r). CUBBY_NET names the program.
 * Prints how long starting, joining and plugging took when BRIDGEBOX_TIMES is set.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/proc.h"
#include "net/bridge.h"
#include "net/netns.h"

enum { MEMBERS_MAX = 256 };

struct member {
	const char *command; /* NULL: nothing runs */
	struct bridge_lease lease;
	int sock, names;
	pid_t pid;
	int go; /* written to: run */
	int netns;
};

struct box {
	struct bridge_config config;
	struct member members[MEMBERS_MAX];
	int count;
	int pidfd;
	int netns;
	int keeper;
};

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void took(const char *what, double since)
{
	if (getenv("BRIDGEBOX_TIMES"))
		fprintf(stderr, "%s %.2f ms\n", what, now_ms() - since);
}

static int die(const struct err *err)
{
	fprintf(stderr, "bridgebox: %s\n", str_or(err->text, "failed"));
	if (err->hint)
		fprintf(stderr, "hint: %s\n", err->hint);
	return 125;
}

/* Of this program's own caller: what is no number is a mistake there. */
static int number(const char *text)
{
	int64_t n = 0;

	bug_unless(str_i64(text, 0, 1000, &n) == 0);
	return (int)n;
}

static void add_subnet(struct box *box, const char *cidr)
{
	size_t n = box->config.subnets.count++;

	box->config.subnets.items =
		mem_resize(box->config.subnets.items, n + 1, sizeof(struct bridge_subnet));
	struct bridge_subnet *s = &box->config.subnets.items[n];
	*s = (struct bridge_subnet){ .network = str_dup(cidr) };
	s->prefix = number(str_or(str_cut(s->network, '/'), "24"));
}

static int start(struct box *box, struct err *err)
{
	double since = now_ms();
	int r = bridge_holder_start(getenv("CUBBY_NET"), &box->config, box->netns, box->keeper,
				    box->netns < 0 ? 0 : box->count, -1, &box->pidfd, err);

	took("holder", since);
	return r;
}

static int join(struct box *box, int at, bool again, struct err *err)
{
	struct member *m = &box->members[at];
	AUTO(mem) char *name = str_fmt("m%d", at);
	AUTO(mem) char *id = str_fmt("%064x", at + 1);
	struct bridge_wish wish = { .container = id, .name = name };
	AUTO(bridge_lease) struct bridge_lease before = m->lease;
	int netns = -1, keeper = -1;

	m->lease = (struct bridge_lease){ 0 };
	if (again)
		wish = (struct bridge_wish){ .container = id,
					     .name = name,
					     .ip = before.ip,
					     .ip6 = before.ip6,
					     .mac = before.mac,
					     .firm = true };
	double since = now_ms();
	int r = bridge_connect(proc_host_pid(box->pidfd), &m->sock);
	if (r < 0)
		return err_sys(err, r, "cannot connect to the holder");
	r = bridge_join(m->sock, &wish, &m->lease, &netns, &m->names, &keeper, err);
	if (r < 0)
		return r;
	took("join", since);
	if (again || at) {
		fd_close(netns);
		fd_close(keeper);
	} else {
		box->netns = netns;
		box->keeper = keeper;
	}
	return 0;
}

/* In the namespace: wait for the word, then be the command. */
static no_return void inside(int word, int said, const struct member *m)
{
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || netns_bare(-1, NULL) < 0 ||
	    write(said, "u", 1) != 1 || read(word, &byte, 1) != 1)
		_exit(125);
	execl("/bin/sh", "sh", "-c", m->command, NULL);
	_exit(127);
}

static int plug(struct box *box, int at, struct err *err)
{
	struct member *m = &box->members[at];
	int word[2], said[2];
	char byte;

	if (pipe2(word, O_CLOEXEC) < 0 || pipe2(said, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	setenv("IP", str_or(m->lease.ip, ""), 1);
	setenv("IP6", str_or(m->lease.ip6, ""), 1);
	setenv("GATEWAY", str_or(m->lease.gateway, ""), 1);
	m->pid = fork();
	if (m->pid == 0)
		inside(word[0], said[1], m);
	fd_close(word[0]);
	fd_close(said[1]);
	if (m->pid < 0 || read(said[0], &byte, 1) != 1)
		return err_set(err, -ECHILD, "cannot make a network namespace");
	fd_close(said[0]);
	m->go = word[1];
	AUTO(mem) char *path = str_fmt("/proc/%d/ns/net", (int)m->pid);
	m->netns = open(path, O_RDONLY | O_CLOEXEC);
	double since = now_ms();
	int r = bridge_plug(box->netns, m->netns, -1, "eth0", &m->lease,
			    BRIDGE_ROUTE4 | BRIDGE_ROUTE6 | BRIDGE_DNS, err);
	took("plug", since);
	return r;
}

/* As members do whose holder was killed. */
static int heal(struct box *box, struct err *err)
{
	(void)!syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0);
	for (int i = 0; i < box->count; i++) {
		struct pollfd ended = { .fd = box->members[i].sock, .events = POLLIN };
		while (poll(&ended, 1, -1) < 0)
			;
		fd_close(box->members[i].sock);
		fd_close(box->members[i].names);
	}
	int r = start(box, err);
	for (int i = 0; r == 0 && i < box->count; i++)
		r = join(box, i, true, err);
	return r;
}

static int run(struct box *box, bool kills, struct err *err)
{
	int result = 0, status, r = start(box, err);

	for (int i = 0; r == 0 && i < box->count; i++) {
		r = join(box, i, false, err);
		if (r == 0)
			r = plug(box, i, err);
	}
	if (r == 0 && kills)
		r = heal(box, err);
	if (r < 0)
		return r;
	for (int i = 0; i < box->count; i++)
		if (write(box->members[i].go, "g", 1) != 1)
			return err_set(err, -EPIPE, "a member is lost");
	for (int i = 0; i < box->count; i++) {
		if (waitpid(box->members[i].pid, &status, 0) < 0)
			return err_set(err, -ECHILD, "a command is lost");
		if (!result)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	for (int i = 0; i < box->count; i++)
		fd_close(box->members[i].sock);
	/* Without members it leaves. */
	if (proc_wait(box->pidfd) != 0)
		return err_set(err, -ECHILD, "the holder failed");
	return result;
}

int main(int argc, char **argv)
{
	static struct box box;
	AUTO(err) struct err err = { 0 };
	bool kills = false;
	int idle = 0;

	box.config.name = str_dup("box");
	box.config.id = str_fmt("%064x", 7);
	box.netns = box.keeper = -1;
	for (int c; (c = getopt(argc, argv, "+4:6:n:ilk")) != -1;) {
		if (c == '4' || c == '6')
			add_subnet(&box, optarg);
		else if (c == 'n')
			idle = number(optarg);
		else if (c == 'i')
			box.config.internal = true;
		else if (c == 'l')
			box.config.allow_host_loopback = true;
		else if (c == 'k')
			kills = true;
		else
			return 2;
	}
	if (!box.config.subnets.count)
		add_subnet(&box, "10.99.0.0/24");
	for (int i = 0; i < idle && i < MEMBERS_MAX; i++)
		box.members[box.count++].command = "exit 0";
	for (int i = optind; i < argc && box.count < MEMBERS_MAX; i++)
		box.members[box.count++].command = argv[i];
	int r = run(&box, kills, &err);
	for (int i = 0; i < box.count; i++)
		bridge_lease_clear(&box.members[i].lease);
	bridge_config_clear(&box.config);
	return r < 0 ? die(&err) : r;
}
