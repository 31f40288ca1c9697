/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_document - what `network inspect` shows of a network, in docker's form or in podman's
 */
#include "cmd/network_document.h"

#include <string.h>

#include "base/clock.h"
#include "cmd/labels.h"

enum { ID_SHORT = 12 };

static void put(cJSON *object, const char *key, const char *text)
{
	cJSON_AddStringToObject(object, key, str_or(text, ""));
}

/* Listed under podman's key, and found by templates under that of the Go struct. */
static void put_both(cJSON *object, const char *key, const char *go, cJSON *value)
{
	cJSON_AddItemToObject(object, go, cJSON_Duplicate(value, true));
	cJSON_AddItemToObject(object, key, value);
}

static void put_text(cJSON *object, const char *key, const char *go, const char *text)
{
	put_both(object, key, go, cJSON_CreateString(str_or(text, "")));
}

static void put_bool(cJSON *object, const char *key, const char *go, bool value)
{
	put_both(object, key, go, cJSON_CreateBool(value));
}

/* As podman lists it: when there is something in it. */
static void put_filled(cJSON *object, const char *key, const char *go, cJSON *value)
{
	if (value->child) {
		put_both(object, key, go, value);
		return;
	}
	cJSON_AddItemToObject(object, go, value);
}

char *network_interface(bool docker, const struct network_record *record)
{
	if (record->interface)
		return str_dup(record->interface);
	if (docker)
		return str_fmt("br-%.*s", ID_SHORT, record->id);
	return str_fmt("podman%.*s", 8, record->id);
}

static bool runs(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED;
}

/* Under both tools' names. */
static bool is_default(const char *network)
{
	return str_eq(network, "podman") || str_eq(network, "bridge");
}

/* What a container has on a network. One that is on the default network alone says so in older fields. */
static struct attachment place_of(const struct container_state *state, const char *network)
{
	const struct attachment *found = attachments_find(&state->attachments, network);

	if (!found && is_default(network))
		found = attachments_find(&state->attachments, ENDPOINT_DEFAULT);
	if (found)
		return *found;
	if (state->attachments.count)
		return (struct attachment){ 0 };
	return (struct attachment){
		.interface = (char *)"tap0",
		.ip = state->ip_address,
		.prefix = 24,
		.ip6 = state->ip6_address,
		.prefix6 = 64,
		.mac = state->mac_address,
		.gateway = state->gateway,
	};
}

static char *with_prefix(const char *ip, int prefix)
{
	return str_empty(ip) ? str_dup("") : str_fmt("%s/%d", ip, prefix);
}

/* ---- podman's ---- */

static cJSON *podman_range(const struct network_subnet *s)
{
	cJSON *range = cJSON_CreateObject();

	put_text(range, "start_ip", "StartIP()", s->first);
	put_text(range, "end_ip", "EndIP()", s->last);
	return range;
}

static cJSON *podman_subnets(const struct network_record *record)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < record->subnets.count; i++) {
		const struct network_subnet *s = &record->subnets.items[i];
		cJSON *subnet = cJSON_CreateObject();
		put_text(subnet, "subnet", "Subnet()", s->subnet);
		put_text(subnet, "gateway", "Gateway()", s->gateway);
		if (s->first)
			put_both(subnet, "lease_range", "LeaseRange()", podman_range(s));
		cJSON_AddItemToArray(list, subnet);
	}
	return list;
}

static cJSON *podman_routes(const struct network_record *record)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < record->routes.count; i++) {
		const struct network_route *r = &record->routes.items[i];
		cJSON *route = cJSON_CreateObject();
		put_text(route, "destination", "Destination()", r->to);
		put_text(route, "gateway", "Gateway()", r->via);
		if (r->metric)
			put_both(route, "metric", "Metric()", cJSON_CreateNumber(r->metric));
		cJSON_AddItemToArray(list, route);
	}
	return list;
}

static void add_address(cJSON *list, const char *ip, int prefix, const char *gateway)
{
	AUTO(mem) char *text = with_prefix(ip, prefix);
	cJSON *one;

	if (!*text)
		return;
	one = cJSON_CreateObject();
	put_text(one, "ipnet", "IPNet()", text);
	if (gateway)
		put_text(one, "gateway", "Gateway()", gateway);
	cJSON_AddItemToArray(list, one);
}

static cJSON *podman_container(const struct container_state *state, const char *network)
{
	const struct attachment at = place_of(state, network);
	cJSON *container = cJSON_CreateObject();
	cJSON *subnets = cJSON_CreateArray(), *interface = cJSON_CreateObject();
	cJSON *interfaces = cJSON_CreateObject();

	add_address(subnets, at.ip, at.prefix, at.gateway);
	add_address(subnets, at.ip6, at.prefix6, at.gateway6);
	put_both(interface, "subnets", "Subnets()", subnets);
	put_text(interface, "mac_address", "MacAddress()", at.mac);
	cJSON_AddItemToObject(interfaces, str_or(at.interface, "eth0"), interface);
	put_text(container, "name", "Name()", state->name);
	put_both(container, "interfaces", "Interfaces()", interfaces);
	return container;
}

static cJSON *podman_containers(const struct network_record *record,
				const struct networks_users *users)
{
	cJSON *map = cJSON_CreateObject();

	for (size_t i = 0; users && i < users->count; i++)
		if (runs(users->items[i]))
			cJSON_AddItemToObject(map, users->items[i]->id,
					      podman_container(users->items[i], record->name));
	return map;
}

static cJSON *word_list(const struct strv *words)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < words->count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(words->items[i]));
	return list;
}

static void fill_podman(cJSON *o, const struct network_record *n,
			const struct networks_users *users)
{
	AUTO(mem) char *interface = network_interface(false, n);
	AUTO(mem) char *created = clock_rfc3339_local(n->created);
	cJSON *ipam = cJSON_CreateObject();

	put_text(o, "name", "Name()", n->name);
	put_text(o, "id", "ID()", n->id);
	put_text(o, "driver", "Driver()", n->driver);
	put_text(o, "network_interface", "NetworkInterface()", interface);
	put_text(o, "created", "Created()", created);
	put_both(o, "subnets", "Subnets()", podman_subnets(n));
	put_filled(o, "routes", "Routes()", podman_routes(n));
	put_bool(o, "ipv6_enabled", "IPv6Enabled()", n->ipv6);
	put_bool(o, "internal", "Internal()", n->internal);
	put_bool(o, "dns_enabled", "DNSEnabled()", !n->no_dns);
	put_filled(o, "network_dns_servers", "NetworkDNSServers()", word_list(&n->dns));
	put_filled(o, "labels", "Labels()", labels_map(&n->labels));
	put_filled(o, "options", "Options()", labels_map(&n->options));
	put(ipam, "driver", str_or(n->ipam_driver, "host-local"));
	put_both(o, "ipam_options", "IPAMOptions()", ipam);
	put_both(o, "containers", "Containers()", podman_containers(n, users));
}

/* ---- docker's ---- */

static cJSON *auxiliary(const struct network_record *n, const struct network_subnet *s)
{
	cJSON *map = cJSON_CreateObject();
	struct subnet subnet;

	for (size_t i = 0; i < n->reserved.count && subnet_parse(s->subnet, &subnet) == 0; i++) {
		AUTO(mem) char *name = str_dup(n->reserved.items[i]);
		const char *value = str_or(str_cut(name, '='), "");
		struct netlink_addr addr;
		if (netlink_addr_parse(value, &addr) == 0 && subnet_has(&subnet, &addr))
			put(map, name, value);
	}
	return map;
}

static cJSON *docker_ipam(const struct network_record *n)
{
	cJSON *ipam = cJSON_CreateObject();

	put(ipam, "Driver", "default");
	cJSON_AddObjectToObject(ipam, "Options");
	cJSON *config = cJSON_AddArrayToObject(ipam, "Config");
	for (size_t i = 0; i < n->subnets.count; i++) {
		const struct network_subnet *s = &n->subnets.items[i];
		cJSON *subnet = cJSON_CreateObject();
		put(subnet, "Subnet", s->subnet);
		put(subnet, "IPRange", s->range);
		put(subnet, "Gateway", s->gateway);
		cJSON_AddItemToObject(subnet, "AuxiliaryAddresses", auxiliary(n, s));
		cJSON_AddItemToArray(config, subnet);
	}
	return ipam;
}

static cJSON *docker_containers(const struct network_record *record,
				const struct networks_users *users)
{
	cJSON *map = cJSON_CreateObject();

	for (size_t i = 0; users && i < users->count; i++) {
		const struct container_state *state = users->items[i];
		const struct attachment at = place_of(state, record->name);
		AUTO(mem) char *ip = with_prefix(at.ip, at.prefix);
		AUTO(mem) char *ip6 = with_prefix(at.ip6, at.prefix6);
		if (!runs(state))
			continue;
		cJSON *one = cJSON_AddObjectToObject(map, state->id);
		put(one, "Name", state->name);
		put(one, "EndpointID", "");
		put(one, "MacAddress", at.mac);
		put(one, "IPv4Address", ip);
		put(one, "IPv6Address", ip6);
	}
	return map;
}

static bool has_ipv4(const struct network_record *n)
{
	for (size_t i = 0; i < n->subnets.count; i++)
		if (!strchr(n->subnets.items[i].subnet, ':'))
			return true;
	return !n->subnets.count;
}

static void fill_docker(cJSON *o, const struct network_record *n,
			const struct networks_users *users)
{
	AUTO(mem) char *created = clock_rfc3339(n->created);

	put(o, "Name", n->name);
	put(o, "Id", n->id);
	put(o, "Created", created);
	put(o, "Scope", "local");
	put(o, "Driver", n->driver);
	cJSON_AddBoolToObject(o, "EnableIPv4", has_ipv4(n));
	cJSON_AddBoolToObject(o, "EnableIPv6", n->ipv6);
	cJSON_AddItemToObject(o, "IPAM", docker_ipam(n));
	cJSON_AddBoolToObject(o, "Internal", n->internal);
	cJSON_AddBoolToObject(o, "Attachable", false);
	cJSON_AddBoolToObject(o, "Ingress", false);
	put(cJSON_AddObjectToObject(o, "ConfigFrom"), "Network", "");
	cJSON_AddBoolToObject(o, "ConfigOnly", false);
	cJSON_AddItemToObject(o, "Containers", docker_containers(n, users));
	cJSON_AddItemToObject(o, "Options", labels_map(&n->options));
	cJSON_AddItemToObject(o, "Labels", labels_map(&n->labels));
}

cJSON *network_document(bool docker, const struct network_record *record,
			const struct networks_users *users)
{
	cJSON *o = cJSON_CreateObject();

	if (docker)
		fill_docker(o, record, users);
	else
		fill_podman(o, record, users);
	return o;
}
