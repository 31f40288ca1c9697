/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry - how registries are asked, as the command line says it
 */
#include "engine/registry.h"

#include <limits.h>

#define MS INT64_C(1000000)

void registry_settings(const struct host *host, bool docker, const struct registry_access *access,
		       struct remote_settings *out)
{
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
}
