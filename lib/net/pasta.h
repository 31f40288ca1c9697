/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pasta - the life of a pasta that serves a container (--network pasta)
 *
 * Pasta is another's program, which gives a container the addresses of the host. The caller is the
 * container's monitor. It forks a keeper, the first process of a process namespace of its own, whose only child
 * is pasta: pasta changes its rights and thereby loses the signal that would end it with its parent, but
 * nothing outlives the keeper. The keeper is in the container's network namespace, without
 * any right: pasta opens the namespace as the keeper's (confined by AppArmor it may open none but a process's),
 * and the keeper reads from there which addresses it gave. A folder that only those two see holds the pipe
 * on which pasta says that it serves.
 *
 *	pasta_new()	finds the program, chooses the ports
 *	pasta_attach()	hands over the container's network namespace; returns at once
 *	pasta_wait()	the interface is there and the ports listen, or what pasta said
 *	pasta_free()	ends both
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "kern/host.h"
#include "net/config.h"
#include "net/ports.h"

struct pasta;

/**
 * pasta_new() - make everything ready that needs no namespace
 * @host:	where pasta is looked for
 * @options:	as pastaargs_check() made them
 * @ports:	what is published; a host port that is not given is chosen
 * @out:	to be released with pasta_free; set on success only
 * @err:	says that pasta is not installed, or names the port that is in use
 *
 * Return: 0; -ENOPKG without pasta; -EADDRINUSE; otherwise a negative errno.
 */
must_check int pasta_new(const struct host *host, const struct strv *options,
			 const struct ports *ports, struct pasta **out, struct err *err);

/**
 * pasta_attach() - start pasta on a container's network namespace; does not wait
 * @pasta:	made; one that ended is started again
 * @netns:	the container's network namespace, or pidfd of a process in it; stays the caller's
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int pasta_attach(struct pasta *pasta, int netns, struct err *err);

/**
 * pasta_wait() - wait until it serves
 * @pasta:	attached
 * @plan:	cleared; gets the interface, the addresses and gateways, mtu excepted
 * @err:	what pasta said
 *
 * Return: 0 or a negative errno.
 */
must_check int pasta_wait(struct pasta *pasta, struct net_plan *plan, struct err *err);

/**
 * pasta_ports() - what is published
 * @pasta:	made
 *
 * Return: all mappings with the host ports that they have; they belong to @pasta.
 */
const struct ports *pasta_ports(const struct pasta *pasta);

/**
 * pasta_dns() - whom the container asks for names
 * @pasta:	made
 *
 * Return: an address that pasta answers for; NULL: the host's own servers.
 */
const char *pasta_dns(const struct pasta *pasta);

/**
 * pasta_host() - at which address the container finds the host
 * @pasta:	made
 * @ip:		the container's IPv4 address; NULL when it is not known yet
 *
 * An older pasta has no address for that: then it is another address of the host's, if there is one.
 *
 * Return: the address, to be freed; NULL without any.
 */
must_check char *pasta_host(const struct pasta *pasta, const char *ip);

/**
 * pasta_pidfd() - pidfd of what ends when pasta ends
 * @pasta:	may be NULL
 *
 * Return: a descriptor that belongs to @pasta; -1 when it is not attached.
 */
int pasta_pidfd(const struct pasta *pasta);

/**
 * pasta_free() - end and reap pasta, release the handle
 * @pasta:	may be NULL
 */
void pasta_free(struct pasta *pasta);

DEFINE_AUTO_PTR(pasta, struct pasta, pasta_free)
