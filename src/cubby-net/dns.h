/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dns - the container's name server: UDP questions, taken from its frames
 *
 * A question to the planned address, port 53, never reaches the stack: its payload goes on to the
 * host's resolvers (upstream.h), and the answer becomes a frame again. When nobody can be asked it is
 * SERVFAIL at once. The name is not looked at. What does not fit into a frame is cut and marked, so
 * the container asks again over TCP (egress.h).
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "cubby-net/resolver.h"

enum { DNS_SLOTS = 64 }; /* questions under way */

/* Sends a frame to the container. */
typedef void (*dns_send_fn)(void *data, const void *frame, size_t size);

struct dns;

/**
 * dns_new() - a name server without questions
 * @address:	where the container asks
 * @mtu:	bytes of the largest packet that reaches it
 * @resolver:	who is asked; must outlive the result
 * @send:	takes the answers
 * @data:	handed to @send
 * @out:	to be released with dns_free; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int dns_new(struct in_addr address, int mtu, struct resolver *resolver, dns_send_fn send,
		       void *data, struct dns **out);

/**
 * dns_free() - release a name server and its sockets
 * @dns:	may be NULL
 */
void dns_free(struct dns *dns);

/**
 * dns_frame() - look at a frame of the container
 * @dns:	the name server
 * @frame:	an Ethernet frame
 * @size:	bytes
 *
 * Return: whether it was for the name server, and is dealt with.
 */
bool dns_frame(struct dns *dns, const uint8_t *frame, size_t size);

/**
 * dns_fd() - what to wait for
 * @dns:	the name server
 *
 * Return: a descriptor that can be read when dns_serve() has something to do.
 */
int dns_fd(const struct dns *dns);

/**
 * dns_timeout() - how long to wait
 * @dns:	the name server
 *
 * Return: milliseconds after which dns_serve() has something to do in any case, or -1.
 */
int dns_timeout(const struct dns *dns);

/**
 * dns_serve() - take answers, pass on what waited too long
 * @dns:	the name server
 */
void dns_serve(struct dns *dns);

DEFINE_AUTO_PTR(dns, struct dns, dns_free)
