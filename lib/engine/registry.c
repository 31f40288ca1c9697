/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry - how registries are asked, as the command line says it
 */
#include "engine/registry.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#define MS INT64_C(1000000)

int registry_check_authfile(const struct host *host, const char *authfile, struct err *err)
{
	const char *by = authfile ? "--authfile" : "REGISTRY_AUTH_FILE";
	const char *path = authfile ? authfile : host_env(host, by);

	if (str_empty(path) || access(path, F_OK) == 0)
		return 0;
	const int r = err_sys(err, -errno, "cannot use '%s' of %s", path, by);
	(void)err_hint(err,
		       "'cubby login' with the same file makes it; without %s the usual ones count",
		       by);
	return r;
}

int registry_check_asked(const struct host *host, const char *authfile, struct err *err)
{
	return authfile ? registry_check_authfile(host, authfile, err) : 0;
}

int registry_settings(const struct host *host, bool docker, const struct registry_access *access,
		      struct remote_settings *out, struct err *err)
{
	/* What the environment says counts for less than --creds. */
	const bool unused = access->authfile_new || (access->creds && !access->authfile);
	const int r = unused ? 0 : registry_check_authfile(host, access->authfile, err);

	if (r < 0)
		return r;
	remote_settings_init(out, host, access->authfile);
	out->insecure = access->tls_verify == 0;
	out->secure = access->tls_verify == 1;
	out->insecure_local = docker;
	str_set(&out->credentials, access->creds);
	if (access->cert_dir) {
		strv_clear(&out->certs_dirs);
		str_set(&out->cert_dir, access->cert_dir);
	}
	if (access->retries >= 0)
		out->attempts = min_of(access->retries, INT_MAX - 1) + 1;
	if (access->retry_delay > 0)
		out->retry_ms = (int)min_of(access->retry_delay / MS + 1, (int64_t)INT_MAX);
	return 0;
}
