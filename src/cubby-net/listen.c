/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listen - the published ports, bound in the host's network namespace
 *
 * SO_REUSEADDR lets a restart bind beside connections that linger, and still refuses a port that
 * another process listens on. UDP sockets do without: there it would share the port.
 */
#include "cubby-net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "cubby-net/address.h"
#include "cubby-net/pace.h"
#include "net/config.h"

enum { BACKLOG = 4096, RANDOM_TRIES = 32 };

enum { V4 = 1 << 0, V6 = 1 << 1 }; /* families that a mapping listens on */

/* Answers leave from the address that the client asked. */
static int tell_arrivals(int fd, int family)
{
	int on = 1;
	int r = family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on)
				  : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);

	return r ? -errno : 0;
}

/* Connections have from the start what the socket has that they come from. */
static void carry_promptly(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

static int set_up(int fd, int family, bool udp)
{
	int on = 1, r = 0;

	if (!udp)
		r |= setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (family == AF_INET6)
		r |= setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (r)
		return -errno;
	if (udp)
		return tell_arrivals(fd, family);
	carry_promptly(fd);
	return 0;
}

static void place(union address *a, socklen_t *size, const char *ip, int family, int port)
{
	memset(a, 0, sizeof *a);
	a->any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		a->in4.sin_port = htons((uint16_t)port);
		bug_unless(inet_pton(family, ip, &a->in4.sin_addr) == 1);
		*size = sizeof a->in4;
		return;
	}
	a->in6.sin6_port = htons((uint16_t)port);
	bug_unless(inet_pton(family, ip, &a->in6.sin6_addr) == 1);
	*size = sizeof a->in6;
}

/* Binds one port; *port is set to the one the kernel chose. */
static int open_one(const char *ip, int family, bool udp, int *port)
{
	union address a;
	socklen_t size;
	int type = udp ? SOCK_DGRAM : SOCK_STREAM;
	AUTO(fd) int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	int r = set_up(fd, family, udp);
	if (r < 0)
		return r;
	place(&a, &size, ip, family, *port);
	if (!udp)
		pace_drop_loopback(fd, &a);
	if (bind(fd, &a.any, size) < 0 || (!udp && listen(fd, BACKLOG) < 0) ||
	    getsockname(fd, &a.any, &size) < 0)
		return -errno;
	*port = ntohs(family == AF_INET ? a.in4.sin_port : a.in6.sin6_port);
	return take_fd(fd);
}

static void keep(struct listeners *out, int fd, int family, const struct port_map *p, int offset)
{
	*vec_push(out) = (struct listener){
		.fd = fd,
		.family = family,
		.udp = str_eq(p->protocol, "udp"),
		.container_port = p->container_port + offset,
	};
}

static bool no_ipv6(int code)
{
	return code == -EAFNOSUPPORT || code == -EADDRNOTAVAIL;
}

/* Binds one host port on its address, or on every address of both families; *families says which. */
static int open_port(const struct port_map *p, int offset, int *port, int *families,
		     struct listeners *out)
{
	const char *ip = str_or(p->host_ip, "0.0.0.0");
	int family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	bool udp = str_eq(p->protocol, "udp");
	AUTO(fd) int first = open_one(ip, family, udp, port);

	if (first < 0)
		return first;
	AUTO(fd) int second = p->host_ip ? -EAFNOSUPPORT : open_one("::", AF_INET6, udp, port);
	if (second < 0 && !no_ipv6(second))
		return second;
	*families = V4 | (second >= 0 ? V6 : 0);
	keep(out, take_fd(first), family, p, offset);
	if (second >= 0)
		keep(out, take_fd(second), AF_INET6, p, offset);
	return 0;
}

/* Uses every socket that serves the port; several ports to choose from need one. */
static int adopt_port(const struct port_map *p, const struct activated_list *activated, int *port,
		      int *families, struct listeners *out)
{
	*families = 0;
	for (int i = -1; (i = activated_find(activated, p, 0, (size_t)(i + 1))) >= 0;) {
		const struct activated *a = &activated->items[i];
		int family = strchr(a->ip, ':') ? AF_INET6 : AF_INET;
		if (*families && *port != a->port)
			continue;
		int r = fd_nonblock(a->fd, true);
		if (r == 0 && a->udp)
			r = tell_arrivals(a->fd, family);
		if (r < 0)
			return r;
		if (!a->udp)
			carry_promptly(a->fd);
		*port = a->port;
		*families |= family == AF_INET ? V4 : V6;
		keep(out, a->fd, family, p, 0);
	}
	return *families ? 0 : -ENOENT;
}

/* Tries what the mapping may choose from; *port is the one it got. */
static int choose_port(const struct port_map *p, int offset, int *port, int *families,
		       struct listeners *out)
{
	int tries = p->host_port ? max_of(p->choices, 1) : RANDOM_TRIES;
	int r = -EADDRINUSE;

	for (int i = 0; i < tries && r == -EADDRINUSE; i++) {
		*port = p->host_port ? p->host_port + offset + i : 0;
		r = open_port(p, offset, port, families, out);
	}
	return r;
}

static int say_why(int code, const struct port_map *p, int port, struct err *err)
{
	const struct ports alone = { .items = (struct port_map *)p, .count = 1 };
	const char *ip = str_or(p->host_ip, "0.0.0.0");
	AUTO(mem)
	char *at = strchr(ip, ':') ? str_fmt("[%s]:%d/%s", ip, port, p->protocol)
				   : str_fmt("%s:%d/%s", ip, port, p->protocol);

	if (code == -EACCES && ports_check(&alone, net_unprivileged_port(), err) < 0)
		return code;
	(void)err_sys(err, code, "cannot publish %s", at);
	if (code == -EADDRINUSE)
		return err_hint(err,
				"see what has it: cubby port -a, or ss -lnp 'sport = :%d'; -p %d%s "
				"takes one that is free",
				port,
				p->range > 1 ? p->container_port + port - p->host_port
					     : p->container_port,
				str_eq(p->protocol, "udp") ? "/udp" : "");
	return code;
}

static void report_one(const struct port_map *p, const char *ip, int port, struct ports *bound)
{
	*vec_push(bound) = (struct port_map){
		.host_ip = str_dup(ip),
		.host_port = port,
		.container_port = p->container_port,
		.range = p->range,
		.protocol = str_dup(p->protocol),
	};
}

static void report(const struct port_map *p, int port, int families, struct ports *bound)
{
	if (p->host_ip)
		report_one(p, p->host_ip, port, bound);
	if (!p->host_ip && families & V4)
		report_one(p, "0.0.0.0", port, bound);
	if (!p->host_ip && families & V6)
		report_one(p, "::", port, bound);
}

static int open_map(const struct port_map *p, const struct activated_list *activated, bool lenient,
		    struct listeners *out, struct ports *bound, struct err *err)
{
	int port = 0, families = 0, first = 0;
	int r = adopt_port(p, activated, &first, &families, out);

	if (r < 0 && r != -ENOENT)
		return say_why(r, p, first, err);
	for (int offset = 0; r < 0 && offset < p->range; offset++) {
		int code = choose_port(p, offset, &port, &families, out);
		bool served = lenient && code == -EADDRINUSE && !str_eq(p->protocol, "udp");
		if (code < 0 && !served)
			return say_why(code, p, port, err);
		if (offset == 0)
			first = port;
	}
	report(p, first, families, bound);
	return 0;
}

int listeners_open(const struct ports *wanted, const struct activated_list *activated, bool lenient,
		   struct listeners *out, struct ports *bound, struct err *err)
{
	AUTO(ports) struct ports maps = { 0 };

	activated_split(activated, wanted, &maps);
	for (size_t i = 0; i < maps.count; i++) {
		int r = open_map(&maps.items[i], activated, lenient, out, bound, err);
		if (r < 0)
			return r;
	}
	return 0;
}
