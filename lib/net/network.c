/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - the networks that are there before any is created
 *
 * An id is the SHA-256 of the name, which is how podman gives its default network one.
 */
#include "net/network.h"

#include "net/config.h"

static const struct network podmans[] = {
	{ "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9", "podman", "bridge" },
};

static const struct network dockers[] = {
	{ "17f29b073143d8cd97b5bbe492bdeffec1c5fee55cc1fe2112c8b9335f8b6121", "bridge", "bridge" },
	{ "4740ae6347b0172c01254ff55bae5aff5199f4446e7f6d643d40185b3f475145", "host", "host" },
	{ "140bedbf9c3f6d56a9846d2ba7088798683f4da0c248231336e6a05679e4fdfe", "none", "null" },
};

const struct network *network_at(bool docker, size_t index)
{
	size_t count = docker ? array_len(dockers) : array_len(podmans);

	return index >= count ? NULL : docker ? &dockers[index] : &podmans[index];
}

const struct network *network_find(bool docker, const char *text)
{
	const struct network *n;

	for (size_t i = 0; (n = network_at(docker, i)); i++)
		if (str_eq(n->name, text) || (*text && str_starts(n->id, text)))
			return n;
	return NULL;
}

/* The default network's subnet is every container's own. */
static void add_subnet(cJSON *list, bool docker, const struct net_plan *plan)
{
	cJSON *subnet = cJSON_CreateObject();
	AUTO(mem) char *cidr = str_fmt("%s/%d", plan->network, plan->prefix);

	cJSON_AddStringToObject(subnet, docker ? "Subnet" : "subnet", cidr);
	cJSON_AddStringToObject(subnet, docker ? "Gateway" : "gateway", plan->gateway);
	if (!docker) {
		cJSON_AddStringToObject(subnet, "Subnet()", cidr);
		cJSON_AddStringToObject(subnet, "Gateway()", plan->gateway);
	}
	cJSON_AddItemToArray(list, subnet);
}

static void fill_podman(cJSON *o, const struct network *n, const struct net_plan *plan)
{
	cJSON_AddStringToObject(o, "name", n->name);
	cJSON_AddStringToObject(o, "id", n->id);
	cJSON_AddStringToObject(o, "driver", n->driver);
	add_subnet(cJSON_AddArrayToObject(o, "subnets"), false, plan);
	cJSON_AddBoolToObject(o, "ipv6_enabled", plan->ip6 != NULL);
	cJSON_AddBoolToObject(o, "internal", false);
	cJSON_AddBoolToObject(o, "dns_enabled", false);
	/* Templates name Go's fields: found by them, and not listed. */
	cJSON_AddStringToObject(o, "Name()", n->name);
	cJSON_AddStringToObject(o, "ID()", n->id);
	cJSON_AddStringToObject(o, "Driver()", n->driver);
	add_subnet(cJSON_AddArrayToObject(o, "Subnets()"), false, plan);
	cJSON_AddBoolToObject(o, "IPv6Enabled()", plan->ip6 != NULL);
	cJSON_AddBoolToObject(o, "Internal()", false);
	cJSON_AddBoolToObject(o, "DNSEnabled()", false);
}

static void fill_docker(cJSON *o, const struct network *n, const struct net_plan *plan)
{
	cJSON_AddStringToObject(o, "Name", n->name);
	cJSON_AddStringToObject(o, "Id", n->id);
	cJSON_AddStringToObject(o, "Scope", "local");
	cJSON_AddStringToObject(o, "Driver", n->driver);
	cJSON_AddBoolToObject(o, "EnableIPv6", plan->ip6 != NULL);
	cJSON *config = cJSON_AddArrayToObject(cJSON_AddObjectToObject(o, "IPAM"), "Config");
	if (str_eq(n->driver, "bridge"))
		add_subnet(config, true, plan);
	cJSON_AddBoolToObject(o, "Internal", false);
	cJSON_AddObjectToObject(o, "Containers");
	cJSON_AddObjectToObject(o, "Options");
	cJSON_AddObjectToObject(o, "Labels");
}

cJSON *network_document(bool docker, const struct network *network)
{
	AUTO(net_plan) struct net_plan plan = { 0 };
	cJSON *o = cJSON_CreateObject();

	bug_unless(net_plan(&(struct net_config){ 0 }, &plan, NULL) == 0);
	if (docker)
		fill_docker(o, network, &plan);
	else
		fill_podman(o, network, &plan);
	return o;
}
