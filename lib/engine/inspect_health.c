/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect_health - the parts of a container's document that speak of its health
 */
#include "engine/inspect.h"

#include "store/health.h"

/* A record of another host names a process that is none of ours. */
static pid_t monitor_here(const struct engine *engine, const struct container_state *state)
{
	return str_eq(state->host_id, engine->store->host_id) ? state->monitor_pid : 0;
}

void inspect_health(struct engine *engine, cJSON *doc, const struct container_config *c,
		    const struct container_state *live)
{
	cJSON *state = cJSON_GetObjectItemCaseSensitive(doc, "State");
	bool checked = health_checked(&c->health);
	AUTO(health_log) struct health_log log = { 0 };

	if (!checked && engine->docker)
		return;
	if (checked)
		health_log_load(engine->store, c->id, &c->health, monitor_here(engine, live), &log);
	/* Its monitor writes what it found before the state: one status for all who ask. */
	if (checked && live->health)
		str_set(&log.status, live->health);
	cJSON *health = jfield_save(health_log_fields, &log);
	cJSON_AddItemToObject(state, "Health", health);
	/* Older templates of podman's ask for it by this name. */
	cJSON_AddItemToObject(state, "Healthcheck()", cJSON_Duplicate(health, true));
}

static cJSON *check_object(const struct strv *test, int64_t interval, int64_t timeout, int retries)
{
	cJSON *o = cJSON_CreateObject();

	inspect_list(o, "Test", test);
	inspect_number(o, "Interval", interval);
	inspect_number(o, "Timeout", timeout);
	inspect_number(o, "Retries", retries);
	return o;
}

void inspect_health_config(cJSON *doc, const struct container_config *c)
{
	cJSON *o = cJSON_GetObjectItemCaseSensitive(doc, "Config");
	const struct health_config *h = &c->health;

	if (!h->test.count)
		return;
	cJSON *check = check_object(&h->test, h->interval, h->timeout, h->retries);
	inspect_number(check, "StartPeriod", h->start_period);
	inspect_number(check, "StartInterval", h->start_interval);
	cJSON_AddItemToObject(o, "Healthcheck", check);
	inspect_text(o, "HealthcheckOnFailureAction", health_action_names[h->on_failure]);
	inspect_text(o, "HealthLogDestination",
		     h->log_events ? "events_logger" : str_or(h->log_folder, "local"));
	inspect_number(o, "HealthcheckMaxLogCount", h->log_count);
	inspect_number(o, "HealthcheckMaxLogSize", h->log_size);
	if (!h->startup_test.count)
		return;
	check = check_object(&h->startup_test, h->startup_interval, h->startup_timeout,
			     h->startup_retries);
	inspect_number(check, "Successes", h->startup_success);
	cJSON_AddItemToObject(o, "StartupHealthCheck", check);
}
