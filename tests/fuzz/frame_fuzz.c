/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * frame_fuzz - frames of a hostile container, through the tap, the name server and libslirp
 *
 * An input is a list of frames: two bytes of length, low first, then the frame. With the top bit of the
 * length set the frame is made plausible: its checksums are made, and a TCP segment continues what the stack
 * last said, so that changed bytes get further than the first check. One stack lives for all inputs. Nothing
 * leaves the process: who connects gets a peer that says something and hangs up, or that hung up at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/egress.h"
#include "cubby-net/resolver.h"
#include "cubby-net/stack.h"
#include "cubby-net/tap.h"

enum { PLAUSIBLE = 0x8000, LENGTH = 0x7fff, FILES = 200, TALK = 5000, ROOM = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What the stack last said of a connection, in network order. */
struct said {
	uint32_t seq;
	uint32_t ack;
};

static struct {
	struct stack *stack;
	struct egress egress;
	int tap, far; /* the stack's end and the container's */
	int ended;    /* a socket whose other side is gone: the loop takes one turn */
	struct said said;
} world;

/* --- in the place of the host ----------------------------------------------------------------- */

const struct servers *resolver_servers(struct resolver *resolver unused_arg)
{
	static const struct servers none;

	return &none;
}

const struct sockaddr_storage *resolver_get(struct resolver *resolver unused_arg,
					    size_t index unused_arg)
{
	return NULL;
}

/* The tap is a socket; it shall be one with headers. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list list;

	va_start(list, request);
	void *arg = va_arg(list, void *);
	va_end(list);
	if (request == TUNGETIFF) {
		((struct ifreq *)arg)->ifr_flags = IFF_TAP | IFF_VNET_HDR;
		return 0;
	}
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

static int meet(int fd, bool talks)
{
	static const char words[TALK];
	int pair[2];

	if (fd_pair(SOCK_STREAM, pair) < 0)
		return -ECONNREFUSED;
	if (talks)
		(void)!write(pair[1], words, sizeof words);
	int r = dup3(pair[0], fd, O_CLOEXEC) < 0 ? -errno : fd_nonblock(fd, true);
	close(pair[0]);
	close(pair[1]);
	return r;
}

int connect(int fd, const struct sockaddr *addr, socklen_t size)
{
	struct sockaddr_storage to;
	int r = egress_target(&world.egress, fd, addr, size, &to);

	if (r >= 0)
		r = meet(fd, ((struct sockaddr_in *)&to)->sin_port & htons(1));
	errno = r < 0 ? EINPROGRESS : 0;
	return r < 0 ? -1 : 0;
}

ssize_t sendto(int fd, const void *data unused_arg, size_t size, int flags unused_arg,
	       const struct sockaddr *addr, socklen_t addr_size)
{
	struct sockaddr_storage to;
	int r = egress_target(&world.egress, fd, addr, addr_size, &to);

	errno = -min_of(r, 0);
	return r < 0 ? -1 : (ssize_t)size;
}

/* A datagram is lost, or refused. */
ssize_t sendmsg(int fd unused_arg, const struct msghdr *m, int flags unused_arg)
{
	const struct sockaddr_in *to = m->msg_name;
	const bool refused = to->sin_port & htons(1);

	errno = refused ? ECONNREFUSED : 0;
	return refused ? -1 : (ssize_t)m->msg_iov->iov_len;
}

/* --- plausible frames ---------------------------------------------------------------------------- */

static uint32_t add_up(uint32_t sum, const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return sum;
}

static void put_sum(uint8_t *at, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t)(~sum >> 8);
	at[1] = (uint8_t)~sum;
}

/* Where a protocol has its checksum; 0: nowhere that is known. */
static size_t sum_place(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return offsetof(struct tcphdr, check);
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return 0;
	}
}

static void mend_payload(uint8_t *at, size_t size, uint8_t protocol, uint32_t pseudo)
{
	size_t place = sum_place(protocol);

	if (protocol == IPPROTO_TCP && size >= sizeof(struct tcphdr)) {
		memcpy(at + 4, &world.said.ack, 4);
		memcpy(at + 8, &world.said.seq, 4);
	}
	if (!place || place + 2 > size)
		return;
	memset(at + place, 0, 2);
	if (protocol != IPPROTO_ICMP)
		pseudo += protocol + (uint32_t)size;
	put_sum(at + place, add_up(protocol == IPPROTO_ICMP ? 0 : pseudo, at, size));
}

static void mend4(uint8_t *ip, size_t size)
{
	size_t head = (size_t)(ip[0] & 15) * 4;

	if (head < 20 || head > size)
		return;
	ip[2] = (uint8_t)(size >> 8);
	ip[3] = (uint8_t)size;
	memset(ip + 10, 0, 2);
	put_sum(ip + 10, add_up(0, ip, head));
	mend_payload(ip + head, size - head, ip[9], add_up(0, ip + 12, 8));
}

static void mend6(uint8_t *ip, size_t size)
{
	size_t payload = size - sizeof(struct ip6_hdr);

	ip[4] = (uint8_t)(payload >> 8);
	ip[5] = (uint8_t)payload;
	mend_payload(ip + sizeof(struct ip6_hdr), payload, ip[6], add_up(0, ip + 8, 32));
}

static void mend(uint8_t *frame, size_t size)
{
	uint8_t *ip = frame + TAP_HEADER + sizeof(struct ether_header);

	if (size < (size_t)(ip - frame) + sizeof(struct iphdr))
		return;
	size -= (size_t)(ip - frame);
	frame[0] = 0; /* no checksum is missing */
	if (ip[-2] == 0x08 && ip[-1] == 0x00)
		mend4(ip, size);
	else if (ip[-2] == 0x86 && ip[-1] == 0xdd && size >= sizeof(struct ip6_hdr))
		mend6(ip, size);
}

/* Remembers where the stack is in what it says. */
static void hear(const uint8_t *frame, size_t size)
{
	const uint8_t *ip = frame + TAP_HEADER + sizeof(struct ether_header);
	size_t head = ip[-2] == 0x86 ? sizeof(struct ip6_hdr) : (size_t)(ip[0] & 15) * 4;
	uint8_t protocol = ip[-2] == 0x86 ? ip[6] : ip[9];
	uint32_t seq;

	if (protocol != IPPROTO_TCP || size < (size_t)(ip - frame) + head + sizeof(struct tcphdr))
		return;
	const uint8_t *tcp = ip + head;
	size_t data = size - (size_t)(tcp - frame) - (size_t)(tcp[12] >> 4) * 4;
	memcpy(&seq, tcp + 4, sizeof seq);
	seq = htonl(ntohl(seq) + (uint32_t)data + !!(tcp[13] & (TH_SYN | TH_FIN)));
	world.said.seq = seq;
	memcpy(&world.said.ack, tcp + 8, sizeof world.said.ack);
}

/* --- one input ------------------------------------------------------------------------------------ */

static void listen_to_stack(void)
{
	static uint8_t frame[TAP_BUFFER];
	ssize_t n;

	while ((n = recv(world.far, frame, sizeof frame, MSG_DONTWAIT)) > 0)
		if ((size_t)n >= TAP_HEADER + sizeof(struct ether_header) + sizeof(struct ip6_hdr))
			hear(frame, (size_t)n);
}

static void say(const uint8_t *bytes, size_t size, bool plausible)
{
	uint8_t *frame = mem_copy(bytes, size); /* of just that size: reading on is seen */

	if (plausible)
		mend(frame, size);
	(void)!send(world.far, frame, size, MSG_DONTWAIT);
	free(frame);
	bug_unless(stack_run(world.stack, world.tap, world.ended) == 0);
	listen_to_stack();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	while (size > 2) {
		size_t word = data[0] | (size_t)data[1] << 8;
		size_t length = min_of(word & LENGTH, size - 2);
		if (length)
			say(data + 2, length, word & PLAUSIBLE);
		data += 2 + length;
		size -= 2 + length;
	}
	return 0;
}

int LLVMFuzzerInitialize(int *argc unused_arg, char ***argv unused_arg)
{
	const struct rlimit files = { FILES, FILES };
	static struct net_config config;
	static struct net_plan plan;
	int pair[2], room = ROOM * 4;

	(void)signal(SIGPIPE, SIG_IGN);
	bug_unless(net_plan(&config, &plan, NULL) == 0);
	egress_init(&world.egress, &plan, false, NULL);
	bug_unless(stack_new(&plan, &config, &world.egress, NULL, &world.stack, NULL) == 0);
	bug_unless(fd_pair(SOCK_SEQPACKET, pair) == 0);
	world.tap = pair[0];
	world.far = pair[1];
	bug_unless(fd_nonblock(world.tap, true) == 0);
	(void)setsockopt(world.tap, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	(void)setsockopt(world.far, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	bug_unless(fd_pair(SOCK_STREAM, pair) == 0);
	world.ended = pair[0];
	close(pair[1]);
	(void)setrlimit(RLIMIT_NOFILE, &files); /* connections that nobody ends */
	return 0;
}
