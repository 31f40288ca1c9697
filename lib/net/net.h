/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * net - a container's network: choosing it, and the life of the cubby-net that serves it
 *
 * The caller is the container's monitor: root in the outer user namespace, in the host's network
 * namespace. One cubby-net serves one container:
 *
 *	net_start()	spawns cubby-net; it loads its libraries, binds the published ports and
 *			prepares the stack while the caller mounts the root file system
 *	net_attach()	hands over the container's network namespace; returns at once
 *	net_wait()	the namespace has its interfaces, addresses, routes and switches, and all ports
 *			listen; or what failed, while nothing of the container has run yet
 *	net_free()	ends cubby-net; the kernel frees the ports with it
 *
 * The namespace has seen netns_bare() of net/netns.h before, which is all that --network none needs:
 * loopback is up, any user may bind low ports and ping (BEHAVIOUR 21).
 *
 * Addresses are decided before anything runs: net_plan() is pure, so hosts and resolv.conf can be
 * written, and inspect answered, from its result.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "net/config.h"
#include "net/ports.h"

struct net;

/**
 * net_start() - start cubby-net and tell it what to serve; does not wait for it
 * @program:	path of cubby-net (host->libexec)
 * @config:	borrowed until this returns
 * @doors:	what it hears from cubby-fast (net/fast.h), or -1
 * @out:	to be released with net_free; set on success only
 * @err:	names the program
 *
 * The caller must be root in the user namespace that owns the container's network namespace, and
 * in the host's network and mount namespaces (/dev/net/tun, /etc/resolv.conf and /proc are read).
 * cubby-net dies with the thread that calls this.
 *
 * Return: 0 or a negative errno.
 */
must_check int net_start(const char *program, const struct net_config *config, int doors,
			 struct net **out, struct err *err);

/**
 * net_attach() - hand over the container's network namespace; does not wait
 * @net:	started, not attached yet
 * @netns:	anything that setns(2) takes with CLONE_NEWNET: the namespace's descriptor, or a
 *		pidfd of a process in it that may be traced; stays the caller's
 * @far:	the far side of the container's interface, as an earlier cubby-net of this container left it
 *		(net_far), or -1 to make the interface and configure the namespace; -1 for a relay,
 *		which only lets the namespace's answers find it
 * @err:	says that cubby-net is gone; why it went is told by net_wait()
 *
 * Return: 0 or a negative errno.
 */
must_check int net_attach(struct net *net, int netns, int far, struct err *err);

/**
 * net_wait() - wait until the network works
 * @net:	attached
 * @out:	the ports as they are bound, grows: every mapping has its address (a mapping for
 *		every address gives one for 0.0.0.0 and, where the host has IPv6, one for ::) and
 *		the host port it got
 * @err:	names the address and port that is in use, or what else failed, in cubby-net's words
 *
 * Return: 0; -EADDRINUSE; -EADDRNOTAVAIL for an address that is not this host's; -EACCES for a
 * privileged port; otherwise a negative errno.
 */
must_check int net_wait(struct net *net, struct ports *out, struct err *err);

/**
 * net_pidfd() - pidfd of cubby-net
 * @net:	started
 *
 * Readable when it ended; the caller reaps it (net_free does).
 *
 * Return: a descriptor that belongs to @net.
 */
int net_pidfd(const struct net *net);

/**
 * net_far() - take the far side of the container's interface, to be handed to a further cubby-net
 * @net:	net_wait() succeeded
 *
 * It is the packet socket of a transit namespace (transit.h) or a tap. The container has its interface while it
 * is open. The last one is closed where nobody waits for it: a packet socket's end takes some milliseconds.
 *
 * Return: a descriptor, the caller's from now on; -1 when it was taken before, and for a relay.
 */
int net_far(struct net *net);

/**
 * net_free() - kill and reap cubby-net, release the handle
 * @net:	may be NULL
 */
void net_free(struct net *net);

DEFINE_AUTO_PTR(net, struct net, net_free)
