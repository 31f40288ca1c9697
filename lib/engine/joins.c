/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * joins - the namespaces of other containers that a container lives in
 */
#include "engine/joins.h"

#include <errno.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "engine/running.h"
#include "monitor/protocol.h"
#include "store/record.h"

typedef int (*join_fn)(struct engine *engine, const char *mode, int *out, struct err *err);

static const char *joined_id(const char *mode)
{
	return mode ? str_starts(mode, "container:") : NULL;
}

static int not_running(const char *name, struct err *err)
{
	(void)err_set(err, -ESRCH, "cannot join container '%s': it is not running", name);
	return err_hint(err, "start it first: cubby start %s", name);
}

static int join_one(struct engine *engine, const char *mode, int *out, struct err *err)
{
	const char *id = joined_id(mode);
	AUTO(container_state) struct container_state *state = NULL;

	if (!id)
		return 0;
	int r = record_state_load(engine->store, id, &state, err);
	if (r < 0)
		return err_wrap(err, "cannot join container '%.12s'", id);
	int pidfd = state->pid > 0 ? proc_open(state->pid, (uint64_t)state->pid_start) : -ESRCH;
	if (pidfd < 0)
		return not_running(state->name, err);
	*out = pidfd;
	return 0;
}

/* Through its monitor: a pid of the host's cannot be opened from another pid namespace. */
static int ask_one(struct engine *engine, const char *mode, int *out, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	const char *id = joined_id(mode);
	int handles[HANDLE_COUNT];

	if (!id)
		return 0;
	int r = running_connect(engine, id, &client, err);
	if (r >= 0)
		r = client_handles(client, handles, err);
	if (r < 0)
		return err_wrap(err, "cannot join container '%.12s'", id);
	for (int i = 0; i < HANDLE_COUNT; i++)
		if (i != HANDLE_PIDFD)
			fd_close(handles[i]);
	*out = handles[HANDLE_PIDFD];
	return *out < 0 ? not_running(id, err) : 0;
}

static int join_all(struct engine *engine, const struct container_config *config, join_fn join,
		    struct joins *out, struct err *err)
{
	AUTO(joins) struct joins joins = { -1, -1, -1, -1 };

	int r = join(engine, config->pid_mode, &joins.pid, err);
	if (r == 0)
		r = join(engine, config->ipc_mode, &joins.ipc, err);
	if (r == 0)
		r = join(engine, config->uts_mode, &joins.uts, err);
	if (r == 0)
		r = join(engine, config->network_mode, &joins.net, err);
	if (r < 0)
		return r;
	joins_close(out);
	*out = joins;
	joins = (struct joins){ -1, -1, -1, -1 };
	return 0;
}

int joins_open(struct engine *engine, const struct container_config *config, struct joins *out,
	       struct err *err)
{
	struct joins joins = { -1, -1, -1, -1 };

	int r = join_all(engine, config, join_one, &joins, err);
	if (r == 0)
		*out = joins;
	return r;
}

int joins_renew(struct engine *engine, const struct container_config *config, struct joins *joins,
		struct err *err)
{
	return join_all(engine, config, ask_one, joins, err);
}

bool joins_shared_pids(const struct container_config *config)
{
	return str_eq(config->pid_mode, "host") ||
	       (config->pid_mode && str_starts(config->pid_mode, "container:"));
}

void joins_close(struct joins *joins)
{
	fd_close(take_fd(joins->pid));
	fd_close(take_fd(joins->ipc));
	fd_close(take_fd(joins->uts));
	fd_close(take_fd(joins->net));
}
