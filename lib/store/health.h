/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * health - how a container's health is checked, and what the last checks found
 *
 * The configuration is part of the container's. What was found lies beside its state, in health.json, or
 * where the user wants it (--health-log-destination). As long as the monitor lives, each check is noted in a
 * file of its own tmpfs, and the store is written only when the health changes and when checking ends; the
 * state repeats the status alone. Keys of the file are those of `inspect`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>
#include "base/err.h"

#include "base/json.h"
#include "base/str.h"
#include "store/store.h"

enum health_status {
	HEALTH_NONE, /* not checked */
	HEALTH_STARTING,
	HEALTH_HEALTHY,
	HEALTH_UNHEALTHY,
};

/* Names of enum health_status, both ways: "none", "starting", "healthy", "unhealthy". */
extern const char *const health_status_names[];

enum health_action {
	HEALTH_DO_NOTHING,
	HEALTH_DO_KILL,
	HEALTH_DO_RESTART,
	HEALTH_DO_STOP,
};

/* Names of enum health_action, both ways: "none", "kill", "restart", "stop". */
extern const char *const health_action_names[];

/* Times are nanoseconds. */
struct health_config {
	struct strv test;  /* "CMD", words; "CMD-SHELL", line; "NONE"; empty: no check */
	struct strv shell; /* for a line; empty: /bin/sh -c */
	int64_t interval;  /* 0: only when asked for */
	int64_t timeout;
	int64_t start_period;	  /* failures within it do not count */
	int64_t start_interval;	  /* between checks meanwhile; 0: five seconds */
	int retries;		  /* so many failures in a row make it unhealthy */
	int on_failure;		  /* enum health_action */
	struct strv startup_test; /* must succeed before the other one is asked; as test */
	int64_t startup_interval;
	int64_t startup_timeout;
	int startup_retries; /* so many failures start the container again; 0: any number */
	int startup_success; /* so many successes are wanted */
	char *log_folder;    /* absolute; NULL: the record */
	bool log_events;     /* each check is an event as well */
	int log_count;	     /* checks that are remembered; 0: all */
	int log_size;	     /* bytes of output that are remembered of each; 0: all */
};

/* Table of struct health_config. */
extern const struct jfield health_config_fields[];

/* One check, as `inspect` shows it. */
struct health_entry {
	char *start; /* RFC 3339 */
	char *end;
	int exit_code; /* -1: it took too long, or could not be started */
	char *output;
};

struct health_log {
	char *status; /* of health_status_names */
	int failing_streak;
	struct {
		struct health_entry *items;
		size_t count;
	} entries; /* oldest first */
};

/* Table of struct health_log. */
extern const struct jfield health_log_fields[];

/**
 * health_checked() - whether a configuration has a check
 * @config:	looked at
 *
 * Return: false also for "NONE".
 */
bool health_checked(const struct health_config *config);

/**
 * health_log_add() - remember one more check
 * @log:	gets it at the end; loses the oldest
 * @entry:	its texts belong to @log from now on
 * @most:	how many are kept; 0 for all
 */
void health_log_add(struct health_log *log, const struct health_entry *entry, int most);

/**
 * health_log_load() - read what was found
 * @store:	open store
 * @id:		of the container
 * @config:	of the container
 * @monitor:	its monitor, by the number that this host's /proc shows; 0 when none lives here
 * @out:	zeroed; to be released with health_log_clear; stays empty when nothing was found yet
 */
void health_log_load(const struct store *store, const char *id, const struct health_config *config,
		     pid_t monitor, struct health_log *out);

/**
 * health_log_save() - write what was found where it stays
 * @store:	open store
 * @id:		of the container
 * @config:	of the container
 * @log:	replaces what is there
 *
 * Return: 0 or a negative errno.
 */
must_check int health_log_save(const struct store *store, const char *id,
			       const struct health_config *config, const struct health_log *log);

/**
 * health_log_note() - write what was found where it is read as long as the caller lives
 * @store:	open store
 * @id:		of the container
 * @config:	of the container
 * @log:	replaces what is there
 *
 * To be called by the monitor, whose working folder is in memory. Where that has no room, or the user has named
 * a folder, this is health_log_save().
 *
 * Return: 0 or a negative errno.
 */
must_check int health_log_note(const struct store *store, const char *id,
			       const struct health_config *config, const struct health_log *log);

/**
 * health_log_clear() - release
 * @log:	empty afterwards
 */
void health_log_clear(struct health_log *log);

static inline void auto_health_log(struct health_log *log)
{
	health_log_clear(log);
}
