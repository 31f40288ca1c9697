/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry - how registries are asked, as the command line says it
 */
#pragma once

#include <stdbool.h>

#include "kern/host.h"
#include "remote/settings.h"

struct registry_access {
	int tls_verify;	      /* -1: not said, 0, 1 */
	const char *authfile; /* or NULL */
	const char *creds;    /* "user:password", or NULL */
	const char *cert_dir; /* or NULL */
	int retries;	      /* -1: not said; how often a failure is tried again */
	int64_t retry_delay;  /* nanoseconds before the first time; 0: not said */
};

/* Nothing is said. */
#define REGISTRY_ACCESS_NONE                                                                       \
	{                                                                                          \
		.tls_verify = -1, .retries = -1                                                    \
	}

/**
 * registry_settings() - what the registry helper is told
 * @host:	the facts
 * @docker:	whether docker's way counts: plain HTTP on this machine's loopback
 * @access:	the command line
 * @out:	zeroed; to be released with remote_settings_clear
 */
void registry_settings(const struct host *host, bool docker, const struct registry_access *access,
		       struct remote_settings *out);
