/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * joins - the namespaces of other containers that a container lives in
 */
#include "engine/joins.h"

#include <errno.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "store/record.h"

static int join_one(struct engine *engine, const char *mode, int *out, struct err *err)
{
	const char *id = mode ? str_starts(mode, "container:") : NULL;
	AUTO(container_state) struct container_state *state = NULL;

	if (!id)
		return 0;
	int r = record_state_load(engine->store, id, &state, err);
	if (r < 0)
		return err_wrap(err, "cannot join container '%.12s'", id);
	int pidfd = state->pid > 0 ? proc_open(state->pid, (uint64_t)state->pid_start) : -ESRCH;
	if (pidfd < 0) {
		(void)err_set(err, -ESRCH, "cannot join container '%s': it is not running",
			      state->name);
		return err_hint(err, "start it first: cubby start %s", state->name);
	}
	*out = pidfd;
	return 0;
}

int joins_open(struct engine *engine, const struct container_config *config, struct joins *out,
	       struct err *err)
{
	AUTO(joins) struct joins joins = { -1, -1, -1, -1 };

	int r = join_one(engine, config->pid_mode, &joins.pid, err);
	if (r == 0)
		r = join_one(engine, config->ipc_mode, &joins.ipc, err);
	if (r == 0)
		r = join_one(engine, config->uts_mode, &joins.uts, err);
	if (r == 0)
		r = join_one(engine, config->network_mode, &joins.net, err);
	if (r < 0)
		return r;
	*out = joins;
	joins = (struct joins){ -1, -1, -1, -1 };
	return 0;
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
