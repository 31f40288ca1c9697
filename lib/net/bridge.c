/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bridge - a network that several containers share, as its members' side sees it
 *
 * The exchange with the holder; what is done to namespaces is in cable.c.
 */
#include "net/bridge.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "net/exchange.h"

const struct jfield bridge_subnet_fields[] = {
	J_TEXT("Network", struct bridge_subnet, network),
	J_INT("Prefix", struct bridge_subnet, prefix),
	J_TEXT("Gateway", struct bridge_subnet, gateway),
	J_TEXT("First", struct bridge_subnet, first),
	J_TEXT("Last", struct bridge_subnet, last),
	J_END,
};

const struct jfield bridge_config_fields[] = {
	J_TEXT("Name", struct bridge_config, name),
	J_TEXT("ID", struct bridge_config, id),
	J_LIST("Subnets", struct bridge_config, subnets, bridge_subnet_fields),
	J_STRV("Reserved", struct bridge_config, reserved),
	J_INT("MTU", struct bridge_config, mtu),
	J_BOOL("Internal", struct bridge_config, internal),
	J_BOOL("NoDNS", struct bridge_config, no_dns),
	J_BOOL("AllowHostLoopback", struct bridge_config, allow_host_loopback),
	J_STRV("DNS", struct bridge_config, dns),
	J_TEXT("OutboundAddr", struct bridge_config, outbound_addr),
	J_TEXT("OutboundAddr6", struct bridge_config, outbound_addr6),
	J_END,
};

const struct jfield bridge_hold_fields[] = {
	J_STRUCT("Network", struct bridge_hold, network, bridge_config_fields),
	J_BOOL("HasNetns", struct bridge_hold, has_netns),
	J_BOOL("HasKeeper", struct bridge_hold, has_keeper),
	J_INT("Comers", struct bridge_hold, comers),
	J_BOOL("HasLive", struct bridge_hold, has_live),
	J_END,
};

const struct jfield bridge_wish_fields[] = {
	J_TEXT("Container", struct bridge_wish, container),
	J_TEXT("Name", struct bridge_wish, name),
	J_STRV("Aliases", struct bridge_wish, aliases),
	J_STRV("Links", struct bridge_wish, links),
	J_STRV("Search", struct bridge_wish, search),
	J_TEXT("IPAddress", struct bridge_wish, ip),
	J_TEXT("GlobalIPv6Address", struct bridge_wish, ip6),
	J_TEXT("MacAddress", struct bridge_wish, mac),
	J_BOOL("Firm", struct bridge_wish, firm),
	J_STRV("DNS", struct bridge_wish, dns),
	J_BOOL("Outside", struct bridge_wish, outside),
	J_INT("Coming", struct bridge_wish, coming),
	J_END,
};

const struct jfield bridge_servers_fields[] = {
	J_STRV("DNS", struct bridge_servers, dns),
	J_END,
};

static const struct jfield bridge_path_fields[] = {
	J_TEXT("To", struct bridge_path, to),
	J_TEXT("Via", struct bridge_path, via),
	J_INT("Metric", struct bridge_path, metric),
	J_END,
};

const struct jfield bridge_lease_fields[] = {
	J_TEXT("IPAddress", struct bridge_lease, ip),
	J_INT("Prefix", struct bridge_lease, prefix),
	J_TEXT("GlobalIPv6Address", struct bridge_lease, ip6),
	J_INT("Prefix6", struct bridge_lease, prefix6),
	J_TEXT("MacAddress", struct bridge_lease, mac),
	J_TEXT("Gateway", struct bridge_lease, gateway),
	J_TEXT("IPv6Gateway", struct bridge_lease, gateway6),
	J_TEXT("GatewayMac", struct bridge_lease, gateway_mac),
	J_TEXT("IPv6GatewayMac", struct bridge_lease, gateway6_mac),
	J_TEXT("DNS", struct bridge_lease, dns),
	J_TEXT("DNS6", struct bridge_lease, dns6),
	J_TEXT("DNSMac", struct bridge_lease, dns_mac),
	J_INT("MTU", struct bridge_lease, mtu),
	J_BOOL("Internal", struct bridge_lease, internal),
	J_LIST("Paths", struct bridge_lease, paths, bridge_path_fields),
	J_END,
};

/* --- the holder's life ------------------------------------------------------------------------ */

static int say_hold(int sock, const struct bridge_config *config, int netns, int keeper, int comers,
		    int live, struct err *err)
{
	const struct bridge_hold hold = {
		.network = *config,
		.has_netns = netns >= 0,
		.has_keeper = keeper >= 0,
		.comers = comers,
		.has_live = live >= 0,
	};
	int fds[3];
	size_t count = 0;

	if (netns >= 0)
		fds[count++] = netns;
	if (keeper >= 0)
		fds[count++] = keeper;
	if (live >= 0)
		fds[count++] = live;
	int r = net_say(sock, NET_HOLD, bridge_hold_fields, &hold, fds, count);
	/* One that failed already has said why, which is heard next. */
	return r == -EPIPE || r == 0 ? 0
				     : err_sys(err, r, "cannot tell the network helper its job");
}

static int hear_ready(int sock, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	size_t none = 0;
	int word = net_hear(sock, &json, NULL, &none, err);

	if (word == NET_FAILED)
		return net_report_fail(json, err);
	if (word >= 0 && word != NET_READY)
		return err_set(err, -EBADMSG, "the network helper is of another version");
	return word < 0 ? word : 0;
}

int bridge_holder_start(const char *program, const struct bridge_config *config, int netns,
			int keeper, int comers, int live, int *out_pidfd, struct err *err)
{
	char *const argv[] = { (char *)"cubby-net", NULL };
	int pair[2];
	int r = fd_pair(SOCK_SEQPACKET, pair);

	if (r < 0)
		return err_sys(err, r, "cannot make a socket for the network helper");
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	const struct spawn_fd fds[] = { { theirs, NET_SOCKET } };
	const struct spawn spawn = { .path = program, .argv = argv, .fds = fds, .fd_count = 1 };
	AUTO(fd) int pidfd = -1;
	pid_t pid = spawn_start(&spawn, &pidfd, err);
	if (pid < 0)
		return (int)pid;
	fd_close(take_fd(theirs));
	r = say_hold(ours, config, netns, keeper, comers, live, err);
	if (r == 0)
		r = hear_ready(ours, err);
	fd_close(take_fd(ours)); /* without us it ends */
	if (r < 0) {
		(void)!proc_wait(pidfd); /* it said why */
		return err_wrap(err, "cannot start the network '%s'", config->name);
	}
	*out_pidfd = take_fd(pidfd);
	return 0;
}

/* --- membership ------------------------------------------------------------------------------- */

int bridge_connect(pid_t holder, int *out_sock)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	AUTO(fd) int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return -errno;
	(void)snprintf(name.sun_path, sizeof name.sun_path, "/proc/%d/cwd/" BRIDGE_SOCKET,
		       (int)holder);
	if (connect(sock, (struct sockaddr *)&name, sizeof name) < 0)
		return errno == ENOENT || errno == ECONNREFUSED ? -ESRCH : -errno;
	*out_sock = take_fd(sock);
	return 0;
}

/* Who has gone before it answered is gone. */
static int gone(int r)
{
	return r == -ECONNRESET || r == -ENOTCONN ? -EPIPE : r;
}

static int hear_lease(int sock, struct bridge_lease *out, int *fds, size_t *count, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	int word = net_hear(sock, &json, fds, count, err);

	if (word == NET_FAILED)
		return net_report_fail(json, err);
	if (word >= 0 && (word != NET_READY || *count < 2 || *count > 3))
		return err_set(err, -EBADMSG, "the network helper is of another version");
	return word < 0 ? word : jfield_load(bridge_lease_fields, json, out, err);
}

int bridge_join(int sock, const struct bridge_wish *wish, struct bridge_lease *out, int *out_netns,
		int *out_names, int *out_keeper, struct err *err)
{
	AUTO(bridge_lease) struct bridge_lease lease = { 0 };
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int r = gone(net_say(sock, NET_JOIN, bridge_wish_fields, wish, NULL, 0));

	if (r < 0)
		return err_sys(err, r, "cannot join the network");
	r = hear_lease(sock, &lease, fds, &count, err);
	if (r < 0) {
		for (size_t i = 0; i < count; i++)
			fd_close(fds[i]);
		return r;
	}
	*out = lease;
	lease = (struct bridge_lease){ 0 };
	*out_netns = fds[0];
	*out_names = fds[1];
	*out_keeper = count > 2 ? fds[2] : -1;
	return 0;
}

static int answered(int sock, int sent)
{
	return sent < 0 ? gone(sent) : hear_ready(sock, NULL);
}

int bridge_sees(int sock, const int *names, size_t count)
{
	count = min_of(count, (size_t)BRIDGE_SEES_MAX);
	return answered(sock, net_say(sock, NET_SEES, NULL, NULL, names, count));
}

int bridge_serve(int sock, const struct bridge_servers *servers)
{
	return answered(sock, net_say(sock, NET_SERVERS, bridge_servers_fields, servers, NULL, 0));
}

int bridge_rename(int sock, const struct bridge_wish *wish)
{
	return answered(sock, net_say(sock, NET_RENAME, bridge_wish_fields, wish, NULL, 0));
}

void bridge_config_clear(struct bridge_config *config)
{
	jfield_clear(bridge_config_fields, config);
}

void bridge_wish_clear(struct bridge_wish *wish)
{
	jfield_clear(bridge_wish_fields, wish);
}

void bridge_lease_clear(struct bridge_lease *lease)
{
	jfield_clear(bridge_lease_fields, lease);
}
