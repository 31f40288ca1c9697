/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stack - the user-mode TCP/IP stack between the container's tap and the host's sockets
 *
 * libslirp speaks TCP, ICMP echo and neighbour discovery with the container. It is told that its
 * own host address is one nobody uses and that our gateway is its name server, with its DNS switched
 * off: then the addresses it connects to are the container's, untouched, and egress.h alone decides
 * what the gateway means. Questions for names (dns.h) and all other UDP (datagrams.h) are taken out before.
 */
#pragma once

#include "base/err.h"
#include "cubby-net/bucket.h"
#include "cubby-net/dialer.h"
#include "cubby-net/egress.h"
#include "cubby-net/resolver.h"
#include "net/config.h"

struct stack;

/**
 * stack_new() - a stack without a tap
 * @plan:	addresses; without a name server the tap is a port of a bridge that several containers
 *		share: then only what is for the gateway is taken, and names are answered elsewhere
 * @config:	source addresses of what leaves; both must outlive the result
 * @egress:	where it may go; must outlive the result
 * @resolver:	answers names; must outlive the result; not needed without a name server
 * @out:	lives as long as the process; set on success only
 * @err:	what failed
 *
 * Return: 0, -ENOMEM or another negative errno.
 */
must_check int stack_new(const struct net_plan *plan, const struct net_config *config,
			 const struct egress *egress, struct resolver *resolver, struct stack **out,
			 struct err *err);

/**
 * stack_limit() - let what passes wait
 * @stack:	without it nothing waits
 * @down:	what goes to the container waits for it; must outlive @stack
 * @up:		what comes from the container waits for it; must outlive @stack
 */
void stack_limit(struct stack *stack, struct bucket *down, struct bucket *up);

/**
 * stack_dial() - leave TCP to others
 * @stack:	without it all is the stack's
 * @dialer:	takes the first packets of connections, and the others never come; must outlive @stack
 */
void stack_dial(struct stack *stack, struct dialer *dialer);

/**
 * stack_run() - serve until the other side of a socket closes
 * @stack:	the stack
 * @tap:	the container's, non-blocking (tap.h)
 * @sock:	watched for its end; negative: for ever
 *
 * Return: 0 when @sock ended; a negative errno when the tap failed.
 */
must_check int stack_run(struct stack *stack, int tap, int sock);
