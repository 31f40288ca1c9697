/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * settings - what the registry helper must know of the host and the command line
 *
 * The helper has an empty environment but for the proxies, so the places of all files are found here
 * and sent to it.
 */
#pragma once

#include <stdbool.h>

#include "base/json.h"
#include "base/str.h"
#include "kern/host.h"

struct remote_settings {
	struct strv registries_conf; /* files, in the order to merge */
	struct strv auth_files;	     /* in the order to look; the first that has an entry counts */
	struct strv helpers;	     /* of registries.conf: who is asked, in order */
	struct strv certs_dirs;	     /* with a folder for each host[:port] */
	char *cert_dir;		     /* --cert-dir: certificates for every host, or NULL */
	char *ca_file;		     /* instead of the system's bundle, or NULL */
	char *ca_dir;
	char *no_proxy;	       /* as noproxy.h reads it, or NULL */
	char *credentials;     /* --creds: "user:password", or NULL */
	char *credentials_for; /* only registry that they are for, or NULL: each that is named */
	bool insecure;	       /* --tls-verify=false: certificates are not checked, HTTP is tried */
	bool secure;	       /* --tls-verify=true: stands over files that say insecure */
	bool insecure_local;   /* plain HTTP is tried for registries on this machine's loopback */
	char *user_agent;
	int stall_seconds; /* a connection that brings nothing for so long is given up */
	int retry_ms;	   /* wait after the first failure */
	int attempts;	   /* so many failures in a row are one */
};

/* Table of struct remote_settings. */
extern const struct jfield remote_settings_fields[];

/**
 * remote_settings_init() - find the files of this caller
 * @settings:	zeroed; to be released with remote_settings_clear
 * @host:	the facts
 * @authfile:	--authfile, or NULL: REGISTRY_AUTH_FILE, then podman's and docker's places
 */
void remote_settings_init(struct remote_settings *settings, const struct host *host,
			  const char *authfile);

/**
 * remote_settings_clear() - release what they own
 * @settings:	zeroed afterwards
 */
void remote_settings_clear(struct remote_settings *settings);

static inline void auto_remote_settings(struct remote_settings *settings)
{
	remote_settings_clear(settings);
}
