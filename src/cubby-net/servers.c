/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * servers - addresses of name servers
 */
#include "cubby-net/servers.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { DNS_PORT = 53 };

/* As if_nametoindex(3), which would ask for a unix socket; the sandbox has none. */
static uint32_t interface_index(const char *name)
{
	struct ifreq r = { 0 };
	AUTO(fd) int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(name) >= sizeof r.ifr_name)
		return 0;
	memcpy(r.ifr_name, name, strlen(name));
	return ioctl(fd, SIOCGIFINDEX, &r) < 0 ? 0 : (uint32_t)r.ifr_ifindex;
}

/* "fe80::1%eth0" has a scope; the interface may come and go, so it is looked up each time. */
static bool server_parse(const char *text, struct sockaddr_storage *out)
{
	AUTO(mem) char *address = str_dup(text);
	const char *scope = str_cut(address, '%');
	struct sockaddr_in *in4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, address, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(DNS_PORT);
		return true;
	}
	if (inet_pton(AF_INET6, address, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(DNS_PORT);
	in6->sin6_scope_id = scope ? interface_index(scope) : 0;
	return true;
}

void servers_parse(const struct strv *texts, struct servers *out)
{
	out->count = 0;
	for (size_t i = 0; i < texts->count && out->count < SERVERS_MAX; i++)
		if (server_parse(texts->items[i], &out->items[out->count]))
			out->count++;
}
