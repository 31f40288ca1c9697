/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * health_opts - the options of health checks, for every command that has them
 */
#include "cmd/health_opts.h"

#include "engine/healthplan.h"

#define A struct health_args

const struct opt health_opts[] = {
	OPT_TEXT(0, "health-cmd", "COMMAND", A, cmd, COMPLETE_NONE,
		 "check its health by a line of shell or a JSON list of words; none for no check"),
	OPT_TEXT(0, "health-interval", "TIME", A, interval, COMPLETE_NONE,
		 "time between checks (default 30s); disable checks only when asked to"),
	OPT_TEXT(0, "health-timeout", "TIME", A, timeout, COMPLETE_NONE,
		 "a check that takes longer has failed (default 30s)"),
	OPT_INT(0, "health-retries", "N", A, retries,
		"so many failures in a row make it unhealthy (default 3)"),
	OPT_TEXT(0, "health-start-period", "TIME", A, start_period, COMPLETE_NONE,
		 "failures so soon after the start do not count"),
	OPT_TEXT(0, "health-start-interval", "TIME", A, start_interval, COMPLETE_NONE,
		 "time between checks in the start period (default 5s)"),
	OPT_WORDS(0, "health-on-failure", "ACTION", A, on_failure, "none kill restart stop",
		  "what is done when it becomes unhealthy: none, kill, restart, stop"),
	OPT_TEXT(0, "health-startup-cmd", "COMMAND", A, startup_cmd, COMPLETE_NONE,
		 "check that must succeed before the other one begins"),
	OPT_TEXT(0, "health-startup-interval", "TIME", A, startup_interval, COMPLETE_NONE,
		 "time between startup checks (default 30s)"),
	OPT_TEXT(0, "health-startup-timeout", "TIME", A, startup_timeout, COMPLETE_NONE,
		 "a startup check that takes longer has failed (default 30s)"),
	OPT_INT(0, "health-startup-retries", "N", A, startup_retries,
		"start it again after so many failed startup checks (default never)"),
	OPT_INT(0, "health-startup-success", "N", A, startup_success,
		"so many startup checks in a row must succeed (default 1)"),
	OPT_TEXT(0, "health-log-destination", "DIR", A, log_destination, COMPLETE_DIR,
		 "folder for what checks found, local (the container's own), or events_logger"),
	OPT_INT(0, "health-max-log-count", "N", A, log_count,
		"checks that are remembered (default 5), 0 for all"),
	OPT_INT(0, "health-max-log-size", "BYTES", A, log_size,
		"output that is remembered of a check (default 500), 0 for all"),
	OPT_FLAG(0, "no-healthcheck", A, none, "do not check its health, whatever the image says"),
	OPT_END,
};
