/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * activation - descriptors that systemd, or who speaks as it does, handed to this command
 */
#include "engine/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/running.h"
#include "net/activated.h"

enum { FIRST = 3, NAMES_MAX = 64 << 10 };

static int take_one(int fd, struct activation *out, struct err *err)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_set(err, -EINVAL, "LISTEN_FDS: descriptor %d is not open", fd);
	out->fds[out->count++] = fd;
	return 0;
}

int activation_take(const struct host *host, struct activation *out, struct err *err)
{
	AUTO(activation) struct activation all = { 0 };
	const char *pid = host_env(host, "LISTEN_PID"), *fds = host_env(host, "LISTEN_FDS");
	const char *names = host_env(host, "LISTEN_FDNAMES");
	uint64_t number, count;
	int r = 0;

	if (!pid || !fds || str_u64(pid, INT_MAX, &number) < 0 || number != (uint64_t)getpid())
		return 0;
	if (str_u64(fds, ACTIVATION_MAX, &count) < 0)
		return err_set(err, -EINVAL, "LISTEN_FDS: '%s' is not a number from 0 to %d", fds,
			       ACTIVATION_MAX);
	for (int i = 0; i < (int)count && r == 0; i++)
		r = take_one(FIRST + i, &all, err);
	if (r < 0)
		return r;
	if (names)
		strv_split(&all.names, names, ':');
	*out = all;
	all = (struct activation){ 0 };
	return 0;
}

void activation_of(struct engine *engine, const char *id, struct activation *out)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	AUTO(mem) char *names = NULL;
	int fds[FD_PASS_MAX];
	size_t count = 0;

	if (running_connect(engine, id, &client, NULL) < 0 ||
	    client_sockets(client, fds, &count, NULL) < 0 || !count)
		return;
	/* The last one holds the names. */
	AUTO(fd) int text = fds[--count];
	if (lseek(text, 0, SEEK_SET) == 0 && fd_read_all(text, NAMES_MAX, &names, NULL) == 0 &&
	    !str_empty(names))
		strv_split(&out->names, names, ':');
	for (size_t i = 0; i < count; i++)
		out->fds[out->count++] = fds[i];
}

static void choose(const struct activation *a, const struct container_config *config,
		   bool published[ACTIVATION_MAX])
{
	AUTO(activated) struct activated_list sockets = { 0 };
	AUTO(ports) struct ports ports = { 0 };

	/* A record of a port that cannot be read publishes nothing. */
	if (ports_load(&config->ports, &ports, NULL) < 0)
		return;
	activated_read(a->fds, a->count, &sockets);
	for (size_t i = 0; i < sockets.count; i++)
		for (size_t k = 0; k < a->count; k++)
			if (a->fds[k] == sockets.items[i].fd)
				published[k] = activated_serves(&sockets, i, &ports);
}

size_t activation_rest(const struct activation *activation, const struct container_config *config,
		       int out_fds[ACTIVATION_MAX], struct strv *env)
{
	AUTO(strv) struct strv names = { 0 };
	bool published[ACTIVATION_MAX] = { 0 };
	size_t count = 0;

	choose(activation, config, published);
	for (size_t i = 0; i < activation->count; i++) {
		if (published[i])
			continue;
		out_fds[count++] = activation->fds[i];
		strv_add(&names, i < activation->names.count ? activation->names.items[i] : "");
	}
	if (!count)
		return 0;
	AUTO(mem) char *joined = str_join(&names, ":");
	AUTO(mem) char *fds = str_fmt("LISTEN_FDS=%zu", count);
	AUTO(mem) char *list = str_fmt("LISTEN_FDNAMES=%s", joined);
	strv_env_set(env, fds);
	/* Under --init the program is the first child of PID 1. */
	strv_env_set(env, config->init ? "LISTEN_PID=2" : "LISTEN_PID=1");
	if (activation->names.count)
		strv_env_set(env, list);
	return count;
}

void activation_clear(struct activation *activation)
{
	for (size_t i = 0; i < activation->count; i++)
		fd_close(activation->fds[i]);
	strv_clear(&activation->names);
	activation->count = 0;
}
