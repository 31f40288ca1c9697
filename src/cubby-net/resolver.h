/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolver - the host's name servers, as its resolv.conf says at the moment
 *
 * The file is looked at when a name is asked for, at most once a second: that costs nothing while
 * nothing is asked, and needs no watch (users have few). It is opened by the folder's descriptor and
 * a name that lies in memory which can no longer be written, so that the seccomp filter of
 * sandbox.h can allow exactly this one open.
 * cubby-net is in the host's network namespace, so a stub on 127.0.0.53 answers it as well.
 */
#pragma once

#include <stddef.h>
#include <sys/socket.h>

#include "base/macros.h"
#include "base/str.h"
#include "cubby-net/servers.h"

struct resolver;

/**
 * resolver_new() - find the file and read it once
 *
 * Follows /etc/resolv.conf, if it is a link, to the folder where its target is replaced.
 *
 * Return: the resolver; without servers when there is no file. It lives as long as the process.
 */
must_check struct resolver *resolver_new(void);

/**
 * resolver_prefer() - ask others than the host does
 * @resolver:	its search domains still are the host's
 * @servers:	numeric; those that are none are passed over; empty: the host's, as before
 */
void resolver_prefer(struct resolver *resolver, const struct strv *servers);

/**
 * resolver_servers() - whom to ask
 * @resolver:	looks at the file again when it is time to
 *
 * Return: the servers, valid until the next call on @resolver.
 */
const struct servers *resolver_servers(struct resolver *resolver);

/**
 * resolver_get() - a server's address
 * @resolver:	looks at the file again when it is time to
 * @index:	counts from 0, in the order of the file
 *
 * Return: address and port, valid until the next call on @resolver; NULL beyond the last one.
 */
const struct sockaddr_storage *resolver_get(struct resolver *resolver, size_t index);

/**
 * resolver_search() - the host's search domains
 * @resolver:	looks at the file again when it is time to
 *
 * Return: domains, valid until the next call on @resolver.
 */
const struct strv *resolver_search(struct resolver *resolver);

/**
 * resolver_dir() - the descriptor by which the file is opened
 * @resolver:	for the sandbox
 *
 * Return: the descriptor, or -1 without a file.
 */
int resolver_dir(const struct resolver *resolver);

/**
 * resolver_name() - the name by which the file is opened
 * @resolver:	for the sandbox
 *
 * Return: its address, which never changes, in memory that cannot be written.
 */
const char *resolver_name(const struct resolver *resolver);
