/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * relay - the least a user-space TCP forwarder can cost: splice(2) between two sockets on loopback
 *
 * Usage: relay LISTEN_PORT TARGET_PORT      one process a connection; published ports are compared to it
 * Build: cc -O2 -o relay relay.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20 };

struct way {
	int in, out, pipe[2], held, ended;
};

static int loopback(int port, struct sockaddr_in *addr)
{
	*addr = (struct sockaddr_in){ AF_INET, htons(port), { htonl(INADDR_LOOPBACK) }, { 0 } };
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Blocking sockets: read only where poll(2) said that there is something to read. */
static int move(struct way *w, int readable)
{
	if (readable) {
		ssize_t n = splice(w->in, NULL, w->pipe[1], NULL, PIPE_BYTES,
				   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n > 0)
			w->held = n;
		else if (n == 0 || errno != EAGAIN) {
			w->ended = 1;
			shutdown(w->out, SHUT_WR);
		}
	}
	if (w->held) {
		ssize_t n = splice(w->pipe[0], NULL, w->out, NULL, w->held,
				   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n > 0)
			w->held -= n;
		else if (n < 0 && errno != EAGAIN)
			return -1;
	}
	return 0;
}

static int serve(int client, int port)
{
	struct sockaddr_in addr;
	int on = 1, server = loopback(port, &addr);
	if (connect(server, (struct sockaddr *)&addr, sizeof addr))
		return 1;
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	struct way ways[2] = { { .in = client, .out = server }, { .in = server, .out = client } };
	for (int i = 0; i < 2; i++)
		if (pipe2(ways[i].pipe, O_NONBLOCK | O_CLOEXEC) ||
		    fcntl(ways[i].pipe[1], F_SETPIPE_SZ, PIPE_BYTES) < 0)
			return 1;
	while (!(ways[0].ended && ways[1].ended)) {
		struct pollfd fds[4];
		for (int i = 0; i < 2; i++) {
			struct way *w = &ways[i];
			fds[2 * i] = (struct pollfd){ .fd = w->ended || w->held ? -1 : w->in,
						      .events = POLLIN };
			fds[2 * i + 1] =
				(struct pollfd){ .fd = w->held ? w->out : -1, .events = POLLOUT };
		}
		if (poll(fds, 4, -1) < 0 || move(&ways[0], fds[0].revents) ||
		    move(&ways[1], fds[2].revents))
			return 1;
	}
	return 0;
}

static int port_of(const char *text)
{
	char *end;
	long port = strtol(text, &end, 10);
	return *end || port < 1 || port > 65535 ? -1 : (int)port;
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr;
	int on = 1;
	int from = argc == 3 ? port_of(argv[1]) : -1;
	int to = argc == 3 ? port_of(argv[2]) : -1;
	if (from < 0 || to < 0)
		return 2;
	signal(SIGCHLD, SIG_IGN);
	int listener = loopback(from, &addr);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&addr, sizeof addr) || listen(listener, 64)) {
		perror("relay");
		return 1;
	}
	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (client >= 0 && fork() == 0)
			_exit(serve(client, to));
		close(client);
	}
}
