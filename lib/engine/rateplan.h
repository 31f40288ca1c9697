/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rateplan - --network-rate: which networks can be limited, and what is recorded
 *
 * cubby-net limits what it carries (cubby-net/bucket.h). What others carry, it cannot.
 */
#pragma once

#include "base/err.h"
#include "store/container.h"

/**
 * rateplan_set() - limit a container's network
 * @text:	as typed (net/rate.h); 0 takes the limit away
 * @config:	its network is known; gets the limit, on success only
 * @err:	names the rate that is none, or the network that cannot be limited
 *
 * Return: 0 or -EINVAL.
 */
must_check int rateplan_set(const char *text, struct container_config *config, struct err *err);
