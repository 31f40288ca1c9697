/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dns - the container's name server: UDP questions, taken from its frames
 *
 * A question to the planned address, port 53, never reaches the stack: its payload goes out through a
 * socket of its own (own source port, own random id) to the first of the host's resolvers; one that
 * is silent for a second or unreachable passes it to the next. The answer becomes a frame again. When
 * nobody can be asked the answer is SERVFAIL at once. The name is not looked at. What does not fit
 * into a frame is cut and marked, so the container asks again over TCP (egress.h).
 */
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "cubby-net/resolver.h"

enum { DNS_SLOTS = 64 };

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
 *
 * Return: the name server, to be released with dns_free.
 */
must_check struct dns *dns_new(struct in_addr address, int mtu, struct resolver *resolver,
			       dns_send_fn send, void *data);

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
 * dns_fill() - what to wait for
 * @dns:	the name server
 * @fds:	room for DNS_SLOTS
 * @timeout:	milliseconds, lowered when a question has to be passed on before
 *
 * Return: how many of @fds are filled.
 */
size_t dns_fill(struct dns *dns, struct pollfd *fds, uint32_t *timeout);

/**
 * dns_serve() - take answers, pass on what waited too long
 * @dns:	the name server
 * @fds:	as dns_fill() left them, polled
 * @count:	as dns_fill() returned
 */
void dns_serve(struct dns *dns, const struct pollfd *fds, size_t count);

DEFINE_AUTO_PTR(dns, struct dns, dns_free)
