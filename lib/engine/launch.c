/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * launch - start a container and stay with it, or not
 */
#include "engine/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "engine/container.h"
#include "engine/logout.h"
#include "store/record.h"

enum { STATUS_CANNOT = 125 };

static void take_size(const struct container_config *config, struct start_options *out)
{
	struct winsize size;

	for (int fd = 0; config->tty && fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
			out->rows = size.ws_row;
			out->columns = size.ws_col;
			return;
		}
}

/* What --rm promised also holds for one that never ran. */
static void drop(struct engine *engine, const struct container_config *config)
{
	if (config->remove)
		container_drop(engine, config->id);
}

static int begin(struct engine *engine, const struct container_config *config,
		 const struct launch_options *options, struct monitor_client **out_client,
		 struct launch_result *out, struct err *err)
{
	struct start_options start = { .attached = !options->detach,
				       .extra_fds = options->extra_fds,
				       .extra_count = options->extra_count,
				       .activation = options->activation,
				       .input = options->input,
				       .sandbox = options->sandbox };
	int sock, pid;

	out->status = STATUS_CANNOT;
	take_size(config, &start);
	int r = container_start(engine, config->id, &start, &sock, err);
	if (r < 0)
		return r;
	AUTO(monitor_client) struct monitor_client *client = client_adopt(sock);
	r = client_started(client, &pid, &out->status, err);
	if (r < 0)
		return r;
	out->started = true;
	*out_client = take_ptr(client);
	return 0;
}

/* Those of --requires run before it, and are started where they do not. */
static int start_required(struct engine *engine, const struct container_config *config,
			  struct err *err)
{
	static const struct launch_options detach = { .detach = true };

	for (size_t i = 0; i < config->requires.count; i++) {
		AUTO(container_config) struct container_config *other = NULL;
		struct launch_result result;
		int r = record_config_load(engine->store, config->requires.items[i], &other, err);
		if (r == 0)
			r = launch(engine, other, &detach, &result, err);
		if (r == -EALREADY)
			err_clear(err);
		else if (r < 0)
			return err_wrap(err, "container '%s' requires another", config->name);
	}
	return 0;
}

static void tell_of_logout(struct engine *engine)
{
	struct session session;

	if (logout_told(engine))
		return;
	session_measure(engine->host, "", &session);
	logout_tell(engine, &session);
}

int launch(struct engine *engine, const struct container_config *config,
	   const struct launch_options *options, struct launch_result *out, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;

	*out = (struct launch_result){ .status = STATUS_CANNOT };
	int r = start_required(engine, config, err);
	if (r == 0)
		r = begin(engine, config, options, &client, out, err);
	if (r < 0) {
		if (!out->started)
			drop(engine, config);
		return r;
	}
	if (options->detach) {
		tell_of_logout(engine);
		out->status = 0;
		out->detached = true;
		return 0;
	}
	r = client_attach(client, &options->attach, err);
	if (r < 0) {
		out->status = STATUS_CANNOT;
		return r;
	}
	out->detached = r == ATTACH_DETACHED;
	out->status = out->detached ? 0 : r;
	return 0;
}
