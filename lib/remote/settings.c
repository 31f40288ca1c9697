/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * settings - what the registry helper must know of the host and the command line
 */
#include "remote/settings.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "remote/retry.h"

enum { STALL_SECONDS = 60, RETRY_MS = 500 };

const struct jfield remote_settings_fields[] = {
	J_STRV("registriesConf", struct remote_settings, registries_conf),
	J_STRV("authFiles", struct remote_settings, auth_files),
	J_STRV("helpers", struct remote_settings, helpers),
	J_STRV("certsDirs", struct remote_settings, certs_dirs),
	J_TEXT("certDir", struct remote_settings, cert_dir),
	J_TEXT("caFile", struct remote_settings, ca_file),
	J_TEXT("caDir", struct remote_settings, ca_dir),
	J_TEXT("noProxy", struct remote_settings, no_proxy),
	J_TEXT("credentials", struct remote_settings, credentials),
	J_TEXT("credentialsFor", struct remote_settings, credentials_for),
	J_BOOL("insecure", struct remote_settings, insecure),
	J_BOOL("secure", struct remote_settings, secure),
	J_BOOL("insecureLocal", struct remote_settings, insecure_local),
	J_TEXT("userAgent", struct remote_settings, user_agent),
	J_INT("stallSeconds", struct remote_settings, stall_seconds),
	J_INT("retryMs", struct remote_settings, retry_ms),
	J_INT("attempts", struct remote_settings, attempts),
	J_END,
};

static int conf_only(const struct dirent *entry)
{
	return *entry->d_name != '.' && str_ends(entry->d_name, ".conf");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The drop-in files of a folder, in the order of their names. */
static void add_folder(struct strv *out, const char *dir)
{
	struct dirent **entries = NULL;

	int n = scandir(dir, &entries, conf_only, by_bytes);
	for (int i = 0; i < n; i++) {
		strv_addf(out, "%s/%s", dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

/* $XDG_CONFIG_HOME or its usual place. */
static char *config_home(const struct host *host)
{
	const char *dir = host_env(host, "XDG_CONFIG_HOME");

	if (!str_empty(dir) && *dir == '/')
		return str_dup(dir);
	return str_fmt("%s/.config", host->home);
}

static void find_registries_conf(struct strv *out, const struct host *host, const char *config)
{
	const char *only = host_env(host, "CONTAINERS_REGISTRIES_CONF");

	if (!str_empty(only)) {
		strv_add(out, only);
		return;
	}
	AUTO(mem) char *own = str_fmt("%s/containers/registries.conf", config);
	AUTO(mem) char *own_dir = str_fmt("%s.d", own);
	/* The user's file stands for the system's; the drop-in folders are joined. */
	if (access(own, R_OK) != 0)
		strv_add(out, "/etc/containers/registries.conf");
	else
		strv_add(out, own);
	add_folder(out, "/etc/containers/registries.conf.d");
	add_folder(out, own_dir);
	const char *cache = host_env(host, "XDG_CACHE_HOME");
	if (!str_empty(cache) && *cache == '/')
		strv_addf(out, "%s/containers/short-name-aliases.conf", cache);
	else
		strv_addf(out, "%s/.cache/containers/short-name-aliases.conf", host->home);
}

static void find_auth_files(struct strv *out, const struct host *host, const char *config,
			    const char *authfile)
{
	const char *named = authfile ? authfile : host_env(host, "REGISTRY_AUTH_FILE");
	const char *runtime = host_env(host, "XDG_RUNTIME_DIR");
	const char *docker = host_env(host, "DOCKER_CONFIG");

	if (!str_empty(named)) {
		strv_add(out, named);
		return;
	}
	if (!str_empty(runtime))
		strv_addf(out, "%s/containers/auth.json", runtime);
	strv_addf(out, "/run/containers/%u/auth.json", (unsigned int)host->uid);
	strv_addf(out, "%s/containers/auth.json", config);
	if (!str_empty(docker))
		strv_addf(out, "%s/config.json", docker);
	else
		strv_addf(out, "%s/.docker/config.json", host->home);
}

void remote_settings_init(struct remote_settings *settings, const struct host *host,
			  const char *authfile)
{
	AUTO(mem) char *config = config_home(host);

	find_registries_conf(&settings->registries_conf, host, config);
	find_auth_files(&settings->auth_files, host, config, authfile);
	strv_addf(&settings->certs_dirs, "%s/containers/certs.d", config);
	strv_addf(&settings->certs_dirs, "%s/docker/certs.d", config);
	strv_add(&settings->certs_dirs, "/etc/containers/certs.d");
	strv_add(&settings->certs_dirs, "/etc/docker/certs.d");
	settings->ca_file = str_dup(host_env(host, "SSL_CERT_FILE"));
	settings->ca_dir = str_dup(host_env(host, "SSL_CERT_DIR"));
	const char *without = host_env(host, "no_proxy");
	settings->no_proxy = str_dup(str_empty(without) ? host_env(host, "NO_PROXY") : without);
	settings->stall_seconds = STALL_SECONDS;
	settings->retry_ms = RETRY_MS;
	settings->attempts = RETRY_MAX_ATTEMPTS;
}

void remote_settings_clear(struct remote_settings *settings)
{
	if (settings->credentials)
		explicit_bzero(settings->credentials, strlen(settings->credentials));
	jfield_clear(remote_settings_fields, settings);
}
