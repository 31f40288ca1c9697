/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * net - a container's network: the life of the cubby-net that serves it
 */
#include "net/net.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "net/exchange.h"
#include "net/fresh.h"

struct net {
	int pidfd;
	int sock;
	int far;
};

/* The page comes first; without it there is nothing. */
static int say_job(int sock, const struct net_config *config, struct err *err)
{
	int fds[FD_PASS_MAX];
	size_t count = 0;
	const struct handed *handed = config->handed;

	if (handed && handed->sockets.count >= FD_PASS_MAX)
		return err_set(err, -E2BIG, "more than %d sockets were passed for published ports",
			       FD_PASS_MAX - 1);
	if (handed)
		fds[count++] = handed->traffic;
	for (size_t i = 0; handed && i < handed->sockets.count; i++)
		fds[count++] = handed->sockets.items[i];
	int r = net_say(sock, NET_JOB, net_config_fields, config, fds, count);
	if (r == -EMSGSIZE)
		return err_set(err, r, "too many published ports: name them as ranges");
	return r < 0 ? err_sys(err, r, "cannot tell the network helper its job") : 0;
}

int net_start(const char *program, const struct net_config *config, int doors, struct net **out,
	      struct err *err)
{
	char *const argv[] = { (char *)"cubby-net", NULL };
	int pair[2];
	int r = fd_pair(SOCK_SEQPACKET, pair);

	if (r < 0)
		return err_sys(err, r, "cannot make a socket for the network helper");
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	const struct spawn_fd fds[] = { { STDERR_FILENO, STDERR_FILENO },
					{ theirs, NET_SOCKET },
					{ doors, NET_DOORS } };
	const struct spawn spawn = {
		.path = program,
		.argv = argv,
		.fds = fds,
		.fd_count = array_len(fds) - (doors < 0 ? 1 : 0),
		.die_with_parent = true,
	};
	AUTO(net) struct net *net = mem_new(struct net);
	net->pidfd = net->sock = net->far = -1;
	pid_t pid = spawn_start(&spawn, &net->pidfd, err);
	if (pid < 0)
		return (int)pid;
	net->sock = take_fd(ours);
	struct net_config job = *config;
	job.behind = config->fresh && !fresh_made(config->fresh);
	r = say_job(net->sock, &job, err);
	if (r < 0)
		return r;
	*out = take_ptr(net);
	return 0;
}

int net_attach(struct net *net, int netns, int far, struct err *err)
{
	const int fds[] = { netns, far };
	int r = net_say(net->sock, NET_NAMESPACE, NULL, NULL, fds, far < 0 ? 1 : 2);

	/* One that failed already has said why; net_wait() hears it. */
	if (r == -EPIPE)
		return 0;
	return r < 0 ? err_sys(err, r, "cannot hand the network over") : 0;
}

static int another_version(struct err *err)
{
	return err_set(err, -EBADMSG, "the network helper is of another version");
}

static int take_ready(const cJSON *json, struct ports *out, struct err *err)
{
	struct net_report report = { 0 };
	int r = jfield_load(net_report_fields, json, &report, err);

	if (r == 0)
		ports_copy(&report.ports, out);
	jfield_clear(net_report_fields, &report);
	return r;
}

int net_wait(struct net *net, struct ports *out, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int word = net_hear(net->sock, &json, fds, &count, err);

	if (word < 0)
		return word;
	AUTO(fd) int far = count ? fds[0] : -1;
	for (size_t i = 1; i < count; i++)
		fd_close(fds[i]);
	if (word == NET_FAILED)
		return net_report_fail(json, err);
	if (word != NET_READY || count > 1)
		return another_version(err);
	int r = take_ready(json, out, err);
	if (r == 0)
		net->far = take_fd(far);
	return r;
}

int net_pidfd(const struct net *net)
{
	return net->pidfd;
}

int net_far(struct net *net)
{
	return take_fd(net->far);
}

void net_free(struct net *net)
{
	if (!net)
		return;
	if (net->pidfd >= 0) {
		(void)syscall(SYS_pidfd_send_signal, net->pidfd, SIGKILL, NULL,
			      0);	      /* or it ended */
		(void)!proc_wait(net->pidfd); /* another may have reaped it */
	}
	fd_close(net->pidfd);
	fd_close(net->sock);
	fd_close(net->far);
	free(net);
}
