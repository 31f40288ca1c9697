/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netbox - run a command in a network namespace that cubby-net serves, without a container
 *
 * Usage: netbox [-p PORT]... [-o OPTION]... [-r FILE] COMMAND [ARG]...
 *	-p	as cubby's --publish		-o	as --network slirp4netns:OPTION
 *	-r	bound over /etc/resolv.conf of the command
 *
 * The caller is root of a user namespace (unshare -r). The published ports are printed on stderr, one
 * line each, as `cubby port` prints them, then the pid of cubby-net. CUBBY_NET names the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "net/net.h"
#include "net/netns.h"

static int die(const struct err *err)
{
	fprintf(stderr, "netbox: %s\n", str_or(err->text, "failed"));
	if (err->hint)
		fprintf(stderr, "hint: %s\n", err->hint);
	return 125;
}

/* In the namespace: wait for the word, then be the command. */
static no_return void inside(int sock, const char *resolv, char **argv)
{
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || netns_bare(-1, NULL) < 0 ||
	    write(sock, "u", 1) != 1 || read(sock, &byte, 1) != 1)
		_exit(125);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(125);
	if (resolv && mount(resolv, "/etc/resolv.conf", NULL, MS_BIND, NULL) < 0)
		_exit(125);
	close(sock);
	execvp(argv[0], argv);
	_exit(127);
}

static int attach(struct net *net, pid_t pid, struct ports *bound, struct err *err)
{
	AUTO(mem) char *path = str_fmt("/proc/%d/ns/net", (int)pid);
	AUTO(fd) int netns = open(path, O_RDONLY | O_CLOEXEC);

	if (netns < 0)
		return err_sys(err, -errno, "cannot open '%s'", path);
	int r = net_attach(net, netns, -1, err);
	return r < 0 ? r : net_wait(net, bound, err);
}

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int run(const struct net_config *config, const char *resolv, char **argv, struct err *err)
{
	AUTO(net) struct net *net = NULL;
	AUTO(ports) struct ports bound = { 0 };
	AUTO(strv) struct strv lines = { 0 };
	int pair[2], status;
	char byte;

	double start = now_ms();
	int r = net_start(getenv("CUBBY_NET"), config, -1, &net, err);
	if (r < 0 || (r = fd_pair(SOCK_STREAM, pair)) < 0)
		return r;
	double started = now_ms();
	pid_t pid = fork();
	if (pid == 0)
		inside(pair[1], resolv, argv);
	if (pid < 0 || read(pair[0], &byte, 1) != 1)
		return err_set(err, -ECHILD, "cannot make a network namespace");
	double made = now_ms();
	r = attach(net, pid, &bound, err);
	if (r < 0)
		return r;
	if (getenv("NETBOX_TIMES"))
		fprintf(stderr, "start %.2f ms, namespace %.2f ms, attach %.2f ms\n",
			started - start, made - started, now_ms() - made);
	(void)!ports_lines(&bound, NULL, &lines, err);
	for (size_t i = 0; i < lines.count; i++)
		fprintf(stderr, "%s\n", lines.items[i]);
	fprintf(stderr, "cubby-net %d\n", (int)proc_host_pid(net_pidfd(net)));
	if (write(pair[0], "g", 1) != 1 || waitpid(pid, &status, 0) != pid)
		return err_set(err, -ECHILD, "the command is lost");
	struct pollfd ended = { .fd = net_pidfd(net), .events = POLLIN };
	if (poll(&ended, 1, 0) > 0)
		fprintf(stderr, "netbox: cubby-net ended with %d\n", proc_wait(net_pidfd(net)));
	double end = now_ms();
	net_free(take_ptr(net));
	if (getenv("NETBOX_TIMES"))
		fprintf(stderr, "free %.2f ms\n", now_ms() - end);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv)
{
	AUTO(strv) struct strv ports = { 0 }, options = { 0 };
	AUTO(net_config) struct net_config config = { 0 };
	AUTO(err) struct err err = { 0 };
	const char *resolv = NULL;

	for (int c; (c = getopt(argc, argv, "+p:o:r:")) != -1;) {
		if (c == 'p')
			strv_add(&ports, optarg);
		else if (c == 'o')
			strv_add(&options, optarg);
		else if (c == 'r')
			resolv = optarg;
		else
			return 2;
	}
	if (net_config_load(&options, &ports, &config, &err) < 0 ||
	    run(&config, resolv, argv + optind, &err) < 0)
		return die(&err);
	return 125;
}
