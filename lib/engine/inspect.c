/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect - the document of a container, with the field names of docker and podman
 *
 * Fields that scripts template exist always, empty where there is nothing to say, so that a template
 * does not fail on one container and work on another.
 */
#include "engine/container.h"

#include <errno.h>
#include <limits.h>

#include "base/clock.h"
#include "base/str.h"
#include "engine/inspect.h"
#include "engine/needs.h"
#include "kern/caps.h"
#include "kern/signame.h"
#include "monitor/logoptions.h"
#include "oci/reference.h"
#include "spec/rights.h"
#include "store/record.h"

void inspect_text(cJSON *object, const char *key, const char *text)
{
	cJSON_AddStringToObject(object, key, str_or(text, ""));
}

void inspect_bool(cJSON *object, const char *key, bool value)
{
	cJSON_AddBoolToObject(object, key, value);
}

void inspect_number(cJSON *object, const char *key, int64_t value)
{
	cJSON_AddNumberToObject(object, key, (double)value);
}

void inspect_list(cJSON *object, const char *key, const struct strv *list)
{
	cJSON *array = cJSON_AddArrayToObject(object, key);

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->items[i]));
}

void inspect_map(cJSON *object, const char *key, const struct strv *list)
{
	cJSON *map = cJSON_AddObjectToObject(object, key);

	for (size_t i = 0; i < list->count; i++) {
		AUTO(mem) char *name = str_dup(list->items[i]);
		const char *value = str_cut(name, '=');
		inspect_text(map, name, value);
	}
}

static void take_time(cJSON *object, const char *key, int64_t ns)
{
	AUTO(mem) char *text = clock_rfc3339(ns);

	inspect_text(object, key, text);
}

static void add_state(cJSON *doc, const struct container_state *s)
{
	cJSON *o = cJSON_AddObjectToObject(doc, "State");
	bool paused = s->status == CONTAINER_PAUSED;

	inspect_text(o, "OciVersion", "1.1.0");
	inspect_text(o, "Status", container_status_names[s->status]);
	inspect_bool(o, "Running", paused || s->status == CONTAINER_RUNNING);
	inspect_bool(o, "Paused", paused);
	inspect_bool(o, "Restarting", s->status == CONTAINER_RESTARTING);
	inspect_bool(o, "OOMKilled", s->oom_killed);
	inspect_bool(o, "Dead", s->status == CONTAINER_DEAD);
	inspect_bool(o, "StoppedByUser", s->stopped_by_user);
	inspect_number(o, "Pid", s->pid);
	inspect_number(o, "ConmonPid", s->monitor_pid);
	inspect_number(o, "ExitCode", s->exit_code);
	inspect_text(o, "Error", s->error);
	take_time(o, "StartedAt", s->started);
	take_time(o, "FinishedAt", s->finished);
	inspect_text(o, "Host", s->host_id);
	inspect_text(o, "CgroupPath", s->cgroup);
}

static bool has(const struct strv *list, const char *option)
{
	return strv_find(list, option) >= 0;
}

static const char *propagation(const struct mount_config *m)
{
	static const char *const known[] = { "shared",	"rshared",  "slave",	  "rslave",
					     "private", "rprivate", "unbindable", "runbindable" };

	for (size_t i = 0; i < array_len(known); i++)
		if (has(&m->options, known[i]))
			return known[i];
	return str_eq(m->type, "tmpfs") ? "" : "rprivate";
}

static void add_mount(struct engine *engine, cJSON *array, const struct mount_config *m)
{
	cJSON *o = cJSON_CreateObject();
	bool volume = str_eq(m->type, "volume");
	AUTO(mem)
	char *source = volume ? store_volume_path(engine->store, m->source)
			      : str_dup(str_or(m->name, m->source));
	AUTO(mem) char *mode = str_join(&m->options, ",");

	inspect_text(o, "Type", m->type);
	/* Go's struct has them for all; shown are they for volumes. */
	inspect_text(o, volume ? "Name" : "Name()", volume ? m->source : "");
	inspect_text(o, "Source", source);
	inspect_text(o, "Destination", m->target);
	inspect_text(o, volume ? "Driver" : "Driver()", volume ? "local" : "");
	inspect_text(o, "Mode", mode);
	inspect_list(o, "Options", &m->options);
	inspect_bool(o, "RW", !has(&m->options, "ro"));
	inspect_text(o, "Propagation", propagation(m));
	if (m->subpath)
		inspect_text(o, "SubPath", m->subpath);
	cJSON_AddItemToArray(array, o);
}

static void add_ports_set(cJSON *object, const char *key, const struct strv *ports)
{
	cJSON *set = cJSON_AddObjectToObject(object, key);

	for (size_t i = 0; i < ports->count; i++)
		cJSON_AddObjectToObject(set, ports->items[i]);
}

/* Of those that are files, as podman does; what they are is nobody's business. */
static void add_secrets(cJSON *object, const struct container_config *c)
{
	cJSON *array = cJSON_AddArrayToObject(object, "Secrets");

	for (size_t i = 0; i < c->secrets.count; i++) {
		const struct secret_use *use = &c->secrets.items[i];
		if (use->env)
			continue;
		cJSON *o = cJSON_CreateObject();
		inspect_text(o, "Name", use->name);
		inspect_text(o, "ID", use->id);
		inspect_number(o, "UID", use->uid);
		inspect_number(o, "GID", use->gid);
		inspect_number(o, "Mode", use->mode);
		cJSON_AddItemToArray(array, o);
	}
}

static bool attaches(const struct container_config *c, const char *stream, bool usual)
{
	for (size_t i = 0; i < c->attach.count; i++)
		if (!strcasecmp(c->attach.items[i], stream))
			return true;
	return c->attach.count == 0 && usual;
}

static void add_config(bool docker, cJSON *doc, const struct container_config *c)
{
	cJSON *o = cJSON_AddObjectToObject(doc, "Config");
	AUTO(mem) char *signal = signame_print(c->stop_signal);

	inspect_text(o, "Hostname", c->hostname);
	inspect_text(o, "Domainname", c->domainname);
	inspect_text(o, "User", c->user);
	inspect_bool(o, "AttachStdin", attaches(c, "stdin", c->open_stdin));
	inspect_bool(o, "AttachStdout", attaches(c, "stdout", true));
	inspect_bool(o, "AttachStderr", attaches(c, "stderr", true));
	add_ports_set(o, "ExposedPorts", &c->expose);
	inspect_bool(o, "Tty", c->tty);
	inspect_bool(o, "OpenStdin", c->open_stdin);
	inspect_bool(o, "StdinOnce", false);
	inspect_list(o, "Env", &c->env);
	inspect_list(o, "Cmd", &c->command);
	AUTO(mem) char *image = reference_shown(c->image_name, docker);
	inspect_text(o, "Image", image);
	cJSON *volumes = cJSON_AddObjectToObject(o, "Volumes");
	for (size_t i = 0; i < c->mounts.count; i++)
		if (c->mounts.items[i].anonymous)
			cJSON_AddObjectToObject(volumes, c->mounts.items[i].target);
	inspect_text(o, "WorkingDir", c->workdir);
	inspect_list(o, "Entrypoint", &c->entrypoint);
	inspect_map(o, "Labels", &c->labels);
	inspect_map(o, "Annotations", &c->annotations);
	inspect_text(o, "StopSignal", signal);
	inspect_number(o, "StopTimeout", c->stop_timeout == INT_MAX ? -1 : c->stop_timeout);
	inspect_number(o, "Timeout", c->timeout);
	inspect_bool(o, "SystemdMode", c->systemd);
	inspect_text(o, "Timezone", c->timezone);
	inspect_text(o, "Umask", str_or(c->umask, "0022"));
	inspect_text(o, "sdNotifyMode", str_or(c->sdnotify, "ignore"));
	inspect_list(o, "CreateCommand", &c->create_command);
	add_secrets(o, c);
}

static void add_driver(struct engine *engine, cJSON *doc, const struct container_config *c)
{
	cJSON *o = cJSON_AddObjectToObject(doc, "GraphDriver");
	cJSON *data;
	AUTO(strv) struct strv lower = { 0 };
	AUTO(mem) char *upper = store_container_path(engine->store, c->id, "upper");
	AUTO(mem) char *work = store_container_path(engine->store, c->id, "work");
	AUTO(mem) char *merged = store_container_path(engine->store, c->id, "merged");

	for (size_t i = c->layers.count; i > 0; i--) {
		AUTO(mem) char *rel = str_fmt("layers/%s/diff", c->layers.items[i - 1]);
		strv_take(&lower, store_path(engine->store, rel));
	}
	AUTO(mem) char *joined = str_join(&lower, ":");
	inspect_text(o, "Name", c->driver);
	data = cJSON_AddObjectToObject(o, "Data");
	inspect_text(data, "LowerDir", joined);
	inspect_text(data, "MergedDir", merged);
	inspect_text(data, "UpperDir", upper);
	inspect_text(data, "WorkDir", work);
}

static void add_path(struct engine *engine, cJSON *doc, const char *key, const char *id,
		     const char *rel)
{
	AUTO(mem) char *path = store_container_path(engine->store, id, rel);

	inspect_text(doc, key, path);
}

/* Where the records are, for who reads the file; "" where there is none. */
static void add_log_path(struct engine *engine, cJSON *doc, const struct container_config *c)
{
	struct log_options options;
	bool files = log_options_parse(c->log_driver, &c->log_options, &options, NULL) == 0 &&
		     (options.driver == LOG_JSON_FILE || options.driver == LOG_K8S_FILE);

	if (files && !options.path)
		add_path(engine, doc, "LogPath", c->id, "log");
	else
		inspect_text(doc, "LogPath", files ? options.path : "");
}

/* What its first process may have, and has: another user than root has none by itself. */
static void add_caps(cJSON *doc, const struct container_config *c)
{
	struct runtime_caps caps = { 0 };
	bool root = str_empty(c->user) || str_eq(c->user, "root") || str_eq(c->user, "0") ||
		    str_starts(c->user, "0:") || str_starts(c->user, "root:");

	/* create has checked the names */
	(void)!spec_caps(c, NULL, root, caps_all(), &caps, NULL);
	inspect_list(doc, "EffectiveCaps", &caps.effective);
	inspect_list(doc, "BoundingCaps", &caps.bounding);
	strv_clear(&caps.bounding);
	strv_clear(&caps.permitted);
	strv_clear(&caps.effective);
	strv_clear(&caps.inheritable);
	strv_clear(&caps.ambient);
}

/* Path and Args are the program and what follows it, wherever they came from. */
static void add_argv(cJSON *doc, const struct container_config *c)
{
	AUTO(strv) struct strv argv = { 0 };

	strv_extend(&argv, &c->entrypoint);
	strv_extend(&argv, &c->command);
	inspect_text(doc, "Path", argv.count ? argv.items[0] : "");
	if (argv.count)
		strv_remove(&argv, 0);
	inspect_list(doc, "Args", &argv);
}

static cJSON *build(struct engine *engine, const struct container_config *c,
		    const struct container_state *s)
{
	cJSON *doc = cJSON_CreateObject();
	AUTO(strv) struct strv needs = { 0 };
	AUTO(mem) char *name = str_fmt("%s%s", engine->docker ? "/" : "", c->name);
	AUTO(mem)
	char *image = str_fmt("%s%s", engine->docker && c->image_id ? "sha256:" : "",
			      str_or(c->image_id, ""));

	inspect_text(doc, "Id", c->id);
	take_time(doc, "Created", c->created);
	add_argv(doc, c);
	add_state(doc, s);
	inspect_health(engine, doc, c, s);
	needs_of(c, &needs);
	inspect_list(doc, "Dependencies", &needs);
	inspect_text(doc, "Image", image);
	inspect_text(doc, "ImageName", c->image_name);
	inspect_text(doc, "ImageDigest", c->image_digest);
	inspect_text(doc, "Rootfs", c->rootfs);
	add_path(engine, doc, "StaticDir", c->id, NULL);
	add_path(engine, doc, "OCIConfigPath", c->id, "config.json");
	add_caps(doc, c);
	add_path(engine, doc, "ResolvConfPath", c->id, "resolv.conf");
	add_path(engine, doc, "HostnamePath", c->id, "hostname");
	add_path(engine, doc, "HostsPath", c->id, "hosts");
	add_log_path(engine, doc, c);
	inspect_text(doc, "Name", name);
	inspect_number(doc, "RestartCount", s->restarts);
	inspect_text(doc, "Driver", c->driver);
	inspect_text(doc, "Platform", "linux");
	inspect_text(doc, "MountLabel", "");
	inspect_text(doc, "ProcessLabel", "");
	inspect_text(doc, "AppArmorProfile", "");
	cJSON_AddArrayToObject(doc, "ExecIDs");
	add_driver(engine, doc, c);
	cJSON *mounts = cJSON_AddArrayToObject(doc, "Mounts");
	for (size_t i = 0; i < c->mounts.count; i++)
		if (c->mounts.items[i].source) /* one in memory has none */
			add_mount(engine, mounts, &c->mounts.items[i]);
	add_config(engine->docker, doc, c);
	inspect_health_config(doc, c);
	inspect_host_config(engine->docker, doc, c);
	inspect_limits(doc, c, s);
	inspect_network(engine->docker, doc, c, s);
	inspect_usual(doc);
	return doc;
}

int container_inspect(struct engine *engine, const char *id, bool size, cJSON **out,
		      struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(container_state) struct container_state *state = NULL;

	int r = record_config_load(engine->store, id, &config, err);
	if (r == 0)
		r = record_state_load(engine->store, id, &state, err);
	if (r < 0)
		return r;
	AUTO(json) cJSON *doc = build(engine, config, state);
	if (size)
		r = inspect_sizes(engine, doc, config, err);
	if (r < 0)
		return r;
	*out = take_ptr(doc);
	return 0;
}
