/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * activated - sockets that somebody else has bound for us, and which published ports they serve
 */
#include "net/activated.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

static int option(int fd, int name)
{
	int value = 0;
	socklen_t size = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -1 : value;
}

static void read_one(int fd, struct activated_list *out)
{
	char ip[INET6_ADDRSTRLEN];
	struct sockaddr_storage a = { 0 };
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a;
	socklen_t size = sizeof a;
	int type = option(fd, SO_TYPE), protocol = option(fd, SO_PROTOCOL);
	bool tcp = type == SOCK_STREAM && protocol == IPPROTO_TCP && option(fd, SO_ACCEPTCONN) == 1;
	bool udp = type == SOCK_DGRAM && protocol == IPPROTO_UDP;

	if ((!tcp && !udp) || getsockname(fd, (struct sockaddr *)&a, &size) < 0)
		return;
	bool v4 = a.ss_family == AF_INET;
	int port = ntohs(v4 ? in4->sin_port : in6->sin6_port);
	if ((!v4 && a.ss_family != AF_INET6) || !port)
		return;
	const void *bytes = v4 ? (const void *)&in4->sin_addr : &in6->sin6_addr;
	*vec_push(out) = (struct activated){
		.fd = fd,
		.ip = str_dup(inet_ntop(a.ss_family, bytes, ip, sizeof ip)),
		.port = port,
		.udp = udp,
	};
}

void activated_read(const int *fds, size_t count, struct activated_list *out)
{
	for (size_t i = 0; i < count; i++)
		read_one(fds[i], out);
}

static bool same_address(const struct activated *a, const char *ip)
{
	if (ip)
		return str_eq(a->ip, ip);
	return str_eq(a->ip, "0.0.0.0") || str_eq(a->ip, "::");
}

int activated_find(const struct activated_list *list, const struct port_map *map, int offset,
		   size_t from)
{
	int first = map->host_port + offset;

	for (size_t i = from; map->host_port && i < list->count; i++) {
		const struct activated *a = &list->items[i];
		if (a->port >= first && a->port < first + max_of(map->choices, 1) &&
		    a->udp == str_eq(map->protocol, "udp") && same_address(a, map->host_ip))
			return (int)i;
	}
	return -1;
}

bool activated_serves(const struct activated_list *list, size_t index, const struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		for (int offset = 0; offset < ports->items[i].range; offset++)
			if (activated_find(list, &ports->items[i], offset, index) == (int)index)
				return true;
	return false;
}

void activated_split(const struct activated_list *list, const struct ports *ports,
		     struct ports *out)
{
	if (!list->count) {
		ports_copy(ports, out);
		return;
	}
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_map *p = &ports->items[i];
		for (int offset = 0; offset < p->range; offset++)
			*vec_push(out) = (struct port_map){
				.host_ip = str_dup(p->host_ip),
				.host_port = p->host_port ? p->host_port + offset : 0,
				.choices = p->choices,
				.container_port = p->container_port + offset,
				.range = 1,
				.protocol = str_dup(p->protocol),
			};
	}
}

void activated_rest(const struct activated_list *list, const struct ports *ports, struct ports *out)
{
	AUTO(ports) struct ports maps = { 0 };

	activated_split(list, ports, &maps);
	for (size_t i = 0; i < maps.count; i++) {
		const struct ports one = { .items = &maps.items[i], .count = 1 };
		if (activated_find(list, one.items, 0, 0) < 0)
			ports_copy(&one, out);
	}
}

void activated_clear(struct activated_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].ip);
	free(list->items);
	*list = (struct activated_list){ 0 };
}
