/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outbound - the host's address that what leaves a container shows, where an interface is named for it
 */
#pragma once

#include "base/err.h"
#include "net/config.h"

/**
 * outbound_resolve() - put an interface's address where its name is
 * @config:	outbound_addr and outbound_addr6 are addresses, names of interfaces, or NULL; addresses or
 *		NULL afterwards
 * @err:	names the interface that has no address of that family
 *
 * Of the calling thread's network namespace, as it is at that moment. An IPv6 address of the link alone
 * does not count, nor do those of the loopback interface.
 *
 * Return: 0; -EADDRNOTAVAIL; otherwise a negative errno.
 */
must_check int outbound_resolve(struct net_config *config, struct err *err);
