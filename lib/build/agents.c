/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * agents - ssh agents by sockets of a RUN's own
 */
#include "build/agents.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/outer.h"

#define NAME "agent"

enum { FOLDER_MODE = 0700, BACKLOG = 16, BUFFER = 16 << 10, LISTEN_FD = 3, AGENT_FD = 4 };

/* ---- handing on ------------------------------------------------------------------------------- */

/* Return: 0 at the end, 1 when there may be more. */
static int hand_on(int from, int to)
{
	char buffer[BUFFER];
	ssize_t n = read(from, buffer, sizeof buffer);

	if (n < 0 && errno == EINTR)
		return 1;
	return n > 0 && fd_write_all(to, buffer, (size_t)n) == 0;
}

/* A side that has said all may still hear the rest of the other. */
static void hand_on_both(int client, int agent)
{
	struct pollfd polls[] = { { .fd = client, .events = POLLIN },
				  { .fd = agent, .events = POLLIN } };
	const int to[] = { agent, client };

	while (polls[1].fd >= 0) {
		if (poll(polls, array_len(polls), -1) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < array_len(polls); i++)
			if (polls[i].fd >= 0 && polls[i].revents && !hand_on(polls[i].fd, to[i])) {
				(void)shutdown(to[i], SHUT_WR);
				polls[i].fd = -1;
			}
	}
}

/* Named by a descriptor a socket may have a path of any length. */
static int by_descriptor(int fd, const char *name, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d%s", fd, name);
}

no_return static void serve_one(int client)
{
	struct sockaddr_un to;
	int agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)by_descriptor(AGENT_FD, "", &to);
	if (agent >= 0 && connect(agent, (struct sockaddr *)&to, sizeof to) == 0)
		hand_on_both(client, agent);
	_exit(0);
}

/* The agent's socket is a place, not a connection: each client has its own. */
no_return static void listen_main(int listening, int agent, pid_t builder)
{
	const int high = fcntl(listening, F_DUPFD_CLOEXEC, AGENT_FD + 1);
	const int place = fcntl(agent, F_DUPFD_CLOEXEC, AGENT_FD + 1);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != builder || high < 0 || place < 0 || dup3(place, AGENT_FD, O_CLOEXEC) < 0 ||
	    dup3(high, LISTEN_FD, O_CLOEXEC) < 0)
		_exit(1);
	(void)!fd_close_from(AGENT_FD + 1);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	while (true) {
		int client = accept4(LISTEN_FD, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0 && errno != EINTR && errno != ECONNABORTED)
			_exit(1);
		if (client >= 0 && fork() == 0)
			serve_one(client);
		fd_close(client);
	}
}

/* ---- the socket ------------------------------------------------------------------------------- */

struct owning {
	const char *path;
	uint32_t uid, gid;
	mode_t mode;
};

static int own(void *data, struct err *err)
{
	const struct owning *o = data;

	if (lchown(o->path, o->uid, o->gid) < 0 || chmod(o->path, o->mode) < 0)
		return err_sys(err, -errno, "cannot give the socket '%s' its owner", o->path);
	return 0;
}

static int listen_in(const char *folder, int *out, struct err *err)
{
	AUTO(fd) int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un at;

	(void)by_descriptor(dir, "/" NAME, &at);
	if (dir < 0 || sock < 0 || bind(sock, (struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(sock, BACKLOG) < 0)
		return err_sys(err, -errno, "cannot listen in '%s'", folder);
	*out = take_fd(sock);
	return 0;
}

int agent_serve(struct engine *engine, const char *socket, uint32_t uid, uint32_t gid, mode_t mode,
		struct agent *out, struct err *err)
{
	AUTO(agent) struct agent agent = { .engine = engine };
	AUTO(fd) int there = open(socket, O_PATH | O_CLOEXEC);
	AUTO(fd) int listening = -1;
	const pid_t builder = getpid();

	if (there < 0)
		return err_sys(err, -errno, "cannot reach the agent '%s'", socket);
	int r = temp_dir(engine->store, FOLDER_MODE, &agent.temp, err);
	if (r == 0)
		r = listen_in(agent.temp->path, &listening, err);
	if (r < 0)
		return r;
	agent.path = str_fmt("%s/" NAME, agent.temp->path);
	struct owning owning = { agent.path, uid, gid, mode };
	r = outer_run(engine, 0, own, &owning, err);
	if (r < 0)
		return r;
	agent.pid = fork();
	if (agent.pid == 0)
		listen_main(listening, there, builder);
	if (agent.pid < 0)
		return err_sys(err, -errno, "cannot start who asks the agent");
	*out = agent;
	agent = (struct agent){ 0 };
	return 0;
}

void agent_end(struct agent *agent)
{
	if (agent->pid > 0) {
		(void)kill(agent->pid, SIGKILL);
		while (waitpid(agent->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (agent->temp)
		(void)!temp_remove(agent->engine->store, agent->temp); /* else the next sweep */
	temp_free(agent->temp);
	free(agent->path);
	*agent = (struct agent){ 0 };
}
