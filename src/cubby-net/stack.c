/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stack - the user-mode TCP/IP stack between the container's tap and the host's sockets
 *
 * One turn of the loop: ask libslirp and the name server what they wait for, poll, let libslirp work
 * on its sockets, then feed it all frames that lie ready, up to a batch: no poll for each packet.
 */
#include "cubby-net/stack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libslirp.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/datagrams.h"
#include "cubby-net/dns.h"
#include "cubby-net/fragments.h"
#include "cubby-net/leases.h"
#include "cubby-net/tap.h"

enum {
	BATCH = 64, /* frames a turn */
	FIXED = 5, /* polled before libslirp's: the socket, the tap, the name server, the dialer, UDP */
	TIMERS = 4,	 /* libslirp makes one */
	HOST_UNUSED = 1, /* the address of the subnet that libslirp thinks it has */
};

struct timer {
	SlirpTimerCb fn;
	void *data;
	int64_t expires; /* ms; -1: stopped */
};

struct stack {
	Slirp *slirp;
	struct dns *dns;
	struct dialer *dialer;
	struct datagrams *datagrams;
	struct bucket *down, *up;
	bool held; /* nothing more is read for the container in this turn */
	struct tap tap;
	struct timer timers[TIMERS];
	struct pollfd *fds;
	size_t count;
	size_t room;
	struct sockaddr_in outbound;
	struct sockaddr_in6 outbound6;
	struct fragments fragments;
	bool again;  /* something may go on at once */
	bool shared; /* the tap is a port of a bridge */
	bool reset;  /* the frame at hand breaks a connection off */
	uint8_t buffer[TAP_BUFFER];
};

/* --- what libslirp calls ---------------------------------------------------------------------- */

static ssize_t send_packet(const void *frame, size_t size, void *opaque)
{
	const struct stack *s = opaque;

	tap_send(&s->tap, frame, size);
	bucket_spend(s->down, size);
	return (ssize_t)size;
}

static void send_answer(void *data, const void *frame, size_t size)
{
	(void)!send_packet(frame, size, data);
}

static void guest_error(const char *msg unused_arg, void *opaque unused_arg)
{
}

static int64_t clock_get_ns(void *opaque unused_arg)
{
	return clock_mono();
}

static void *timer_new(SlirpTimerCb fn, void *data, void *opaque)
{
	struct stack *s = opaque;

	for (size_t i = 0; i < TIMERS; i++)
		if (!s->timers[i].fn) {
			s->timers[i] = (struct timer){ fn, data, -1 };
			return &s->timers[i];
		}
	return NULL;
}

static void timer_free(void *timer, void *opaque unused_arg)
{
	if (timer)
		*(struct timer *)timer = (struct timer){ 0 };
}

static void timer_mod(void *timer, int64_t expires, void *opaque unused_arg)
{
	if (timer)
		((struct timer *)timer)->expires = expires;
}

static void ignore_fd(int fd unused_arg, void *opaque unused_arg)
{
}

/*
 * libslirp is about to close it, which tells the server of an orderly end. Where the container has broken the
 * connection off it is told that, unless it would lose what was sent before.
 */
static void let_go(int fd, void *opaque)
{
	const struct stack *s = opaque;
	const struct linger now = { .l_onoff = 1 };
	int left = 0;

	if (s->reset && ioctl(fd, SIOCOUTQ, &left) == 0 && !left)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Nothing sleeps while libslirp works: there is one thread. */
static void notify(void *opaque unused_arg)
{
}

static const struct SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_get_ns,
	.timer_new = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = ignore_fd,
	.unregister_poll_fd = let_go,
	.notify = notify,
};

/* --- set-up ----------------------------------------------------------------------------------- */

static struct in_addr address4(const char *text)
{
	struct in_addr a = { 0 };

	bug_unless(inet_pton(AF_INET, text, &a) == 1);
	return a;
}

static struct in6_addr address6(const char *text)
{
	struct in6_addr a = { 0 };

	bug_unless(inet_pton(AF_INET6, text, &a) == 1);
	return a;
}

static void set_outbound(struct stack *s, const struct net_config *config, SlirpConfig *c)
{
	if (config->outbound_addr) {
		s->outbound = (struct sockaddr_in){ .sin_family = AF_INET,
						    .sin_addr = address4(config->outbound_addr) };
		c->outbound_addr = &s->outbound;
	}
	if (config->outbound_addr6) {
		s->outbound6 =
			(struct sockaddr_in6){ .sin6_family = AF_INET6,
					       .sin6_addr = address6(config->outbound_addr6) };
		c->outbound_addr6 = &s->outbound6;
	}
}

static struct in_addr address_behind(struct in_addr network, uint32_t by)
{
	return (struct in_addr){ htonl(ntohl(network.s_addr) + by) };
}

static void set_addresses4(const struct net_plan *plan, SlirpConfig *c)
{
	struct in_addr network = address4(plan->network);

	c->in_enabled = true;
	c->vnetwork = network;
	c->vnetmask.s_addr = htonl(~(UINT32_MAX >> plan->prefix));
	/* It asks members for their link addresses in that name. */
	c->vhost = plan->dns ? address_behind(network, HOST_UNUSED) : address4(LEASES_DNS);
	c->vnameserver = address4(plan->gateway);
	c->vdhcp_start = address4(str_or(plan->ip, plan->gateway)); /* nobody is told */
}

static void set_addresses6(const struct net_plan *plan, SlirpConfig *c)
{
	c->in6_enabled = true;
	c->vprefix_addr6 = address6(plan->network6);
	c->vprefix_len = (uint8_t)plan->prefix6;
	c->vhost6 = address6(plan->dns ? plan->network6 : LEASES_DNS6);
	if (plan->dns)
		c->vhost6.s6_addr[15] = HOST_UNUSED;
	c->vnameserver6 = address6(plan->gateway6);
}

int stack_new(const struct net_plan *plan, const struct net_config *config,
	      const struct egress *egress, struct resolver *resolver, struct stack **out,
	      struct err *err)
{
	struct stack *s = mem_new(struct stack);
	SlirpConfig c = {
		.version = min_of(SLIRP_CONFIG_VERSION_MAX, 4),
		.if_mtu = (size_t)plan->mtu,
		.if_mru = (size_t)plan->mtu,
		.disable_dns = true,
#if SLIRP_CONFIG_VERSION_MAX >= 4
		.disable_dhcp = true,
#endif
	};

	if (plan->network)
		set_addresses4(plan, &c);
	if (plan->network6)
		set_addresses6(plan, &c);
	s->shared = !plan->dns;
	set_outbound(s, config, &c);
	s->slirp = slirp_new(&c, &callbacks, s);
	if (!s->slirp)
		return err_set(err, -ENOMEM, "cannot make the user-mode network");
	int r = plan->dns
			? dns_new(address4(plan->dns), plan->mtu, resolver, send_answer, s, &s->dns)
			: 0;
	if (r == 0)
		r = datagrams_new(plan, config, egress, &s->datagrams);
	if (r < 0)
		return err_sys(err, r, "cannot make the user-mode network");
	*out = s;
	return 0;
}

void stack_limit(struct stack *stack, struct bucket *down, struct bucket *up)
{
	stack->down = down;
	stack->up = up;
	datagrams_limit(stack->datagrams, down);
}

void stack_dial(struct stack *stack, struct dialer *dialer)
{
	stack->dialer = dialer;
}

/* --- the loop --------------------------------------------------------------------------------- */

static const struct {
	int slirp;
	short poll;
} bits[] = {
	{ SLIRP_POLL_IN, POLLIN },   { SLIRP_POLL_OUT, POLLOUT }, { SLIRP_POLL_PRI, POLLPRI },
	{ SLIRP_POLL_ERR, POLLERR }, { SLIRP_POLL_HUP, POLLHUP },
};

static struct pollfd *one_more(struct stack *s, size_t wanted)
{
	if (s->count + wanted > s->room) {
		s->room = (s->count + wanted) * 2;
		s->fds = mem_resize(s->fds, s->room, sizeof *s->fds);
	}
	return &s->fds[s->count];
}

static int add_poll(int fd, int events, void *opaque)
{
	struct stack *s = opaque;
	struct pollfd *p = one_more(s, 1);

	*p = (struct pollfd){ .fd = fd };
	if (s->held)
		events &= ~SLIRP_POLL_IN;
	for (size_t i = 0; i < array_len(bits); i++)
		if (events & bits[i].slirp)
			p->events |= bits[i].poll;
	return (int)s->count++;
}

static int get_revents(int index, void *opaque)
{
	const struct stack *s = opaque;
	int events = 0;

	for (size_t i = 0; i < array_len(bits); i++)
		if (s->fds[index].revents & bits[i].poll)
			events |= bits[i].slirp;
	return events;
}

static void fire_timers(struct stack *s, uint32_t *timeout)
{
	int64_t now = clock_mono() / 1000000;

	for (size_t i = 0; i < TIMERS; i++) {
		struct timer *t = &s->timers[i];
		if (!t->fn || t->expires < 0)
			continue;
		if (t->expires <= now) {
			t->expires = -1;
			t->fn(t->data);
		}
		if (t->expires < 0)
			continue;
		uint32_t left = (uint32_t)max_of(t->expires - now, INT64_C(0));
		*timeout = min_of(*timeout, left);
	}
}

/* One who was asked for his link address tells it: libslirp remembers what waits for that, and does not
 * look after it again before something else happens. */
static bool tells_address(const uint8_t *frame, size_t size)
{
	enum {
		NEXT_HEADER = 20,
		ICMP_TYPE = 54,
		ADVERTISEMENT = 136,
		ARP_CODE = 20,
		ARP_REPLY = 2
	};
	const struct ether_header *head = (const void *)frame;

	if (size <= ICMP_TYPE)
		return size > ARP_CODE + 1 && head->ether_type == htons(ETHERTYPE_ARP);
	if (head->ether_type == htons(ETHERTYPE_ARP))
		return frame[ARP_CODE + 1] == ARP_REPLY;
	return head->ether_type == htons(ETHERTYPE_IPV6) && frame[NEXT_HEADER] == IPPROTO_ICMPV6 &&
	       frame[ICMP_TYPE] == ADVERTISEMENT;
}

static bool is_reset(const uint8_t *frame, size_t size)
{
	enum { PROTOCOL = 23, NEXT_HEADER = 20, FLAGS = 13 };
	const struct ether_header *head = (const void *)frame;
	size_t at = sizeof *head;

	if (size < at + sizeof(struct ip6_hdr))
		return false;
	if (head->ether_type == htons(ETHERTYPE_IP) && frame[PROTOCOL] == IPPROTO_TCP)
		at += (frame[at] & 15) * 4U;
	else if (head->ether_type == htons(ETHERTYPE_IPV6) && frame[NEXT_HEADER] == IPPROTO_TCP)
		at += sizeof(struct ip6_hdr);
	else
		return false;
	return at + FLAGS < size && (frame[at + FLAGS] & TH_RST);
}

/* A bridge's broadcasts are no more than questions for the gateway's address; what is for somebody else
 * comes when the bridge does not know where that one is. */
static bool is_ours(const struct stack *s, const uint8_t *frame, size_t size)
{
	const struct ether_header *head = (const void *)frame;

	if (!s->shared)
		return true;
	if (size < sizeof *head)
		return false;
	if (head->ether_dhost[0] & 1)
		return head->ether_type == htons(ETHERTYPE_ARP) ||
		       head->ether_type == htons(ETHERTYPE_IPV6);
	/* Of the gateway, and of what libslirp calls itself when it asks. */
	return head->ether_dhost[0] == 0x52 &&
	       (head->ether_dhost[1] == 0x55 || head->ether_dhost[1] == 0x56);
}

static bool is_for_others(struct stack *s, const uint8_t *frame, size_t size)
{
	if (s->dialer && dialer_frame(s->dialer, &s->tap, frame, size))
		return true;
	if (s->dns && dns_frame(s->dns, frame, size))
		return true;
	return datagrams_frame(s->datagrams, &s->tap, frame, size);
}

/* Feeds up to a batch of frames. */
static int take_frames(struct stack *s)
{
	for (int i = 0; i < BATCH && !bucket_wait(s->up); i++) {
		uint8_t *frame;
		ssize_t n = tap_receive(&s->tap, s->buffer, &frame);
		if (n < 0)
			return n == -EAGAIN ? 0 : (int)n;
		bucket_spend(s->up, (size_t)n);
		if (n == 0 || !is_ours(s, frame, (size_t)n))
			continue;
		s->again |= tells_address(frame, (size_t)n);
		size_t whole = fragments_take(&s->fragments, frame, (size_t)n, &frame);
		if (!whole || is_for_others(s, frame, whole))
			continue;
		s->reset = is_reset(frame, whole);
		slirp_input(s->slirp, frame, (int)whole);
		s->reset = false;
	}
	return 0;
}

/* What is over the limit waits: the host's senders in their sockets, the container's in the tap. */
static bool hold(struct stack *s, uint32_t *timeout)
{
	int down = bucket_wait(s->down), up = bucket_wait(s->up);

	s->held = down != 0;
	if (down)
		*timeout = min_of(*timeout, (uint32_t)down);
	if (up)
		*timeout = min_of(*timeout, (uint32_t)up);
	return up != 0;
}

static int turn(struct stack *s, int sock, bool *ended)
{
	uint32_t timeout = UINT32_MAX;

	fire_timers(s, &timeout);
	s->count = 0;
	one_more(s, FIXED);
	s->fds[0] = (struct pollfd){ .fd = sock, .events = POLLIN };
	s->fds[1] = (struct pollfd){ .fd = s->tap.fd, .events = hold(s, &timeout) ? 0 : POLLIN };
	s->fds[2] = (struct pollfd){ .fd = s->dns ? dns_fd(s->dns) : -1, .events = POLLIN };
	s->fds[3] =
		(struct pollfd){ .fd = s->dialer ? dialer_fd(s->dialer) : -1, .events = POLLIN };
	s->fds[4] =
		(struct pollfd){ .fd = datagrams_fd(s->datagrams), .events = s->held ? 0 : POLLIN };
	s->count = FIXED;
	slirp_pollfds_fill(s->slirp, &timeout, add_poll, s);
	timeout = min_of(timeout, (uint32_t)datagrams_sweep(s->datagrams)); /* -1 is the longest */
	if (s->dns)
		timeout = min_of(timeout, (uint32_t)dns_timeout(s->dns)); /* -1 is the longest */
	if (s->again)
		timeout = 0;
	s->again = false;
	int n = poll(s->fds, s->count, timeout > INT32_MAX ? -1 : (int)timeout);
	slirp_pollfds_poll(s->slirp, n < 0, get_revents, s);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (s->dns)
		dns_serve(s->dns);
	if (s->fds[3].revents)
		dialer_serve(s->dialer, &s->tap);
	if (s->fds[4].revents)
		datagrams_serve(s->datagrams, &s->tap);
	*ended = s->fds[0].revents != 0;
	return s->fds[1].revents ? take_frames(s) : 0;
}

int stack_run(struct stack *stack, int tap, int sock)
{
	bool ended = false;
	int r = 0;

	tap_init(&stack->tap, tap);
	while (!ended && r == 0)
		r = turn(stack, sock, &ended);
	return r;
}
