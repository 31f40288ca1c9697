/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - the command line's side of a monitor
 *
 * Carrying the streams of an attached container is attach.c.
 */
#include "monitor/client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "monitor/attach.h"
#include "monitor/wire.h"

struct monitor_client {
	int sock;
	bool first; /* it started the container */
	struct wire in;
};

struct monitor_client *client_adopt(int sock)
{
	struct monitor_client *client = mem_new(struct monitor_client);

	client->sock = sock;
	return client;
}

void client_free(struct monitor_client *client)
{
	if (!client)
		return;
	fd_close(client->sock);
	free(client);
}

/* A pid that was given to another process is not who answers. Asked before and after connecting: one
 * that is the same both times was so in between. Works from any pid namespace, as a pidfd does not. */
static bool is_there(const struct container_state *state)
{
	uint64_t start;

	return state->monitor_pid > 0 && proc_start_time(state->monitor_pid, &start) == 0 &&
	       start == (uint64_t)state->monitor_start;
}

static int gone(const struct container_state *state, struct err *err)
{
	return err_set(err, -ESRCH, "the monitor of container '%s' is gone", state->name);
}

int client_connect(const struct container_state *state, struct monitor_client **out,
		   struct err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	AUTO(fd) int sock = -1;

	if (!is_there(state))
		return gone(state, err);
	(void)snprintf(name.sun_path, sizeof name.sun_path, "/proc/%d/cwd/ctl", state->monitor_pid);
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return err_sys(err, -errno, "cannot make a socket");
	if (connect(sock, (struct sockaddr *)&name, sizeof name) < 0) {
		int code = errno == ENOENT || errno == ECONNREFUSED ? -ESRCH : -errno;
		return err_sys(err, code, "cannot reach the monitor of container '%s'",
			       state->name);
	}
	if (!is_there(state))
		return gone(state, err);
	int r = wire_send_number(sock, MONITOR_HELLO, MONITOR_VERSION);
	if (r < 0)
		return err_sys(err, r, "cannot speak to the monitor of container '%s'",
			       state->name);
	*out = client_adopt(take_fd(sock));
	return 0;
}

static int lost(struct err *err)
{
	return err_set(err, -ECONNRESET, "the container's monitor was lost");
}

/* Waits for a message of one kind. */
static int await(struct monitor_client *client, uint32_t type, int *fds, size_t *count,
		 int *out_status, struct err *err)
{
	for (;;) {
		int r = wire_recv(client->sock, &client->in, fds, count);
		if (r == -EINTR)
			continue;
		if (r == 0)
			return lost(err);
		if (r < 0)
			return err_sys(err, r, "cannot understand the container's monitor");
		if (client->in.head.type == type)
			return 0;
		if (client->in.head.type == MONITOR_FAILED)
			return wire_failure(&client->in, out_status, err);
		for (size_t i = 0; fds && i < *count; i++)
			fd_close(fds[i]);
	}
}

/* Waits until the monitor hangs up: nothing of the container is left then. */
static void await_close(struct monitor_client *client)
{
	int r;

	do
		r = wire_recv(client->sock, &client->in, NULL, NULL);
	while (r > 0 || r == -EINTR);
}

static int request(struct monitor_client *client, uint32_t type, const void *payload, size_t size,
		   struct err *err)
{
	int r = wire_send(client->sock, type, payload, size);

	if (r == -EPIPE)
		return lost(err);
	if (r < 0)
		return err_sys(err, r, "cannot speak to the container's monitor");
	return await(client, MONITOR_DONE, NULL, NULL, NULL, err);
}

int client_started(struct monitor_client *client, int *out_pid, int *out_status, struct err *err)
{
	int status = 125;

	int r = await(client, MONITOR_STARTED, NULL, NULL, &status, err);
	client->first = true;
	if (r < 0)
		*out_status = status;
	else
		*out_pid = wire_number(&client->in);
	return r;
}

int client_signal(struct monitor_client *client, int number, struct err *err)
{
	int32_t payload = number;

	return request(client, MONITOR_SIGNAL, &payload, sizeof payload, err);
}

int client_stop(struct monitor_client *client, int number, int timeout, int *out_status,
		struct err *err)
{
	struct monitor_stop stop = { .signal = number, .timeout = timeout };

	int r = request(client, MONITOR_STOP, &stop, sizeof stop, err);
	if (r < 0)
		return r;
	*out_status = wire_number(&client->in);
	await_close(client);
	return 0;
}

int client_pause(struct monitor_client *client, bool on, struct err *err)
{
	return request(client, on ? MONITOR_PAUSE : MONITOR_UNPAUSE, NULL, 0, err);
}

int client_wait(struct monitor_client *client, int *out_status, struct err *err)
{
	if (wire_send(client->sock, MONITOR_WAIT, NULL, 0) < 0)
		return lost(err);
	int r = await(client, MONITOR_EXIT, NULL, NULL, NULL, err);
	if (r < 0)
		return r;
	*out_status = wire_number(&client->in);
	await_close(client);
	return 0;
}

int client_sockets(struct monitor_client *client, int *out, size_t *out_count, struct err *err)
{
	int fds[FD_PASS_MAX];
	size_t count = 0;

	if (wire_send(client->sock, MONITOR_SOCKETS, NULL, 0) < 0)
		return lost(err);
	int r = await(client, MONITOR_DONE, fds, &count, NULL, err);
	if (r < 0)
		return r;
	memcpy(out, fds, count * sizeof *fds);
	*out_count = count;
	return 0;
}

int client_handles(struct monitor_client *client, int *out, struct err *err)
{
	int fds[FD_PASS_MAX];
	size_t count = 0, next = 0;

	if (wire_send(client->sock, MONITOR_HANDLES, NULL, 0) < 0)
		return lost(err);
	int r = await(client, MONITOR_DONE, fds, &count, NULL, err);
	if (r < 0)
		return r;
	uint32_t present = (uint32_t)wire_number(&client->in);
	for (int i = 0; i < HANDLE_COUNT; i++)
		out[i] = (present & 1U << i) && next < count ? fds[next++] : -1;
	while (next < count)
		fd_close(fds[next++]);
	return 0;
}

int client_exec(struct monitor_client *client, const char *exec, int *out_pid, int *out_status,
		struct err *err)
{
	AUTO(fd) int file = fd_memory("exec", exec, strlen(exec));
	int status = 125;

	int r = file;
	if (r >= 0)
		r = wire_send_fds(client->sock, MONITOR_EXEC, 0, &file, 1);
	if (r < 0)
		return err_sys(err, r, "cannot ask the container's monitor");
	r = await(client, MONITOR_DONE, NULL, NULL, &status, err);
	if (r < 0)
		*out_status = status;
	else
		*out_pid = wire_number(&client->in);
	return r;
}

int client_remove(struct monitor_client *client, struct err *err)
{
	return request(client, MONITOR_REMOVE, NULL, 0, err);
}

int client_rename(struct monitor_client *client, const char *name, struct err *err)
{
	return request(client, MONITOR_RENAME, name, strlen(name), err);
}

int client_reload(struct monitor_client *client, struct err *err)
{
	return request(client, MONITOR_RELOAD, NULL, 0, err);
}

int client_connect_network(struct monitor_client *client, const char *network, const int *fds,
			   size_t count, struct err *err)
{
	AUTO(fd) int file = fd_memory("network", network, strlen(network));
	int all[FD_PASS_MAX] = { file };

	bug_unless(count < FD_PASS_MAX);
	for (size_t i = 0; i < count; i++)
		all[i + 1] = fds[i];
	int r = file;
	if (r >= 0)
		r = wire_send_fds(client->sock, MONITOR_CONNECT, 0, all, count + 1);
	if (r < 0)
		return err_sys(err, r, "cannot ask the container's monitor");
	r = await(client, MONITOR_DONE, NULL, NULL, NULL, err);
	return r < 0 ? r : 0;
}

int client_disconnect_network(struct monitor_client *client, const char *network, struct err *err)
{
	return request(client, MONITOR_DISCONNECT, network, strlen(network), err);
}

int client_check(struct monitor_client *client, struct err *err)
{
	int r = request(client, MONITOR_CHECK, NULL, 0, err);

	return r < 0 ? r : wire_number(&client->in) != 0;
}

int client_attach(struct monitor_client *client, const struct attach_options *options,
		  struct err *err)
{
	return attach_run(client->sock, options, !client->first, err);
}
