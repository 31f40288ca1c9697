/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ports - published ports: their texts, their checks, and how they are shown
 *
 * Source: docker run and podman-run(1), --publish and --expose; the PORTS column is docker's.
 */
#include "net/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535 };

const struct jfield port_map_fields[] = {
	J_TEXT("HostIp", struct port_map, host_ip),
	J_INT("HostPort", struct port_map, host_port),
	J_INT("Choices", struct port_map, choices),
	J_INT("ContainerPort", struct port_map, container_port),
	J_INT("Range", struct port_map, range),
	J_TEXT("Protocol", struct port_map, protocol),
	J_END,
};

struct span {
	int first, count; /* count 0: empty text */
};

/* --- reading ---------------------------------------------------------------------------------- */

static int bad(const char *text, struct err *err, const char *why)
{
	(void)err_set(err, -EINVAL, "invalid published port '%s': %s", text, why);
	return err_hint(err, "write it as [IP:][HOST_PORT]:CONTAINER_PORT[/tcp|/udp]");
}

/* "80" or "80-90"; an empty text is a span of none. */
static int span_parse(const char *text, struct span *out)
{
	AUTO(mem) char *first = str_dup(text);
	uint64_t a, b;

	if (str_empty(text)) {
		*out = (struct span){ 0 };
		return 0;
	}
	const char *last = str_cut(first, '-');
	if (str_u64(first, PORT_MAX, &a) < 0 || str_u64(str_or(last, first), PORT_MAX, &b) < 0 ||
	    a == 0 || b < a)
		return -EINVAL;
	*out = (struct span){ (int)a, (int)(b - a) + 1 };
	return 0;
}

/* Cuts "/proto" off. */
static int protocol_parse(char *text, const char **out)
{
	const char *protocol = str_or(str_cut(text, '/'), "tcp");

	if (str_eq(protocol, "sctp"))
		return -EPROTONOSUPPORT;
	if (!str_eq(protocol, "tcp") && !str_eq(protocol, "udp"))
		return -EINVAL;
	*out = protocol;
	return 0;
}

/* The kernel's form of a numeric address, to be freed; NULL when it is none. */
static char *address_normal(const char *text)
{
	char normal[INET6_ADDRSTRLEN];
	struct in6_addr a;
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (inet_pton(family, text, &a) != 1)
		return NULL;
	return str_dup(inet_ntop(family, &a, normal, sizeof normal));
}

/* Splits [IP:][HOST]:CONTAINER at its colons; parts that are not there stay NULL. */
static const char *split(char *text, const char **ip, const char **host, const char **container)
{
	char *rest = text;

	if (*text == '[') {
		char *close = strchr(text, ']');
		if (!close || close[1] != ':')
			return "an IPv6 address stands in brackets, before a colon";
		*close = 0;
		*ip = text + 1;
		rest = close + 2;
	}
	char *last = strrchr(rest, ':');
	*container = last ? last + 1 : rest;
	if (!last)
		return *ip ? "the container's port is missing" : NULL;
	*last = 0;
	*host = rest;
	if (*ip)
		return strchr(rest, ':') ? "there are too many colons" : NULL;
	char *first = strchr(rest, ':');
	if (!first)
		return NULL;
	*first = 0;
	*ip = rest;
	*host = first + 1;
	return strchr(*host, ':') ? "an IPv6 address stands in brackets" : NULL;
}

static struct port_map *add(struct ports *out, const char *ip, int host, int container, int range,
			    const char *protocol)
{
	struct port_map *p = vec_push(out);

	*p = (struct port_map){
		.host_ip = str_dup(ip),
		.host_port = host,
		.container_port = container,
		.range = range,
		.protocol = str_dup(protocol),
	};
	return p;
}

static const char *add_spans(struct ports *out, const char *ip, struct span host,
			     struct span container, const char *protocol)
{
	if (!container.count)
		return "the container's port is missing";
	if (host.count == container.count) {
		add(out, ip, host.first, container.first, host.count, protocol);
		return NULL;
	}
	if (!host.count) {
		for (int i = 0; i < container.count; i++)
			add(out, ip, 0, container.first + i, 1, protocol);
		return NULL;
	}
	if (container.count > 1)
		return "both ranges must be equally long";
	add(out, ip, host.first, container.first, 1, protocol)->choices = host.count;
	return NULL;
}

int ports_parse(const char *text, struct ports *out, struct err *err)
{
	AUTO(mem) char *copy = str_dup(text);
	AUTO(mem) char *normal = NULL;
	const char *ip = NULL, *host = NULL, *container = NULL, *protocol = NULL;
	struct span host_span, container_span;

	int r = protocol_parse(copy, &protocol);
	if (r == -EPROTONOSUPPORT)
		return err_set(err, r, "cannot publish '%s': sctp is not supported here", text);
	if (r < 0)
		return bad(text, err, "the protocol is tcp or udp");
	const char *why = split(copy, &ip, &host, &container);
	if (why)
		return bad(text, err, why);
	if (!str_empty(ip)) {
		normal = address_normal(ip);
		if (!normal)
			return bad(text, err, "the address is not a numeric one");
	}
	if (span_parse(container, &container_span) < 0 || !container_span.count)
		return bad(text, err,
			   "the container's port is a number from 1 to 65535, or a range");
	/* docker's word for one that is free */
	if (str_eq(host, "0"))
		host = NULL;
	if (span_parse(host, &host_span) < 0)
		return bad(text, err, "the host's port is a number from 1 to 65535, or a range");
	why = add_spans(out, normal, host_span, container_span, protocol);
	return why ? bad(text, err, why) : 0;
}

int ports_load(const struct strv *list, struct ports *out, struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		int r = ports_parse(list->items[i], out, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- storing ---------------------------------------------------------------------------------- */

static char *span_print(int first, int count)
{
	if (!first)
		return str_dup("");
	return count > 1 ? str_fmt("%d-%d", first, first + count - 1) : str_fmt("%d", first);
}

static char *ip_print(const char *ip)
{
	return ip && strchr(ip, ':') ? str_fmt("[%s]", ip) : str_dup(str_or(ip, ""));
}

void ports_save(const struct ports *ports, struct strv *out)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_map *p = &ports->items[i];
		AUTO(mem) char *ip = ip_print(p->host_ip);
		AUTO(mem) char *host = span_print(p->host_port, max_of(p->range, p->choices));
		AUTO(mem) char *container = span_print(p->container_port, p->range);
		strv_addf(out, "%s:%s:%s/%s", ip, host, container, p->protocol);
	}
}

/* --- exposed ports ---------------------------------------------------------------------------- */

static int exposed_parse(const char *text, struct span *out, char **out_protocol)
{
	AUTO(mem) char *copy = str_dup(text);
	const char *protocol;

	if (protocol_parse(copy, &protocol) < 0 || span_parse(copy, out) < 0 || !out->count)
		return -EINVAL;
	*out_protocol = str_dup(protocol);
	return 0;
}

/* Which ports of a protocol a list has: each is "PORT/PROTOCOL". Return: to be freed. */
static bool *ports_of(const struct strv *list, const char *protocol)
{
	bool *has = mem_alloc(UINT16_MAX + 1, sizeof *has);

	for (size_t i = 0; i < list->count; i++) {
		const char *end = strchr(list->items[i], '/');
		unsigned long port = strtoul(list->items[i], NULL, 10);
		if (end && port <= UINT16_MAX && str_eq(end + 1, protocol))
			has[port] = true;
	}
	return has;
}

int ports_expose(const char *text, struct strv *out, struct err *err)
{
	AUTO(mem) char *protocol = NULL;
	struct span span;

	if (exposed_parse(text, &span, &protocol) < 0)
		return err_set(err, -EINVAL,
			       "invalid exposed port '%s': write it as PORT[-LAST][/tcp|/udp]",
			       text);
	AUTO(mem) bool *has = ports_of(out, protocol);
	for (int i = 0; i < span.count; i++)
		if (!has[span.first + i])
			strv_addf(out, "%d/%s", span.first + i, protocol);
	return 0;
}

static bool publishes(const struct port_map *p, int container_port, const char *protocol)
{
	return container_port >= p->container_port &&
	       container_port < p->container_port + p->range && str_eq(p->protocol, protocol);
}

static bool published(const struct ports *ports, int container_port, const char *protocol)
{
	for (size_t i = 0; i < ports->count; i++)
		if (publishes(&ports->items[i], container_port, protocol))
			return true;
	return false;
}

void ports_publish_all(const struct strv *expose, struct ports *out)
{
	for (size_t i = 0; i < expose->count; i++) {
		AUTO(mem) char *protocol = NULL;
		struct span span;
		if (exposed_parse(expose->items[i], &span, &protocol) < 0)
			continue;
		for (int k = 0; k < span.count; k++)
			if (!published(out, span.first + k, protocol))
				add(out, NULL, 0, span.first + k, 1, protocol);
	}
}

/* --- checks ----------------------------------------------------------------------------------- */

/* Whether two addresses claim the same packets; "every address" and 0.0.0.0 claim all of theirs. */
static bool addresses_meet(const char *a, const char *b)
{
	if (!a || !b || str_eq(a, b))
		return true;
	if (!strchr(a, ':') != !strchr(b, ':'))
		return false;
	return str_eq(a, "0.0.0.0") || str_eq(b, "0.0.0.0") || str_eq(a, "::") || str_eq(b, "::");
}

static bool maps_meet(const struct port_map *a, const struct port_map *b)
{
	if (!a->host_port || !b->host_port || a->choices > 1 || b->choices > 1)
		return false; /* one that can choose finds another */
	return str_eq(a->protocol, b->protocol) && addresses_meet(a->host_ip, b->host_ip) &&
	       a->host_port < b->host_port + b->range && b->host_port < a->host_port + a->range;
}

static int check_privileged(const struct port_map *p, int first_unprivileged, struct err *err)
{
	if (!p->host_port || p->host_port >= first_unprivileged)
		return 0;
	int other = p->host_port + (p->host_port < 1000 ? 8000 : 10000);
	(void)err_set(err, -EACCES, "cannot publish port %d: ports below %d are privileged",
		      p->host_port, first_unprivileged);
	return err_hint(err,
			"publish it as -p %d:%d, or let every user have it: "
			"sudo sysctl net.ipv4.ip_unprivileged_port_start=%d",
			p->host_port == 80 ? 8080 : other, p->container_port, p->host_port);
}

int ports_check(const struct ports *ports, int first_unprivileged, struct err *err)
{
	for (size_t i = 0; i < ports->count; i++) {
		int r = check_privileged(&ports->items[i], first_unprivileged, err);
		if (r < 0)
			return r;
		for (size_t k = 0; k < i; k++) {
			if (!maps_meet(&ports->items[k], &ports->items[i]))
				continue;
			int port = max_of(ports->items[k].host_port, ports->items[i].host_port);
			return err_set(err, -EEXIST, "port %d/%s is published twice", port,
				       ports->items[i].protocol);
		}
	}
	return 0;
}

/* --- showing ---------------------------------------------------------------------------------- */

/* One mapping without "every address": that becomes two. */
static void add_shown(const struct port_map *p, struct ports *out)
{
	if (!p->host_ip)
		add(out, "0.0.0.0", p->host_port, p->container_port, p->range, p->protocol);
	add(out, p->host_ip ? p->host_ip : "::", p->host_port, p->container_port, p->range,
	    p->protocol);
}

static int compare(const void *left, const void *right)
{
	const struct port_map *a = left, *b = right;
	int by_ip = !!strchr(a->host_ip, ':') - !!strchr(b->host_ip, ':');
	int by_text = by_ip ? by_ip : strcmp(a->host_ip, b->host_ip);
	int by_protocol = strcmp(a->protocol, b->protocol);

	if (a->container_port != b->container_port)
		return a->container_port - b->container_port;
	return by_protocol ? by_protocol : by_text ? by_text : a->host_port - b->host_port;
}

static bool continues(const struct port_map *a, const struct port_map *b)
{
	return str_eq(a->host_ip, b->host_ip) && str_eq(a->protocol, b->protocol) &&
	       a->container_port + a->range == b->container_port && a->host_port && b->host_port &&
	       a->host_port + a->range == b->host_port;
}

/* Merges neighbours; a merged one is marked by range 0. */
static void merge(struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		for (size_t k = i + 1; ports->items[i].range && k < ports->count; k++)
			if (ports->items[k].range &&
			    continues(&ports->items[i], &ports->items[k])) {
				ports->items[i].range += ports->items[k].range;
				ports->items[k].range = 0;
			}
}

static void shown(const struct ports *ports, struct ports *out)
{
	for (size_t i = 0; i < ports->count; i++)
		add_shown(&ports->items[i], out);
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, compare);
}

char *ports_print(const struct ports *ports, const struct strv *expose)
{
	AUTO(ports) struct ports list = { 0 };
	AUTO(strv) struct strv out = { 0 };

	shown(ports, &list);
	merge(&list);
	for (size_t i = 0; i < list.count; i++) {
		const struct port_map *p = &list.items[i];
		AUTO(mem) char *ip = ip_print(p->host_ip);
		AUTO(mem) char *host = span_print(p->host_port, p->range);
		AUTO(mem) char *container = span_print(p->container_port, p->range);
		if (p->range)
			strv_addf(&out, "%s:%s->%s/%s", ip, host, container, p->protocol);
	}
	for (size_t i = 0; expose && i < expose->count; i++) {
		AUTO(mem) char *protocol = NULL;
		struct span span;
		if (exposed_parse(expose->items[i], &span, &protocol) == 0 &&
		    !published(ports, span.first, protocol))
			strv_addf(&out, "%d/%s", span.first, protocol);
	}
	return str_join(&out, ", ");
}

int ports_lines(const struct ports *ports, const char *of, struct strv *out, struct err *err)
{
	AUTO(ports) struct ports list = { 0 };
	AUTO(mem) char *protocol = NULL;
	struct span want = { 0 };
	size_t before = out->count;

	if (of && exposed_parse(of, &want, &protocol) < 0)
		return err_set(err, -EINVAL, "'%s' is no port: write it as PORT[/tcp|/udp]", of);
	shown(ports, &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct port_map *p = &list.items[i];
		AUTO(mem) char *ip = ip_print(p->host_ip);
		for (int k = 0; k < p->range; k++) {
			int container = p->container_port + k;
			if (!of)
				strv_addf(out, "%d/%s -> %s:%d", container, p->protocol, ip,
					  p->host_port + k);
			else if (publishes(p, want.first, protocol) && container == want.first)
				strv_addf(out, "%s:%d", ip, p->host_port + k);
		}
	}
	if (of && out->count == before)
		return err_set(err, -ENOENT, "port '%s' is not published", of);
	return 0;
}

void ports_copy(const struct ports *from, struct ports *to)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct port_map *p = &from->items[i];
		add(to, p->host_ip, p->host_port, p->container_port, p->range, p->protocol)
			->choices = p->choices;
	}
}

void ports_clear(struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		jfield_clear(port_map_fields, &ports->items[i]);
	free(ports->items);
	*ports = (struct ports){ 0 };
}
