/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reach - which networks a network namespace is on, and to which it has a route
 *
 * Two dumps: addresses, because a machine is on their networks whatever the routes say (one without a
 * prefix route, one whose interface is down), and routes, which may lead anywhere, gateway or not.
 */
#include "kern/reach.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"

enum { ANSWER_BYTES = 32768, LOOPBACK = 1 };

/* Adds what one message of an answer tells. */
typedef void take_message(const struct nlmsghdr *h, struct reach_list *out);

static bool set_addr(struct reach *r, int family, const struct rtattr *a)
{
	size_t size = family == AF_INET ? sizeof r->addr.in4 : sizeof r->addr.in6;

	if (RTA_PAYLOAD(a) != size)
		return false;
	r->addr.family = family;
	memcpy(&r->addr.in6, RTA_DATA(a), size);
	return true;
}

static void add(struct reach_list *out, struct reach *r, unsigned int index)
{
	if (!r->addr.family)
		return;
	(void)!if_indextoname(index,
			      r->interface); /* it may be gone; the route is told all the same */
	*vec_push(out) = *r;
}

static void take_address(const struct nlmsghdr *h, struct reach_list *out)
{
	const struct ifaddrmsg *body = NLMSG_DATA(h);
	int left = (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof *body));
	struct reach r = { .prefix = body->ifa_prefixlen, .address = true };
	bool known = body->ifa_family == AF_INET || body->ifa_family == AF_INET6;

	if (h->nlmsg_type != RTM_NEWADDR || !known || body->ifa_index == LOOPBACK)
		return;
	/* IFA_ADDRESS is the peer's where there is one: its network counts. */
	for (const struct rtattr *a = IFA_RTA(body); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFA_ADDRESS && !set_addr(&r, body->ifa_family, a))
			return;
	add(out, &r, body->ifa_index);
}

static bool counts(const struct rtmsg *body)
{
	bool known = body->rtm_family == AF_INET || body->rtm_family == AF_INET6;

	return known && body->rtm_dst_len && body->rtm_table != RT_TABLE_LOCAL &&
	       !(body->rtm_flags & RTM_F_CLONED) && body->rtm_type != RTN_LOCAL &&
	       body->rtm_type != RTN_BROADCAST && body->rtm_type != RTN_MULTICAST &&
	       body->rtm_type != RTN_ANYCAST;
}

static void take_route(const struct nlmsghdr *h, struct reach_list *out)
{
	const struct rtmsg *body = NLMSG_DATA(h);
	int left = (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof *body));
	struct reach r = { .prefix = body->rtm_dst_len };
	unsigned int index = 0;

	if (h->nlmsg_type != RTM_NEWROUTE || !counts(body))
		return;
	for (const struct rtattr *a = RTM_RTA(body); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == RTA_DST && !set_addr(&r, body->rtm_family, a))
			return;
		if (a->rta_type == RTA_OIF && RTA_PAYLOAD(a) == sizeof index)
			memcpy(&index, RTA_DATA(a), sizeof index);
	}
	if (index != LOOPBACK)
		add(out, &r, index);
}

/* Return: 1 when the answer goes on, 0 at its end, a negative errno. */
static int take_answer(const char *data, size_t size, take_message *take, struct reach_list *out)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)data;

	for (; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
		take(h, out);
	}
	return 1;
}

static int dump(int sock, uint16_t type, take_message *take, struct reach_list *out)
{
	AUTO(mem) char *answer = mem_alloc(1, ANSWER_BYTES);
	struct {
		struct nlmsghdr head;
		struct rtmsg body; /* as long as ifaddrmsg is, or longer, and all of it zero */
	} ask = {
		.head = { .nlmsg_len = sizeof ask,
			  .nlmsg_type = type,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};

	if (send(sock, &ask, sizeof ask, 0) < 0)
		return -errno;
	for (int r = 1; r > 0;) {
		ssize_t n = recv(sock, answer, ANSWER_BYTES, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = take_answer(answer, (size_t)n, take, out);
		if (r <= 0)
			return r;
	}
	return 0;
}

int reach_list(struct reach_list *out, struct err *err)
{
	AUTO(fd) int sock = netlink_open();
	int r = sock < 0 ? sock : dump(sock, RTM_GETADDR, take_address, out);

	if (r == 0)
		r = dump(sock, RTM_GETROUTE, take_route, out);
	return r < 0 ? err_sys(err, r, "cannot learn which networks this host reaches") : 0;
}

void reach_clear(struct reach_list *list)
{
	free(list->items);
	*list = (struct reach_list){ 0 };
}
