/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pool - the private networks that new networks are chosen from
 *
 * Pure. What is chosen avoids all that is taken: networks, and what this host reaches. Where routes leave
 * nothing (all private networks lie behind a tunnel), only what is directly connected is avoided.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "net/taken.h"

enum { POOL_RANDOM = 7 };

/**
 * pool_choose4() - a subnet of IPv4 that nothing uses
 * @docker:	docker's private networks come first: 172.18.0.0/16 and up; else podman's: 10.89.0.0/24 and up
 * @taken:	what is used
 * @out:	set on success only
 * @err:	that nothing is left
 *
 * Source: RFC 1918; containers.conf(5) and dockerd(8) for the order.
 *
 * Return: 0 or -EADDRNOTAVAIL.
 */
must_check int pool_choose4(bool docker, const struct taken_list *taken, struct subnet *out,
			    struct err *err);

/**
 * pool_choose6() - a subnet of local IPv6 addresses that nothing uses
 * @random:	so that no two hosts choose the same
 * @taken:	what is used
 * @out:	set on success only
 * @err:	that nothing is left
 *
 * Source: RFC 4193.
 *
 * Return: 0 or -EADDRNOTAVAIL.
 */
must_check int pool_choose6(const uint8_t random[POOL_RANDOM], const struct taken_list *taken,
			    struct subnet *out, struct err *err);

/**
 * pool_check() - refuse what cannot be the subnet of containers at all
 * @subnet:	of either family
 * @err:	names it and says why
 *
 * Return: 0 or -EINVAL.
 */
must_check int pool_check(const struct subnet *subnet, struct err *err);
