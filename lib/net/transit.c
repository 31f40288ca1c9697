/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transit - a network namespace between a container and the host, whose kernel speaks TCP with the container
 */
#include "net/transit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/loopback.h"
#include "kern/netlink.h"
#include "net/switches.h"

enum {
	LOOPBACK_INDEX = 1,
	/* Free in a fresh namespace, and no number of the container's interface: the kernel takes its time to tell
	 * that a link is up which it thinks is its own other end. */
	OUT_INDEX = 1000,
	MARK = 0x63756264, /* of what is handed in again */
	TABLE = 0x63756264,
	PRIORITY = 100,
	BLOCK = 1,
	HANDLE = 1,
	BUFFER = 4 << 20, /* a tap holds its senders back; what is more than this is lost here */
	WHOLE = 0x40000,
};

static const char out_name[] = "out";

static const struct {
	const char *path, *value;
} switches[] = {
	/* Whatever address it calls itself, it gets its answers. */
	{ "ipv4/conf/all/rp_filter", "0" },
	{ "ipv4/conf/default/rp_filter", "0" },
	/* A connection opens by its first packet alone. */
	{ "ipv4/tcp_syncookies", "0" },
	/* The interface's addresses are the only ones. */
	{ "ipv6/conf/default/accept_ra", "0" },
	{ "ipv6/conf/default/accept_dad", "0" },
};

/* --- sockets ---------------------------------------------------------------------------------- */

static int open_frames(void)
{
	const int on = 1, bytes = BUFFER;
	/* Of no protocol it receives nothing before transit_listen(). */
	AUTO(fd) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	return take_fd(fd);
}

/*
 * When a process is killed the kernel closes the descriptor with the highest number first, and waits where one
 * takes time. What others know its end by shall not wait for that: a holder's members hear of it before the next
 * holder is begun. Nothing is read from the standard input of a helper.
 */
static int to_be_closed_last(int fd)
{
	if (fd < 0 || dup3(fd, STDIN_FILENO, O_CLOEXEC) < 0)
		return fd;
	fd_close(fd);
	return STDIN_FILENO;
}

static int open_raw(int family)
{
	const uint32_t mark = MARK;
	const int on = 1;
	AUTO(fd) int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0)
		return -errno;
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof on) < 0)
		return -errno;
	return take_fd(fd);
}

static int open_all(struct transit *t, int frames, struct err *err)
{
	t->netlink = netlink_open();
	if (t->netlink < 0)
		return err_sys(err, t->netlink, "cannot talk to the kernel's network");
	t->frames = to_be_closed_last(frames < 0 ? open_frames() : fd_dup(frames));
	if (t->frames < 0)
		return err_sys(err, t->frames, "cannot read an interface's frames");
	t->raw = open_raw(AF_INET);
	if (t->raw < 0)
		return err_sys(err, t->raw, "cannot hand packets to the kernel");
	t->raw6 = open_raw(AF_INET6); /* or there is no IPv6 */
	return 0;
}

static int make(int proc, struct err *err)
{
	if (unshare(CLONE_NEWNET) < 0)
		return err_sys(err, -errno, "cannot make a network namespace");
	int r = loopback_up();
	if (r < 0)
		return err_sys(err, r, "cannot switch on the loopback interface");
	for (size_t i = 0; i < array_len(switches); i++)
		switches_set(proc, switches[i].path, switches[i].value);
	switches_quicken(proc);
	return 0;
}

static int enter(int frames, struct err *err)
{
	AUTO(fd) int netns = ioctl(frames, SIOCGSKNS);

	return netns < 0 || setns(netns, CLONE_NEWNET) < 0
		       ? err_sys(err, -errno, "cannot enter a network namespace")
		       : 0;
}

int transit_enter(int frames, int proc, struct transit *out, struct err *err)
{
	struct transit t = { -1, -1, -1, -1 };
	int r = frames < 0 ? make(proc, err) : enter(frames, err);

	if (r == 0)
		r = open_all(&t, frames, err);
	if (r < 0)
		transit_close(&t);
	else
		*out = t;
	return r;
}

void transit_close(struct transit *transit)
{
	fd_close(transit->frames);
	fd_close(transit->raw);
	fd_close(transit->raw6);
	fd_close(transit->netlink);
	*transit = (struct transit){ -1, -1, -1, -1 };
}

/* --- what the kernel sees, and what the packet socket sees ------------------------------------ */

/* In a frame without a tag: one that had any lost it already, and belongs to an interface that is not there. */
enum {
	AT_TYPE = 12,
	ARP_OPERATION = ETH_HLEN + 6,
	ARP_REPLY = 2,
	IP_PROTOCOL = ETH_HLEN + 9,
	IP_FRAGMENT = ETH_HLEN + 6,
	IP6_NEXT = ETH_HLEN + 6,
	IP6_HEAD = 40,
	ICMP6_TYPE = ETH_HLEN + IP6_HEAD,
	ADVERTISEMENT = 136,
	TCP_FLAGS = 13,
	FRAGMENT_OFFSET = 0x1fff,
	SYN = 0x02,
	SYN_ACK = 0x12,
};

/*
 * What is TCP and does not open a connection, is the kernel's, and what tells where a neighbour is (@told). A
 * frame that ends too early for this filter is no packet for anybody.
 */
#define SIEVE(kernels, told, others)                                                               \
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT_TYPE),                                               \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 10, 0),                              \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 3, 0),                             \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 0, 17),                             \
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ARP_OPERATION),                                 \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARP_REPLY, 14, 15),                            \
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP6_NEXT),                                      \
		BPF_STMT(BPF_LDX | BPF_IMM, IP6_HEAD),                                             \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 8, 0),                            \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 11),                        \
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ICMP6_TYPE),                                    \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ADVERTISEMENT, 8, 9),                          \
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP_PROTOCOL),                                   \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 7),                            \
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, IP_FRAGMENT),                                   \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FRAGMENT_OFFSET, 6, 0),                       \
		BPF_STMT(BPF_LDX | BPF_MSH | BPF_B, ETH_HLEN),                                     \
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, ETH_HLEN + TCP_FLAGS),                          \
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN_ACK),                                      \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 1, 2), BPF_STMT(BPF_RET | BPF_K, told),   \
		BPF_STMT(BPF_RET | BPF_K, others), BPF_STMT(BPF_RET | BPF_K, kernels)

static const struct sock_filter for_kernel[] = { SIEVE(TC_ACT_OK, TC_ACT_OK, TC_ACT_SHOT) };

static const struct sock_filter for_us[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0),
	SIEVE(0, WHOLE, WHOLE),
};

int transit_listen(const struct transit *transit, struct err *err)
{
	const struct sock_fprog filter = { array_len(for_us), (struct sock_filter *)for_us };
	const struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = OUT_INDEX,
	};

	if (setsockopt(transit->frames, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ||
	    bind(transit->frames, (const struct sockaddr *)&at, sizeof at) < 0)
		return err_sys(err, -errno, "cannot read an interface's frames");
	return 0;
}

/* --- the way through it ----------------------------------------------------------------------- */

/* What comes from the container, and what is handed in again, is for here; all else is for the container. */
static void lead(struct netlink_batch *b, int family)
{
	struct netlink_rule rule = { .family = family, .priority = PRIORITY, .table = TABLE };
	const struct netlink_route here = {
		.to = { .family = family },
		.oif = LOOPBACK_INDEX,
		.table = TABLE,
		.local = true,
	};
	const struct netlink_route out = { .to = { .family = family }, .oif = OUT_INDEX };

	rule.iif = out_name;
	netlink_rule_add(b, &rule);
	rule.iif = NULL;
	rule.mark = MARK;
	netlink_rule_add(b, &rule);
	netlink_route_add(b, &here);
	netlink_route_add(b, &out);
}

static int join(int sock, const struct transit_way *way, struct err *err)
{
	struct netlink_batch b = { 0 };

	netlink_veth(&b, &(struct netlink_veth){
				 .far = out_name,
				 .index = OUT_INDEX,
				 .near = way->interface,
				 .netns = way->netns,
				 .mac = way->mac,
				 .mtu = way->mtu,
				 .large = way->large,
			 });
	netlink_link(&b, OUT_INDEX, 0, way->gateway, true);
	netlink_screen_port(&b, OUT_INDEX, BLOCK);
	netlink_screen(&b, BLOCK, HANDLE, for_kernel, array_len(for_kernel));
	lead(&b, AF_INET);
	if (way->gateway4.family)
		netlink_address(&b, OUT_INDEX, &way->gateway4, 32);
	if (way->ip.family)
		netlink_neighbour_hint(&b, OUT_INDEX, &way->ip, way->mac);
	int r = netlink_apply(sock, &b, err);
	if (r < 0)
		return r;
	lead(&b, AF_INET6);
	if (way->gateway6.family)
		netlink_address(&b, OUT_INDEX, &way->gateway6, 128);
	if (way->ip6.family)
		netlink_neighbour_hint(&b, OUT_INDEX, &way->ip6, way->mac);
	(void)!netlink_apply(sock, &b, NULL); /* a host without IPv6 has none to give */
	return 0;
}

int transit_join(const struct transit *transit, const struct transit_way *way, struct err *err)
{
	struct netlink_batch undo = { 0 };
	int r = join(transit->netlink, way, err);

	if (r == 0)
		return 0;
	netlink_link_del(&undo, OUT_INDEX);
	(void)!netlink_apply(transit->netlink, &undo, NULL); /* most often it could not be made */
	return r;
}
