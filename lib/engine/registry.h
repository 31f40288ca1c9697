/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry - how registries are asked, as the command line says it
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "kern/host.h"
#include "remote/settings.h"

struct registry_access {
	int tls_verify;	      /* -1: not said, 0, 1 */
	const char *authfile; /* or NULL */
	bool authfile_new;    /* a file that is named and not there is no error: login makes it */
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
 * registry_check_authfile() - refuse a file of names and passwords that is not there
 * @host:	the facts
 * @authfile:	--authfile, or NULL: the file that REGISTRY_AUTH_FILE names, if any
 * @err:	names the file and who named it
 *
 * Who names a file means to be known by the registry: without it they would be asked as nobody.
 *
 * Return: 0; otherwise what the kernel said of the file.
 */
must_check int registry_check_authfile(const struct host *host, const char *authfile,
				       struct err *err);

/**
 * registry_check_asked() - the same of --authfile alone, also where no registry is asked
 * @host:	as registry_check_authfile()
 * @authfile:	of --authfile; NULL is none, and right
 * @err:	as registry_check_authfile()
 *
 * Return: 0, or what registry_check_authfile() returned.
 */
must_check int registry_check_asked(const struct host *host, const char *authfile, struct err *err);

/**
 * registry_settings() - what the registry helper is told
 * @host:	the facts
 * @docker:	whether docker's way counts: plain HTTP on this machine's loopback
 * @access:	the command line
 * @out:	zeroed; to be released with remote_settings_clear, also after a failure
 * @err:	as registry_check_authfile()
 *
 * Return: 0, or what registry_check_authfile() returned.
 */
must_check int registry_settings(const struct host *host, bool docker,
				 const struct registry_access *access, struct remote_settings *out,
				 struct err *err);
