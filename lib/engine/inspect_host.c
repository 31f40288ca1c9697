/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect_host - the parts of a container's document that speak of the host: HostConfig,
 * NetworkSettings, sizes
 */
#include "engine/inspect.h"

#include <errno.h>

#include "engine/sizes.h"
#include "monitor/logoptions.h"
#include "monitor/restart.h"
#include "net/config.h"
#include "net/ports.h"

static const char *mode(const char *text, const char *other)
{
	return str_or(text, other);
}

static void add_binds(cJSON *o, const struct container_config *c)
{
	cJSON *binds = cJSON_AddArrayToObject(o, "Binds");
	cJSON *tmpfs = cJSON_AddObjectToObject(o, "Tmpfs");

	for (size_t i = 0; i < c->mounts.count; i++) {
		const struct mount_config *m = &c->mounts.items[i];
		AUTO(mem) char *options = str_join(&m->options, ",");
		if (str_eq(m->type, "tmpfs")) {
			inspect_text(tmpfs, m->target, options);
			continue;
		}
		if (m->anonymous || !m->source)
			continue;
		AUTO(mem)
		char *text = str_fmt("%s:%s%s%s", str_or(m->name, m->source), m->target,
				     *options ? ":" : "", options);
		cJSON_AddItemToArray(binds, cJSON_CreateString(text));
	}
}

/* "80/tcp": [ { HostIp, HostPort } ], one entry for each port of a range. */
static void add_bindings(cJSON *o, const char *key, const struct strv *texts,
			 const struct strv *expose)
{
	cJSON *map = cJSON_AddObjectToObject(o, key);
	AUTO(ports) struct ports ports = { 0 };

	for (size_t i = 0; expose && i < expose->count; i++)
		cJSON_AddNullToObject(map, expose->items[i]);
	if (ports_load(texts, &ports, NULL) < 0)
		return; /* create has checked them */
	for (size_t i = 0; i < ports.count; i++) {
		const struct port_map *p = &ports.items[i];
		for (int k = 0; k < p->range; k++) {
			AUTO(mem) char *name = str_fmt("%d/%s", p->container_port + k, p->protocol);
			AUTO(mem)
			char *host = p->host_port ? str_fmt("%d", p->host_port + k) : str_dup("");
			cJSON *list = cJSON_GetObjectItemCaseSensitive(map, name);
			if (!cJSON_IsArray(list)) {
				cJSON_DeleteItemFromObjectCaseSensitive(map, name);
				list = cJSON_AddArrayToObject(map, name);
			}
			cJSON *entry = cJSON_CreateObject();
			inspect_text(entry, "HostIp", mode(p->host_ip, "0.0.0.0"));
			inspect_text(entry, "HostPort", host);
			cJSON_AddItemToArray(list, entry);
		}
	}
}

static void add_security(cJSON *o, const struct container_config *c)
{
	cJSON *list = cJSON_AddArrayToObject(o, "SecurityOpt");

	if (c->no_new_privs)
		cJSON_AddItemToArray(list, cJSON_CreateString("no-new-privileges"));
	if (c->seccomp) {
		AUTO(mem) char *text = str_fmt("seccomp=%s", c->seccomp);
		cJSON_AddItemToArray(list, cJSON_CreateString(text));
	}
	inspect_bool(o, "Privileged", c->privileged);
	inspect_list(o, "CapAdd", &c->cap_add);
	inspect_list(o, "CapDrop", &c->cap_drop);
	inspect_map(o, "Sysctls", &c->sysctls);
}

/* As docker shows devices that a description names. */
static void add_described(cJSON *o, const struct strv *names)
{
	cJSON *list = cJSON_AddArrayToObject(o, "DeviceRequests");

	if (!names->count)
		return;
	cJSON *entry = cJSON_CreateObject();
	inspect_text(entry, "Driver", "cdi");
	inspect_number(entry, "Count", 0);
	inspect_list(entry, "DeviceIDs", names);
	cJSON_AddNullToObject(entry, "Capabilities");
	cJSON_AddObjectToObject(entry, "Options");
	cJSON_AddItemToArray(list, entry);
}

static void add_ulimits(cJSON *o, const struct container_config *c)
{
	cJSON *list = cJSON_AddArrayToObject(o, "Ulimits");

	for (size_t i = 0; i < c->ulimits.count; i++) {
		AUTO(mem) char *name = str_dup(c->ulimits.items[i]);
		char *soft = str_cut(name, '=');
		char *hard = soft ? str_cut(soft, ':') : NULL;
		int64_t a = 0, b;
		if (!soft || str_i64(soft, -1, INT64_MAX, &a) < 0)
			continue;
		if (!hard || str_i64(hard, -1, INT64_MAX, &b) < 0)
			b = a;
		cJSON *entry = cJSON_CreateObject();
		inspect_text(entry, "Name", name);
		inspect_number(entry, "Soft", a);
		inspect_number(entry, "Hard", b);
		cJSON_AddItemToArray(list, entry);
	}
}

static void add_log(cJSON *o, const struct container_config *c)
{
	cJSON *log = cJSON_AddObjectToObject(o, "LogConfig");

	struct log_options options = { 0 };

	/* create has checked them */
	(void)!log_options_parse(c->log_driver, &c->log_options, &options, NULL);
	bool files = options.driver == LOG_JSON_FILE || options.driver == LOG_K8S_FILE;
	AUTO(mem) char *size = str_decimal(files ? options.max_size : 0, "");
	inspect_text(log, "Type", c->log_driver);
	inspect_map(log, "Config", &c->log_options);
	inspect_text(log, "Path", options.path);
	inspect_text(log, "Tag", options.tag);
	inspect_text(log, "Size", size);
}

static void add_restart(cJSON *o, const struct container_config *c)
{
	cJSON *object = cJSON_AddObjectToObject(o, "RestartPolicy");
	struct restart restart = { 0 };

	/* What another version wrote shows as no policy. */
	(void)!restart_parse(c->restart, &restart, NULL);
	inspect_text(object, "Name", restart_policy_names[restart.policy]);
	inspect_number(object, "MaximumRetryCount", restart.most);
}

/* What the default network is called: docker's bridge, podman's mode or network. */
static const char *network_name(bool docker, const char *mode_, const char *other)
{
	if (str_eq(mode_, "slirp"))
		return docker ? "bridge" : other;
	return str_or(mode_, "none");
}

/* Of networks that the user made docker names the first one; podman says what they are. */
static const char *mode_shown(bool docker, const struct container_config *c)
{
	if (net_is_fast(&c->network_options))
		return "fast";
	if (!docker || !str_eq(c->network_mode, "bridge") || !c->endpoints.count)
		return network_name(docker, c->network_mode, "slirp4netns");
	const char *first = c->endpoints.items[0].network;
	return str_eq(first, ENDPOINT_DEFAULT) ? "bridge" : first;
}

/* The kernel's lines with colons, as podman shows them. */
static void add_map(cJSON *o, const char *key, const char *text)
{
	AUTO(strv) struct strv lines = { 0 };
	cJSON *list = cJSON_AddArrayToObject(o, key);

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		for (char *c = lines.items[i]; *c; c++)
			*c = *c == ' ' ? ':' : *c;
		if (*lines.items[i])
			cJSON_AddItemToArray(list, cJSON_CreateString(lines.items[i]));
	}
}

void inspect_host_config(bool docker, cJSON *doc, const struct container_config *c)
{
	enum { SHM_DEFAULT = 64 << 20 };
	cJSON *o = cJSON_AddObjectToObject(doc, "HostConfig");

	add_binds(o, c);
	inspect_text(o, "ContainerIDFile", c->cidfile);
	add_log(o, c);
	inspect_text(o, "NetworkMode", mode_shown(docker, c));
	inspect_text(o, "NetworkRate", c->network_rate);
	add_bindings(o, "PortBindings", &c->ports, NULL);
	add_restart(o, c);
	inspect_bool(o, "AutoRemove", c->remove);
	inspect_bool(o, "PublishAllPorts", c->publish_all);
	add_security(o, c);
	inspect_list(o, "Dns", &c->dns);
	inspect_list(o, "DnsOptions", &c->dns_options);
	inspect_list(o, "DnsSearch", &c->dns_search);
	inspect_list(o, "ExtraHosts", &c->add_hosts);
	inspect_list(o, "GroupAdd", &c->groups);
	inspect_list(o, "Devices", &c->devices);
	add_described(o, &c->cdi_devices);
	inspect_text(o, "IpcMode", mode(c->ipc_mode, "private"));
	inspect_text(o, "PidMode", mode(c->pid_mode, "private"));
	inspect_text(o, "UTSMode", mode(c->uts_mode, "private"));
	inspect_text(o, "CgroupMode", mode(c->cgroupns_mode, "private"));
	inspect_text(o, "CgroupnsMode", mode(c->cgroupns_mode, "private"));
	inspect_text(o, "UsernsMode", mode(c->userns_mode, ""));
	cJSON *maps = c->uid_map ? cJSON_AddObjectToObject(o, "IDMappings")
				 : cJSON_AddNullToObject(o, "IDMappings");
	if (c->uid_map) {
		add_map(maps, "UidMap", c->uid_map);
		add_map(maps, "GidMap", c->gid_map);
	}
	inspect_bool(o, "ReadonlyRootfs", c->read_only);
	inspect_bool(o, "Init", c->init);
	inspect_number(o, "ShmSize", c->shm_size ? c->shm_size : SHM_DEFAULT);
	add_ulimits(o, c);
}

static void add_addresses(cJSON *o, const struct attachment *a)
{
	inspect_text(o, "Gateway", a->gateway);
	inspect_text(o, "IPAddress", a->ip);
	inspect_number(o, "IPPrefixLen", a->ip ? a->prefix : 0);
	inspect_text(o, "IPv6Gateway", a->gateway6);
	inspect_text(o, "GlobalIPv6Address", a->ip6);
	inspect_number(o, "GlobalIPv6PrefixLen", a->ip6 ? a->prefix6 : 0);
	inspect_text(o, "MacAddress", a->mac);
}

/* Docker's aliases are those that were given; podman's have the short id as well. */
static void add_names(bool docker, cJSON *o, const struct container_config *c,
		      const struct endpoint *e)
{
	AUTO(mem) char *id = str_ndup(c->id, CONTAINER_ID_SHORT);
	AUTO(strv) struct strv aliases = { 0 }, names = { 0 };

	strv_extend(&aliases, &e->aliases);
	if (!docker)
		strv_add(&aliases, id);
	strv_add(&names, c->name);
	strv_extend(&names, &e->aliases);
	strv_add(&names, id);
	inspect_list(o, "Aliases", &aliases);
	inspect_list(o, "DNSNames", &names);
}

static void add_wishes(cJSON *o, const struct endpoint *e)
{
	cJSON *ipam = cJSON_AddObjectToObject(o, "IPAMConfig");

	if (e->ip)
		inspect_text(ipam, "IPv4Address", e->ip);
	if (e->ip6)
		inspect_text(ipam, "IPv6Address", e->ip6);
	cJSON_AddNullToObject(o, "DriverOpts");
	inspect_list(o, "Links", &e->links);
	inspect_text(o, "EndpointID", "");
	inspect_number(o, "GwPriority", e->priority);
}

/* What a monitor of before there were other networks has written. */
static struct attachment single(const struct container_state *s)
{
	return (struct attachment){ .ip = s->ip_address,
				    .prefix = 24,
				    .ip6 = s->ip6_address,
				    .prefix6 = 64,
				    .mac = s->mac_address,
				    .gateway = s->gateway };
}

/* Of one that does not run the addresses are empty: it may get others. */
static void add_endpoint(bool docker, cJSON *networks, const struct container_config *c,
			 const struct container_state *s, const struct endpoint *e)
{
	static const struct attachment none = { 0 };
	bool usual = str_eq(e->network, ENDPOINT_DEFAULT);
	const char *name = usual ? network_name(docker, "slirp", ENDPOINT_DEFAULT) : e->network;
	const struct attachment old = single(s);
	const struct attachment *a = s->pid > 0 ? attachments_find(&s->attachments, e->network)
						: NULL;
	cJSON *one = cJSON_AddObjectToObject(networks, name);

	if (!a)
		a = usual && s->pid > 0 && !s->attachments.count ? &old : &none;
	inspect_text(one, "NetworkID", docker && a->id ? a->id : name);
	add_addresses(one, a);
	add_names(docker, one, c, e);
	add_wishes(one, e);
}

/* Those that have no networks of their own are shown as being on what they share. */
static void add_networks(bool docker, cJSON *o, const struct container_config *c,
			 const struct container_state *s)
{
	const char *mode_ = str_or(c->network_mode, "slirp");
	cJSON *networks = cJSON_AddObjectToObject(o, "Networks");
	const struct endpoint usual = { .network = (char *)ENDPOINT_DEFAULT };
	static const struct attachment none = { 0 };

	if (str_starts(mode_, "container:") || str_starts(mode_, "ns:"))
		return;
	if (str_eq(mode_, "slirp"))
		add_endpoint(docker, networks, c, s, &usual);
	for (size_t i = 0; i < c->endpoints.count; i++)
		add_endpoint(docker, networks, c, s, &c->endpoints.items[i]);
	if (str_eq(mode_, "slirp") || str_eq(mode_, "bridge"))
		return;
	cJSON *one = cJSON_AddObjectToObject(networks, mode_);
	const struct attachment *a = s->pid > 0 ? attachments_find(&s->attachments, mode_) : NULL;
	inspect_text(one, "NetworkID", mode_);
	add_addresses(one, a ? a : &none);
	cJSON_AddArrayToObject(one, "Aliases");
}

void inspect_network(bool docker, cJSON *doc, const struct container_config *c,
		     const struct container_state *s)
{
	static const struct attachment none = { 0 };
	const struct attachment old = single(s);
	const struct attachment *first = s->attachments.count ? &s->attachments.items[0] : &old;
	cJSON *o = cJSON_AddObjectToObject(doc, "NetworkSettings");
	/* There is no file that holds the namespace. */
	AUTO(mem) char *key = s->pid > 0 ? str_fmt("/proc/%d/ns/net", (int)s->pid) : NULL;

	inspect_text(o, "Bridge", "");
	inspect_text(o, "SandboxID", "");
	inspect_text(o, "SandboxKey", str_or(key, ""));
	add_bindings(o, "Ports", &s->ports, &c->expose);
	add_addresses(o, s->pid > 0 ? first : &none);
	add_networks(docker, o, c, s);
}

int inspect_sizes(struct engine *engine, cJSON *doc, const struct container_config *c,
		  struct err *err)
{
	int64_t own = 0, below = 0;

	int r = container_sizes(engine, c, &own, &below, err);
	if (r < 0)
		return r;
	inspect_number(doc, "SizeRw", own);
	inspect_number(doc, "SizeRootFs", own + below);
	return 0;
}
