/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - one monitor that serves the steps of a build, one after the other
 */
#include "engine/sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "net/config.h"

enum { STEP_FDS = 2 };

/* What may differ: what a step is built upon, what it runs, and what is mounted for it alone. */
static const char *const of_a_step[] = {
	"id",		"name",		  "created", "image_id", "image_name",
	"image_digest", "image_stores",	  "layers",  "command",	 "entrypoint",
	"env",		"workdir",	  "user",    "hostname", "mounts",
	"secrets",	"create_command",
};

static bool is_private(const char *mode)
{
	return !mode || str_eq(mode, "private");
}

/* None that may change routes, interfaces or switches, and none that others can reach. */
static bool fits_network(const struct container_config *config)
{
	const char *mode = str_or(config->network_mode, "slirp");

	if (str_eq(mode, "none") || str_eq(mode, "host"))
		return true;
	return str_eq(mode, "slirp") && !net_is_fast(&config->network_options) &&
	       !config->ports.count && !config->publish_all && !config->endpoints.count;
}

static bool fits_rights(const struct container_config *config)
{
	return !config->privileged && !config->cap_add.count && !config->unmask.count &&
	       !config->sysctls.count && !config->devices.count && !config->cdi_devices.count &&
	       !config->hook_folders.count;
}

/* A file as a layer is mounted by a process that ends with the step. */
static bool fits_files(const struct container_config *config)
{
	AUTO(strv) struct strv layers = { 0 };

	container_config_layers(config, &layers);
	for (size_t i = 0; i < layers.count; i++)
		if (layers.items[i][0] == '/')
			return false;
	return str_eq(config->driver, "overlay") && !config->rootfs;
}

bool sandbox_fits(const struct container_config *config)
{
	const bool own = is_private(config->pid_mode) && is_private(config->ipc_mode) &&
			 is_private(config->uts_mode) &&
			 (!config->userns_mode || str_eq(config->userns_mode, "host"));

	return config->build && own && fits_network(config) && fits_rights(config) &&
	       fits_files(config);
}

char *sandbox_like(const struct container_config *config)
{
	AUTO(json) cJSON *json = jfield_save(container_config_fields, config);

	for (size_t i = 0; i < array_len(of_a_step); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(json, of_a_step[i]);
	return json_print(json, 0);
}

static int ask(const struct sandbox_monitor *monitor, const struct sandbox_step *step)
{
	const int fds[STEP_FDS] = { step->sock, step->lock };
	const ssize_t n = fd_send(monitor->sock, step->id, sizeof step->id, fds, STEP_FDS);

	return n < 0 ? (int)n : 0;
}

static void let_go(struct sandbox_monitor *monitor)
{
	if (monitor->like)
		fd_close(monitor->sock);
	free(monitor->like);
	*monitor = (struct sandbox_monitor){ .sock = -1 };
}

/* That of the same steps, or the one to be replaced. */
static struct sandbox_monitor *choose(struct sandbox *sandbox, const char *like)
{
	for (size_t i = 0; i < SANDBOX_MONITORS; i++)
		if (str_eq(sandbox->monitors[i].like, like))
			return &sandbox->monitors[i];
	struct sandbox_monitor *oldest = &sandbox->monitors[sandbox->oldest];
	sandbox->oldest = (sandbox->oldest + 1) % SANDBOX_MONITORS;
	return oldest;
}

int sandbox_take(struct sandbox *sandbox, const struct container_config *config, bool limited,
		 int sock, int lock, int *out_nest, struct err *err)
{
	struct sandbox_step step = { .sock = sock, .lock = lock };
	int pair[2];

	if (limited || !sandbox_fits(config))
		return 0;
	AUTO(mem) char *like = sandbox_like(config);
	struct sandbox_monitor *monitor = choose(sandbox, like);
	memcpy(step.id, config->id, sizeof step.id);
	if (str_eq(monitor->like, like) && ask(monitor, &step) == 0)
		return 1;
	let_go(monitor);
	const int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket pair");
	*monitor = (struct sandbox_monitor){ .sock = pair[0], .like = take_ptr(like) };
	*out_nest = pair[1];
	return 0;
}

bool sandbox_left(int sock)
{
	char byte;

	return recv(sock, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) == 0;
}

int sandbox_hear(int sock, struct sandbox_step *out)
{
	struct sandbox_step step = { .sock = -1, .lock = -1 };
	int fds[FD_PASS_MAX];
	size_t count = 0;
	const ssize_t n = fd_recv(sock, step.id, sizeof step.id, fds, &count);

	if (n == (ssize_t)sizeof step.id && count == STEP_FDS && !step.id[CONTAINER_ID_HEX]) {
		step.sock = fds[0];
		step.lock = fds[1];
		*out = step;
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		fd_close(fds[i]);
	return -EPIPE;
}

void sandbox_end(struct sandbox *sandbox)
{
	for (size_t i = 0; i < SANDBOX_MONITORS; i++)
		let_go(&sandbox->monitors[i]);
}
