/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * health - how a container's health is checked, and what the last checks found
 */
#include "store/health.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* In the monitor's working folder. */
#define NOTED "health.json"

const char *const health_status_names[] = {
	[HEALTH_NONE] = "none",
	[HEALTH_STARTING] = "starting",
	[HEALTH_HEALTHY] = "healthy",
	[HEALTH_UNHEALTHY] = "unhealthy",
	NULL,
};

const char *const health_action_names[] = {
	[HEALTH_DO_NOTHING] = "none",
	[HEALTH_DO_KILL] = "kill",
	[HEALTH_DO_RESTART] = "restart",
	[HEALTH_DO_STOP] = "stop",
	NULL,
};

#define H(kind, f) J_##kind(#f, struct health_config, f)
const struct jfield health_config_fields[] = {
	H(STRV, test),		 H(STRV, shell),
	H(I64, interval),	 H(I64, timeout),
	H(I64, start_period),	 H(I64, start_interval),
	H(INT, retries),	 H(INT, on_failure),
	H(STRV, startup_test),	 H(I64, startup_interval),
	H(I64, startup_timeout), H(INT, startup_retries),
	H(INT, startup_success), H(TEXT, log_folder),
	H(BOOL, log_events),	 H(INT, log_count),
	H(INT, log_size),	 J_END,
};
#undef H

static const struct jfield entry_fields[] = {
	J_TEXT("Start", struct health_entry, start),
	J_TEXT("End", struct health_entry, end),
	J_INT("ExitCode", struct health_entry, exit_code, J_ALWAYS),
	J_TEXT("Output", struct health_entry, output, J_ALWAYS),
	J_END,
};

const struct jfield health_log_fields[] = {
	J_TEXT("Status", struct health_log, status, J_ALWAYS),
	J_INT("FailingStreak", struct health_log, failing_streak, J_ALWAYS),
	J_LIST("Log", struct health_log, entries, entry_fields, J_ALWAYS),
	J_END,
};

bool health_checked(const struct health_config *config)
{
	return config->test.count > 0 && !str_eq(config->test.items[0], "NONE");
}

void health_log_add(struct health_log *log, const struct health_entry *entry, int most)
{
	*vec_push(&log->entries) = *entry;
	while (most > 0 && log->entries.count > (size_t)most) {
		struct health_entry *items = log->entries.items;
		jfield_clear(entry_fields, &items[0]);
		memmove(items, items + 1, --log->entries.count * sizeof *items);
	}
}

static char *path_of(const struct store *store, const char *id, const struct health_config *config)
{
	if (config->log_folder)
		return str_fmt("%s/%s-healthcheck.log", config->log_folder, id);
	return store_container_path(store, id, "health.json");
}

/* Return: whether there was something that could be read. */
static bool load_from(const char *path, struct health_log *out)
{
	AUTO(json) cJSON *json = NULL;

	if (json_load(AT_FDCWD, path, &json, NULL) < 0)
		return false;
	/* What was damaged is shown as nothing. */
	if (jfield_load(health_log_fields, json, out, NULL) < 0)
		health_log_clear(out);
	return true;
}

void health_log_load(const struct store *store, const char *id, const struct health_config *config,
		     pid_t monitor, struct health_log *out)
{
	AUTO(mem) char *path = path_of(store, id, config);
	AUTO(mem) char *noted = str_fmt("/proc/%d/cwd/" NOTED, monitor);

	if (monitor <= 0 || config->log_folder || !load_from(noted, out))
		(void)load_from(path, out);
}

static int save_to(const char *path, const struct health_log *log)
{
	AUTO(json) cJSON *json = jfield_save(health_log_fields, log);
	AUTO(mem) char *text = json_print(json, 0);

	return file_replace(AT_FDCWD, path, 0600, text, strlen(text), false);
}

int health_log_save(const struct store *store, const char *id, const struct health_config *config,
		    const struct health_log *log)
{
	AUTO(mem) char *path = path_of(store, id, config);

	return save_to(path, log);
}

int health_log_note(const struct store *store, const char *id, const struct health_config *config,
		    const struct health_log *log)
{
	if (!config->log_folder && save_to(NOTED, log) == 0)
		return 0;
	(void)unlink(NOTED); /* what is older is not to be read */
	return health_log_save(store, id, config, log);
}

void health_log_clear(struct health_log *log)
{
	jfield_clear(health_log_fields, log);
}
