/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netlink - changing links, addresses, routes and rules of the network namespace one is in
 *
 * Every request asks for an acknowledgement; the sequence number is its index in the batch, which
 * finds the words for the error.
 */
#include "kern/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_bridge.h>
#include <linux/neighbour.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

enum { ANSWER_BYTES = 8192 };

int netlink_addr_parse(const char *text, struct netlink_addr *out)
{
	struct netlink_addr a = { 0 };

	if (inet_pton(AF_INET, text, &a.in4) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a.in6) == 1)
		a.family = AF_INET6;
	else
		return -EINVAL;
	*out = a;
	return 0;
}

static size_t addr_size(const struct netlink_addr *a)
{
	return a->family == AF_INET ? sizeof a->in4 : sizeof a->in6;
}

static struct nlmsghdr *request(struct netlink_batch *b, const char *what, uint16_t type,
				uint16_t flags, const void *body, size_t size)
{
	size_t room = NLMSG_SPACE(size);
	struct nlmsghdr *h = (struct nlmsghdr *)(b->data + b->used);

	bug_unless(b->count < NETLINK_BATCH_MAX && b->used + room <= sizeof b->data);
	memset(h, 0, room);
	h->nlmsg_len = NLMSG_LENGTH(size);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	h->nlmsg_seq = (uint32_t)b->count;
	memcpy(NLMSG_DATA(h), body, size);
	b->what[b->count++] = what;
	b->used += room;
	return h;
}

static void attribute(struct netlink_batch *b, struct nlmsghdr *h, uint16_t type, const void *data,
		      size_t size)
{
	size_t room = RTA_SPACE(size);
	struct rtattr *a = (struct rtattr *)(b->data + b->used);

	bug_unless(b->used + room <= sizeof b->data);
	memset(a, 0, room);
	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(a), data, size);
	b->used += room;
	h->nlmsg_len = (uint32_t)((char *)a + RTA_ALIGN(a->rta_len) - (char *)h);
}

static void attribute_u32(struct netlink_batch *b, struct nlmsghdr *h, uint16_t type,
			  uint32_t value)
{
	attribute(b, h, type, &value, sizeof value);
}

static void attribute_text(struct netlink_batch *b, struct nlmsghdr *h, uint16_t type,
			   const char *text)
{
	attribute(b, h, type, text, strlen(text) + 1);
}

/* Opens an attribute that holds attributes. */
static struct rtattr *nest(struct netlink_batch *b, struct nlmsghdr *h, uint16_t type)
{
	struct rtattr *a = (struct rtattr *)(b->data + b->used);

	attribute(b, h, type, "", 0);
	return a;
}

static void unnest(const struct netlink_batch *b, struct rtattr *a)
{
	a->rta_len = (unsigned short)(b->data + b->used - (char *)a);
}

void netlink_link(struct netlink_batch *batch, int index, int mtu, const uint8_t *mac, bool up)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	if (up)
		body.ifi_flags = body.ifi_change = IFF_UP;
	struct nlmsghdr *h =
		request(batch, "cannot set up the interface", RTM_NEWLINK, 0, &body, sizeof body);
	if (mtu)
		attribute_u32(batch, h, IFLA_MTU, (uint32_t)mtu);
	if (mac)
		attribute(batch, h, IFLA_ADDRESS, mac, ETH_ALEN);
}

void netlink_link_del(struct netlink_batch *batch, int index)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	request(batch, "cannot remove the interface", RTM_DELLINK, 0, &body, sizeof body);
}

void netlink_bridge(struct netlink_batch *batch, const char *name, int mtu, const uint8_t *mac)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC };
	const uint8_t off = 0;

	struct nlmsghdr *h = request(batch, "cannot make a bridge", RTM_NEWLINK,
				     NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	attribute_text(batch, h, IFLA_IFNAME, name);
	attribute(batch, h, IFLA_ADDRESS, mac, ETH_ALEN);
	attribute_u32(batch, h, IFLA_MTU, (uint32_t)mtu);
	struct rtattr *info = nest(batch, h, IFLA_LINKINFO);
	attribute_text(batch, h, IFLA_INFO_KIND, "bridge");
	struct rtattr *data = nest(batch, h, IFLA_INFO_DATA);
	attribute(batch, h, IFLA_BR_MCAST_SNOOPING, &off, sizeof off);
	unnest(batch, data);
	unnest(batch, info);
}

/*
 * How much a sender may hand to an interface at once. A pair takes more than the 64 KiB that all do: so a stream that
 * crosses a bridge does so in fewer, larger packets. Of IPv4 alone: a packet of IPv6 that is so long has one more head,
 * which filters would have to know. Kernels before 6.3 pass over it.
 */
static void add_large(struct netlink_batch *b, struct nlmsghdr *h)
{
	enum { GSO_IPV4_MAX_SIZE = 63 }; /* IFLA_GSO_IPV4_MAX_SIZE, which older headers lack */

	attribute_u32(b, h, GSO_IPV4_MAX_SIZE, NETLINK_LARGE);
}

/* The end that is elsewhere: a link's message in an attribute, its attributes behind. */
static void add_peer(struct netlink_batch *b, struct nlmsghdr *h, const struct netlink_veth *v)
{
	const struct ifinfomsg body = { .ifi_family = AF_UNSPEC };
	struct rtattr *peer = (struct rtattr *)(b->data + b->used);

	attribute(b, h, VETH_INFO_PEER, &body, sizeof body);
	attribute_text(b, h, IFLA_IFNAME, v->near);
	attribute(b, h, IFLA_ADDRESS, v->mac, ETH_ALEN);
	attribute_u32(b, h, IFLA_MTU, (uint32_t)v->mtu);
	attribute_u32(b, h, IFLA_NET_NS_FD, (uint32_t)v->netns);
	if (v->large)
		add_large(b, h);
	unnest(b, peer);
}

void netlink_veth(struct netlink_batch *batch, const struct netlink_veth *veth)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC,
				  .ifi_index = veth->index,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };

	struct nlmsghdr *h = request(batch, "cannot make a pair of interfaces", RTM_NEWLINK,
				     NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	attribute_text(batch, h, IFLA_IFNAME, veth->far);
	attribute_u32(batch, h, IFLA_MTU, (uint32_t)veth->mtu);
	if (veth->large)
		add_large(batch, h);
	if (veth->master)
		attribute_u32(batch, h, IFLA_MASTER, (uint32_t)veth->master);
	struct rtattr *info = nest(batch, h, IFLA_LINKINFO);
	attribute_text(batch, h, IFLA_INFO_KIND, "veth");
	struct rtattr *data = nest(batch, h, IFLA_INFO_DATA);
	add_peer(batch, h, veth);
	unnest(batch, data);
	unnest(batch, info);
}

void netlink_port(struct netlink_batch *batch, int index, int master)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	const uint8_t off = 0;

	struct nlmsghdr *h = request(batch, "cannot join the interface to the bridge", RTM_NEWLINK,
				     0, &body, sizeof body);
	attribute_u32(batch, h, IFLA_MASTER, (uint32_t)master);
	body.ifi_family = AF_BRIDGE;
	h = request(batch, "cannot set up the bridge's port", RTM_SETLINK, 0, &body, sizeof body);
	struct rtattr *port = nest(batch, h, IFLA_PROTINFO | NLA_F_NESTED);
	attribute(batch, h, IFLA_BRPORT_UNICAST_FLOOD, &off, sizeof off);
	unnest(batch, port);
}

void netlink_forward(struct netlink_batch *batch, int index, const uint8_t *mac)
{
	struct ndmsg body = {
		.ndm_family = AF_BRIDGE,
		.ndm_ifindex = index,
		.ndm_state = NUD_NOARP,
		.ndm_flags = NTF_MASTER | NTF_STICKY,
	};

	struct nlmsghdr *h = request(batch, "cannot tell the bridge an address", RTM_NEWNEIGH,
				     NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
	attribute(batch, h, NDA_LLADDR, mac, ETH_ALEN);
}

void netlink_address(struct netlink_batch *batch, int index, const struct netlink_addr *addr,
		     int prefix)
{
	struct ifaddrmsg body = {
		.ifa_family = (unsigned char)addr->family,
		.ifa_prefixlen = (unsigned char)prefix,
		.ifa_flags = addr->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = (unsigned)index,
	};

	struct nlmsghdr *h = request(batch, "cannot give the interface its address", RTM_NEWADDR,
				     NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
	attribute(batch, h, IFA_LOCAL, &addr->in4, addr_size(addr));
	attribute(batch, h, IFA_ADDRESS, &addr->in4, addr_size(addr));
	if (addr->family == AF_INET && prefix < 31) {
		uint32_t all = htonl(ntohl(addr->in4.s_addr) | (UINT32_MAX >> prefix));
		attribute_u32(batch, h, IFA_BROADCAST, all);
	}
}

static void route(struct netlink_batch *batch, const char *what, uint16_t type, uint16_t flags,
		  const struct netlink_route *r)
{
	struct rtmsg body = {
		.rtm_family = (unsigned char)r->to.family,
		.rtm_dst_len = (unsigned char)r->prefix,
		.rtm_table = r->table && r->table < 256 ? (unsigned char)r->table : RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = r->local	     ? RT_SCOPE_HOST
			     : r->via.family ? RT_SCOPE_UNIVERSE
					     : RT_SCOPE_LINK,
		.rtm_type = r->local ? RTN_LOCAL : RTN_UNICAST,
	};

	struct nlmsghdr *h = request(batch, what, type, flags, &body, sizeof body);
	if (r->prefix)
		attribute(batch, h, RTA_DST, &r->to.in4, addr_size(&r->to));
	if (r->via.family)
		attribute(batch, h, RTA_GATEWAY, &r->via.in4, addr_size(&r->via));
	if (r->src.family)
		attribute(batch, h, RTA_PREFSRC, &r->src.in4, addr_size(&r->src));
	if (r->oif)
		attribute_u32(batch, h, RTA_OIF, (uint32_t)r->oif);
	if (r->table)
		attribute_u32(batch, h, RTA_TABLE, r->table);
	if (r->metric)
		attribute_u32(batch, h, RTA_PRIORITY, r->metric);
	if (r->mtu) {
		struct {
			struct rtattr head;
			uint32_t mtu;
		} metrics = { { sizeof metrics, RTAX_MTU }, (uint32_t)r->mtu };
		attribute(batch, h, RTA_METRICS, &metrics, sizeof metrics);
	}
}

void netlink_route_add(struct netlink_batch *batch, const struct netlink_route *r)
{
	route(batch, "cannot add a route", RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, r);
}

void netlink_route_del(struct netlink_batch *batch, const struct netlink_route *r)
{
	route(batch, "cannot remove a route", RTM_DELROUTE, 0, r);
}

void netlink_rule_add(struct netlink_batch *batch, const struct netlink_rule *rule)
{
	struct fib_rule_hdr body = {
		.family = (uint8_t)rule->family,
		.table = rule->table < 256 ? (uint8_t)rule->table : RT_TABLE_UNSPEC,
		.action = FR_ACT_TO_TBL,
	};

	struct nlmsghdr *h = request(batch, "cannot add a routing rule", RTM_NEWRULE,
				     NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	attribute_u32(batch, h, FRA_PRIORITY, rule->priority);
	attribute_u32(batch, h, FRA_TABLE, rule->table);
	if (rule->mark)
		attribute_u32(batch, h, FRA_FWMARK, rule->mark);
	if (rule->protocol) {
		uint8_t protocol = (uint8_t)rule->protocol;
		attribute(batch, h, FRA_IP_PROTO, &protocol, sizeof protocol);
	}
	if (rule->sport) {
		struct fib_rule_port_range range = { rule->sport, rule->sport_last };
		attribute(batch, h, FRA_SPORT_RANGE, &range, sizeof range);
	}
	if (rule->iif)
		attribute_text(batch, h, FRA_IIFNAME, rule->iif);
}

static void name_neighbour(struct netlink_batch *batch, int index, uint16_t state,
			   const struct netlink_addr *addr, const uint8_t *mac)
{
	struct ndmsg body = {
		.ndm_family = (uint8_t)addr->family,
		.ndm_ifindex = index,
		.ndm_state = state,
	};

	struct nlmsghdr *h = request(batch, "cannot name a neighbour", RTM_NEWNEIGH,
				     NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
	attribute(batch, h, NDA_DST, &addr->in4, addr_size(addr));
	attribute(batch, h, NDA_LLADDR, mac, ETH_ALEN);
}

void netlink_neighbour(struct netlink_batch *batch, int index, const struct netlink_addr *addr,
		       const uint8_t *mac)
{
	name_neighbour(batch, index, NUD_PERMANENT, addr, mac);
}

void netlink_neighbour_hint(struct netlink_batch *batch, int index, const struct netlink_addr *addr,
			    const uint8_t *mac)
{
	name_neighbour(batch, index, NUD_STALE, addr, mac);
}

void netlink_screen_port(struct netlink_batch *batch, int index, uint32_t block)
{
	const struct tcmsg body = {
		.tcm_ifindex = index,
		.tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0),
		.tcm_parent = TC_H_INGRESS,
	};

	struct nlmsghdr *h = request(batch, "cannot filter what the interface receives",
				     RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	attribute_text(batch, h, TCA_KIND, "ingress");
	attribute_u32(batch, h, TCA_INGRESS_BLOCK, block);
}

void netlink_screen(struct netlink_batch *batch, uint32_t block, uint32_t handle,
		    const struct sock_filter *ops, uint16_t count)
{
	const struct tcmsg body = {
		.tcm_ifindex = (int)TCM_IFINDEX_MAGIC_BLOCK,
		.tcm_handle = handle,
		.tcm_block_index = block,
		.tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL)), /* one list for all of them */
	};

	struct nlmsghdr *h = request(batch, "cannot add a filter of frames", RTM_NEWTFILTER,
				     NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
	attribute_text(batch, h, TCA_KIND, "bpf");
	struct rtattr *options = nest(batch, h, TCA_OPTIONS);
	attribute(batch, h, TCA_BPF_OPS_LEN, &count, sizeof count);
	attribute(batch, h, TCA_BPF_OPS, ops, count * sizeof *ops);
	attribute_u32(batch, h, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	unnest(batch, options);
}

static struct nlmsghdr *queue(struct netlink_batch *b, const char *what, uint16_t type,
			      uint16_t flags, int index)
{
	const struct tcmsg body = { .tcm_ifindex = index, .tcm_parent = TC_H_ROOT };

	return request(b, what, type, flags, &body, sizeof body);
}

/* The rate twice: where 32 bits do not hold it the second one counts. */
void netlink_limit(struct netlink_batch *batch, int index, uint64_t rate, uint32_t burst)
{
	const uint64_t waits = min_of(rate / 5 + 4 * (uint64_t)burst, (uint64_t)INT32_MAX);
	const struct tc_tbf_qopt limit = {
		.rate = { .linklayer = TC_LINKLAYER_ETHERNET,
			  .rate = (uint32_t)min_of(rate, (uint64_t)UINT32_MAX) },
		.limit = (uint32_t)waits,
	};

	struct nlmsghdr *h = queue(batch, "cannot limit the interface", RTM_NEWQDISC,
				   NLM_F_CREATE | NLM_F_REPLACE, index);
	attribute_text(batch, h, TCA_KIND, "tbf");
	struct rtattr *options = nest(batch, h, TCA_OPTIONS);
	attribute(batch, h, TCA_TBF_PARMS, &limit, sizeof limit);
	attribute_u32(batch, h, TCA_TBF_BURST, burst);
	if (rate >= UINT32_MAX)
		attribute(batch, h, TCA_TBF_RATE64, &rate, sizeof rate);
	unnest(batch, options);
}

void netlink_limit_del(struct netlink_batch *batch, int index)
{
	queue(batch, "cannot take the interface's limit away", RTM_DELQDISC, 0, index);
}

int netlink_open(void)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return sock < 0 ? -errno : sock;
}

/* Counts the acknowledgements in one answer and remembers the first that failed. */
static size_t acknowledge(const char *data, size_t size, const struct netlink_batch *b, int *code,
			  struct err *err)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)data;
	size_t acks = 0;

	for (; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
		if (h->nlmsg_type != NLMSG_ERROR)
			continue;
		const struct nlmsgerr *e = NLMSG_DATA(h);
		acks++;
		if (e->error < 0 && *code == 0 && e->msg.nlmsg_seq < b->count)
			*code = err_sys(err, e->error, "%s", b->what[e->msg.nlmsg_seq]);
	}
	return acks;
}

int netlink_apply(int sock, struct netlink_batch *batch, struct err *err)
{
	_Alignas(8) char answer[ANSWER_BYTES];
	int code = 0;

	if (send(sock, batch->data, batch->used, 0) < 0)
		return err_sys(err, -errno, "cannot talk to the kernel's network");
	for (size_t acks = 0; acks < batch->count;) {
		ssize_t n = recv(sock, answer, sizeof answer, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, -errno, "cannot hear from the kernel's network");
		acks += acknowledge(answer, (size_t)n, batch, &code, err);
	}
	batch->used = batch->count = 0;
	return code;
}

/* Whether the message is about a global address; then it is in *out. */
static bool global_address(const struct nlmsghdr *h, struct netlink_addr *out)
{
	const struct ifaddrmsg *body = NLMSG_DATA(h);
	int left = (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof *body));

	if (h->nlmsg_type != RTM_NEWADDR || body->ifa_scope != RT_SCOPE_UNIVERSE)
		return false;
	for (const struct rtattr *a = IFA_RTA(body); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		bool own = a->rta_type == IFA_LOCAL ||
			   (a->rta_type == IFA_ADDRESS && body->ifa_family == AF_INET6);
		struct netlink_addr found = { .family = body->ifa_family };
		if (!own || RTA_PAYLOAD(a) != addr_size(&found))
			continue;
		memcpy(&found.in4, RTA_DATA(a), addr_size(&found));
		*out = found;
		return true;
	}
	return false;
}

int netlink_host_address(int sock, int family, struct netlink_addr *out)
{
	_Alignas(8) char answer[ANSWER_BYTES];
	struct {
		struct nlmsghdr head;
		struct ifaddrmsg body;
	} ask = {
		.head = { .nlmsg_len = sizeof ask,
			  .nlmsg_type = RTM_GETADDR,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .ifa_family = (unsigned char)family },
	};
	bool found = false;

	if (send(sock, &ask, sizeof ask, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(sock, answer, sizeof answer, 0);
		if (n < 0 && errno != EINTR)
			return -errno;
		size_t size = n < 0 ? 0 : (size_t)n;
		const struct nlmsghdr *h = (const struct nlmsghdr *)answer;
		for (; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				return found ? 0 : -ENOENT;
			if (!found)
				found = global_address(h, out);
		}
	}
}

int netlink_peer(int sock, int index)
{
	_Alignas(8) char answer[ANSWER_BYTES];
	const struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
	} ask = {
		.head = { .nlmsg_len = sizeof ask,
			  .nlmsg_type = RTM_GETLINK,
			  .nlmsg_flags = NLM_F_REQUEST },
		.body = { .ifi_family = AF_UNSPEC, .ifi_index = index },
	};
	ssize_t n = send(sock, &ask, sizeof ask, 0) < 0 ? -1 : recv(sock, answer, sizeof answer, 0);
	const struct nlmsghdr *h = (const struct nlmsghdr *)answer;

	if (n < 0)
		return -errno;
	if (!NLMSG_OK(h, (size_t)n) || h->nlmsg_type != RTM_NEWLINK)
		return -ENODEV;
	int left = (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof ask.body));
	const struct rtattr *a = IFLA_RTA(NLMSG_DATA(h));
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_LINK && RTA_PAYLOAD(a) == sizeof(int))
			return *(const int *)RTA_DATA(a);
	return -ENODEV;
}
