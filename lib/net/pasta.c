/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pasta - the life of a pasta that serves a container (--network pasta)
 */
#include "net/pasta.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "kern/caps.h"
#include "kern/sys.h"
#include "net/exchange.h"
#include "net/pastaargs.h"
#include "net/pastaview.h"

/* Seen by the keeper and pasta alone. */
#define FOLDER "/tmp"
#define READY FOLDER "/ready"

enum { WORDS_MAX = 64 << 10, RANDOM_TRIES = 16, CANNOT = 127 };

struct pasta {
	char *program;
	struct strv options;
	struct ports ports;
	bool maps_guest;
	int pidfd; /* of the keeper, or -1 */
	int sock;  /* to it; it ends when this closes */
	int words; /* memory file: what pasta prints */
};

/* ---- what this pasta can ---- */

static int run_help(const char *program, int to, struct err *err)
{
	char *const argv[] = { (char *)"pasta", (char *)"--help", NULL };
	const struct spawn_fd fds[] = { { to, STDOUT_FILENO }, { to, STDERR_FILENO } };
	const struct spawn spawn = { .path = program,
				     .argv = argv,
				     .fds = fds,
				     .fd_count = array_len(fds),
				     .die_with_parent = true };
	AUTO(fd) int pidfd = -1;
	pid_t pid = spawn_start(&spawn, &pidfd, err);

	return pid < 0 ? (int)pid : proc_wait(pidfd);
}

static int read_words(int words, char **out)
{
	if (lseek(words, 0, SEEK_SET) < 0)
		return -errno;
	return fd_read_all(words, WORDS_MAX, out, NULL);
}

/* Distributions number their versions in ways of their own, so it is asked what it knows. */
static int learn(struct pasta *pasta, struct err *err)
{
	AUTO(fd) int words = memfd_create("help", MFD_CLOEXEC);
	AUTO(mem) char *text = NULL;

	if (words < 0)
		return err_sys(err, -errno, "cannot make a memory file");
	int r = run_help(pasta->program, words, err);
	if (r >= 0)
		r = read_words(words, &text);
	pasta->maps_guest = r >= 0 && strstr(text, "--map-guest-addr");
	return r < 0 ? err_sys(err, r, "cannot read what '%s' can do", pasta->program) : 0;
}

/* ---- ports ---- */

/* Pasta says of a port that is in use that it cannot be bound, and no more; and it chooses none. */
static int try_port(const char *ip, bool udp, int *port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(*port) };
	struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons(*port) };
	bool v6 = strchr(ip, ':') != NULL;
	struct sockaddr *at = v6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in4;
	socklen_t size = v6 ? sizeof in6 : sizeof in4;
	const int on = 1;

	if (inet_pton(v6 ? AF_INET6 : AF_INET, ip,
		      v6 ? (void *)&in6.sin6_addr : (void *)&in4.sin_addr) != 1)
		return -EINVAL;
	AUTO(fd)
	int sock = socket(at->sa_family, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	if (!udp && setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return -errno;
	if (bind(sock, at, size) < 0 || getsockname(sock, at, &size) < 0)
		return -errno;
	*port = ntohs(v6 ? in6.sin6_port : in4.sin_port);
	return 0;
}

static int try_all(const struct port_map *p, int *first)
{
	int r = 0;

	for (int i = 0; i < p->range && r == 0; i++) {
		int port = *first ? *first + i : 0;
		r = try_port(str_or(p->host_ip, "0.0.0.0"), str_eq(p->protocol, "udp"), &port);
		*first = r == 0 && i == 0 ? port : *first;
	}
	return r;
}

static int choose_port(struct port_map *p, struct err *err)
{
	int tries = p->host_port ? max_of(p->choices, 1) : RANDOM_TRIES;
	int r = -EADDRINUSE, port = 0;

	for (int i = 0; i < tries && r == -EADDRINUSE; i++) {
		port = p->host_port ? p->host_port + i : 0;
		r = try_all(p, &port);
	}
	if (r < 0)
		return err_sys(err, r, "cannot publish %s:%d/%s", str_or(p->host_ip, "0.0.0.0"),
			       p->host_port, p->protocol);
	p->host_port = port;
	p->choices = 1;
	return 0;
}

int pasta_new(const struct host *host, const struct strv *options, const struct ports *ports,
	      struct pasta **out, struct err *err)
{
	AUTO(pasta) struct pasta *pasta = mem_new(struct pasta);

	pasta->pidfd = pasta->sock = pasta->words = -1;
	pasta->program = host_tool(host, "pasta");
	if (!pasta->program) {
		(void)err_set(err, -ENOPKG,
			      "the program pasta, which --network pasta needs, is missing");
		return err_hint(err,
				"install the package passt; the default network needs nothing");
	}
	strv_extend(&pasta->options, options);
	ports_copy(ports, &pasta->ports);
	int r = learn(pasta, err);
	for (size_t i = 0; i < pasta->ports.count && r == 0; i++)
		r = choose_port(&pasta->ports.items[i], err);
	if (r == 0)
		*out = take_ptr(pasta);
	return r;
}

/* ---- the keeper ---- */

/* A process of its own: nothing of it is released. */
struct keeper {
	const struct pasta *pasta;
	int netns;
	int sock;
	int words;
	int ready; /* the pipe that pasta opens by its path */
	int child; /* pidfd of pasta */
};

static no_return void stop(const struct keeper *k, const char *what)
{
	(void)dprintf(k->words, "%s: %m\n", what); /* or the end alone is seen */
	_exit(CANNOT);
}

static void leave_caller(struct keeper *k)
{
	int kept[] = { k->netns, k->sock, k->words };

	proc_signals_reset();
	proc_retitle("cubby-pasta");
	if (prctl(PR_SET_NAME, "cubby-pasta") < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		stop(k, "cannot begin");
	if (fd_stdio(-1, k->words, k->words) < 0 || fd_close_but(kept, array_len(kept)) < 0)
		stop(k, "cannot let the monitor's descriptors go");
}

static void make_folder(struct keeper *k)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("tmpfs", FOLDER, "tmpfs", 0, "mode=700,size=16k") < 0 ||
	    mkfifo(READY, S_IRUSR | S_IWUSR) < 0)
		stop(k, "cannot make a folder for pasta's answer");
	k->ready = open(READY, O_RDWR | O_CLOEXEC); /* a writer too: no end before the beginning */
	if (k->ready < 0)
		stop(k, "cannot open the pipe for pasta's answer");
}

/* Not before the keeper is in the namespace that it is to be found in. */
static no_return void become_pasta(const struct keeper *k, const char *netns, int go)
{
	static char *const no_env[] = { NULL };
	struct strv words = { 0 };
	char byte;
	const struct pastaargs args = {
		.options = &k->pasta->options,
		.ports = &k->pasta->ports,
		.maps_guest = k->pasta->maps_guest,
		.netns = netns,
		.ready = READY,
	};

	pastaargs_build(&args, &words);
	if (read(go, &byte, 1) == 1)
		(void)execve(k->pasta->program, words.items, no_env);
	stop(k, "cannot start pasta");
}

static int start_pasta(struct keeper *k)
{
	char self[32] = "";
	int go[2];

	if (pipe2(go, O_CLOEXEC) < 0 || readlink("/proc/self", self, sizeof self - 1) < 0)
		stop(k, "cannot learn the number of this process");
	AUTO(mem) char *netns = str_fmt("/proc/%s/ns/net", self);
	pid_t pid = sys_fork_flags(0, &k->child);
	if (pid < 0)
		stop(k, "cannot fork");
	if (pid == 0) {
		fd_close(go[1]);
		become_pasta(k, netns, go[0]);
	}
	fd_close(go[0]);
	return go[1];
}

static void enter(const struct keeper *k)
{
	static const struct cap_sets none;

	if (setns(k->netns, CLONE_NEWNET) < 0 || caps_set(&none) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1) < 0)
		stop(k, "cannot enter the container's network namespace");
	fd_close(k->netns);
}

/* Returns when pasta serves. */
static void await_ready(const struct keeper *k)
{
	struct pollfd p[] = { { k->ready, POLLIN, 0 }, { k->child, POLLIN, 0 }, { k->sock, 0, 0 } };

	while (poll(p, array_len(p), -1) < 0)
		if (errno != EINTR)
			stop(k, "cannot wait for pasta");
	if (p[1].revents || p[2].revents)
		_exit(CANNOT);
}

static void tell_ready(const struct keeper *k)
{
	struct net_plan plan = { 0 };
	struct err err = { 0 };

	if (pastaview_read(&plan, &err) < 0) {
		(void)dprintf(k->words, "%s\n", err.text); /* or the end alone is seen */
		_exit(CANNOT);
	}
	/* Nobody reads what it prints from now on, and it shall not fill memory. */
	(void)fcntl(k->words, F_ADD_SEALS, F_SEAL_GROW);
	if (net_say(k->sock, NET_READY, net_plan_fields, &plan, NULL, 0) < 0)
		_exit(CANNOT);
}

static no_return void keep(struct keeper k)
{
	leave_caller(&k);
	make_folder(&k);
	int go = start_pasta(&k);
	enter(&k);
	if (write(go, "g", 1) != 1)
		stop(&k, "cannot start pasta");
	fd_close(go);
	await_ready(&k);
	tell_ready(&k);
	struct pollfd p[] = { { k.child, POLLIN, 0 }, { k.sock, 0, 0 } };
	while (poll(p, array_len(p), -1) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* ---- the monitor ---- */

static void end(struct pasta *pasta)
{
	if (pasta->pidfd >= 0) {
		(void)syscall(SYS_pidfd_send_signal, pasta->pidfd, SIGKILL, NULL,
			      0);		/* or it ended */
		(void)!proc_wait(pasta->pidfd); /* another may have reaped it */
	}
	fd_close(take_fd(pasta->pidfd));
	fd_close(take_fd(pasta->sock));
	fd_close(take_fd(pasta->words));
}

int pasta_attach(struct pasta *pasta, int netns, struct err *err)
{
	int pair[2];

	end(pasta);
	int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket pair");
	pasta->sock = pair[0];
	AUTO(fd) int theirs = pair[1];
	pasta->words = memfd_create("pasta", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (pasta->words < 0)
		return err_sys(err, -errno, "cannot make a memory file");
	pid_t pid = sys_fork_flags(CLONE_NEWPID, &pasta->pidfd);
	if (pid < 0)
		return err_sys(err, pid, "cannot fork for pasta");
	if (pid == 0)
		keep((struct keeper){ pasta, netns, theirs, pasta->words, -1, -1 });
	return 0;
}

/* Without a syslog it prints a line about each line. */
static char *last_line(const char *text)
{
	AUTO(strv) struct strv lines = { 0 };
	const char *last = NULL;

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++)
		if (*lines.items[i] && !str_starts(lines.items[i], "Failed to send"))
			last = lines.items[i];
	return str_dup(last);
}

static int say_why(const struct pasta *pasta, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(mem) char *line = NULL;

	if (read_words(pasta->words, &text) >= 0)
		line = last_line(text);
	return err_set(err, -EIO, "pasta cannot serve the container: %s",
		       str_or(line, "it ended and said nothing"));
}

int pasta_wait(struct pasta *pasta, struct net_plan *plan, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int word = net_hear(pasta->sock, &json, fds, &count, err);

	if (word == NET_READY)
		return jfield_load(net_plan_fields, json, plan, err);
	if (err)
		err_clear(err);
	return say_why(pasta, err);
}

const struct ports *pasta_ports(const struct pasta *pasta)
{
	return &pasta->ports;
}

const char *pasta_dns(const struct pasta *pasta)
{
	const char *asked = pastaargs_value(&pasta->options, "--dns-forward");

	if (asked || pastaargs_has(&pasta->options, "--ipv6-only"))
		return asked;
	return PASTA_DNS;
}

char *pasta_host(const struct pasta *pasta, const char *ip)
{
	const char *asked = pastaargs_value(&pasta->options, "--map-guest-addr");

	if (asked)
		return str_dup(asked);
	if (pasta->maps_guest && !pastaargs_has(&pasta->options, "--ipv6-only"))
		return str_dup(PASTA_HOST);
	return ip ? pastaview_other(ip) : NULL;
}

int pasta_pidfd(const struct pasta *pasta)
{
	return pasta ? pasta->pidfd : -1;
}

void pasta_free(struct pasta *pasta)
{
	if (!pasta)
		return;
	end(pasta);
	free(pasta->program);
	strv_clear(&pasta->options);
	ports_clear(&pasta->ports);
	free(pasta);
}
