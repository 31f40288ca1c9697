/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * members - who is on a network: the holder's side of their connections
 */
#include "cubby-net/members.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/hub.h"
#include "net/exchange.h"

static const int64_t patience = 10 * CLOCK_SECOND; /* for the first one to come */

struct member {
	struct members *all;
	int fd;
	struct source *source;
	struct lease *lease;	    /* NULL: has not joined */
	struct names_member *named; /* its names */
};

struct members {
	struct members_config config;
	struct loop *loop;
	int listener;
	struct source *listens;
	struct source *timer;
	uid_t user;
	size_t count; /* connections */
	bool awaits;  /* members may come back whose addresses are not known */
	int comers;   /* that are still expected */
};

/* --- a member's end --------------------------------------------------------------------------- */

static int accept_one(struct members *m);

/* Who connected a moment ago still finds it. */
static void leave(struct members *m)
{
	while (m->count == 0)
		if (accept_one(m) < 0) {
			loop_stop(m->loop, 0);
			return;
		}
}

static void member_leave(struct member *who)
{
	struct members *m = who->all;

	loop_remove(who->source);
	names_drop(m->config.names, who->named);
	leases_drop(m->config.leases, who->lease);
	fd_close(who->fd);
	free(who);
	m->count--;
	(void)!loop_watch(m->listens, EPOLLIN); /* there is a descriptor again */
	leave(m);
}

/* --- joining ---------------------------------------------------------------------------------- */

static char *text_of(const struct netlink_addr *a)
{
	char text[INET6_ADDRSTRLEN];

	return a->family ? str_dup(inet_ntop(a->family, &a->in4, text, sizeof text)) : NULL;
}

static char *text_of_mac(const uint8_t *mac)
{
	return str_fmt("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		       mac[5]);
}

/* On an internal network the bridge has that address, and is asked for it. */
static char *gateway_mac(const struct members *m)
{
	uint8_t mac[ETH_ALEN];

	if (m->config.network->internal)
		return text_of_mac(m->config.bridge_mac);
	hub_gateway_mac(m->config.leases, mac);
	return text_of_mac(mac);
}

static void fill_lease(const struct members *m, const struct lease *l, struct bridge_lease *out)
{
	const struct leases_range *r = m->config.leases->range;
	struct netlink_addr gateway[2];

	for (size_t i = 0; i < 2; i++)
		gateway[i] = leases_gateway(m->config.leases, i);
	*out = (struct bridge_lease){
		.ip = text_of(&l->addr[0]),
		.prefix = r[0].prefix,
		.ip6 = text_of(&l->addr[1]),
		.prefix6 = r[1].prefix,
		.mac = text_of_mac(l->mac),
		.gateway = text_of(&gateway[0]),
		.gateway6 = text_of(&gateway[1]),
		.gateway_mac = r[0].family ? gateway_mac(m) : NULL,
		.gateway6_mac = r[1].family ? gateway_mac(m) : NULL,
		.dns = r[0].family ? str_dup(LEASES_DNS) : NULL,
		.dns6 = r[1].family ? str_dup(LEASES_DNS6) : NULL,
		.dns_mac = text_of_mac(m->config.bridge_mac),
		.mtu = m->config.mtu,
		.internal = m->config.network->internal,
	};
}

static void read_entry(const struct bridge_wish *wish, struct names_entry *out)
{
	*out = (struct names_entry){
		.container = wish->container,
		.name = wish->name,
		.aliases = &wish->aliases,
		.links = &wish->links,
		.search = &wish->search,
		.servers = &wish->dns,
		.outside = wish->outside,
	};
}

static int add_names(struct member *who, const struct bridge_wish *wish,
		     const struct bridge_lease *lease, struct err *err)
{
	struct names_entry entry;

	read_entry(wish, &entry);
	entry.ip = lease->ip;
	entry.ip6 = lease->ip6;
	return names_add(who->all->config.names, &entry, &who->named, err);
}

static int refuse(const struct member *who, const struct err *err)
{
	const struct net_report report = { .code = err->code,
					   .text = err->text,
					   .hint = err->hint };

	return net_say(who->fd, NET_FAILED, net_report_fields, &report, NULL, 0);
}

static void complete(struct members *m)
{
	if (m->comers > 0)
		m->config.complete(m->config.data);
	m->comers = 0;
}

/* Who comes back has its addresses in use; so nobody new is given any before. */
static int await_others(struct members *m, const struct bridge_wish *wish, struct err *err)
{
	m->awaits &= wish->coming != BRIDGE_NEW_LAST;
	if (!m->awaits)
		complete(m);
	return m->awaits && wish->coming == BRIDGE_NEW
		       ? err_set(err, -EAGAIN, "members of the network '%s' are to come back first",
				 m->config.network->name)
		       : 0;
}

static int join(struct member *who, const struct bridge_wish *wish)
{
	struct members *m = who->all;
	AUTO(bridge_lease) struct bridge_lease lease = { 0 };
	AUTO(err) struct err err = { 0 };
	int r = await_others(m, wish, &err);

	if (r == 0)
		r = leases_take(m->config.leases, wish, &who->lease, &err);
	if (r < 0)
		return refuse(who, &err);
	fill_lease(m, who->lease, &lease);
	r = add_names(who, wish, &lease, &err);
	if (r < 0) {
		leases_drop(m->config.leases, take_ptr(who->lease));
		return refuse(who, &err);
	}
	if (wish->coming == BRIDGE_BACK && m->comers == 1)
		complete(m);
	m->comers -= wish->coming == BRIDGE_BACK && m->comers > 0;
	const int fds[] = { m->config.netns, names_board(m->config.names), m->config.keeper };
	const size_t count = array_len(fds) - (m->config.keeper < 0);
	return net_say(who->fd, NET_READY, bridge_lease_fields, &lease, fds, count);
}

/* --- what a member says ----------------------------------------------------------------------- */

static int rename_to(struct member *who, const struct bridge_wish *wish)
{
	AUTO(err) struct err err = { 0 };
	struct names_entry entry;

	read_entry(wish, &entry);
	int r = names_rename(who->all->config.names, who->named, &entry, &err);
	if (r < 0)
		return refuse(who, &err);
	lease_rename(who->lease, wish->name);
	return net_say(who->fd, NET_READY, NULL, NULL, NULL, 0);
}

static int take_wish(struct member *who, int word, const cJSON *json)
{
	AUTO(bridge_wish) struct bridge_wish wish = { 0 };
	int r = jfield_load(bridge_wish_fields, json, &wish, NULL);

	if (r < 0)
		return r;
	if (word == NET_JOIN)
		return who->lease ? -EALREADY : join(who, &wish);
	return who->lease ? rename_to(who, &wish) : -ENOTCONN;
}

static int take_servers(const struct member *who, const cJSON *json)
{
	struct bridge_servers servers = { 0 };
	int r = jfield_load(bridge_servers_fields, json, &servers, NULL);

	if (r == 0)
		resolver_prefer(who->all->config.resolver, &servers.dns);
	jfield_clear(bridge_servers_fields, &servers);
	return r < 0 ? r : net_say(who->fd, NET_READY, NULL, NULL, NULL, 0);
}

static int take_word(struct member *who, int word, const cJSON *json, int *fds, size_t *count)
{
	if (word == NET_SERVERS)
		return take_servers(who, json);
	if (word == NET_JOIN || word == NET_RENAME)
		return take_wish(who, word, json);
	if (word != NET_SEES || !who->lease)
		return -EBADMSG;
	names_see(who->all->config.names, who->named, fds, *count);
	*count = 0;
	return net_say(who->fd, NET_READY, NULL, NULL, NULL, 0);
}

static void member_ready(void *data, uint32_t events unused_arg)
{
	struct member *who = data;
	AUTO(json) cJSON *json = NULL;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int word = net_hear(who->fd, &json, fds, &count, NULL);

	if (word == -EAGAIN || word == -EINTR)
		return;
	int r = word < 0 ? word : take_word(who, word, json, fds, &count);
	for (size_t i = 0; i < count; i++)
		fd_close(fds[i]);
	if (r < 0)
		member_leave(who);
}

/* --- coming ----------------------------------------------------------------------------------- */

static bool same_user(const struct members *m, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == m->user;
}

/* Return: 0 when somebody was there; otherwise a negative errno. */
static int accept_one(struct members *m)
{
	AUTO(fd) int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (!same_user(m, fd))
		return 0;
	struct member *who = mem_new(struct member);
	*who = (struct member){ .all = m, .fd = fd };
	if (loop_add(m->loop, fd, EPOLLIN, member_ready, who, &who->source) < 0) {
		free(who);
		return 0;
	}
	(void)take_fd(fd);
	m->count++;
	return 0;
}

static void somebody_comes(void *data, uint32_t events unused_arg)
{
	struct members *m = data;
	int r = accept_one(m);

	/* Without descriptors nobody can come until somebody left. */
	if ((r == -EMFILE || r == -ENFILE) && m->count)
		(void)!loop_watch(m->listens, 0);
}

static void nobody_came(void *data)
{
	leave(data);
}

int members_new(struct loop *loop, int listener, const struct members_config *config,
		struct members **out, struct err *err)
{
	struct members *m = mem_new(struct members);

	*m = (struct members){
		.config = *config,
		.loop = loop,
		.listener = listener,
		.user = geteuid(),
		.awaits = config->taken_over,
		.comers = config->comers,
	};
	int r = loop_add(loop, listener, EPOLLIN, somebody_comes, m, &m->listens);
	if (r == 0)
		r = loop_timer(loop, nobody_came, m, &m->timer);
	if (r == 0)
		r = loop_timer_set(m->timer, patience);
	if (r < 0)
		return err_sys(err, r, "cannot serve the network's members");
	*out = m;
	return 0;
}
