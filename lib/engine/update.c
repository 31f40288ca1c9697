/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * update - changing what a container was made with
 *
 * The configuration is written first; a monitor reads it again when it is told. So a monitor that cannot
 * be told takes the change at the next start.
 */
#include "engine/update.h"

#include <errno.h>

#include "base/fd.h"
#include "engine/enforce.h"
#include "engine/rateplan.h"
#include "engine/running.h"
#include "engine/security.h"
#include "monitor/restart.h"
#include "net/rate.h"
#include "net/traffic.h"
#include "store/event.h"
#include "store/lock.h"
#include "store/record.h"
#include "store/transition.h"

static bool same_health(const struct health_args *a)
{
	static const struct health_args none = HEALTH_ARGS_NONE;
	const char *const texts[] = {
		a->cmd,
		a->interval,
		a->timeout,
		a->start_period,
		a->start_interval,
		a->on_failure,
		a->startup_cmd,
		a->startup_interval,
		a->startup_timeout,
		a->log_destination,
	};

	for (size_t i = 0; i < array_len(texts); i++)
		if (texts[i])
			return false;
	return !a->none && a->retries == none.retries &&
	       a->startup_retries == none.startup_retries &&
	       a->startup_success == none.startup_success && a->log_count == none.log_count &&
	       a->log_size == none.log_size;
}

bool update_empty(const struct update_args *args)
{
	return !args->restart && !args->network_rate && same_health(&args->health) &&
	       !args->env.count && !args->unset_env.count && !args->ulimits.count &&
	       !resource_args_given(&args->resources);
}

static int change_restart(struct container_config *config, const char *typed, struct err *err)
{
	struct restart restart;

	if (!typed)
		return 0;
	int r = restart_parse(typed, &restart, err);
	if (r < 0)
		return r;
	if (config->remove && restart.policy != RESTART_NO)
		return err_set(err, -EINVAL,
			       "container '%s' was made with --rm, which takes no restart policy",
			       config->name);
	str_set(&config->restart, restart.policy == RESTART_NO ? NULL : typed);
	return 0;
}

static int change_health(struct container_config *config, const struct health_args *args,
			 struct err *err)
{
	static const struct image_healthcheck none = { 0 };
	AUTO(strv) struct strv shell = { 0 };

	if (same_health(args))
		return 0;
	strv_extend(&shell, &config->health.shell);
	return health_plan(args, &none, &shell, &config->health, err);
}

static void unset(struct strv *env, const char *name)
{
	for (size_t i = env->count; i > 0; i--) {
		const char *rest = str_starts(env->items[i - 1], name);
		if (rest && (*rest == '=' || !*rest))
			strv_remove(env, i - 1);
	}
}

static int change(struct container_config *config, const struct update_args *args, struct err *err)
{
	int r = change_restart(config, args->restart, err);

	if (r == 0)
		r = change_health(config, &args->health, err);
	if (r == 0 && args->network_rate)
		r = rateplan_set(args->network_rate, config, err);
	if (r == 0)
		r = resource_args_set(&args->resources, &config->resources, err);
	if (r == 0)
		r = security_limits(&args->ulimits, config, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < args->unset_env.count; i++)
		unset(&config->env, args->unset_env.items[i]);
	for (size_t i = 0; i < args->env.count; i++)
		strv_env_set(&config->env, args->env.items[i]);
	return 0;
}

static int tell(struct engine *engine, const struct container_config *config, struct err *err)
{
	int r = running_reload(engine, config->id, err);

	if (r != -ENOSYS)
		return r;
	engine_warn(engine,
		    "the monitor of container '%s' is older: the change is for its next start",
		    config->name);
	err_clear(err);
	return 0;
}

/* One that has just ended, or has an older monitor, takes it at its next start. */
static void limit_now(struct engine *engine, const struct container_config *config)
{
	AUTO(container_state) struct container_state *state = NULL;
	struct rate limits = { 0 };

	if (record_state_load(engine->store, config->id, &state, NULL) < 0 ||
	    state->status == CONTAINER_EXITED || state->status == CONTAINER_CREATED ||
	    !str_eq(state->host_id, engine->store->host_id) || state->monitor_pid <= 0)
		return;
	if (config->network_rate && rate_parse(config->network_rate, &limits, NULL) < 0)
		return;
	(void)!traffic_limit(state->monitor_pid, &limits);
}

/* Limits are looked at before anything is written, and set after. */
struct limits_change {
	struct container_state *state;
	struct container_config *old;
};

static inline void auto_limits_change(struct limits_change *c)
{
	container_state_free(c->state);
	container_config_free(c->old);
}

static int begin_limits(struct engine *engine, const char *id, struct limits_change *out,
			struct err *err)
{
	int r = record_state_load(engine->store, id, &out->state, err);

	return r < 0 ? r : record_config_load(engine->store, id, &out->old, err);
}

static int change_record(struct engine *engine, struct container_config *config,
			 const struct update_args *args, struct limits_change *limits,
			 struct err *err)
{
	bool limited = resource_args_given(&args->resources);
	int r = limited ? begin_limits(engine, config->id, limits, err) : 0;

	if (r == 0)
		r = change(config, args, err);
	if (r == 0 && limited)
		r = enforce_check_change(engine, limits->state, limits->old, config, err);
	return r == 0 ? record_config_save(engine->store, config, err) : r;
}

int container_update(struct engine *engine, const char *id, const struct update_args *args,
		     struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(limits_change) struct limits_change limits = { 0 };
	AUTO(fd) int lock = -1;
	int r = lock_take(engine->store, LOCK_CONTAINER, id, LOCK_EXCLUSIVE, &lock, err);

	if (r == 0)
		r = running_check(engine, id, VERB_UPDATE, err);
	if (r >= 0)
		r = record_config_load(engine->store, id, &config, err);
	if (r == 0)
		r = change_record(engine, config, args, &limits, err);
	if (r == 0)
		r = tell(engine, config, err);
	if (r == 0 && limits.state)
		r = enforce_change(engine, limits.state, limits.old, config, err);
	if (r < 0)
		return r;
	if (args->network_rate)
		limit_now(engine, config);
	const struct event_about about = event_of_config(config);
	event_write(engine->store, EVENT_CONTAINER, EVENT_UPDATE, &about, NULL);
	return 0;
}
