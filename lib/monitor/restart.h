/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restart - whether a container that ended is started again, and when
 *
 *	no			never
 *	on-failure[:N]		when its status is not 0, at most N times
 *	always			unless the user stopped it; at the next boot in any case
 *	unless-stopped		unless the user stopped it
 *
 * Pure. That the user stopped it is known to who asks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum restart_policy {
	RESTART_NO,
	RESTART_ON_FAILURE,
	RESTART_ALWAYS,
	RESTART_UNLESS_STOPPED,
};

/* NULL-ended: "no", "on-failure", "always", "unless-stopped". */
extern const char *const restart_policy_names[];

struct restart {
	enum restart_policy policy;
	int most; /* on-failure: how many times; 0 for any number */
};

/**
 * restart_parse() - read a policy
 * @text:	as typed or stored; NULL and "" mean "no"
 * @out:	set on success only
 * @err:	says which policies there are
 *
 * Return: 0 or -EINVAL.
 */
must_check int restart_parse(const char *text, struct restart *out, struct err *err);

/**
 * restart_wanted() - whether one that ended by itself is started again
 * @restart:	the policy
 * @status:	exit status
 * @count:	how often it was started again before
 *
 * Return: the answer.
 */
bool restart_wanted(const struct restart *restart, int status, int count);

/**
 * restart_at_boot() - whether one that does not run is started when the machine or the session begins
 * @restart:	the policy
 * @stopped:	the user stopped it
 * @same_boot:	it ran in this boot
 *
 * Return: the answer.
 */
bool restart_at_boot(const struct restart *restart, bool stopped, bool same_boot);

/**
 * restart_delay() - how long to wait before the next start
 * @last:	nanoseconds waited before; 0 for not yet
 * @up:		nanoseconds that it ran since
 *
 * Return: 100 ms, twice the last one, at most a minute; from 100 ms again after ten seconds up.
 */
int64_t restart_delay(int64_t last, int64_t up);
